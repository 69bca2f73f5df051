//! The local log: what it holds, who may read it, and that nothing depends on it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::path::{Path, PathBuf};

use common::{BATCH, FAILURE, POST, PRE, PROMPT, START, event, run_in, text, token};
use serde_json::{Value, json};

fn file(home: &Path) -> PathBuf {
    home.join(".local/state/stanch/log.jsonl")
}

fn lines(home: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file(home)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn dirty(name: &str) -> Vec<u8> {
    let id = json!({ "tool_use_id": "toolu_1", "agent_id": "a1", "prompt": token(), "error": token(),
        "tool_input": { "command": token() }, "tool_response": { "stdout": token(), "stderr": token() },
        "tool_calls": [{ "tool_name": "Bash", "tool_use_id": "toolu_2", "tool_response": token() }] });
    event(name, id).to_string().into_bytes()
}

#[test]
fn every_hook_writes_what_it_did_and_never_a_value() {
    for (hook, name, did, kinds) in [
        (PRE, "PreToolUse", "denied", 1),
        (POST, "PostToolUse", "redacted", 2),
        (FAILURE, "PostToolUseFailure", "seen", 1),
        (BATCH, "PostToolBatch", "stopped", 1),
        (PROMPT, "UserPromptSubmit", "blocked", 1),
    ] {
        let home = tempfile::tempdir().unwrap();
        run_in(hook, home.path(), &dirty(name));
        let lines = lines(home.path());
        assert_eq!(lines.len(), 1, "{name}");
        let line = &lines[0];
        assert_eq!((&line["event"], &line["did"]), (&json!(name), &json!(did)), "{line}");
        assert_eq!(line["kinds"], json!({ "github_pat": kinds }), "{line}");
        assert_eq!((&line["session"], &line["project"]), (&json!("s1"), &json!("/nowhere/app")), "{line}");
        assert_eq!(line["agent"], "a1", "{line}");
        assert_eq!(line["call"], if name == "PostToolBatch" { "toolu_2" } else { "toolu_1" }, "{line}");
        let time = line["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.starts_with("20") && time.ends_with('Z'), "{time}");
        assert!(!line.to_string().contains(&token()[8..]), "{line}");
    }
}

#[test]
fn what_was_clean_is_not_written() {
    let home = tempfile::tempdir().unwrap();
    for (hook, name) in
        [(PRE, "PreToolUse"), (POST, "PostToolUse"), (BATCH, "PostToolBatch"), (PROMPT, "UserPromptSubmit")]
    {
        assert_eq!(run_in(hook, home.path(), event(name, json!({})).to_string().as_bytes()).status.code(), Some(0));
    }
    assert!(!home.path().join(".local").exists());
}

#[test]
fn places_and_ids_that_hold_a_secret_are_masked() {
    let home = tempfile::tempdir().unwrap();
    let names = json!({
        "tool_name": token(), "tool_use_id": format!("x {}", token()), "session_id": format!("../{}", token()),
        "cwd": format!("/home/{}", token()), "tool_input": { "file_path": format!("/a/{}.txt", token()) },
        "tool_response": token(),
    });
    run_in(POST, home.path(), event("PostToolUse", names).to_string().as_bytes());
    let line = &lines(home.path())[0];
    assert!(!line.to_string().contains(&token()), "{line}");
    assert_eq!(line["place"], "/a/stanch_github_pat.txt", "{line}");
}

#[cfg(unix)]
#[test]
fn it_is_the_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    run_in(PRE, home.path(), &dirty("PreToolUse"));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file(home.path())), mode(file(home.path()).parent().unwrap())), (0o600, 0o700));
}

/// Many hooks at once, over a log that is just full: every line is whole, and none is lost.
#[test]
fn many_at_once_write_whole_lines() {
    let home = tempfile::tempdir().unwrap();
    let old = format!("{}\n", json!({ "time": "x".repeat(1000) })).repeat(4300);
    assert!(old.len() > 4 << 20);
    std::fs::create_dir_all(file(home.path()).parent().unwrap()).unwrap();
    std::fs::write(file(home.path()), &old).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| run_in(PRE, home.path(), &dirty("PreToolUse")));
        }
    });
    let aside = std::fs::read_to_string(file(home.path()).with_file_name("log.1.jsonl")).unwrap();
    assert!(aside.starts_with(&old), "the old log is not whole");
    let late = aside[old.len()..].lines().map(|line| serde_json::from_str(line).unwrap());
    let all: Vec<Value> = lines(home.path()).into_iter().chain(late).collect();
    assert_eq!(all.len(), 32);
    assert!(all.iter().all(|line| line["did"] == "denied"));
}

/// A log that cannot be written changes no answer; session-start says so.
#[cfg(unix)]
#[test]
fn nothing_depends_on_it() {
    let good = tempfile::tempdir().unwrap();
    let expected = run_in(POST, good.path(), &dirty("PostToolUse"));
    let in_the_way: [fn(&Path); 3] = [
        |folder| std::fs::write(folder, "a file").unwrap(),
        |folder| {
            std::fs::create_dir(folder).unwrap();
            let fifo = std::process::Command::new("mkfifo").arg(folder.join("log.jsonl")).status().unwrap();
            assert!(fifo.success());
        },
        |folder| std::fs::create_dir_all(folder.join("log.jsonl")).unwrap(),
    ];
    for block in in_the_way {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join(".local/state");
        std::fs::create_dir_all(&state).unwrap();
        block(&state.join("stanch"));
        let output = run_in(POST, home.path(), &dirty("PostToolUse"));
        assert_eq!((output.status.code(), &output.stdout), (Some(0), &expected.stdout));
        let started = run_in(START, home.path(), event("SessionStart", json!({})).to_string().as_bytes());
        assert!(text(&started.stdout).contains("stanch keeps no log"), "{}", text(&started.stdout));
    }
}
