//! Where an installation lies: whose settings, and which folder for the executables.

use std::path::{Path, PathBuf};

use anyhow::Context;
use hooks::Agent;

use crate::agent::{self, Description};
use crate::file::Readers;

/// Whose settings are changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The user's: every project.
    User,
    /// The user's for one project.
    Project,
    /// The administrator's: every user of the machine; a repository cannot switch these off.
    Managed,
}

/// Where one installation lies.
pub struct Place {
    /// For whom.
    pub agent: &'static Description,
    /// Whose settings.
    pub whose: Whose,
    /// The settings file.
    pub settings: PathBuf,
    /// The folder that is stanch's own; executables in `bin`, what was installed in `installed`.
    pub home: PathBuf,
    /// Who reads what is new.
    pub readers: Readers,
}

impl Place {
    /// The place for an agent's settings; `folder` is where its sessions run.
    ///
    /// # Errors
    /// The user has no home, or the agent has no such settings.
    pub fn of(agent: Agent, whose: Whose, folder: &Path) -> anyhow::Result<Self> {
        let agent = agent::of(agent);
        let home = match whose {
            Whose::Managed => PathBuf::from("/usr/local/lib/stanch"),
            Whose::User | Whose::Project => {
                let user = std::env::home_dir().filter(|home| home.is_absolute());
                user.context("you have no home folder; set HOME")?.join(".local/lib/stanch")
            }
        };
        let readers = if whose == Whose::Managed { Readers::Everybody } else { Readers::Owner };
        Ok(Self { agent, whose, settings: (agent.settings)(whose, folder)?, home, readers })
    }

    /// The place for Claude Code's settings.
    ///
    /// # Errors
    /// See [`Self::of`].
    pub fn of_claude_code(whose: Whose, folder: &Path) -> anyhow::Result<Self> {
        Self::of(Agent::ClaudeCode, whose, folder)
    }

    /// The executables.
    pub fn bin(&self) -> PathBuf {
        self.home.join("bin")
    }
}

/// The administrator's settings of Claude Code.
pub fn managed_settings() -> PathBuf {
    let path = match std::env::consts::OS {
        "macos" => "/Library/Application Support/ClaudeCode/managed-settings.json",
        "windows" => r"C:\ProgramData\ClaudeCode\managed-settings.json",
        _ => "/etc/claude-code/managed-settings.json",
    };
    PathBuf::from(path)
}
