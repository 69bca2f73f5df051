//! Which hooks a session runs with.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::executables;
use crate::other::Agent;

/// Event, executable under test, and whether the client stops if the hook cannot do its work (`onFailure`).
///
/// The client honours `onFailure` for PreToolUse and not for PostToolUse, which it always passes open.
const UNDER_TEST: [(&str, &str, bool); 3] = [
    ("PreToolUse", "pre-tool-use", true),
    ("PostToolUse", "post-tool-use", false),
    ("SessionStart", "session-start", false),
];

/// The same for the hook that ends a turn, and for the one that reports a failure. A session that visits many leaks in turn
/// runs without them.
const VERIFIER: [(&str, &str, bool); 2] =
    [("PostToolBatch", "post-tool-batch", true), ("PostToolUseFailure", "post-tool-use-failure", false)];

/// The same for the hooks around a session's prompts.
const AROUND: [(&str, &str, bool); 6] = [
    ("UserPromptSubmit", "user-prompt-submit", true),
    ("PreCompact", "pre-compact", true),
    ("ConfigChange", "config-change", true),
    ("InstructionsLoaded", "instructions-loaded", false),
    ("SubagentStop", "subagent-stop", false),
    ("SessionEnd", "session-end", false),
];

/// Keeps the standard input of every hook call as a file of its own; prints nothing and changes nothing.
const OBSERVER: &str = r#"exec cat > "$0/$1-$$.json""#;

/// The hooks of a session, as they stand in the client's settings.
#[derive(Default)]
pub struct Hooks(Vec<(String, Value)>);

impl Hooks {
    /// No hooks: what the client does by itself.
    pub fn none() -> Self {
        Self::default()
    }

    /// The hooks under test, each for its event.
    pub fn stanch() -> Result<Self> {
        Self::none().with(&UNDER_TEST)
    }

    /// Adds the hooks that look once more at what is about to be sent.
    pub fn and_verifier(self) -> Result<Self> {
        self.with(&VERIFIER)
    }

    /// The hooks for another agent, each for its event.
    pub fn stanch_for(agent: Agent) -> Result<Self> {
        // What failed, Qwen Code has redacted by its PostToolBatch; Codex has neither event.
        let verifier = VERIFIER.iter().filter(|(event, ..)| agent == Agent::Qwen && *event == "PostToolBatch");
        let around = AROUND.iter().filter(|(event, ..)| *event == "UserPromptSubmit");
        UNDER_TEST.iter().chain(verifier).chain(around).try_fold(Self::none(), |all, (event, name, _)| {
            Ok(all.line(event, &Self::stanch_command(name, agent)?, agent))
        })
    }

    /// The command line of one of them.
    pub fn stanch_command(name: &str, agent: Agent) -> Result<String> {
        Ok(format!("'{}' --agent {}", executables::named(name)?.display(), agent.name()))
    }

    /// Adds a command line for another agent's shell.
    pub fn line(mut self, event: &str, command: &str, agent: Agent) -> Self {
        // Seconds for one, milliseconds for the other.
        let timeout = if agent == Agent::Qwen { 20_000 } else { 20 };
        self.0.push((event.to_owned(), json!({"type": "command", "command": command, "timeout": timeout})));
        self
    }

    /// Adds an observer of an event, as [`Self::observed`] does.
    pub fn observed_by(self, agent: Agent, event: &str, folder: &Path) -> Self {
        self.line(event, &format!("sh -c '{OBSERVER}' '{}' {event}", folder.display()), agent)
    }

    /// Adds the hooks around prompts, compaction, settings and a session's end.
    pub fn and_around(self) -> Result<Self> {
        self.with(&AROUND)
    }

    /// All hooks, as a user registers them.
    pub fn all() -> Result<Self> {
        Self::stanch()?.and_verifier()?.and_around()
    }

    /// The same in a folder, whatever lies there.
    pub fn all_in(folder: &Path) -> Self {
        [&UNDER_TEST[..], &VERIFIER, &AROUND]
            .into_iter()
            .fold(Self::none(), |all, hooks| all.with_those_in(folder, hooks))
    }

    fn with(self, hooks: &[(&str, &str, bool)]) -> Result<Self> {
        for (_, name, _) in hooks {
            executables::named(name)?;
        }
        Ok(self.with_those_in(executables::folder()?, hooks))
    }

    fn with_those_in(self, folder: &Path, hooks: &[(&str, &str, bool)]) -> Self {
        let hooks = hooks.iter().map(|(event, name, closed)| (*event, executables::at(folder, name), *closed));
        hooks.fold(self, |all, (event, path, closed)| all.command(event, path.as_os_str(), &[], closed))
    }

    /// Adds a command line for the client's shell, as users write their own hooks.
    pub fn in_shell_form(mut self, event: &str, line: &str) -> Self {
        self.0.push((event.to_owned(), json!({"type": "command", "command": line, "timeout": 20})));
        self
    }

    /// Adds a command in exec form: the client starts it itself, no shell in between.
    pub fn command(self, event: &str, program: &OsStr, arguments: &[&str], closed: bool) -> Self {
        self.command_within(20, event, program, arguments, closed)
    }

    /// The same with a time-out in seconds.
    pub fn command_within(
        mut self,
        seconds: u32,
        event: &str,
        program: &OsStr,
        arguments: &[&str],
        closed: bool,
    ) -> Self {
        let program = program.to_string_lossy();
        let mut hook = json!({"type": "command", "command": program, "args": arguments, "timeout": seconds});
        if closed {
            hook["onFailure"] = json!("block");
        }
        self.0.push((event.to_owned(), hook));
        self
    }

    /// Adds an observer of an event: a file for every call, in `folder`.
    ///
    /// Limit: hooks of one event run side by side, so an observer of PreToolUse or PostToolUse sees what the hooks
    /// under test see, never what they answer.
    pub fn observed(self, event: &str, folder: &Path) -> Self {
        let folder = folder.to_string_lossy();
        self.command(event, OsStr::new("sh"), &["-c", OBSERVER, &folder, event], false)
    }

    /// The client's settings with these hooks.
    pub fn settings(&self) -> Value {
        let mut hooks = json!({});
        for (event, hook) in &self.0 {
            let group = json!({"hooks": [hook]});
            match hooks[event].as_array_mut() {
                Some(groups) => groups.push(group),
                None => hooks[event] = json!([group]),
            }
        }
        json!({"hooks": hooks})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hooks_of_one_event_stand_side_by_side() {
        let hooks =
            Hooks::none().command("Stop", OsStr::new("a"), &[], false).command("Stop", OsStr::new("b"), &["c"], true);
        let groups = &hooks.settings()["hooks"]["Stop"];
        assert_eq!(groups[0]["hooks"][0], json!({"type": "command", "command": "a", "args": [], "timeout": 20}));
        assert_eq!(groups[1]["hooks"][0]["onFailure"], "block");
    }
}
