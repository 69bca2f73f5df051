//! The socket, of which there is one for a client.

use std::fs::{self, File, TryLockError};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use wire::{Process, place};

/// The socket, and the claim to it. It goes when this goes.
pub struct Place {
    /// Where questions come in.
    pub listener: UnixListener,
    /// The folder of the wrappers.
    pub wrappers: PathBuf,
    socket: PathBuf,
    claim: PathBuf,
    claimed: File,
}

impl Place {
    /// Takes the client's socket; `None` if another broker has it.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn take(client: Process) -> Result<Option<Self>> {
        let folder = place::folder()?;
        clear(&folder);
        let claim = folder.join(format!("{client}.lock"));
        let claimed = File::options().write(true).create(true).truncate(false).mode(0o600).open(&claim)?;
        match claimed.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let socket = place::socket(&folder, client);
        // A broker that was killed has left it.
        match fs::remove_file(&socket) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Nobody connects before it is the user's alone: the folder is.
        let listener = UnixListener::bind(&socket)?;
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))?;
        Ok(Some(Self { listener, wrappers: place::wrappers(&folder, client), socket, claim, claimed }))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Somebody has cleared the folder away (a log-out does), and another broker has come: the names are its own.
        let number = |data: Result<fs::Metadata>| data.ok().map(|data| (data.dev(), data.ino()));
        if number(self.claimed.metadata()) != number(fs::metadata(&self.claim)) {
            return;
        }
        let _ = fs::remove_file(&self.socket);
        let _ = fs::remove_dir_all(&self.wrappers);
        let _ = fs::remove_file(&self.claim);
    }
}

/// Takes away what brokers of clients that are gone have left.
fn clear(folder: &std::path::Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let client = name.to_str().and_then(|name| name.rsplit_once('.')).and_then(|(client, _)| client.parse().ok());
        if client.is_some_and(|client: Process| !client.is_alive()) {
            let path = entry.path();
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}

/// Why the folder cannot be used, for a person.
pub fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => error.to_string(),
        kind => format!("the folder for its socket cannot be used: {kind}"),
    }
}
