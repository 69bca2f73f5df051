//! Where a user's log and its key lie: in two folders, so that one can be kept from who may have the other.

use std::path::{Path, PathBuf};

use config::places;

use crate::Error;

/// The places of one log.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder of the log.
    pub log: PathBuf,
    /// The file of the key.
    pub key: PathBuf,
}

impl Place {
    /// Those of the user: `$XDG_STATE_HOME/stanch/audit` and `audit.key` beside the configuration, for a session that runs in
    /// `folder`. A process that leaves that folder asks before it does.
    ///
    /// # Errors
    /// The user has no home, or a repository's settings lead elsewhere.
    pub fn of_user(folder: &Path) -> Result<Self, Error> {
        let user = places::user_folder(folder)?.ok_or(Error::NoHome)?;
        let state = places::state_folder(folder).ok_or(Error::NoHome)?;
        Ok(Self { log: state.join("audit"), key: user.join("audit.key") })
    }
}
