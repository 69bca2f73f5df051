//! Claude Code's dialect: <https://code.claude.com/docs/en/hooks>.
//!
//! Standard output is one JSON object, `hookEventName` is right, or the client ignores all of it without a word.

use serde_json::json;
use serde_json::value::RawValue;

use super::{Places, fields};
use crate::{Outcome, Refusal, Reply, outcome};

pub(super) const PLACES: Places = Places {
    folder: ".claude",
    variable: "CLAUDE_CONFIG_DIR",
    settings: &["settings.json", "settings.local.json"],
    managed: "/etc/claude-code/managed-settings.json",
    user_instructions: &["CLAUDE.md"],
    instructions: &["CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md"],
};

/// See [`super::Agent::outcome`].
pub(super) fn answer(event: &str, reply: &Reply) -> Result<Outcome, Refusal> {
    Ok(match reply {
        Reply::Silent => Outcome::silent(),
        Reply::Refused(refusal) => Outcome::blocked(refusal),
        Reply::Say { user, model } => fields::say(event, user.as_ref(), model.as_ref()),
        Reply::Deny { reason } => fields::decide(event, "deny", reason),
        Reply::Ask { reason } => fields::decide(event, "ask", reason),
        // No decision beside the new arguments: the user's own permission rules apply to them.
        Reply::Arguments { json, note } => {
            let arguments = RawValue::from_string(json.clone()).map_err(|_| Refusal::Panicked)?;
            specific(event, note, "updatedInput", arguments.get().as_bytes())?
        }
        Reply::Output { json, note } => specific(event, note, "updatedToolOutput", json)?,
        Reply::Block { reason } => block(event, reason),
        Reply::Stop { reason } => fields::stop(reason),
    })
}

fn block(event: &str, reason: &str) -> Outcome {
    match event {
        // Without the last field the client shows the prompt once more, and keeps it in its transcript.
        "UserPromptSubmit" => Outcome::reply(&json!({
            "decision": "block",
            "reason": reason,
            "hookSpecificOutput": { "hookEventName": event, "suppressOriginalPrompt": true },
        })),
        "ConfigChange" => fields::block(reason),
        // PreCompact knows no decision, but the exit status.
        _ => Outcome { stderr: reason.to_owned(), code: outcome::BLOCK, ..Outcome::default() },
    }
}

/// A field of JSON as it is: it may be nested deeper than serde_json reads, and its bytes are those of the client.
fn specific(event: &str, note: &str, field: &str, json: &[u8]) -> Result<Outcome, Refusal> {
    let note = serde_json::to_string(note).map_err(|_| Refusal::Panicked)?;
    let mut reply = Vec::with_capacity(json.len() + note.len() + 256);
    for part in [
        r#"{"hookSpecificOutput":{"hookEventName":""#,
        event,
        r#"","additionalContext":"#,
        &note,
        r#",""#,
        field,
        r#"":"#,
    ] {
        reply.extend_from_slice(part.as_bytes());
    }
    reply.extend_from_slice(json);
    reply.extend_from_slice(b"}}");
    let stdout = String::from_utf8(reply).map_err(|_| Refusal::Panicked)?;
    Ok(Outcome { stdout, ..Outcome::default() })
}
