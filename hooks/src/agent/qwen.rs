//! Qwen Code's dialect: Claude Code's, read otherwise. What was measured is in docs/agents.md.
//!
//! It has fields for neither other arguments nor another output, but where a tool has run, `continue: false` ends no turn:
//! the stop reason is what the model gets in the place of the output. After a batch it takes the place of what the last
//! call gave back, though it failed.

use super::{Places, fields, text};
use crate::{Outcome, Refusal, Reply};

pub(super) const PLACES: Places = Places {
    folder: ".qwen",
    variable: "QWEN_HOME",
    settings: &["settings.json"],
    managed: "/etc/qwen-code/settings.json",
    user_instructions: &["QWEN.md", "AGENTS.md"],
    instructions: &["QWEN.md", "AGENTS.md"],
};

/// It reads 1 MiB of standard output and drops a reply that is cut off there: the original would go on. An escaped text is
/// kept well below.
const ROOM: usize = 960 << 10;

/// See [`super::Agent::outcome`].
pub(super) fn answer(event: &str, reply: &Reply) -> Result<Outcome, Refusal> {
    Ok(match reply {
        Reply::Silent => Outcome::silent(),
        // An exit status does not stop an output.
        Reply::Refused(refusal) if event == "PostToolUse" => {
            fields::stop(&format!("stanch withheld this output: {refusal}."))
        }
        Reply::Refused(refusal) => Outcome::blocked(refusal),
        Reply::Say { user, model } => fields::say(event, user.as_ref(), model.as_ref()),
        Reply::Deny { reason } => fields::decide(event, "deny", reason),
        Reply::Ask { reason } => fields::decide(event, "ask", reason),
        Reply::Arguments { .. } => fields::decide(event, "deny", text::NO_OTHER_ARGUMENTS),
        Reply::Output { json, note } => {
            let output = text::fitting(text::of_qwen(event, json)?, ROOM);
            fields::stop(&format!("{output}\n\n{note}"))
        }
        Reply::Block { reason } | Reply::Stop { reason } if event == "UserPromptSubmit" => fields::block(reason),
        Reply::Block { reason } | Reply::Stop { reason } => fields::stop(reason),
    })
}
