//! `stanch plugin`: stanch as a plugin of Claude Code.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, bail};
use install::plugin::{self, Target};

use super::install::beside;
use crate::args::Plugin;

/// Runs the command that was asked for.
pub fn run(what: Plugin) -> anyhow::Result<ExitCode> {
    match what {
        Plugin::Build { folder, from } => build(&folder, from),
    }
}

fn build(folder: &Path, from: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let target = Target::at(folder)?;
    let from = from.map_or_else(beside, Ok)?;
    let client = client();
    target.build(&from, |new| client.as_deref().map_or(Ok(()), |client| validate(client, new)))?;
    let (at, id) = (target.folder().display(), plugin::id());
    let own = env!("CARGO_PKG_VERSION");
    let how = match &target.before {
        None => format!("made the plugin {id}, version {own}"),
        Some(before) => format!("made the plugin {id} anew, version {own} (was {before}); new sessions start with it"),
    };
    let checked = match client {
        Some(client) => format!("checked by {} plugin validate", client.display()),
        None => format!("not checked: no client on the PATH (`claude plugin validate {at}`)"),
    };
    writeln!(
        io::stdout(),
        "{how}: {at}\n\
         {checked}\n\
         \n\
         to install it:\n  claude plugin marketplace add {quoted}\n  claude plugin install {id}\n\
         Keep the folder: the client reads it in place, and runs without stanch, silently, if it is gone.\n\
         \n\
         A plugin brings hooks and cannot set the shell prefix. Not covered by the plugin alone:\n\
         - commands that fail (the turn ends before it is sent), run in the background, are monitored or typed with '!'\n\
         - errors of MCP servers, and what they log\n\
         - the counting of very large results, before any hook runs\n\
         - a repository that switches the plugin off, or all hooks\n\
         `stanch install` covers the first three, `stanch run -- claude` all of them. Both beside the plugin are fine: the\n\
         plugin's hooks stand down where the settings' run. `stanch verify` says what is covered.",
        quoted = quoted(target.folder()),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// As a shell takes it for one word.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = path.chars().all(|c| c.is_alphanumeric() || "/._-+@".contains(c));
    if plain { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

fn client() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let name = format!("claude{}", std::env::consts::EXE_SUFFIX);
    let mut places = std::env::split_paths(&paths).filter(|path| path.is_absolute()).map(|path| path.join(&name));
    places.find(|path| path.is_file())
}

/// What the client says of it, in a home of its own: it writes into the one that it has.
fn validate(client: &Path, folder: &Path) -> anyhow::Result<()> {
    let home = tempfile::Builder::new().prefix("stanch-plugin-").tempdir().context("making a temporary folder")?;
    for part in [folder.to_owned(), plugin::root(folder)] {
        let mut command = Command::new(client);
        command.args(["plugin", "validate"]).arg(&part).current_dir(home.path()).stdin(Stdio::null());
        command.env("HOME", home.path()).env("CLAUDE_CONFIG_DIR", home.path().join("config"));
        command.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1").env("DISABLE_AUTOUPDATER", "1");
        let output = command.output().with_context(|| format!("starting {}", client.display()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            bail!("the client does not take the plugin ({} plugin validate):\n{}", client.display(), said.trim());
        }
    }
    Ok(())
}
