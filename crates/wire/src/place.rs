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
        _ if mode(&path)? == Some(0o700) => Ok(path),
        _ => Err(open(&path)),
    }
}

/// The folder, if it is there and the user's own.
///
/// # Errors
/// It is the user's, and open to others: a broker may well listen there, and nobody knows who else does.
pub fn existing() -> Result<Option<PathBuf>> {
    let path = candidate();
    match mode(&path) {
        Ok(Some(0o700)) => Ok(Some(path)),
        // Somebody else's, a broker of this user's has never been in.
        Ok(None) => Ok(None),
        Ok(Some(_)) => Err(open(&path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn candidate() -> PathBuf {
    let user = rustix::process::getuid().as_raw();
    let run = PathBuf::from(format!("/run/user/{user}"));
    // Others may look into that one, but must not change what is in it.
    let is_safe = mode(&run).is_ok_and(|mode| mode.is_some_and(|mode| mode & 0o022 == 0));
    if is_safe { run.join("stanch") } else { PathBuf::from(format!("/tmp/stanch-{user}")) }
}

/// The mode of a folder of the user's own; `None` of what is none.
fn mode(path: &Path) -> Result<Option<u32>> {
    // Not followed: a link leads where somebody else wants.
    let data = fs::symlink_metadata(path)?;
    let is_own = data.is_dir() && data.uid() == rustix::process::getuid().as_raw();
    Ok(is_own.then_some(data.mode() & 0o777))
}

fn open(path: &Path) -> Error {
    let message = format!(
        "{} is no folder of this user's alone: take it away, or mend its owner and mode (0700)",
        path.display()
    );
    Error::new(ErrorKind::PermissionDenied, message)
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
///
/// # Errors
/// As [`existing`].
pub fn brokers() -> Result<Vec<Process>> {
    Ok(sockets()?.into_iter().filter(|client| client.is_alive()).collect())
}

/// The nearest process from this one's parent upwards that has a broker.
pub fn above() -> Option<Process> {
    all_above(Process::own()?).next()
}

/// The processes above one that have a broker, the nearest first.
pub fn all_above(process: Process) -> impl Iterator<Item = Process> {
    let with_broker = sockets().unwrap_or_default();
    // Most commands have none above them: then nobody's ancestors are looked up.
    let line = (!with_broker.is_empty()).then(|| process.line().skip(1)).into_iter().flatten();
    line.filter(move |above| with_broker.contains(above))
}

fn sockets() -> Result<Vec<Process>> {
    let Some(folder) = existing()? else { return Ok(Vec::new()) };
    let names = fs::read_dir(folder)?.flatten().map(|entry| entry.file_name());
    Ok(names.filter_map(|name| name.to_str()?.strip_suffix(".sock")?.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn only_a_folder_of_ones_own_has_a_mode() {
        let folder = tempfile::tempdir().expect("a folder");
        for own in [0o700, 0o755] {
            fs::set_permissions(folder.path(), PermissionsExt::from_mode(own)).expect("a folder");
            assert_eq!(mode(folder.path()).expect("a folder"), Some(own));
        }
        let link = folder.path().join("link");
        symlink(folder.path(), &link).expect("a link");
        assert_eq!(mode(&link).expect("a link"), None);
        assert_eq!(mode(&folder.path().join("none")).expect_err("none").kind(), ErrorKind::NotFound);
    }
}
