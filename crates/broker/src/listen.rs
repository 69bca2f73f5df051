//! The socket, of which there is one for a client.

use std::fs::{self, File, TryLockError};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wire::{Ask, Client, Process, place};

use crate::life::End;
use crate::sender;
use crate::start::SERVE;

/// Who has the claim answers within this, or has ended: it waits for nobody before it does.
const PATIENCE: Duration = Duration::from_secs(5);
const AT_ONCE: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(10);

/// The socket, and the claim to it. Both go when this goes.
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
    /// Takes the client's socket; `None` if another broker has it, and answers.
    ///
    /// # Errors
    /// The folder cannot be used, or another broker has it and does not answer.
    pub fn take(client: Process) -> Result<Option<Self>> {
        let folder = place::folder()?;
        clear(&folder);
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(place) = Self::claim(&folder, client)? {
                return Ok(Some(place));
            }
            // Of several that start at a time one has the claim before it has the socket, and may end before it answers.
            let left = end.saturating_duration_since(Instant::now());
            if Client::of(client, left).and_then(|mut broker| broker.ask(&Ask::Report)).is_ok() {
                return Ok(None);
            }
            if left.is_zero() {
                let message = format!(
                    "another broker of this client runs and does not answer: end the process `{SERVE} --client {client}`"
                );
                return Err(Error::new(ErrorKind::TimedOut, message));
            }
            std::thread::sleep(STEP);
        }
    }

    /// The socket, unless another broker has the claim.
    fn claim(folder: &Path, client: Process) -> Result<Option<Self>> {
        let claim = folder.join(format!("{client}.lock"));
        let claimed = File::options().write(true).create(true).truncate(false).mode(0o600).open(&claim)?;
        match claimed.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Who had it may have ended since, and taken the file away with it: others would have another.
        let is_there =
            fs::metadata(&claim).is_ok_and(|there| claimed.metadata().is_ok_and(|own| own.ino() == there.ino()));
        if !is_there {
            return Ok(None);
        }
        let socket = place::socket(folder, client);
        // A broker that was killed has left it.
        match fs::remove_file(&socket) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Nobody connects before it is the user's alone: the folder is.
        let listener = sender::listener(&socket)?;
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))?;
        Ok(Some(Self { listener, wrappers: place::wrappers(folder, client), socket, claim, claimed }))
    }

    /// Gives it up. While the client runs, the tools' stand-ins stay: they say that nothing is lent any more.
    pub fn leave(self, end: End) {
        if end == End::Client && self.is_own() {
            let _ = fs::remove_dir_all(&self.wrappers);
        }
    }

    /// Whether it is this one that is found under its name: somebody may have cleared the folder away (a log-out does), and another
    /// broker have come.
    pub fn is_own(&self) -> bool {
        let number = |data: fs::Metadata| (data.dev(), data.ino());
        let found = fs::metadata(&self.claim).map(number).ok();
        found.is_some() && found == self.claimed.metadata().map(number).ok() && self.socket.exists()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The names may be another broker's.
        if self.is_own() {
            let _ = fs::remove_file(&self.socket);
            let _ = fs::remove_file(&self.claim);
        }
    }
}

/// Whether a client has a broker that answers at once. One that is busy, or hangs, [`Place::take`] waits for.
pub fn is_there(client: Process) -> bool {
    Client::of(client, AT_ONCE).and_then(|mut broker| broker.ask(&Ask::Report)).is_ok()
}

/// Takes away what brokers of clients that are gone have left.
fn clear(folder: &Path) {
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
        ErrorKind::PermissionDenied | ErrorKind::TimedOut => error.to_string(),
        kind => format!("the folder for its socket cannot be used: {kind}"),
    }
}
