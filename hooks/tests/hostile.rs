//! Events that no client would send, and files that no user would want touched: every hook ends, closed, and says why
//! without a word of the event.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use common::{BATCH, FAILURE, HOOKS, POST, PRE, START, command, run, run_in, text, token};
use hooks::input::LARGEST;
use serde_json::{Value, json};

/// Stands in every hostile event; must never come back.
const CANARY: &str = "canary7Q2wXk9";

/// That the hook ended closed, as its event can be closed, with a reason and without the canary.
fn assert_closed(hook: &str, case: &str, output: &Output) {
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let said = format!("{hook}, {case}: exit {:?}\nstdout {stdout}\nstderr {stderr}", output.status.code());
    assert!(!stdout.contains(CANARY) && !stderr.contains(CANARY), "content of the event: {said}");
    assert!(!stdout.contains(&token()) && !stderr.contains(&token()), "the secret: {said}");
    assert!(!stderr.contains("panicked"), "{said}");
    if hook != POST {
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(stdout, "", "{said}");
        assert!(stderr.starts_with("stanch ") && stderr.trim().len() > 30, "no reason: {said}");
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{said}");
    let reply: Value = match serde_json::from_str(&stdout) {
        Ok(reply) => reply,
        // Nested as deep as the event: serde_json does not read it, the client does.
        Err(error) if error.to_string().starts_with("recursion limit") => {
            let count = |mark: char| stdout.matches(mark).count();
            assert!(stdout.contains("(stanch withheld this text") && stdout.ends_with("}}"), "{said}");
            assert_eq!((count('['), count('{')), (count(']'), count('}')), "{said}");
            return;
        }
        Err(error) => panic!("{error}: {said}"),
    };
    let stopped = reply["continue"] == json!(false) && reply["stopReason"].as_str().is_some_and(|r| r.len() > 30);
    let withheld = &reply["hookSpecificOutput"];
    let withheld = withheld["hookEventName"] == "PostToolUse"
        && withheld["updatedToolOutput"].to_string().contains("stanch withheld")
        && withheld["additionalContext"].as_str().is_some_and(|c| c.contains("withheld"));
    assert!(stopped || withheld, "open: {said}");
}

/// An event with everything in it, its values replaced from `changes`.
fn event(name: &str, changes: Value) -> Value {
    let mut event = json!({
        "session_id": "s1", "transcript_path": "/nowhere/projects/p/s1.jsonl", "cwd": "/nowhere/app",
        "hook_event_name": name, "tool_name": "Bash", "source": "startup",
        "tool_input": { "command": format!("echo {CANARY}") },
        "tool_response": { "stdout": format!("{CANARY}\n"), "stderr": "", "interrupted": false, "isImage": false },
        "tool_calls": [{ "tool_name": "Bash", "tool_response": CANARY }], "error": CANARY,
    });
    for (key, value) in changes.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

#[test]
fn the_event_that_the_others_are_made_of_is_not_refused() {
    for (hook, name) in HOOKS {
        let output = run(hook, event(name, json!({})).to_string().as_bytes());
        assert_eq!(output.status.code(), Some(0), "{hook}: {}", text(&output.stderr));
        assert!(!text(&output.stdout).contains(CANARY));
    }
}

#[test]
fn what_is_no_event_is_refused() {
    for (hook, name) in HOOKS {
        let whole = event(name, json!({})).to_string();
        let mut not_utf8 = whole.clone().into_bytes();
        let canary = whole.find(CANARY).unwrap();
        not_utf8[canary] = 0xff;
        let cases: Vec<(&str, Vec<u8>)> = vec![
            ("nothing", vec![]),
            ("blanks", b" \n".to_vec()),
            ("not JSON", format!("{CANARY} {CANARY}").into_bytes()),
            ("not JSON with quotes", format!("{{{CANARY:?}: nope}}").into_bytes()),
            ("half an event", whole.as_bytes()[..canary + CANARY.len()].to_vec()),
            ("all but the last byte", whole.as_bytes()[..whole.len() - 1].to_vec()),
            ("an event and something more", format!("{whole}{{\"{CANARY}\":1}}").into_bytes()),
            ("an array", format!("[{whole}]").into_bytes()),
            ("a string", format!("\"{CANARY}\"").into_bytes()),
            ("null", b"null".to_vec()),
            ("a byte order mark", format!("\u{feff}{whole}").into_bytes()),
            ("not UTF-8", not_utf8),
            ("another event", whole.replace(name, "Notification").into_bytes()),
            ("an unknown event", whole.replace(name, CANARY).into_bytes()),
            ("an event name of another type", whole.replace(&format!("\"{name}\""), "7").into_bytes()),
            (
                "the event name twice",
                whole.replacen('{', &format!("{{\"hook_event_name\":\"{name}\","), 1).into_bytes(),
            ),
            ("nothing but the name", json!({ "hook_event_name": name, CANARY: 1 }).to_string().into_bytes()),
            ("no name", json!({ "cwd": CANARY, "tool_name": "Bash" }).to_string().into_bytes()),
            ("UTF-16", whole.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ];
        for (case, bytes) in cases {
            assert_closed(hook, case, &run(hook, &bytes));
        }
    }
}

#[test]
fn an_event_about_a_tool_needs_the_tool_and_what_it_was_given() {
    for (hook, name, field) in [
        (PRE, "PreToolUse", "tool_name"),
        (PRE, "PreToolUse", "tool_input"),
        (POST, "PostToolUse", "tool_response"),
        (BATCH, "PostToolBatch", "tool_calls"),
        (FAILURE, "PostToolUseFailure", "error"),
    ] {
        let mut without = event(name, json!({}));
        without.as_object_mut().unwrap().remove(field);
        let output = run(hook, without.to_string().as_bytes());
        assert_closed(hook, field, &output);
        let said = text(&output.stderr) + &text(&output.stdout);
        assert!(said.contains(&format!("'{field}'")), "{said}");
    }
    let output = run(START, br#"{"hook_event_name":"SessionStart"}"#);
    assert_closed(START, "cwd", &output);
}

/// MCP servers send what they like. None of it is a reason to stop the turn.
#[test]
fn an_output_of_any_type_is_an_output() {
    for response in [json!(null), json!(7), json!(true), json!(""), json!([]), json!({}), json!([null, { "a": null }])]
    {
        let output = run(POST, event("PostToolUse", json!({ "tool_response": response })).to_string().as_bytes());
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), ""), "{response}");
    }
    for response in [json!(token()), json!([token()]), json!({ token(): 1 })] {
        let output = run(POST, event("PostToolUse", json!({ "tool_response": response })).to_string().as_bytes());
        let said = text(&output.stdout);
        assert!(said.contains("\"updatedToolOutput\":") && !said.contains(&token()), "{said}");
    }
}

#[test]
fn a_place_that_has_no_name_is_not_named() {
    let asked = event("PreToolUse", json!({ "tool_name": "", "tool_input": token() }));
    let said = text(&run(PRE, asked.to_string().as_bytes()).stdout);
    assert!(said.contains("this tool call") && said.contains("(github_pat)"), "{said}");
}

/// The event's text with this raw JSON as arguments and output.
fn with_raw(name: &str, raw: &str) -> String {
    let mark = json!({ "tool_input": "@@", "tool_response": "@@" });
    event(name, mark).to_string().replace("\"@@\"", raw)
}

#[test]
fn what_cannot_be_searched_is_withheld() {
    let deep = |open: &str, close: &str| format!("{}\"{CANARY}\"{}", open.repeat(10_000), close.repeat(10_000));
    let cases = [
        ("half a surrogate pair", format!(r#"{{"stdout":"{CANARY}\ud83d","n":1}}"#)),
        ("the second half alone", format!(r#"{{"stdout":"\ude00{CANARY}"}}"#)),
        ("a key twice", format!(r#"{{"stdout":"{CANARY}","stdout":"{}"}}"#, token())),
        ("a key twice, once escaped", format!(r#"{{"stdout":"{CANARY}","std\u006fut":"{}"}}"#, token())),
        ("a key twice, deep down", format!(r#"{{"a":[{{"b":"{CANARY}","b":"{}"}}]}}"#, token())),
        ("nested arrays", deep("[", "]")),
        ("nested objects", deep("{\"a\":", "}")),
    ];
    for (case, raw) in cases {
        for (hook, name) in [(PRE, "PreToolUse"), (POST, "PostToolUse")] {
            assert_closed(hook, case, &run(hook, with_raw(name, &raw).as_bytes()));
        }
    }
}

#[test]
fn a_withheld_output_has_the_shape_of_the_tools_own() {
    let raw = format!(r#"{{"type":"text","file":{{"content":"{CANARY}\ud83d","numLines":3}},"ok":true,"none":null}}"#);
    let output = run(POST, with_raw("PostToolUse", &raw).as_bytes());
    assert_closed(POST, "half a surrogate pair", &output);
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    let updated = &reply["hookSpecificOutput"]["updatedToolOutput"];
    assert_eq!(updated["type"], "text");
    assert_eq!(
        (&updated["file"]["numLines"], &updated["ok"], &updated["none"]),
        (&json!(3), &json!(true), &Value::Null)
    );
    assert!(updated["file"]["content"].as_str().unwrap().contains("withheld"));
}

/// Debug and release builds alike: it is refused while it is read.
#[test]
fn an_event_that_is_too_large_is_refused() {
    for (hook, name) in HOOKS {
        let large =
            event(name, json!({ "more": format!("{CANARY} ").repeat((LARGEST + (1 << 20)) / (CANARY.len() + 1)) }));
        let output = run(hook, large.to_string().as_bytes());
        assert_closed(hook, "a MiB more than the limit", &output);
        assert!((text(&output.stderr) + &text(&output.stdout)).contains(&format!("{} MiB", LARGEST >> 20)));
    }
}

/// 64 MiB in a release build, 8 MiB in a debug build, where the search is some ten times slower.
#[test]
fn a_large_event_is_searched_to_its_end() {
    let size = if cfg!(debug_assertions) { 8 << 20 } else { 64 << 20 };
    let line = "a line of a log that says nothing in particular: 2026-01-01 12:00:00 INFO started worker 17\n";
    let stdout = line.repeat(size / line.len()) + "API_TOKEN=" + &token() + "\n";
    let event = event("PostToolUse", json!({ "tool_response": { "stdout": stdout, "stderr": "" } })).to_string();
    let output = run(POST, event.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    let updated = reply["hookSpecificOutput"]["updatedToolOutput"]["stdout"].as_str().unwrap();
    assert!(updated.ends_with("API_TOKEN=stanch_github_pat\n"), "{}", &updated[updated.len() - 80..]);
    assert_eq!(updated.len(), stdout.len() - token().len() + "stanch_github_pat".len());
}

#[test]
fn an_input_that_never_ends_is_refused_in_time() {
    let home = tempfile::tempdir().unwrap();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for (hook, name) in HOOKS {
            let home = home.path();
            scope.spawn(move || {
                let mut child = command(hook, home).spawn().unwrap();
                let mut stdin = child.stdin.take().unwrap();
                // A whole event, but the pipe stays open.
                stdin.write_all(event(name, json!({})).to_string().as_bytes()).unwrap();
                let output = child.wait_with_output().unwrap();
                drop(stdin);
                assert_closed(hook, "an open pipe", &output);
            });
        }
    });
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(8) && took < Duration::from_secs(20), "ended after {took:?}");
}

#[test]
fn an_answer_that_nobody_reads_is_no_success() {
    let secret = event("PostToolUse", json!({ "tool_response": { "stdout": token() } }));
    let denied = event("PreToolUse", json!({ "tool_input": { "command": format!("echo {}", token()) } }));
    for (hook, event) in [(POST, secret), (PRE, denied), (START, event("SessionStart", json!({})))] {
        let home = tempfile::tempdir().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = command(hook, home.path()).stdout(Stdio::from(writer)).spawn().unwrap();
        child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{hook}: {said}");
        assert!(said.contains("nobody reads the answer") && !said.contains(&token()), "{hook}: {said}");
    }
}

#[test]
fn a_strange_argument_is_a_mistake_and_help_is_not() {
    for (hook, _) in HOOKS {
        for (argument, code) in [("--help", 0), ("--version", 0), ("--nonsense", 2), ("", 2)] {
            let home = tempfile::tempdir().unwrap();
            let output = command(hook, home.path()).arg(argument).stdin(Stdio::null()).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{hook} {argument}");
        }
    }
}

#[test]
fn a_denied_call_is_denied_without_its_secret() {
    let asked = event("PreToolUse", json!({ "tool_input": { "command": format!("curl --data {} x", token()) } }));
    let output = run(PRE, asked.to_string().as_bytes());
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(reply["hookSpecificOutput"]["permissionDecision"], "deny");
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("github_pat in command") && !said.contains(&token()) && !said.contains("curl"), "{said}");
}

#[test]
fn a_secret_in_a_tools_name_or_in_a_key_is_not_said() {
    let input = json!({ token(): token() });
    for tool in [token(), "mcp__x__y".to_owned(), format!("mcp__{}", token())] {
        let asked = event("PreToolUse", json!({ "tool_name": tool, "tool_input": input }));
        let output = run(PRE, asked.to_string().as_bytes());
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!said.contains(&token()), "{said}");
        assert_eq!(output.status.code(), Some(0));
    }
}

mod spill {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    /// A session's folders as the client makes them, in a home of the test's own.
    struct Session {
        home: tempfile::TempDir,
        transcript: PathBuf,
        results: PathBuf,
    }

    impl Session {
        fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            let project = home.path().join(".claude/projects/-app");
            let results = project.join("s1/tool-results");
            std::fs::create_dir_all(&results).unwrap();
            Self { transcript: project.join("s1.jsonl"), results, home }
        }

        /// Tells the hook that this tool's output lies in that file.
        fn names(&self, tool: &str, path: &Path) -> Output {
            let event = event(
                "PostToolUse",
                json!({
                    "tool_name": tool, "transcript_path": self.transcript,
                    "tool_response": { "stdout": "a preview", "stderr": "", "persistedOutputPath": path },
                }),
            );
            run_in(POST, self.home.path(), event.to_string().as_bytes())
        }
    }

    fn full() -> String {
        format!("first\nAPI_TOKEN={}\n{}", token(), "a line of output\n".repeat(20_000))
    }

    /// A file with a secret and a mode of its own.
    fn file(path: &Path) {
        std::fs::write(path, full()).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)).unwrap();
    }

    #[test]
    fn in_the_sessions_folder_it_is_rewritten_and_keeps_its_mode() {
        let session = Session::new();
        let path = session.results.join("b1.txt");
        file(&path);
        let output = session.names("Bash", &path);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), full().replace(&token(), "stanch_github_pat"));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        assert_eq!(std::fs::read_dir(&session.results).unwrap().count(), 1, "something is left beside it");
    }

    #[test]
    fn without_a_secret_it_is_not_written() {
        let session = Session::new();
        let path = session.results.join("b1.txt");
        std::fs::write(&path, "nothing\n".repeat(1000)).unwrap();
        let before = std::fs::metadata(&path).unwrap();
        assert_eq!(session.names("Bash", &path).status.code(), Some(0));
        let after = std::fs::metadata(&path).unwrap();
        use std::os::unix::fs::MetadataExt;
        assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
        assert_eq!(std::fs::read_dir(&session.results).unwrap().count(), 1, "something is left beside it");
    }

    #[test]
    fn anywhere_else_it_is_left_alone() {
        let session = Session::new();
        let other = session.home.path().join("notes.txt");
        let deeper = session.results.join("sub");
        std::fs::create_dir(&deeper).unwrap();
        for path in [other.clone(), deeper.join("x.txt"), session.results.join("../x.txt"), session.transcript.clone()]
        {
            file(&path);
            let output = session.names("Bash", &path);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), full(), "{}", path.display());
        }
        // Down and up again: the file is outside all the same.
        let around = session.results.join("../tool-results/../../../../../notes.txt");
        assert_eq!(session.names("Bash", &around).status.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&other).unwrap(), full());
    }

    #[test]
    fn a_link_is_not_followed() {
        let session = Session::new();
        let target = session.home.path().join("notes.txt");
        file(&target);
        let link = session.results.join("b1.txt");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert_eq!(session.names("Bash", &link).status.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&target).unwrap(), full());
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    /// The client makes these folders itself: a link in their place leads to somebody else's files.
    #[test]
    fn a_folder_of_the_session_that_is_a_link_is_not_followed() {
        for linked in ["s1/tool-results", "s1"] {
            let session = Session::new();
            let project = session.transcript.parent().unwrap();
            let elsewhere = session.home.path().join("elsewhere");
            std::fs::rename(project.join(linked), &elsewhere).unwrap();
            std::os::unix::fs::symlink(&elsewhere, project.join(linked)).unwrap();
            let path = session.results.join("b1.txt");
            file(&path);
            assert_eq!(session.names("Bash", &path).status.code(), Some(0));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), full(), "{linked}");
            assert_eq!(std::fs::read_dir(&session.results).unwrap().count(), 1, "something is left beside it");
        }
    }

    /// A second name of a file elsewhere: the name in the session's folder leads to a new file, the other is as it was.
    #[test]
    fn a_file_with_another_name_elsewhere_is_left_alone_there() {
        let session = Session::new();
        let other = session.home.path().join("notes.txt");
        file(&other);
        let path = session.results.join("b1.txt");
        std::fs::hard_link(&other, &path).unwrap();
        assert_eq!(session.names("Bash", &path).status.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&other).unwrap(), full());
        assert!(!std::fs::read_to_string(&path).unwrap().contains(&token()));
    }

    /// Many keep their settings elsewhere; what the client writes there is as secret as anywhere.
    #[test]
    fn a_home_behind_a_link_is_a_home() {
        let session = Session::new();
        let path = session.results.join("b1.txt");
        file(&path);
        let real = session.home.path().join("dotfiles");
        std::fs::rename(session.home.path().join(".claude"), &real).unwrap();
        std::os::unix::fs::symlink(&real, session.home.path().join(".claude")).unwrap();
        assert_eq!(session.names("Bash", &path).status.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), full().replace(&token(), "stanch_github_pat"));
    }

    #[test]
    fn for_another_tool_it_is_left_alone() {
        let session = Session::new();
        let path = session.results.join("b1.txt");
        for tool in ["mcp__x__y", "Read", "bash", "WebFetch"] {
            file(&path);
            assert_eq!(session.names(tool, &path).status.code(), Some(0));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), full(), "{tool}");
        }
    }

    #[test]
    fn what_cannot_be_rewritten_is_withheld() {
        let session = Session::new();
        let path = session.results.join("b1.txt");
        file(&path);
        // No name is free beside it: its own is as long as names may be.
        let long = session.results.join("x".repeat(255));
        std::fs::rename(&path, &long).unwrap();
        let output = session.names("Bash", &long);
        let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
        let said = reply.to_string();
        assert!(said.contains("stanch withheld") && !said.contains("a preview"), "{said}");
        assert!(!said.contains(&token()), "{said}");
    }
}

mod session {
    use super::*;

    fn message(home: &Path, folder: &Path) -> String {
        let output = run_in(START, home, event("SessionStart", json!({ "cwd": folder })).to_string().as_bytes());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(reply.as_object().unwrap().len(), 1, "{reply}");
        reply["systemMessage"].as_str().unwrap().to_owned()
    }

    fn write(path: &Path, content: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    #[test]
    fn says_which_hooks_are_registered() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("app");
        std::fs::create_dir(&folder).unwrap();
        assert!(message(home.path(), &folder).contains("NOT registered"));
        let hook = |name: &str| json!([{ "matcher": "*", "hooks": [{ "type": "command", "command": format!("/opt/stanch/{name}") }] }]);
        let one = json!({ "hooks": { "PostToolUse": hook("post-tool-use") } });
        write(&home.path().join(".claude/settings.json"), &one.to_string());
        let said = message(home.path(), &folder);
        assert!(
            said.contains("registered: post-tool-use; NOT registered in any settings file: pre-tool-use"),
            "{said}"
        );
        let both = json!({ "hooks": { "PostToolUse": hook("post-tool-use"), "PreToolUse": hook("pre-tool-use") } });
        write(&home.path().join(".claude/settings.json"), &both.to_string());
        let said = message(home.path(), &folder);
        assert!(said.contains("registered: pre-tool-use, post-tool-use") && !said.contains("NOT"), "{said}");
    }

    #[test]
    fn warns_of_settings_that_switch_hooks_off() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("app");
        let local = folder.join(".claude/settings.local.json");
        write(&local, r#"{"disableAllHooks":true,"env":{"CLAUDE_CODE_SHELL_PREFIX":"/tmp/x"}}"#);
        let said = message(home.path(), &folder);
        assert!(said.contains(&format!("{} sets disableAllHooks", local.display())), "{said}");
        assert!(said.contains("CLAUDE_CODE_SHELL_PREFIX") && !said.contains("/tmp/x"), "{said}");
        write(&local, &format!("{CANARY} is not JSON"));
        let said = message(home.path(), &folder);
        assert!(said.contains("settings.local.json is not JSON") && !said.contains(CANARY), "{said}");
        write(&local, r#"{"disableAllHooks":false}"#);
        assert!(!message(home.path(), &folder).contains("settings.local.json"));
    }

    #[test]
    fn names_secrets_in_instructions_and_in_what_they_import() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("app");
        let secret = |line: usize| format!("{}use {} there\n", "text\n".repeat(line - 1), token());
        write(&folder.join("CLAUDE.md"), &(secret(3) + "see @docs/keys.md, and @~/own.md.\n"));
        write(&folder.join("docs/keys.md"), &("@more.md\n".to_owned() + &secret(4)));
        write(&folder.join("docs/more.md"), &("@keys.md\n".to_owned() + &secret(1)));
        write(&home.path().join("own.md"), &secret(7));
        write(&home.path().join("CLAUDE.md"), &secret(2));
        write(&home.path().join(".claude/CLAUDE.md"), &secret(5));
        write(&folder.join(".claude/rules/a/b.md"), &secret(6));
        write(&folder.join("unread.md"), &secret(1));
        let said = message(home.path(), &folder);
        let app = folder.display();
        let home = home.path().display();
        for place in [
            format!("{app}/CLAUDE.md:3: github_pat"),
            format!("{app}/docs/keys.md:5: github_pat"),
            format!("{app}/docs/more.md:2: github_pat"),
            format!("{home}/own.md:7: github_pat"),
            format!("{home}/CLAUDE.md:2: github_pat"),
            format!("{home}/.claude/CLAUDE.md:5: github_pat"),
            format!("{app}/.claude/rules/a/b.md:6: github_pat"),
        ] {
            assert_eq!(said.matches(&place).count(), 1, "{place} in\n{said}");
        }
        assert!(!said.contains(&token()) && !said.contains("unread.md"), "{said}");
    }

    #[test]
    fn a_secret_in_a_files_name_is_not_said() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(token());
        write(&folder.join("CLAUDE.md"), &format!("{}\n", token()));
        let said = message(home.path(), &folder);
        assert!(said.contains("CLAUDE.md:1") && !said.contains(&token()), "{said}");
    }

    /// What a repository may hold so that the session never starts: the hook answers all the same, and soon.
    fn message_in_time(home: &Path, folder: &Path) -> String {
        let start = Instant::now();
        let said = message(home, folder);
        assert!(start.elapsed() < Duration::from_secs(8), "it took {:?}", start.elapsed());
        said
    }

    #[test]
    fn a_pipe_or_a_device_in_a_files_place_does_not_stop_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("app");
        std::fs::create_dir_all(folder.join(".claude/rules")).unwrap();
        for name in ["CLAUDE.md", "CLAUDE.local.md", ".claude/settings.json", ".claude/rules/a.md"] {
            let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
            rustix::fs::mkfifoat(rustix::fs::CWD, folder.join(name), mode).unwrap();
        }
        for name in [".claude/settings.local.json", ".claude/CLAUDE.md"] {
            std::os::unix::fs::symlink("/dev/zero", folder.join(name)).unwrap();
        }
        let said = message_in_time(home.path(), &folder);
        for name in ["settings.json", "settings.local.json"] {
            let path = folder.join(".claude").join(name);
            assert!(said.contains(&format!("{} cannot be read", path.display())), "{said}");
        }
    }

    #[test]
    fn links_in_a_circle_do_not_stop_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("app");
        let rules = folder.join(".claude/rules");
        write(&rules.join("own.md"), &format!("{}\n", token()));
        for number in 0..20 {
            std::os::unix::fs::symlink(".", rules.join(format!("round{number}"))).unwrap();
            std::os::unix::fs::symlink("own.md", rules.join(format!("same{number}.md"))).unwrap();
        }
        std::os::unix::fs::symlink("loop.md", rules.join("loop.md")).unwrap();
        let said = message_in_time(home.path(), &folder);
        assert_eq!(said.matches("own.md:1: github_pat").count(), 1, "{said}");
        assert_eq!(said.matches(": github_pat").count(), 1, "{said}");
    }

    #[test]
    fn imports_without_number_do_not_stop_it_and_it_says_so() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("app");
        let names = |from: usize| (from..from + 200_000).map(|n| format!("@{n} ")).collect::<String>();
        write(&folder.join("CLAUDE.md"), &format!("{}\n@a.md\n{}", token(), names(0)));
        write(&folder.join("a.md"), &names(200_000));
        let said = message_in_time(home.path(), &folder);
        assert!(said.contains("CLAUDE.md:1: github_pat") && said.contains("too many instruction files"), "{said}");
    }

    #[test]
    fn secrets_without_number_are_counted() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("app");
        write(&folder.join("CLAUDE.md"), &format!("{}\n", token()).repeat(300));
        let said = message_in_time(home.path(), &folder);
        assert!(said.lines().count() < 60 && said.contains("250 more secrets"), "{said}");
    }
}
