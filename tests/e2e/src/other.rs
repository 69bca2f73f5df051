//! The other agents, headless, each in a world of its own.

pub mod codex;
mod qwen;

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use endpoint::{Endpoint, Script};
use serde_json::{Value, json};

use crate::client::finish;
use crate::evidence::Evidence;
use crate::hooks::Hooks;
use crate::playground::Playground;
use crate::repository;

/// An agent that takes stanch's hooks by `--agent`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Agent {
    /// Codex CLI, pinned in `tests/codex`.
    Codex,
    /// Qwen Code, pinned in `tests/qwen`.
    Qwen,
}

impl Agent {
    /// What `--agent` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Codex => "codex",
            Self::Qwen => "qwen",
        }
    }

    /// The tool that runs a command, and its arguments.
    pub fn shell(self, command: &str) -> (&'static str, Value) {
        match self {
            Self::Codex => ("exec_command", json!({"cmd": command})),
            Self::Qwen => ("run_shell_command", json!({"command": command, "is_background": false})),
        }
    }
}

/// One run of an agent, before it starts.
pub struct OtherSession {
    agent: Agent,
    playground: Playground,
    script: Script,
    hooks: Hooks,
    prompt: String,
    mcp: Option<Vec<String>>,
    ground: Ground,
}

/// What an agent finds when it starts, besides its provider.
#[derive(Default)]
struct Ground {
    /// The hooks' file is as it stands in the playground.
    keeps_hooks: bool,
    /// More of the configuration.
    config: String,
    /// Hooks that nobody has reviewed do not run.
    unreviewed: bool,
}

impl OtherSession {
    /// A session in which the model follows the script and every tool is allowed.
    pub fn new(agent: Agent, playground: Playground, script: Script) -> Self {
        Self {
            agent,
            playground,
            script,
            hooks: Hooks::none(),
            prompt: "go".to_owned(),
            mcp: None,
            ground: Ground::default(),
        }
    }

    /// With these hooks in the user's settings.
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = hooks;
        self
    }

    /// With the hooks that stand in the playground already.
    pub fn keep_hooks(mut self) -> Self {
        self.ground.keeps_hooks = true;
        self
    }

    /// With more of a configuration, behind the test's own (Codex).
    pub fn config(mut self, config: &str) -> Self {
        config.clone_into(&mut self.ground.config);
        self
    }

    /// Without the flag that lets hooks run that nobody has reviewed (Codex).
    pub fn unreviewed(mut self) -> Self {
        self.ground.unreviewed = true;
        self
    }

    /// With another prompt than "go".
    pub fn prompt(mut self, prompt: &str) -> Self {
        prompt.clone_into(&mut self.prompt);
        self
    }

    /// With the MCP server `lab`, as [`crate::Session::mcp`] has it.
    pub fn mcp(mut self, server: &[&str], answers: &Value) -> Result<Self> {
        let answers = self.playground.write("mcp-answers.json", &answers.to_string())?;
        let mut words: Vec<String> = server.iter().map(|word| (*word).to_owned()).collect();
        words.extend([answers, self.playground.aside("mcp.jsonl")].map(|path| path.display().to_string()));
        self.mcp = Some(words);
        Ok(self)
    }

    /// Runs the agent to its end, or stops it when it takes too long.
    pub fn run(self) -> Result<Evidence> {
        Ok(self.run_and_keep()?.0)
    }

    /// The same, and the playground is still there.
    pub fn run_and_keep(self) -> Result<(Evidence, Playground)> {
        let endpoint = Endpoint::start(self.script)?;
        let (agent, root) = (self.agent, self.playground.root());
        let (url, mcp) = (format!("{}/v1", endpoint.url()), self.mcp.as_deref());
        let mut command = match agent {
            Agent::Codex => codex::command(&self.playground, &self.hooks, &self.ground, &url, mcp)?,
            Agent::Qwen => qwen::command(&self.playground, &self.hooks, &self.ground, &url, mcp)?,
        };
        let output = |name: &str| File::create(root.join(name)).map_or_else(|_| Stdio::null(), Stdio::from);
        command.arg(&self.prompt).current_dir(self.playground.project()).stdin(Stdio::null());
        command.stdout(output("stdout.jsonl")).stderr(output("stderr.txt"));
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("HOME", root.join("home")).env("TMPDIR", root.join("tmp"));
        command.envs([("LANG", "C.UTF-8"), ("TERM", "dumb"), ("SHELL", "/bin/bash")]);
        let child = command.spawn().with_context(|| format!("{} does not start", agent.name()))?;
        let exit = finish(child)?.and_then(|status| status.code());
        let requests = endpoint.stop();
        let (files, aside) = (self.playground.left_behind()?, self.playground.beside()?);
        Ok((Evidence { requests, files, aside, exit }, self.playground))
    }
}

/// A program that inherits nothing.
fn enclosed(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command
}

/// A file of a pinned package.
fn pinned(agent: Agent, path: &str) -> Result<PathBuf> {
    let folder = format!("tests/{}", agent.name());
    let found = repository().join(&folder).join("node_modules").join(path);
    ensure!(
        found.is_file(),
        "{} is missing: no {path} in {folder}/node_modules. Install it with `./tests/run` (or `cd {folder} && npm install --no-save \
         --ignore-scripts`).",
        agent.name()
    );
    Ok(found)
}
