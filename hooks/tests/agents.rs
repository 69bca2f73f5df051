//! The other agents: events recorded from the real ones (`fixtures/<agent>`), each with the answer that is expected to the
//! byte, and every kind of answer to every event. `STANCH_BLESS=1` writes the answers anew.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;
#[path = "common/schema.rs"]
mod schema;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::{command, text, token};
use hooks::{Agent, HOOKS, Hook, Outcome, Refusal, Reply};
use serde_json::{Value, json};

const OTHERS: [Agent; 2] = [Agent::Codex, Agent::Qwen];

fn executable(hook: &Hook) -> PathBuf {
    Path::new(common::PRE).with_file_name(hook.name).with_extension(std::env::consts::EXE_EXTENSION)
}

fn run(hook: &Hook, arguments: &[&str], event: &[u8]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = command(executable(hook).to_str().unwrap(), home.path());
    command.env_remove("CODEX_HOME").env_remove("QWEN_HOME");
    let mut child = command.args(arguments).spawn().unwrap();
    // The hook may refuse before it has read everything: the pipe breaks then.
    let _ = child.stdin.take().unwrap().write_all(event);
    child.wait_with_output().unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    found.sort();
    assert!(!found.is_empty(), "nothing in {}", folder.display());
    found
}

/// Every recorded event of an agent, with the hook that it is for.
fn cases(agent: Agent) -> Vec<(&'static Hook, PathBuf)> {
    let mut cases = Vec::new();
    for folder in entries(&fixtures().join(agent.name())) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "schema" || folder.is_file() {
            continue;
        }
        let hook = HOOKS.into_iter().find(|hook| hook.name == name).unwrap_or_else(|| panic!("no hook {name}"));
        let events = entries(&folder).into_iter().filter(|path| path.to_string_lossy().ends_with(".in.json"));
        cases.extend(events.map(|path| (hook, path)));
    }
    cases
}

/// The version and the number of rules change with every release.
fn without_counts(answer: &str) -> String {
    let Some((start, rest)) = answer.split_once(concat!("stanch ", env!("CARGO_PKG_VERSION"), " is on, with ")) else {
        return answer.to_owned();
    };
    format!("{start}stanch # is on, with #{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[test]
fn every_recorded_event_is_answered_as_written_down() {
    for (agent, (hook, case)) in OTHERS.into_iter().flat_map(|agent| cases(agent).into_iter().map(move |c| (agent, c)))
    {
        let output = run(hook, &["--agent", agent.name()], &std::fs::read(&case).unwrap());
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{}", case.display());
        let stdout = without_counts(&text(&output.stdout));
        let expected = case.with_file_name(case.file_name().unwrap().to_str().unwrap().replace(".in.", ".out."));
        if std::env::var_os("STANCH_BLESS").is_some() {
            std::fs::write(&expected, stdout).unwrap();
            continue;
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_else(|e| panic!("{}: {e}", expected.display()));
        assert_eq!(stdout, wanted, "{}", case.display());
    }
}

/// The recorder's token begins like this; its checksum is wrong, so that it may be written down.
#[test]
fn no_answer_holds_a_recorded_secret_and_most_say_what_was_found() {
    let mut found = 0;
    for (hook, case) in OTHERS.into_iter().flat_map(cases) {
        let given = std::fs::read_to_string(&case).unwrap();
        let Some(at) = given.find("ghp_") else { continue };
        let agent = if case.starts_with(fixtures().join("codex")) { "codex" } else { "qwen" };
        let said = text(&run(hook, &["--agent", agent], given.as_bytes()).stdout);
        assert!(!said.contains(&given[at + 4..at + 16]), "{}", case.display());
        assert!(said.contains("github_pat"), "{}: {said}", case.display());
        found += 1;
    }
    assert!(found >= 8, "only {found} recorded events with a secret");
}

fn codex_schema(event: &str) -> Option<Value> {
    let file = format!("{event}.command.output.schema.json");
    let text = std::fs::read_to_string(fixtures().join("codex/schema").join(file)).ok()?;
    serde_json::from_str(&text).ok()
}

/// Every kind of answer.
fn replies() -> Vec<(&'static str, Reply)> {
    let (reason, note) = ("because".to_owned(), "a note".to_owned());
    vec![
        ("silent", Reply::Silent),
        ("say", Reply::Say { user: Some("u".to_owned()), model: Some("m".to_owned()) }),
        ("deny", Reply::Deny { reason: reason.clone() }),
        ("ask", Reply::Ask { reason: reason.clone() }),
        ("arguments", Reply::Arguments { json: r#"{"a":"stanch_x"}"#.to_owned(), note: note.clone() }),
        ("output", Reply::Output { json: br#""stanch_x""#.to_vec(), note }),
        ("block", Reply::Block { reason: reason.clone() }),
        ("stop", Reply::Stop { reason }),
        ("refused", Reply::Refused(Refusal::Panicked)),
    ]
}

fn answered(agent: Agent, event: &str, reply: &Reply) -> (Outcome, Value) {
    let Ok(outcome) = agent.outcome(event, reply) else { panic!("no answer to {event}") };
    let said = if outcome.stdout.is_empty() { json!({}) } else { serde_json::from_str(&outcome.stdout).unwrap() };
    (outcome, said)
}

/// One key that the schema does not have, and Codex goes on with the original.
#[test]
fn codex_takes_every_answer_that_a_hook_gives() {
    for (folder, event) in [
        ("pre-tool-use", "PreToolUse"),
        ("post-tool-use", "PostToolUse"),
        ("session-start", "SessionStart"),
        ("user-prompt-submit", "UserPromptSubmit"),
        ("pre-compact", "PreCompact"),
    ] {
        let schema = codex_schema(folder).unwrap();
        for (kind, reply) in replies() {
            let only_of = match kind {
                "deny" | "ask" | "arguments" => Some("PreToolUse"),
                "output" => Some("PostToolUse"),
                _ => None,
            };
            if only_of.is_some_and(|only| only != event) {
                continue;
            }
            let (outcome, said) = answered(Agent::Codex, event, &reply);
            assert_eq!(schema::problems(&schema, &said), Vec::<String>::new(), "{kind} to {event}: {}", outcome.stdout);
        }
    }
}

#[test]
fn codex_does_not_take_what_claude_code_is_told() {
    let schema = codex_schema("post-tool-use").unwrap();
    let (_, said) = answered(Agent::ClaudeCode, "PostToolUse", &replies().swap_remove(5).1);
    assert_eq!(schema::problems(&schema, &said), ["reply.hookSpecificOutput: additionalProperties"]);
}

/// Measured with the real agents: what each of them takes for a no, and what it passes open.
#[test]
fn every_answer_that_must_stop_something_stops_it() {
    for agent in OTHERS {
        for (kind, reply) in replies() {
            for event in ["PreToolUse", "PostToolUse", "UserPromptSubmit", "PreCompact"] {
                let (outcome, said) = answered(agent, event, &reply);
                let denied = said["hookSpecificOutput"]["permissionDecision"] == "deny"
                    && said["hookSpecificOutput"]["permissionDecisionReason"].as_str().is_some_and(|r| !r.is_empty());
                let blocked =
                    said["decision"] == "block" && said["reason"].as_str().is_some_and(|r| !r.trim().is_empty());
                let ended = said["continue"] == false && said["stopReason"].as_str().is_some_and(|r| !r.is_empty());
                let status = outcome.code == 2 && !outcome.stderr.is_empty();
                let stops = match (agent, event) {
                    (_, "PreToolUse") if agent == Agent::Codex => denied || status,
                    (_, "PreToolUse") => denied || ended || status,
                    (Agent::Codex, "PostToolUse") => blocked || status,
                    (Agent::Codex, "PreCompact") => ended,
                    (_, "PreCompact") => ended || status,
                    (_, "PostToolUse") => ended,
                    _ => blocked || status,
                };
                let must = match kind {
                    // Qwen Code asks, and where there is nobody to ask it makes no call.
                    "ask" if agent == Agent::Qwen => continue,
                    "deny" | "ask" | "arguments" => event == "PreToolUse",
                    "output" => event == "PostToolUse",
                    "block" | "stop" | "refused" => true,
                    _ => continue,
                };
                assert!(stops || !must, "{kind} to {event} of {}: {}", agent.name(), outcome.stdout);
            }
        }
    }
}

#[test]
fn an_output_that_cannot_be_searched_is_withheld_from_both() {
    // Half of a surrogate pair: no text, so no search.
    let output = format!(r#""\ud800 {}""#, token());
    let event = |output: &str| {
        format!(r#"{{"hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{{}},"tool_response":{output}}}"#)
    };
    let hook = &hooks::post_tool_use::HOOK;
    for (agent, event) in OTHERS.into_iter().flat_map(|agent| [(agent, event(&output)), (agent, "{".to_owned())]) {
        let done = run(hook, &["--agent", agent.name()], event.as_bytes());
        let (said, stderr) = (text(&done.stdout), text(&done.stderr));
        let reply: Value = serde_json::from_str(&said).unwrap();
        let closed = reply["decision"] == "block" || reply["continue"] == false;
        assert!(closed && said.contains("stanch") && !said.contains(&token()), "{}: {said}", agent.name());
        assert!(!stderr.contains(&token()) && stderr.starts_with("stanch post-tool-use: "), "{stderr}");
    }
}

#[test]
fn an_agent_that_nobody_knows_is_refused_with_the_list() {
    for hook in HOOKS {
        for arguments in [&["--agent", "cursor"][..], &["--agent"], &["--agent="], &["codex"]] {
            let output = run(hook, arguments, b"{}");
            assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{}", hook.name);
            assert!(text(&output.stderr).contains("claude-code, codex, qwen"), "{}", text(&output.stderr));
        }
        let help = text(&run(hook, &["--help"], b"").stdout);
        assert!(help.contains("Examples:") && help.contains("--agent codex"), "{}: {help}", hook.name);
    }
}

#[test]
fn every_executable_is_in_the_list_of_hooks() {
    let mut built: Vec<String> = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin"))
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut listed = HOOKS.map(|hook| hook.name.to_owned()).to_vec();
    built.sort();
    listed.sort();
    assert_eq!(built, listed);
}
