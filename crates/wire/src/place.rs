//! Where brokers listen: a folder of the user's own that is gone with the machine's next start.
//!
//! No variable of the environment leads there, so that every process of the user comes to the same place and no repository
//! leads one elsewhere.

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::Process;

/// The folder, made if it is not there.
///
/// # Errors
/// It cannot be made, or is somebody else's, or others may look into it: the message says which.
pub fn folder() -> Result<PathBuf> {
    let path = candidate();
    match fs::DirBuilder::new().mode(0o700).create(&path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => own(&path).map(|()| path),
    }
}

/// The folder, if it is there and the user's own.
pub fn existing() -> Option<PathBuf> {
    let path = candidate();
    own(&path).ok().map(|()| path)
}

fn candidate() -> PathBuf {
    let user = rustix::process::getuid().as_raw();
    let run = PathBuf::from(format!("/run/user/{user}"));
    if own(&run).is_ok() { run.join("stanch") } else { PathBuf::from(format!("/tmp/stanch-{user}")) }
}

fn own(path: &Path) -> Result<()> {
    // Not followed: a link leads where somebody else wants.
    let data = fs::symlink_metadata(path)?;
    let is_own = data.is_dir() && data.uid() == rustix::process::getuid().as_raw();
    if is_own && data.mode() & 0o077 == 0 {
        return Ok(());
    }
    let message = format!(
        "{} is no folder of this user's alone: take it away, or mend its owner and mode (0700)",
        path.display()
    );
    Err(Error::new(ErrorKind::PermissionDenied, message))
}

/// The socket of a client's broker in that folder.
pub fn socket(folder: &Path, client: Process) -> PathBuf {
    folder.join(format!("{client}.sock"))
}

/// The folder of the wrappers of a client's tools.
pub fn wrappers(folder: &Path, client: Process) -> PathBuf {
    folder.join(format!("{client}.bin"))
}

/// The clients that have a broker, of those that run.
pub fn brokers() -> impl Iterator<Item = Process> {
    sockets().filter(|client| client.is_alive())
}

/// The nearest process from this one's parent upwards that has a broker.
pub fn above() -> Option<Process> {
    all_above(Process::own()?).next()
}

/// The processes above one that have a broker, the nearest first.
pub fn all_above(process: Process) -> impl Iterator<Item = Process> {
    let with_broker: Vec<Process> = sockets().collect();
    // Most commands have none above them: then nobody's ancestors are looked up.
    let line = (!with_broker.is_empty()).then(|| process.line().skip(1)).into_iter().flatten();
    line.filter(move |above| with_broker.contains(above))
}

fn sockets() -> impl Iterator<Item = Process> {
    let entries = existing().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".sock")?.parse().ok())
}
