//! `stanch hook-test`: what it shows of an event, and that no value that was found is in it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn stanch(arguments: &[&str], columns: Option<usize>, stdin: &[u8]) -> Output {
    // Without a configuration, whoever runs this.
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
    command
        .current_dir(home.path())
        .env("HOME", home.path())
        .env("USERPROFILE", home.path())
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_STATE_HOME");
    command.arg("hook-test").args(arguments).env_remove("COLUMNS");
    command.envs(columns.map(|columns| ("COLUMNS", columns.to_string())));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "something was written");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn fixture(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(format!("{case}.in.json"))
}

/// A secret that nobody has seen before this run.
fn token() -> String {
    format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U")
}

fn event(name: &str, rest: &str) -> String {
    format!(r#"{{"hook_event_name":"{name}","session_id":"s","cwd":"/nowhere","tool_name":"Bash",{rest}}}"#)
}

#[test]
fn what_came_in_and_what_the_model_gets_stand_side_by_side() {
    let event = event("PostToolUse", &format!(r#""tool_response":{{"stdout":"a\nT={}\n","stderr":""}}"#, token()));
    let output = stanch(&["-"], Some(120), event.as_bytes());
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let row = said.lines().find(|line| line.contains("T=")).unwrap();
    assert!(row.contains("T=‹github_pat, 40 bytes›") && row.contains("» │ T=stanch_github_pat"), "{said}");
    assert!(said.contains("decision  replaced") && said.contains("found     1 × github_pat"), "{said}");
    assert!(said.contains("exit      0 (the hook's own), in "), "{said}");
    assert!(!said.contains(&token()[4..]), "{said}");
}

#[test]
fn through_a_pipe_one_is_under_the_other() {
    let event = event("PostToolUse", &format!(r#""tool_response":"T={}""#, token()));
    let said = text(&stanch(&["-"], None, event.as_bytes()).stdout);
    assert!(said.contains("--- came in\n[tool_response]\nT=‹github_pat, 40 bytes›\n--- the model gets\n"), "{said}");
}

#[test]
fn each_decision_is_named_and_has_its_exit_status() {
    let cases = [
        (event("PostToolUse", r#""tool_response":"nothing here""#), "clean", 0),
        (event("PreToolUse", r#""tool_input":{"command":"ls"}"#), "clean", 0),
        (event("PreToolUse", &format!(r#""tool_input":{{"command":"echo {}"}}"#, token())), "denied", 1),
        (event("PostToolUseFailure", &format!(r#""error":"{}""#, token())), "said, and nothing changed", 1),
        (
            event("PostToolBatch", &format!(r#""tool_calls":[{{"tool_name":"Bash","tool_response":"{}"}}]"#, token())),
            "stopped",
            1,
        ),
        (event("SessionStart", r#""source":"startup""#), "said, and nothing changed", 0),
    ];
    for (event, decision, code) in cases {
        let output = stanch(&["-"], None, event.as_bytes());
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{said}{}", text(&output.stderr));
        assert!(said.contains(&format!("decision  {decision}\n")), "{said}");
        assert!(!said.contains(&token()[4..]), "{said}");
    }
}

#[test]
fn an_agent_is_answered_in_its_own_way() {
    for (agent, case, decision) in [
        ("codex", "codex/post-tool-use/mcp-structured", "replaced"),
        ("codex", "codex/pre-tool-use/mcp", "denied"),
        ("qwen", "qwen/post-tool-batch/shell-failed", "replaced"),
        ("claude-code", "claude-code/pre-tool-use/mcp", "replaced"),
    ] {
        let output = stanch(&["--agent", agent, fixture(case).to_str().unwrap()], None, b"");
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{case}: {said}{}", text(&output.stderr));
        assert!(said.contains(&format!("decision  {decision}\n")) && said.contains(agent), "{case}: {said}");
        assert!(!said.contains("ghp_"), "{case}: {said}");
    }
}

#[test]
fn reply_writes_what_the_hook_writes() {
    let case = fixture("claude-code/post-tool-use/bash-env-dump");
    let output = stanch(&["--reply", case.to_str().unwrap()], None, b"");
    let expected = std::fs::read(case.with_file_name("bash-env-dump.out.json")).unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), text(&expected)));
    let broken = stanch(&["--reply", "-"], None, event("PreToolUse", r#""tool_input":{"a":"\ud800"}"#).as_bytes());
    assert_eq!((broken.status.code(), text(&broken.stdout)), (Some(2), String::new()));
    assert!(text(&broken.stderr).starts_with("stanch pre-tool-use: "), "{}", text(&broken.stderr));
}

/// The hook itself redacts the file that the event names.
#[test]
fn the_file_that_an_event_names_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("s/tool-results");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("b.txt");
    std::fs::write(&file, format!("T={}\n", token())).unwrap();
    let event = serde_json::json!({
        "hook_event_name": "PostToolUse", "session_id": "s", "tool_name": "Bash", "cwd": home.path(),
        "transcript_path": home.path().join("s.jsonl"),
        "tool_response": { "stdout": token(), "persistedOutputPath": file },
    });
    let said = text(&stanch(&["-"], None, event.to_string().as_bytes()).stdout);
    assert!(said.contains("is left as it is"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("T={}\n", token()));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn what_is_no_event_is_told_without_quoting_it() {
    let cases = [
        (token(), "not the JSON of an event at line 1, column 1"),
        (format!(r#"{{"a":"{}"}}"#, token()), "the event has no 'hook_event_name'; there are hooks for PreToolUse"),
        (format!(r#"{{"hook_event_name":"{}"}}"#, token()), "no hook is for the event 'tool'; there are hooks for"),
        (r#"{"hook_event_name":"Stop"}"#.to_owned(), "no hook is for the event 'Stop'"),
        (format!(r#"{{"hook_event_name":"PreToolUse","tool_name":"{}"}}"#, token()), "has no 'tool_input'"),
        (event("PostToolUse", &format!(r#""tool_response":"\ud800 {}""#, token())), "half of a surrogate pair"),
    ];
    for (event, message) in cases {
        let output = stanch(&["-"], None, event.as_bytes());
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(message) && !said.contains(&token()), "{message}: {said}");
    }
    let missing = stanch(&["/nowhere/event.json"], None, b"");
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("opening '/nowhere/event.json'"), "{}", text(&missing.stderr));
}

#[test]
fn an_agent_that_nobody_knows_is_refused_with_the_list() {
    let output = stanch(&["--agent", "cursor", "-"], None, b"{}");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("claude-code, codex, qwen"), "{}", text(&output.stderr));
}
