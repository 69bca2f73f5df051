//! Events that no client would send, and files that no user would want touched: every hook ends, closed, and says why
//! without a word of the event.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{
    BATCH, CANARY, COMPACT, CONFIG, END, FAILURE, HOOKS, LOADED, POST, PRE, PROMPT, START, SUBAGENT, assert_closed,
    command, event, run, text, token,
};
use hooks::input::LARGEST;
use serde_json::{Value, json};

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
        (PROMPT, "UserPromptSubmit", "prompt"),
        (PROMPT, "UserPromptSubmit", "cwd"),
        (PROMPT, "UserPromptSubmit", "transcript_path"),
        (COMPACT, "PreCompact", "transcript_path"),
        (CONFIG, "ConfigChange", "source"),
        (LOADED, "InstructionsLoaded", "file_path"),
        (SUBAGENT, "SubagentStop", "agent_transcript_path"),
        (END, "SessionEnd", "transcript_path"),
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
