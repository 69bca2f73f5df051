//! Which hook is registered for which event, and how: one table an agent, for `stanch install`, `stanch verify` and the look
//! that `session-start` takes at the settings. README.md and docs/agents.md show the same as JSON.

use crate::Agent;

/// One hook for one event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The event.
    pub event: &'static str,
    /// The executable's name.
    pub hook: &'static str,
    /// Whether the event's entries have a matcher of tools; stanch's is for all.
    pub matched: bool,
    /// Whether the agent is to stop when the hook cannot do its work. Not for an event that it would not stop for.
    pub closes: bool,
    /// The agent in whose settings it stands.
    pub agent: Agent,
}

impl Entry {
    const fn new(event: &'static str, hook: &'static str) -> Self {
        Self { event, hook, matched: false, closes: false, agent: Agent::ClaudeCode }
    }

    const fn of(self, agent: Agent) -> Self {
        Self { agent, ..self }
    }

    const fn matched(self) -> Self {
        Self { matched: true, ..self }
    }

    const fn closes(self) -> Self {
        Self { closes: true, ..self }
    }
}

/// The hooks of an agent.
pub const fn of(agent: Agent) -> &'static [Entry] {
    match agent {
        Agent::ClaudeCode => CLAUDE_CODE,
        Agent::Codex => CODEX,
        Agent::Qwen => QWEN,
    }
}

/// The hooks of Claude Code; other agents have some of the events.
pub const CLAUDE_CODE: &[Entry] = &[
    Entry::new("PreToolUse", "pre-tool-use").matched().closes(),
    Entry::new("PostToolUse", "post-tool-use").matched(),
    Entry::new("PostToolUseFailure", "post-tool-use-failure").matched(),
    Entry::new("PostToolBatch", "post-tool-batch").closes(),
    Entry::new("UserPromptSubmit", "user-prompt-submit").closes(),
    Entry::new("PreCompact", "pre-compact").closes(),
    Entry::new("ConfigChange", "config-change").closes(),
    Entry::new("SessionStart", "session-start"),
    Entry::new("InstructionsLoaded", "instructions-loaded"),
    Entry::new("SubagentStop", "subagent-stop"),
    Entry::new("SessionEnd", "session-end"),
];

/// The hooks of Codex. It has neither a matcher for all tools that would say more than none, nor a way to stop when a hook
/// fails.
pub const CODEX: &[Entry] = &[
    Entry::new("PreToolUse", "pre-tool-use").of(Agent::Codex),
    Entry::new("PostToolUse", "post-tool-use").of(Agent::Codex),
    Entry::new("UserPromptSubmit", "user-prompt-submit").of(Agent::Codex),
    Entry::new("SessionStart", "session-start").of(Agent::Codex),
];

/// The hooks of Qwen Code; `post-tool-batch` redacts what failed.
pub const QWEN: &[Entry] = &[
    Entry::new("PreToolUse", "pre-tool-use").of(Agent::Qwen),
    Entry::new("PostToolUse", "post-tool-use").of(Agent::Qwen),
    Entry::new("PostToolBatch", "post-tool-batch").of(Agent::Qwen),
    Entry::new("UserPromptSubmit", "user-prompt-submit").of(Agent::Qwen),
    Entry::new("SessionStart", "session-start").of(Agent::Qwen),
];

/// The argument that a hook has where a plugin registers it: settings that register it too go first, see `understudy`.
pub const PLUGIN: &str = "--plugin";

/// The variable that names the command before every command; a plugin cannot set it.
pub const PREFIX: &str = "CLAUDE_CODE_SHELL_PREFIX";

/// Seconds that the agent waits for a hook: longer than the hooks' own limit, so that they answer first.
pub const TIMEOUT: u32 = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hook_is_registered_for_its_event() {
        for hook in crate::HOOKS {
            let entries = CLAUDE_CODE.iter().filter(|entry| (entry.event, entry.hook) == (hook.event, hook.name));
            assert_eq!(entries.count(), 1, "{}", hook.name);
        }
        assert_eq!(CLAUDE_CODE.len(), crate::HOOKS.len());
        for agent in Agent::ALL {
            for entry in of(agent) {
                assert!(
                    entry.agent == agent && CLAUDE_CODE.iter().any(|e| (e.event, e.hook) == (entry.event, entry.hook))
                );
            }
        }
        assert!(std::time::Duration::from_secs(TIMEOUT.into()) > crate::PATIENCE);
    }
}
