//! `stanch completions`: what a shell needs to complete `stanch`.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;

/// Writes them to standard output.
pub fn run(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "stanch", &mut script);
    std::io::stdout().lock().write_all(&script).context("writing standard output")?;
    Ok(ExitCode::SUCCESS)
}
