//! Which hook is registered for which event, and how: one table for `stanch install`, `stanch verify` and the look that
//! `session-start` takes at the settings. README.md shows the same as JSON.

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
}

impl Entry {
    const fn new(event: &'static str, hook: &'static str) -> Self {
        Self { event, hook, matched: false, closes: false }
    }

    const fn matched(self) -> Self {
        Self { matched: true, ..self }
    }

    const fn closes(self) -> Self {
        Self { closes: true, ..self }
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
        assert!(std::time::Duration::from_secs(TIMEOUT.into()) > crate::PATIENCE);
    }
}
