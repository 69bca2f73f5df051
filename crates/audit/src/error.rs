//! Why a log cannot be written or read: where, what, and what to do. Then nothing may happen that would have been recorded.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use config::ConfigError;
use scrub::ScanError;

/// What went wrong.
pub enum Error {
    /// The user has no home.
    NoHome,
    /// A repository's settings lead away from the user's own folders.
    Config(ConfigError),
    /// A call of the system failed.
    Io {
        /// What was done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Something that others can write or read, or that is no plain file or folder.
    NotPrivate {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
        /// What to do.
        mend: &'static str,
    },
    /// The log was taken away while it was being written.
    Gone(PathBuf),
    /// Another process holds the log, by this file, and does not go on.
    Busy(PathBuf),
    /// There is a log without its key.
    KeyGone {
        /// Where the key should be.
        key: PathBuf,
        /// The log.
        log: PathBuf,
    },
    /// The file of the key holds none.
    KeyDamaged(PathBuf),
    /// Nothing in the log was written under the key.
    OtherKey {
        /// The key.
        key: PathBuf,
        /// The log.
        log: PathBuf,
    },
    /// A text could not be searched for secrets.
    Scan(ScanError),
}

impl Error {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { doing, path: path.to_owned(), error }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const AFRESH: &str = "to begin afresh, move log and key elsewhere, both";
        match self {
            Self::NoHome => f.write_str("you have no home folder; set HOME"),
            Self::Config(error) => error.fmt(f),
            Self::Io { doing, path, error } => {
                let mend = match error.kind() {
                    io::ErrorKind::PermissionDenied => "; make it your own again (a file 0600, a folder 0700)",
                    io::ErrorKind::StorageFull => "; make room on that disk",
                    _ => "",
                };
                write!(f, "{doing} '{}': {}{mend}", path.display(), error.kind())
            }
            Self::NotPrivate { path, what, mend } => write!(f, "'{}' {what}; {mend}", path.display()),
            Self::Gone(path) => {
                write!(f, "the audit log '{}' was taken away; put it back, or start the client again", path.display())
            }
            Self::Busy(path) => {
                let path = path.display();
                write!(f, "a process holds the audit log and does not go on; `fuser {path}` names it, end it")
            }
            Self::KeyGone { key, log } => write!(
                f,
                "there is an audit log in '{}', and its key '{}' is gone; put it back, or {AFRESH}",
                log.display(),
                key.display()
            ),
            Self::KeyDamaged(path) => write!(f, "'{}' is no key; put the right one back, or {AFRESH}", path.display()),
            Self::OtherKey { key, log } => write!(
                f,
                "nothing in the audit log '{}' was written under the key '{}'; put the right one back, or {AFRESH}",
                log.display(),
                key.display()
            ),
            Self::Scan(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}
