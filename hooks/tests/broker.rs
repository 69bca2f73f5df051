//! What the session's broker is told of what a hook found. The test is the client, and has the broker's socket itself.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use common::{BATCH, FAILURE, LOADED, POST, PRE, PROMPT, event, run, run_in, text, token};
use serde_json::{Value, json};
use wire::{Answer, Ask, Redacted};

/// Takes note of all that it is told.
struct Broker {
    _broker: stand_in::Broker,
    told: Receiver<Redacted>,
}

impl Broker {
    fn start() -> Self {
        let (tell, told) = channel();
        let broker = stand_in::Broker::start(move |_, ask| {
            if let Ask::Redacted(redacted) = ask {
                tell.send(redacted).unwrap();
            }
            (Answer::Stranger, Vec::new())
        });
        Self { _broker: broker, told }
    }

    fn told(&self) -> Vec<Value> {
        self.told.try_iter().map(|redacted| serde_json::to_value(redacted).unwrap()).collect()
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

    // A broker that takes no note of it is waited for once in a hook, whatever the number of entries.
    drop(broker);
    let calls: Vec<Value> = (0..8).map(|_| json!({ "tool_name": "Bash", "tool_response": token() })).collect();
    let batch = event("PostToolBatch", json!({ "tool_calls": calls })).to_string();
    let answer = run(BATCH, batch.as_bytes()).stdout;
    let slow = stand_in::Broker::start(|_, ask| {
        if let Ask::Redacted(_) = ask {
            std::thread::sleep(Duration::from_secs(10));
        }
        (Answer::Stranger, Vec::new())
    });
    let start = Instant::now();
    assert_eq!(answer, run(BATCH, batch.as_bytes()).stdout);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());

    // What a broker lends that does not say so cannot be looked for.
    drop(slow);
    let silent = stand_in::Broker::silent();
    let clean = run(POST, event("PostToolUse", json!({})).to_string().as_bytes());
    assert!(text(&clean.stderr).contains("does not say what it lends"), "{}", text(&clean.stderr));
    assert!(text(&clean.stdout).contains("withheld"), "{}", text(&clean.stdout));
    drop(silent);
    // Nor what one lends that ends the conversation instead.
    let rude = stand_in::Broker::start(|_, _| panic!("it ends the conversation"));
    let clean = run(POST, event("PostToolUse", json!({})).to_string().as_bytes());
    assert!(text(&clean.stdout).contains("withheld"), "{}", text(&clean.stdout));
    drop(rude);
    // Nor of one that refuses to say.
    let dull = stand_in::Broker::start(|_, _| (Answer::Refused { why: "no".to_owned() }, Vec::new()));
    let clean = run(POST, event("PostToolUse", json!({})).to_string().as_bytes());
    assert!(text(&clean.stdout).contains("withheld"), "{}", text(&clean.stdout));
    drop(dull);
    // One that ended it before, and is there: it is asked again.
    let (tell, told) = channel();
    let first = std::sync::atomic::AtomicBool::new(true);
    let forgetful = stand_in::Broker::start(move |_, ask| {
        if matches!(ask, Ask::Call(_)) {
            assert!(!first.swap(false, std::sync::atomic::Ordering::Relaxed), "it ends the first conversation");
            tell.send(()).unwrap();
        }
        (Answer::Stranger, Vec::new())
    });
    run(PRE, event("PreToolUse", json!({ "tool_use_id": "toolu_3" })).to_string().as_bytes());
    assert!(told.try_recv().is_ok(), "the call is told to it all the same");
    drop(forgetful);
    assert!(run(POST, event("PostToolUse", json!({})).to_string().as_bytes()).stdout.is_empty());
}
