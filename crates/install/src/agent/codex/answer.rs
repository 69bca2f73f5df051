//! What Codex does with an answer: docs/agents.md.

use serde_json::Value;

use crate::verify::answer::Expected;
use crate::verify::process::Said;

/// The fields that it knows; with any other it drops the whole answer, and the original goes on.
const FIELDS: &[&str] =
    &["continue", "decision", "hookSpecificOutput", "reason", "stopReason", "suppressOutput", "systemMessage"];
const SPECIFIC: &[&str] = &[
    "additionalContext",
    "hookEventName",
    "permissionDecision",
    "permissionDecisionReason",
    "updatedInput",
    "updatedMCPToolOutput",
];

/// See [`super::Description::takes`].
pub(super) fn takes(expected: Expected, said: &Said, answer: &Value, event: &Value) -> Result<bool, String> {
    let specific = &answer["hookSpecificOutput"];
    if said.code == Some(0) {
        let unknown = |value: &Value, known: &[&str]| {
            value
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .find(|name| !known.contains(&name.as_str()))
        };
        if let Some(field) = unknown(answer, FIELDS).or_else(|| unknown(specific, SPECIFIC)) {
            return Err(format!(
                "Codex does not know the field '{field}' and drops the answer; does the command end with `--agent codex`?"
            ));
        }
    }
    let named = specific.is_null() || specific["hookEventName"] == event["hook_event_name"];
    let blocked = said.code == Some(0) && named && answer["decision"] == "block" && is_said(&answer["reason"]);
    // Its standard error takes the place of the output; without any there is nothing to take it.
    let refused = said.code == Some(2) && !said.err.trim().is_empty();
    Ok(match expected {
        Expected::Output => blocked || refused,
        Expected::Arguments => {
            let denied = specific["permissionDecision"] == "deny" && is_said(&specific["permissionDecisionReason"]);
            refused || (said.code == Some(0) && named && denied)
        }
        Expected::Block | Expected::Stop => blocked || refused || answer["continue"] == false,
        Expected::Word => said.code == Some(0) && answer["systemMessage"].is_string(),
        Expected::Nothing => said.code == Some(0),
    })
}

fn is_said(reason: &Value) -> bool {
    reason.as_str().is_some_and(|reason| !reason.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_counts_if_codex_takes_it() {
        let met = |expected, code, answer: Value, err: &str| {
            let said = Said { code: Some(code), out: answer.to_string(), err: err.to_owned() };
            takes(expected, &said, &answer, &json!({ "hook_event_name": "PostToolUse" })) == Ok(true)
        };
        let block = |reason: &str| json!({ "decision": "block", "reason": reason });
        assert!(met(Expected::Output, 0, block("x"), ""));
        assert!(met(Expected::Output, 2, json!(null), "x") && !met(Expected::Output, 2, json!(null), ""));
        for wrong in [block(""), json!({}), json!({ "continue": false })] {
            assert!(!met(Expected::Output, 0, wrong.clone(), ""), "{wrong}");
        }
        // Claude Code's.
        let theirs = json!({ "hookSpecificOutput": { "hookEventName": "PostToolUse", "updatedToolOutput": "x" } });
        assert!(!met(Expected::Output, 0, theirs, ""));
        let mut extra = block("x");
        extra["more"] = json!(1);
        assert!(!met(Expected::Output, 0, extra, ""));
        let decide = |decision: &str| {
            json!({ "hookSpecificOutput": { "hookEventName": "PostToolUse", "permissionDecision": decision,
                                            "permissionDecisionReason": "x" } })
        };
        assert!(met(Expected::Arguments, 0, decide("deny"), "") && !met(Expected::Arguments, 0, decide("ask"), ""));
    }
}
