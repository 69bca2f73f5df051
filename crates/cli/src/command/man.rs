//! `stanch man`: the man pages, made of what `--help` says.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::CommandFactory;

use crate::args::Args;

/// Writes stanch(1) to standard output, or a page for each command into a folder.
pub fn run(folder: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    match folder {
        None => std::io::stdout().lock().write_all(&page(command)?).context("writing standard output")?,
        Some(folder) => {
            std::fs::create_dir_all(folder).with_context(|| format!("making '{}'", folder.display()))?;
            pages(folder, command, "stanch")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn pages(folder: &Path, command: clap::Command, name: &str) -> anyhow::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages(folder, below.clone(), &format!("{name}-{}", below.get_name()))?;
    }
    let path = folder.join(format!("{name}.1"));
    let page = page(command.display_name(name.to_owned()))?;
    std::fs::write(&path, page).with_context(|| format!("writing '{}'", path.display()))
}

fn page(command: clap::Command) -> anyhow::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).context("writing a page")?;
    Ok(page)
}
