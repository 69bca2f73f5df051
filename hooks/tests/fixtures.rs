//! The events recorded from the real client (`fixtures/claude-code`), each with the answer that is expected to the byte.
//!
//! `<case>.out.json` is the hook's standard output; an empty file means that the hook says nothing. After a change that is
//! meant to change answers, write them anew and read the difference:
//!
//! ```text
//! STANCH_BLESS=1 cargo test -p stanch-hooks --test fixtures
//! git diff fixtures
//! ```

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::path::{Path, PathBuf};

use common::{BATCH, COMPACT, CONFIG, END, FAILURE, LOADED, POST, PRE, PROMPT, START, SUBAGENT, run, text};
use serde_json::Value;

fn folder(event: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/claude-code").join(event)
}

fn cases(event: &str) -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder(event))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.to_string_lossy().ends_with(".in.json"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no events in {}", folder(event).display());
    cases
}

/// The version and the number of rules change with every release: `#` in what is written down.
fn without_counts(answer: &str) -> String {
    let Some((start, rest)) = answer.split_once(concat!("stanch ", env!("CARGO_PKG_VERSION"), " is on, with ")) else {
        return answer.to_owned();
    };
    format!("{start}stanch # is on, with #{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Every case answered, and the answers compared with what is written down, or written down.
fn answers(event: &str, hook: &str) {
    let mut wrong = Vec::new();
    for case in cases(event) {
        let output = run(hook, &std::fs::read(&case).unwrap());
        assert_eq!(output.status.code(), Some(0), "{}: {}", case.display(), text(&output.stderr));
        assert_eq!(text(&output.stderr), "", "{}", case.display());
        let stdout = without_counts(&text(&output.stdout));
        let expected = PathBuf::from(case.to_string_lossy().replace(".in.json", ".out.json"));
        if std::env::var_os("STANCH_BLESS").is_some() {
            std::fs::write(&expected, stdout).unwrap();
            continue;
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_else(|e| panic!("{}: {e}", expected.display()));
        if stdout != wanted {
            wrong.push(format!("{}\n  is     {}\n  wanted {}", case.display(), stdout, wanted));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn before_a_tool_runs() {
    answers("pre-tool-use", PRE);
}

#[test]
fn after_a_tool_ran() {
    answers("post-tool-use", POST);
}

#[test]
fn when_a_session_starts() {
    answers("session-start", START);
}

#[test]
fn around_prompts() {
    for (event, hook) in [
        ("user-prompt-submit", PROMPT),
        ("post-tool-use-failure", FAILURE),
        ("post-tool-batch", BATCH),
        ("instructions-loaded", LOADED),
        ("subagent-stop", SUBAGENT),
        ("pre-compact", COMPACT),
        ("config-change", CONFIG),
        ("session-end", END),
    ] {
        answers(event, hook);
    }
}

/// Whether both have the same shape, numbers and keys; their strings may differ.
fn same_but_strings(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(_), Value::String(_)) => true,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_but_strings(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_but_strings(a, b)))
        }
        _ => a == b,
    }
}

/// The client falls back to the original, without a word, if the replacement has another shape.
#[test]
fn a_replaced_output_has_the_shape_of_the_tools_own() {
    for case in cases("post-tool-use") {
        let event = std::fs::read(&case).unwrap();
        let output = run(POST, &event);
        if output.stdout.is_empty() {
            continue;
        }
        let (event, reply): (Value, Value) =
            (serde_json::from_slice(&event).unwrap(), serde_json::from_slice(&output.stdout).unwrap());
        let updated = &reply["hookSpecificOutput"]["updatedToolOutput"];
        assert!(same_but_strings(&event["tool_response"], updated), "{}", case.display());
    }
}

/// The recorder's secrets begin like this; none of their random part may be left in an answer.
#[test]
fn no_answer_holds_a_recorded_secret() {
    let prefixes = ["ghp_", "glsa_", "postgres://app:"];
    let mut seen = [0; 3];
    for (event, hook) in [
        ("pre-tool-use", PRE),
        ("post-tool-use", POST),
        ("session-start", START),
        ("user-prompt-submit", PROMPT),
        ("post-tool-use-failure", FAILURE),
        ("post-tool-batch", BATCH),
    ] {
        for case in cases(event) {
            let given = text(&std::fs::read(&case).unwrap());
            let said = text(&run(hook, given.as_bytes()).stdout);
            for (prefix, seen) in prefixes.iter().zip(&mut seen) {
                for (at, _) in given.match_indices(prefix) {
                    let value: String = given[at + prefix.len()..]
                        .chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
                        .collect();
                    if value.len() >= 12 {
                        *seen += 1;
                        assert!(!said.contains(&value[..12]), "{} still holds a {prefix}…", case.display());
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|times| *times > 0), "not all are in the recorded events: {seen:?}");
}
