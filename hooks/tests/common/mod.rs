//! The hooks run as the client runs them: a process, the event on standard input, the reply on standard output.

#![allow(dead_code, reason = "no suite uses all of it")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

pub const PRE: &str = env!("CARGO_BIN_EXE_pre-tool-use");
pub const POST: &str = env!("CARGO_BIN_EXE_post-tool-use");
pub const BATCH: &str = env!("CARGO_BIN_EXE_post-tool-batch");
pub const FAILURE: &str = env!("CARGO_BIN_EXE_post-tool-use-failure");
pub const START: &str = env!("CARGO_BIN_EXE_session-start");
pub const PROMPT: &str = env!("CARGO_BIN_EXE_user-prompt-submit");
pub const COMPACT: &str = env!("CARGO_BIN_EXE_pre-compact");
pub const CONFIG: &str = env!("CARGO_BIN_EXE_config-change");
pub const LOADED: &str = env!("CARGO_BIN_EXE_instructions-loaded");
pub const SUBAGENT: &str = env!("CARGO_BIN_EXE_subagent-stop");
pub const END: &str = env!("CARGO_BIN_EXE_session-end");

/// The hooks and the event of each.
pub const HOOKS: [(&str, &str); 11] = [
    (PRE, "PreToolUse"),
    (POST, "PostToolUse"),
    (BATCH, "PostToolBatch"),
    (FAILURE, "PostToolUseFailure"),
    (START, "SessionStart"),
    (PROMPT, "UserPromptSubmit"),
    (COMPACT, "PreCompact"),
    (CONFIG, "ConfigChange"),
    (LOADED, "InstructionsLoaded"),
    (SUBAGENT, "SubagentStop"),
    (END, "SessionEnd"),
];

/// A hook in an empty home.
pub fn command(hook: &str, home: &Path) -> Command {
    let mut command = Command::new(hook);
    command.env("HOME", home).env("USERPROFILE", home).env("CLAUDE_CONFIG_DIR", home.join(".claude")).current_dir(home);
    command.env("XDG_STATE_HOME", home.join(".local/state")).env_remove("CLAUDE_PLUGIN_ROOT");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a hook on an event.
pub fn run(hook: &str, event: &[u8]) -> Output {
    let home = tempfile::tempdir().unwrap();
    run_in(hook, home.path(), event)
}

pub fn run_in(hook: &str, home: &Path, event: &[u8]) -> Output {
    let mut child = command(hook, home).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // The hook may refuse before it has read everything: the pipe breaks then.
        scope.spawn(move || stdin.write_all(event));
        child.wait_with_output().unwrap()
    })
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A secret that nobody has seen before this run; not a constant, so that scanners stay quiet over this file.
pub fn token() -> String {
    format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U")
}

/// Stands in every hostile event; must never come back.
pub const CANARY: &str = "canary7Q2wXk9";

/// That the hook ended closed, as its event can be closed, with a reason and without the canary.
pub fn assert_closed(hook: &str, case: &str, output: &Output) {
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
pub fn event(name: &str, changes: Value) -> Value {
    let mut event = json!({
        "session_id": "s1", "transcript_path": "/nowhere/projects/p/s1.jsonl", "cwd": "/nowhere/app",
        "hook_event_name": name, "tool_name": "Bash", "source": "startup",
        "tool_input": { "command": format!("echo {CANARY}") },
        "tool_response": { "stdout": format!("{CANARY}\n"), "stderr": "", "interrupted": false, "isImage": false },
        "tool_calls": [{ "tool_name": "Bash", "tool_response": CANARY }], "error": CANARY,
        "prompt": CANARY, "file_path": "/nowhere/app/CLAUDE.md", "load_reason": "nested_traversal",
        "agent_transcript_path": "/nowhere/projects/p/s1/subagents/agent-a.jsonl",
    });
    for (key, value) in changes.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}
