//! The agents that call the hooks, and how each wants to be answered.

mod claude_code;
mod codex;
mod fields;
mod qwen;
mod text;

use std::path::PathBuf;

use crate::{Outcome, Refusal, Reply};

/// A coding agent that hands events to hooks. What it accepts: docs/agents.md.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Agent {
    /// Claude Code.
    #[default]
    ClaudeCode,
    /// Codex CLI.
    Codex,
    /// Qwen Code.
    Qwen,
}

impl Agent {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ClaudeCode, Self::Codex, Self::Qwen];

    /// What `--agent` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::Qwen => "qwen",
        }
    }

    /// The agent of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|agent| agent.name() == name)
    }

    /// `claude-code, codex, qwen`.
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// Whether a call can be made with other arguments, and nothing but its arguments changed.
    pub const fn takes_arguments(self) -> bool {
        matches!(self, Self::ClaudeCode)
    }

    /// Whether a reply to a batch takes the place of what its last call gave back, though it failed. (In Qwen Code's headless
    /// mode each call is a batch of its own.)
    pub const fn replaces_last_of_batch(self) -> bool {
        matches!(self, Self::Qwen)
    }

    /// Whether what was stopped stays in the session's history, and would go out with the next prompt.
    pub const fn keeps_what_was_stopped(self) -> bool {
        matches!(self, Self::ClaudeCode)
    }

    /// Whether plugins may register stanch's hooks.
    pub const fn has_plugins(self) -> bool {
        matches!(self, Self::ClaudeCode)
    }

    /// Where its settings and instructions lie.
    pub const fn places(self) -> &'static Places {
        match self {
            Self::ClaudeCode => &claude_code::PLACES,
            Self::Codex => &codex::PLACES,
            Self::Qwen => &qwen::PLACES,
        }
    }

    /// What the process writes to give this answer to an event of that name.
    ///
    /// # Errors
    /// The answer is not the JSON or the text it should be: a fault in stanch.
    pub fn outcome(self, event: &str, reply: &Reply) -> Result<Outcome, Refusal> {
        match reply {
            Reply::Silent => Ok(Outcome::silent()),
            reply => match self {
                Self::ClaudeCode => claude_code::answer(event, reply),
                Self::Codex => codex::answer(event, reply),
                Self::Qwen => qwen::answer(event, reply),
            },
        }
    }
}

/// Where an agent keeps what a session begins with.
pub struct Places {
    /// The folder in the home of the user, and in a repository.
    pub folder: &'static str,
    /// The variable that names another folder than the one in the user's home.
    pub variable: &'static str,
    /// The files in that folder that may register hooks.
    pub settings: &'static [&'static str],
    /// The settings of the whole machine.
    pub managed: &'static str,
    /// Instructions, in the folder of the user.
    pub user_instructions: &'static [&'static str],
    /// Instructions, in the session's folder and those above.
    pub instructions: &'static [&'static str],
}

impl Places {
    /// Where the user's own settings lie.
    pub fn user_folder(&self) -> Option<PathBuf> {
        std::env::var_os(self.variable).map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(self.folder)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_found_by_its_name_and_by_no_other() {
        assert!(Agent::ALL.into_iter().all(|agent| Agent::named(agent.name()) == Some(agent)));
        assert!(Agent::named("Codex").is_none() && Agent::named("").is_none());
    }
}
