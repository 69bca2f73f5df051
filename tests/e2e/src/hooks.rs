//! Which hooks a session runs with, and where the executables under test come from.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::other::Agent;
use crate::repository;

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
        let folder = FOUND.as_ref().map_err(|problem| anyhow!("{problem}"))?;
        Ok(format!("'{}' --agent {}", executable(folder, name).display(), agent.name()))
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
        let folder = FOUND.as_ref().map_err(|problem| anyhow!("{problem}"))?;
        Ok(self.with_those_in(folder, hooks))
    }

    fn with_those_in(self, folder: &Path, hooks: &[(&str, &str, bool)]) -> Self {
        let hooks = hooks.iter().map(|(event, name, closed)| (*event, executable(folder, name), *closed));
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

/// The folder of the executables under test: `STANCH_HOOKS_DIR`, or what cargo builds from this workspace.
///
/// Found (and built) once in a test process.
static FOUND: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
    let folder = match std::env::var_os("STANCH_HOOKS_DIR") {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => build(),
    };
    folder.and_then(complete).map_err(|problem| format!("{problem:#}"))
});

fn complete(folder: PathBuf) -> Result<PathBuf> {
    for (_, name, _) in UNDER_TEST.iter().chain(&VERIFIER).chain(&AROUND) {
        let path = executable(&folder, name);
        ensure!(path.is_file(), "no hook at {} (STANCH_HOOKS_DIR names the folder of built hooks)", path.display());
    }
    Ok(folder)
}

pub(crate) fn executable(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

fn build() -> Result<PathBuf> {
    let hooks: Vec<_> = UNDER_TEST.iter().chain(&VERIFIER).chain(&AROUND).map(|(_, name, _)| *name).collect();
    built(&hooks)
}

/// `stanch` itself, from the same folder as the hooks, or built as they are.
pub fn stanch_command() -> Result<PathBuf> {
    static FOUND: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
        let folder = match std::env::var_os("STANCH_HOOKS_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => built(&["stanch"]).map_err(|problem| format!("{problem:#}"))?,
        };
        let path = executable(&folder, "stanch");
        if path.is_file() { Ok(path) } else { Err(format!("no stanch at {}", path.display())) }
    });
    FOUND.clone().map_err(|problem| anyhow!("{problem}"))
}

pub(crate) fn built(names: &[&str]) -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository()).args(["build", "--release", "--message-format=json-render-diagnostics"]);
    for name in names {
        cargo.args(["--bin", name]);
    }
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("{} cannot be built:\n{}", names.join(", "), String::from_utf8_lossy(&output.stderr));
    }
    built_folder(&String::from_utf8_lossy(&output.stdout)).context("cargo built them and did not say where")
}

fn built_folder(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut paths = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    paths.next_back()?.parent().map(Path::to_owned)
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

    #[test]
    fn the_folder_is_taken_from_cargos_own_words() {
        let messages = "{\"reason\":\"x\",\"executable\":null}\nnoise\n{\"executable\":\"/t/release/post-tool-use\"}\n";
        assert_eq!(built_folder(messages), Some(PathBuf::from("/t/release")));
    }
}
