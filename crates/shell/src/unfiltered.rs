//! A command while a person has paused stanch: it runs as it would without the prefix, nothing between it and the agent.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use hooks::log::{self, Deed};
use hooks::pause::{self, Look};

use crate::{Refusal, command};

/// Whether stanch is paused.
pub fn is_asked_for() -> bool {
    matches!(pause::look(), Look::On(_))
}

/// Becomes the shell; returns only if it cannot.
pub fn run(text: &OsStr) -> Result<ExitCode, Refusal> {
    let _ = log::note("Shell", Deed::Paused, None);
    let (path, arguments) = command::shell(text, std::env::var_os("SHELL"), std::env::var_os(command::THEN))?;
    let error = Command::new(&path).args(arguments).exec();
    Err(Refusal::Shell(path.display().to_string(), error.kind()))
}
