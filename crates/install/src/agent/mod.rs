//! The agents that stanch installs itself for: where each keeps its hooks, how it wants them written, what it lacks.
//!
//! One file an agent. What was measured of each is in docs/agents.md.

mod claude_code;
mod codex;
mod qwen;

use std::path::{Path, PathBuf};

use anyhow::Context;
use hooks::Agent;
use serde_json::Value;

use crate::place::Whose;
use crate::registration::{self, Entry};
use crate::verify::answer::Expected;
use crate::verify::files::{Files, Origin};
use crate::verify::probe::{Scene, Way};
use crate::verify::process::Said;
use crate::verify::registered::Registered;
use crate::verify::{Look, Trouble};

/// What there is to know of an agent.
pub struct Description {
    /// Who asks the hooks.
    pub agent: Agent,
    /// What people call it.
    pub title: &'static str,
    /// Its command.
    pub program: &'static str,
    /// How it wants its hooks written.
    pub form: Form,
    /// Whose settings stanch can be installed into.
    pub whose: &'static [Whose],
    /// The file that stanch's hooks stand in, for sessions in that folder. An error says why there is none.
    pub settings: fn(Whose, &Path) -> anyhow::Result<PathBuf>,
    /// Why it would take nothing of a settings file, though it is JSON: to stand behind the file's path.
    pub refuses: fn(&str) -> Option<String>,
    /// What it does not have, or lets through: said to who installs and to who verifies.
    pub lacks: &'static [&'static str],
    /// What else there is to be known before its settings are changed, of the files beside them.
    pub beside: fn(Whose, &Path) -> Vec<String>,
    /// The files in which it looks for hooks, in a session's folder.
    pub files: fn(&Path) -> anyhow::Result<Files>,
    /// Why it does not run a hook that is registered, if it does not.
    pub withheld: fn(&Files, &Registered<'_>) -> Option<Trouble>,
    /// A matcher that is no list of names, as a pattern.
    pub pattern: fn(&str) -> String,
    /// Every way that a secret can take to a hook.
    pub ways: fn(&Scene<'_>) -> Vec<Way>,
    /// Whether it does what is expected with what a hook has said: with its answer, as JSON, to that event. An error says why it
    /// takes nothing of it.
    pub takes: fn(Expected, &Said, &Value, &Value) -> Result<bool, String>,
    /// What will let something through one day, and what is worth knowing; with whether `post-tool-batch` stops what is left.
    pub faults: fn(&Look<'_>, bool) -> Findings,
}

/// Faults and notes.
pub type Findings = (Vec<Trouble>, Vec<String>);

/// How hooks stand in the settings.
pub struct Form {
    /// A program and its arguments, and not a line for a shell.
    pub exec: bool,
    /// The unit of time-outs.
    pub a_second: u32,
    /// Whether the settings have an environment, in which a prefix of all commands and limits can be set.
    pub prefix: bool,
    /// Whether what a person has said of a hook holds for its place in the list.
    pub by_place: bool,
}

/// All of them.
pub const ALL: [&Description; 3] = [&claude_code::DESCRIPTION, &codex::DESCRIPTION, &qwen::DESCRIPTION];

/// The description of an agent.
pub const fn of(agent: Agent) -> &'static Description {
    match agent {
        Agent::ClaudeCode => &claude_code::DESCRIPTION,
        Agent::Codex => &codex::DESCRIPTION,
        Agent::Qwen => &qwen::DESCRIPTION,
    }
}

impl Description {
    /// Its hooks.
    pub fn entries(&self) -> &'static [Entry] {
        registration::of(self.agent)
    }

    /// The command that installs for it.
    pub fn install(&self, whose: Whose) -> String {
        let agent = match self.agent {
            Agent::ClaudeCode => String::new(),
            agent => format!(" --agent {}", agent.name()),
        };
        match whose {
            Whose::User => format!("stanch install{agent}"),
            Whose::Project => format!("stanch install{agent} --project"),
            Whose::Managed => format!("sudo stanch install{agent} --managed"),
        }
    }

    /// The command that writes the entries of a file anew.
    pub fn again(&self, origin: Origin) -> String {
        match origin {
            Origin::Managed => self.install(Whose::Managed),
            Origin::Local => self.install(Whose::Project),
            Origin::User => self.install(Whose::User),
            Origin::Project => format!("take the entry out of that file, and run `{}`", self.install(Whose::User)),
            Origin::Plugin => "build the plugin again: `stanch plugin build`, with its marketplace's folder".to_owned(),
        }
    }
}

/// The folder of the user's own settings of an agent.
fn user_folder(agent: Agent) -> anyhow::Result<PathBuf> {
    let variable = agent.places().variable;
    let named = std::env::var_os(variable).filter(|folder| !folder.is_empty());
    let home = || Some(std::env::home_dir().filter(|home| home.is_absolute())?.join(agent.places().folder));
    let folder = named.map(PathBuf::from).or_else(home);
    let folder = folder.with_context(|| format!("you have no home folder; set HOME or {variable}"))?;
    std::path::absolute(&folder).with_context(|| folder.display().to_string())
}
