//! The agents that call the hooks, and how each wants to be answered.

mod claude_code;

use crate::{Outcome, Refusal, Reply};

/// A coding agent that hands events to hooks.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Agent {
    /// Claude Code.
    #[default]
    ClaudeCode,
}

impl Agent {
    /// What the process writes to give this answer to an event of that name.
    ///
    /// # Errors
    /// The answer is not the JSON or the text it should be: a fault in stanch.
    pub fn outcome(self, event: &str, reply: &Reply) -> Result<Outcome, Refusal> {
        match reply {
            Reply::Silent => Ok(Outcome::silent()),
            Reply::Refused(refusal) => Ok(Outcome::blocked(refusal)),
            reply => match self {
                Self::ClaudeCode => claude_code::answer(event, reply),
            },
        }
    }
}
