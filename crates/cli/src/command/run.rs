//! `stanch run`: the client, started so that a repository cannot switch stanch off.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use hooks::Agent;
use install::place::Whose;
use install::registration::CLAUDE_CODE;
use install::verify::plugins;
use install::verify::registered::Registered;
use install::{Place, agent};

/// Becomes the client.
pub fn run(command: &[OsString]) -> anyhow::Result<ExitCode> {
    let Some((client, given)) = command.split_first() else { bail!("say what to start: stanch run -- claude") };
    let name = Path::new(client).file_stem().unwrap_or_default();
    if let Some(other) = agent::ALL.iter().find(|agent| agent.agent != Agent::ClaudeCode && name == agent.program) {
        // What is given on their command lines was not measured to win over a repository's settings.
        bail!(
            "`stanch run` covers Claude Code alone, and not {}; what holds there against a repository is in docs/agents.md",
            other.title
        );
    }
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    // The machine's executables, where they are there: nobody but the administrator can change them.
    let places = [Whose::Managed, Whose::User].map(|whose| Place::of_claude_code(whose, &folder));
    let [managed, user] = places;
    let managed = managed?.bin();
    let bin = if managed.is_dir() { managed } else { user?.bin() };
    let files = (agent::of(Agent::ClaudeCode).files)(&folder)?;
    let registering = plugins::registering(&files, &Registered::all(&files));
    let ids: Vec<String> = registering.iter().filter_map(|file| Some(file.plugin.as_ref()?.id.clone())).collect();
    let arguments = install::run::arguments(given, CLAUDE_CODE, &bin, &ids)?;
    #[cfg(unix)]
    broker(&folder, &bin)?;
    become_it(Command::new(client).args(arguments)).with_context(|| format!("starting {}", client.display()))
}

/// Starts the client's broker before the client, whose process this one becomes. Without one the session would lend nothing, and
/// say so later than it can be mended.
#[cfg(unix)]
fn broker(folder: &Path, bin: &Path) -> anyhow::Result<()> {
    if config::Config::load(folder)?.lend()?.credentials().is_empty() {
        return Ok(());
    }
    let own = wire::Process::own().context("this process cannot be told")?;
    let broker = bin.join("stanch-broker");
    let output = Command::new(&broker).args(["--client", &own.to_string()]).output();
    let output = output.with_context(|| format!("{}: run `stanch doctor --repair`", broker.display()))?;
    if !output.status.success() {
        bail!("no credential can be lent: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

#[cfg(unix)]
fn become_it(command: &mut Command) -> anyhow::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command).into())
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> anyhow::Result<ExitCode> {
    let status = command.status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
