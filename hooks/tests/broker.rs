//! What the session's broker is told of what a hook found. The test is the client, and has the broker's socket itself.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use common::{BATCH, FAILURE, LOADED, POST, PRE, PROMPT, event, run, run_in, text, token};
use serde_json::{Value, json};
use wire::{Answer, Ask, Process, Redacted, frame, place};

/// Takes note of all that it is told.
struct Broker {
    socket: PathBuf,
    told: Receiver<Redacted>,
}

impl Broker {
    fn start() -> Self {
        let socket = place::socket(&place::folder().unwrap(), Process::own().unwrap());
        let listener = UnixListener::bind(&socket).unwrap();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                if let Ok(Ask::Redacted(redacted)) = frame::hear(&mut connection) {
                    tell.send(redacted).unwrap();
                }
                let _ = frame::say(&mut connection, &Answer::Done);
            }
        });
        Self { socket, told }
    }

    fn told(&self) -> Vec<Value> {
        self.told.try_iter().map(|redacted| serde_json::to_value(redacted).unwrap()).collect()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
    }
}

/// An event with secrets wherever a hook looks.
fn dirty(name: &str) -> Vec<u8> {
    let dirty = json!({ "tool_use_id": "toolu_1", "agent_id": "a1", "agent_type": "reviewer", "prompt": token(),
        "error": token(), "tool_input": { "instructions": token() },
        "tool_response": { "stdout": token(), "stderr": token() },
        "tool_calls": [{ "tool_name": "Bash", "tool_use_id": "toolu_2", "tool_response": token() }] });
    event(name, dirty).to_string().into_bytes()
}

fn instructions(folder: &Path) -> Vec<u8> {
    let file = folder.join("CLAUDE.md");
    fs::write(&file, format!("token: {}\n", token())).unwrap();
    event("InstructionsLoaded", json!({ "file_path": file })).to_string().into_bytes()
}

/// One test: the socket is named after the process.
#[test]
fn it_is_told_kinds_and_places_and_no_answer_depends_on_it() {
    let hooks = [
        (PRE, "PreToolUse", "arguments", "denied", true, 1),
        (POST, "PostToolUse", "result", "redacted", true, 2),
        (FAILURE, "PostToolUseFailure", "error", "seen", false, 1),
        (BATCH, "PostToolBatch", "result", "stopped", true, 1),
        (PROMPT, "UserPromptSubmit", "prompt", "blocked", true, 1),
    ];
    let alone: Vec<Vec<u8>> = hooks.iter().map(|(hook, name, ..)| run(hook, &dirty(name)).stdout).collect();

    let broker = Broker::start();
    for ((hook, name, place, how, kept, count), alone) in hooks.into_iter().zip(&alone) {
        assert_eq!(&run(hook, &dirty(name)).stdout, alone, "{name}");
        let told = broker.told();
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        let call = if name == "PostToolBatch" { "toolu_2" } else { "toolu_1" };
        let by = json!({ "session": "s1", "agent": "a1", "agent_type": "reviewer", "call": call, "tool": "Bash" });
        assert_eq!(
            told[0],
            json!({ "by": { "Hook": by }, "kinds": [["github_pat", count]], "place": place, "how": how, "kept": kept }),
            "{name}"
        );
    }
    let home = tempfile::tempdir().unwrap();
    run_in(LOADED, home.path(), &instructions(home.path()));
    let told = broker.told();
    assert_eq!((&told[0]["place"], &told[0]["how"]), (&json!("instructions"), &json!("seen")), "{told:?}");

    // Nothing found, nothing said; nor of what holds no secret (a tool call that asks for a pause).
    run(POST, event("PostToolUse", json!({})).to_string().as_bytes());
    let pause = json!({ "tool_input": { "command": "stanch pause 10m" } });
    assert!(text(&run(PRE, event("PreToolUse", pause).to_string().as_bytes()).stdout).contains("deny"));
    assert!(broker.told().is_empty());

    // A broker that does not answer is waited for once in a hook, whatever the number of entries.
    let socket = broker.socket.clone();
    drop(broker);
    let silent = UnixListener::bind(&socket).unwrap();
    let calls: Vec<Value> = (0..8).map(|_| json!({ "tool_name": "Bash", "tool_response": token() })).collect();
    let batch = event("PostToolBatch", json!({ "tool_calls": calls })).to_string();
    let start = Instant::now();
    let answer = run(BATCH, batch.as_bytes()).stdout;
    assert!(start.elapsed().as_millis() < 2000, "{:?}", start.elapsed());
    drop(silent);
    fs::remove_file(&socket).unwrap();
    assert_eq!(answer, run(BATCH, batch.as_bytes()).stdout);
}
