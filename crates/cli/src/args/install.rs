//! The command lines of `stanch install` and what looks after an installation.

use std::path::PathBuf;

use hooks::Agent;

use super::agent;

/// Whose settings.
#[derive(clap::Args)]
pub struct Whose {
    /// Your settings, for all your projects (this is what happens anyway).
    #[arg(long, group = "whose")]
    pub user: bool,
    /// Your settings for the project in the current folder: settings.local.json of its repository, which holds in every folder
    /// and worktree of it.
    #[arg(long, group = "whose")]
    pub project: bool,
    /// The settings of the machine, for every user; needs the administrator.
    #[arg(long, group = "whose")]
    pub managed: bool,
}

/// Arguments of `install`.
#[derive(clap::Args)]
pub struct Install {
    /// The agent.
    #[arg(long, default_value = Agent::default().name(), value_parser = agent())]
    pub agent: Agent,
    /// Whose settings.
    #[command(flatten)]
    pub whose: Whose,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
    /// Also deny the agent to read files that are nothing but secrets: .env, keys, ~/.ssh, ~/.aws/credentials, ~/.netrc.
    #[arg(long)]
    pub deny_secret_files: bool,
    /// The folder with the executables; that of this command otherwise.
    #[arg(long, value_name = "FOLDER")]
    pub from: Option<PathBuf>,
}

/// Arguments of `uninstall`.
#[derive(clap::Args)]
pub struct Uninstall {
    /// The agent.
    #[arg(long, default_value = Agent::default().name(), value_parser = agent())]
    pub agent: Agent,
    /// Whose settings.
    #[command(flatten)]
    pub whose: Whose,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
}

/// Arguments of `doctor`.
#[derive(clap::Args)]
pub struct Doctor {
    /// Mend what can be mended.
    #[arg(long)]
    pub repair: bool,
    /// With --repair: the folder with the executables; that of this command otherwise.
    #[arg(long, value_name = "FOLDER", requires = "repair")]
    pub from: Option<PathBuf>,
}

/// Arguments of `verify`.
#[derive(clap::Args)]
pub struct Verify {
    /// The agent.
    #[arg(long, default_value = Agent::default().name(), value_parser = agent())]
    pub agent: Agent,
    /// Write one JSON object: `covered`, `paths`, `faults`, `notes`, and with --live `live`.
    #[arg(long)]
    pub json: bool,
    /// Start the client, too, and look at what it sends and what it leaves on disk.
    #[arg(long)]
    pub live: bool,
    /// With --live: the client's executable; `claude` on the PATH otherwise.
    #[arg(long, value_name = "PATH", requires = "live")]
    pub client: Option<PathBuf>,
    /// With --live: also run the hooks and the prefix that are not stanch's, those that this repository brings along included.
    #[arg(long, requires = "live")]
    pub other_hooks: bool,
    /// With --live: how long one start of the client may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "live")]
    pub limit: u64,
}
