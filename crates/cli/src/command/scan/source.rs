//! What is to be searched: files, standard input, what git has staged.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use rustix::fs::{Mode, OFlags};

use super::agents::Store;

/// One text to search.
pub struct Source {
    /// What it is called in reports; for a file, where it lies.
    pub path: PathBuf,
    /// Where its bytes come from.
    pub origin: Origin,
    /// Its length in bytes, as far as is known.
    pub size: u64,
    /// The agent's folder it was found in.
    pub store: Option<&'static Store>,
}

/// Where bytes come from.
pub enum Origin {
    /// A file.
    File,
    /// Standard input.
    Stdin,
    /// An object of the repository, by its name.
    Blob(String),
}

/// Opens a file. Never waits: what is a pipe or a device by now is an error.
///
/// # Errors
/// It cannot be opened, or is no plain file.
pub fn open(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    let file = {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        File::from(rustix::fs::open(path, flags, Mode::empty())?)
    };
    #[cfg(not(unix))]
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("no plain file")) }
}
