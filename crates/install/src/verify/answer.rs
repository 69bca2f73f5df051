//! What a hook's answer must be for the client to do what it is meant to do.

use serde_json::Value;

use super::process::Said;
use crate::agent::Description;

/// What is to become of the probe.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Another output in its place, of the same shape: the client silently ignores one of another shape.
    Output,
    /// The call is stopped, or made with other arguments.
    Arguments,
    /// What was to happen does not.
    Block,
    /// The turn ends.
    Stop,
    /// It is said; nothing can be stopped any more.
    Word,
    /// No failure.
    Nothing,
}

impl Expected {
    /// Whether the answer to the probe has the agent do that, and does not carry the probe itself: agents keep what hooks print.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn check(self, agent: &Description, said: &Said, event: &Value, probe: &str) -> Result<(), String> {
        if said.out.contains(probe) || said.err.contains(probe) {
            return Err("the probe stands in its answer".to_owned());
        }
        let answer: Value = serde_json::from_str(&said.out).unwrap_or_default();
        if (agent.takes)(self, said, &answer, event)? {
            return Ok(());
        }
        Err(failure(said).unwrap_or_else(|| "it let the probe through".to_owned()))
    }

    /// Whether the answer to an event without the probe lets it pass. A hook that stops everything proves nothing.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn passes(self, said: &Said) -> Result<(), String> {
        let answer: Value = serde_json::from_str(&said.out).unwrap_or_default();
        let specific = &answer["hookSpecificOutput"];
        let stops = said.code != Some(0)
            || answer["continue"] == Value::Bool(false)
            || answer["decision"] == "block"
            || matches!(specific["permissionDecision"].as_str(), Some("deny" | "ask"))
            || !specific["updatedToolOutput"].is_null()
            || !specific["updatedInput"].is_null();
        if !stops {
            return Ok(());
        }
        let why = failure(said).map_or_else(String::new, |why| format!(": {why}"));
        Err(format!("it stops everything, with a secret or without{why}"))
    }
}

/// What Claude Code does with an answer; see [`Description::takes`].
pub(crate) fn takes(expected: Expected, said: &Said, answer: &Value, event: &Value) -> Result<bool, String> {
    let specific = &answer["hookSpecificOutput"];
    let named = specific["hookEventName"] == event["hook_event_name"];
    let stopped = said.code == Some(2) || answer["continue"] == Value::Bool(false) || answer["decision"] == "block";
    Ok(match expected {
        Expected::Output if answer["continue"] == Value::Bool(false) => true,
        Expected::Output => {
            let output = &specific["updatedToolOutput"];
            if said.code == Some(0) && named && !output.is_null() && !same_shape(output, &event["tool_response"]) {
                return Err("its output has another shape than the tool's: the client ignores it".to_owned());
            }
            said.code == Some(0) && named && !output.is_null()
        }
        Expected::Arguments => {
            let decided = matches!(specific["permissionDecision"].as_str(), Some("deny" | "ask"));
            said.code == Some(2) || (said.code == Some(0) && named && (decided || specific["updatedInput"].is_object()))
        }
        Expected::Block | Expected::Stop => stopped,
        Expected::Word => said.code == Some(0) && answer["systemMessage"].is_string(),
        Expected::Nothing => said.code == Some(0),
    })
}

/// How a process has failed, in its own words: its first line.
fn failure(said: &Said) -> Option<String> {
    let line = said.err.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match (said.code, line) {
        (Some(0), _) => None,
        (Some(code), "") => Some(format!("it fails with exit status {code}")),
        (Some(126 | 127), line) => Some(format!("it cannot be started ({line})")),
        (Some(_), line) => Some(line.to_owned()),
        (None, _) => Some("it was killed".to_owned()),
    }
}

/// Whether two documents differ in strings alone.
fn same_shape(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(_), Value::String(_)) => true,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same_shape(a, b)))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use hooks::Agent;
    use serde_json::json;

    use super::*;
    use crate::agent::of;

    fn said(code: i32, out: &Value) -> Said {
        Said { code: Some(code), out: out.to_string(), err: String::new() }
    }

    #[test]
    fn an_output_counts_if_the_client_takes_it() {
        let event = json!({ "hook_event_name": "PostToolUse", "tool_response": { "stdout": "p", "n": 1 } });
        let answer = |name: &str, output: Value| {
            let answer = json!({ "hookSpecificOutput": { "hookEventName": name, "updatedToolOutput": output } });
            Expected::Output.check(of(Agent::ClaudeCode), &said(0, &answer), &event, "secret").is_ok()
        };
        assert!(answer("PostToolUse", json!({ "stdout": "x", "n": 1 })));
        assert!(!answer("PreToolUse", json!({ "stdout": "x", "n": 1 })));
        for wrong in [json!("x"), json!({ "stdout": "x" }), json!({ "stdout": "secret", "n": 1 }), json!(null)] {
            assert!(!answer("PostToolUse", wrong.clone()), "{wrong}");
        }
    }

    #[test]
    fn a_hook_that_stops_everything_does_not_pass() {
        assert!(Expected::Block.passes(&said(0, &json!({}))).is_ok());
        assert!(Expected::Block.passes(&said(0, &json!({ "systemMessage": "on" }))).is_ok());
        for all in [said(2, &json!({})), said(1, &json!({})), said(0, &json!({ "decision": "block" }))] {
            assert!(Expected::Block.passes(&all).is_err());
        }
    }
}
