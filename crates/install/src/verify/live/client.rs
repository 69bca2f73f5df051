//! The client that is tried.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::verify::faults;
use crate::verify::process::Stage;

/// A client that can be tried.
pub struct Client {
    /// Its executable.
    pub path: PathBuf,
    /// What it says of its version: `2.1.330`.
    pub version: String,
}

impl Client {
    /// The one that was named, or `claude` on the `PATH`.
    ///
    /// # Errors
    /// It is not there, is something else, or is so old that no hook can redact anything: what to do.
    pub fn find(stage: &Stage<'_>) -> anyhow::Result<Self> {
        let path = stage.client_path("claude").context(
            "no client: there is no `claude` on the PATH. Install Claude Code, or name its executable with --client",
        )?;
        if !path.is_file() {
            bail!("no client: {} is not there; name the executable of Claude Code with --client", path.display());
        }
        let said = stage.version(&path).unwrap_or_default();
        let version = said.split_whitespace().next().unwrap_or_default().to_owned();
        match faults::can_redact(&version) {
            None => bail!("'{} --version' says no version: is it Claude Code? Name it with --client", path.display()),
            Some(false) => bail!(
                "the client {} is {version}: before 2.1.121 it takes no other output from a hook, so nothing can be redacted. \
                 Run `claude update`, or name another one with --client",
                path.display()
            ),
            Some(true) => Ok(Self { path, version }),
        }
    }
}
