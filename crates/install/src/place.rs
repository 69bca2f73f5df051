//! Where an installation lies: whose settings, and which folder for the executables.

use std::path::{Path, PathBuf};

use anyhow::Context;

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
    /// The settings file.
    pub settings: PathBuf,
    /// The folder that is stanch's own; executables in `bin`, what was installed in `installed`.
    pub home: PathBuf,
    /// Who reads what is new.
    pub readers: Readers,
}

impl Place {
    /// The place for Claude Code's settings; `project` is the project's folder.
    ///
    /// # Errors
    /// The user has no home.
    pub fn of_claude_code(whose: Whose, project: &Path) -> anyhow::Result<Self> {
        let user =
            || std::env::home_dir().filter(|home| home.is_absolute()).context("you have no home folder; set HOME");
        let home = match whose {
            Whose::Managed => PathBuf::from("/usr/local/lib/stanch"),
            Whose::User | Whose::Project => user()?.join(".local/lib/stanch"),
        };
        let settings = match whose {
            Whose::User => match std::env::var_os("CLAUDE_CONFIG_DIR") {
                Some(folder) => PathBuf::from(folder).join("settings.json"),
                None => user()?.join(".claude/settings.json"),
            },
            // Not the project's shared file: the others have no such executables, and it would block their calls.
            Whose::Project => project.join(".claude/settings.local.json"),
            Whose::Managed => managed_settings(),
        };
        let readers = if whose == Whose::Managed { Readers::Everybody } else { Readers::Owner };
        Ok(Self { settings, home, readers })
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
