//! Fields that the agents have in common.

use serde_json::json;

use crate::Outcome;

/// Goes on, with something said to the person and to the model.
pub(super) fn say(event: &str, user: Option<&String>, model: Option<&String>) -> Outcome {
    let mut said = json!({});
    if let Some(user) = user {
        said["systemMessage"] = json!(user);
    }
    if let Some(model) = model {
        said["hookSpecificOutput"] = json!({ "hookEventName": event, "additionalContext": model });
    }
    Outcome::reply(&said)
}

/// Decides about a call: `deny`, `ask`.
pub(super) fn decide(event: &str, decision: &str, reason: &str) -> Outcome {
    Outcome::reply(&json!({
        "hookSpecificOutput": {
            "hookEventName": event,
            "permissionDecision": decision,
            "permissionDecisionReason": reason,
        }
    }))
}

/// Does not go on with what the event is about.
pub(super) fn block(reason: &str) -> Outcome {
    Outcome::reply(&json!({ "decision": "block", "reason": reason }))
}

/// Ends what the agent is at.
pub(super) fn stop(reason: &str) -> Outcome {
    Outcome::reply(&json!({ "continue": false, "stopReason": reason }))
}
