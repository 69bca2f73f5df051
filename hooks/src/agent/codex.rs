//! Codex's dialect: Claude Code's, but stricter. What was measured is in docs/agents.md.
//!
//! A key that it does not know makes it drop the whole reply and go on with the original. There is no field for another
//! output; but the reason of a block is what the model gets in the place of the output, also of a command that failed.

use serde_json::json;

use super::{Places, fields, text};
use crate::{Outcome, Refusal, Reply};

pub(super) const PLACES: Places = Places {
    folder: ".codex",
    variable: "CODEX_HOME",
    settings: &["hooks.json", "config.toml"],
    managed: "/etc/codex/hooks.json",
    user_instructions: &["AGENTS.override.md", "AGENTS.md"],
    instructions: &["AGENTS.override.md", "AGENTS.md"],
};

/// The events at which something can be said to the model; at another the field is an unknown key.
const WITH_CONTEXT: [&str; 5] = ["PreToolUse", "PostToolUse", "SessionStart", "SubagentStart", "UserPromptSubmit"];

/// See [`super::Agent::outcome`].
pub(super) fn answer(event: &str, reply: &Reply) -> Result<Outcome, Refusal> {
    Ok(match reply {
        Reply::Silent => Outcome::silent(),
        // An exit status does not stop a compaction.
        Reply::Refused(refusal) if event == "PreCompact" => fields::stop(&format!("stanch stopped this: {refusal}.")),
        Reply::Refused(refusal) => Outcome::blocked(refusal),
        Reply::Say { user, model } => {
            fields::say(event, user.as_ref(), model.as_ref().filter(|_| WITH_CONTEXT.contains(&event)))
        }
        // A question is an answer that it does not know: the call would be made.
        Reply::Deny { reason } | Reply::Ask { reason } => fields::decide(event, "deny", reason),
        // It takes other arguments only together with its permission, past the user's own rules.
        Reply::Arguments { .. } => fields::decide(event, "deny", text::NO_OTHER_ARGUMENTS),
        Reply::Output { json, note } => {
            let output = text::or_note(text::of_codex(json)?, note);
            let said = json!({ "hookEventName": event, "additionalContext": note });
            Outcome::reply(&json!({ "decision": "block", "reason": output, "hookSpecificOutput": said }))
        }
        Reply::Block { reason } | Reply::Stop { reason } => match event {
            "PreToolUse" => fields::decide(event, "deny", reason),
            // `continue: false` does not end the turn here; what the model gets is the reason, either way.
            "PostToolUse" | "UserPromptSubmit" => fields::block(reason),
            _ => fields::stop(reason),
        },
    })
}
