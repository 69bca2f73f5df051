//! On which terms credentials are lent: the configuration as it was when the client started.
//!
//! What the administrator and the user say is read once. A command that rewrites it changes nothing for the session. What a
//! project says can only narrow, and is read where the command runs.

use std::collections::BTreeSet;
use std::path::Path;

use config::Config;
use config::lend::Lend;

/// The terms.
pub struct Terms {
    config: Config,
    lend: Lend,
}

impl Terms {
    /// Those of a client that runs in `folder`. Why not, if the configuration cannot be used.
    pub fn of(folder: &Path) -> Result<Self, String> {
        let config = Config::load(folder).map_err(|error| error.to_string())?;
        let lend = config.lend().map_err(|error| error.to_string())?;
        Ok(Self { config, lend })
    }

    /// Whether nothing is ever lent.
    pub fn is_empty(&self) -> bool {
        self.lend.credentials().is_empty()
    }

    /// What is lent in a folder.
    pub fn within(&self, folder: &Path) -> Result<Lend, String> {
        self.config.lend_in(folder).map_err(|error| error.to_string())
    }

    /// The credentials and where their values come from.
    pub fn sources(&self) -> impl Iterator<Item = (String, String)> {
        let credentials = self.lend.credentials().iter().filter(|credential| credential.never.is_none());
        credentials.map(|one| (one.name.value.clone(), one.granted.source.value.whole().to_owned()))
    }

    /// The commands that get one, each once: those in front of which a stand-in is laid. MCP servers get theirs from the prefix.
    pub fn tools(&self) -> BTreeSet<&str> {
        let credentials = self.lend.credentials().iter();
        let granted = credentials.filter(|one| one.never.is_none() && one.granted.servers.is_none());
        let tools = granted.flat_map(|credential| &credential.granted.tools.value);
        tools.map(|tool| tool.value.tool()).collect()
    }
}
