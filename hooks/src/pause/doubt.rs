//! Why a pause is not believed, or not begun.

use std::fmt;
use std::path::PathBuf;

/// What speaks against a pause. Completes "it is not believed: …".
#[derive(Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The file of the state folder is another user's, may be written by others, or is no plain file.
    NotOwn,
    /// The file is no record of a pause.
    Damaged,
    /// A repository's settings lead to the state folder.
    Moved(PathBuf),
    /// Nobody holds the file's lock.
    NoHolder,
    /// Its time is over.
    Over,
    /// It would end later than any pause does.
    TooLong,
    /// No process has that number.
    Gone(u32),
    /// The process has begun at another time than the one that was meant.
    Other(u32),
    /// The process is stopped, or dead.
    Stopped(u32),
    /// The process has no terminal.
    NoTerminal(u32),
    /// The process is no `stanch pause` of this installation.
    NotPausing(u32),
    /// Another process holds the file's lock.
    NotHolding(u32),
    /// The process above it is an agent, or was started by one: the mark that tells it.
    Agent(u32, &'static str),
    /// Something cannot be seen.
    Unsure(&'static str),
    /// A fault in stanch.
    Fault,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOwn => f.write_str("it is no plain file of yours alone (mode 0600)"),
            Self::Damaged => f.write_str("it is no record of a pause"),
            Self::Moved(file) => {
                write!(f, "{} sets HOME or XDG_STATE_HOME, or may: a repository may have led here", file.display())
            }
            Self::NoHolder => f.write_str("no process holds it, so the `stanch pause` that made it has ended"),
            Self::Over => f.write_str("its time is over"),
            Self::TooLong => f.write_str("it says that it ends later than any pause does"),
            Self::Gone(pid) => write!(f, "process {pid} is not there"),
            Self::Other(pid) => write!(f, "process {pid} is another one than is meant"),
            Self::Stopped(pid) => write!(f, "process {pid} is stopped"),
            Self::NoTerminal(pid) => write!(f, "process {pid} has no terminal"),
            Self::NotPausing(pid) => {
                write!(f, "process {pid} is no `stanch pause` of the stanch that is installed beside this hook")
            }
            Self::NotHolding(pid) => write!(f, "process {pid} does not hold the file's lock"),
            Self::Agent(pid, mark) => write!(f, "process {pid} is an agent's ({mark})"),
            Self::Unsure(what) => f.write_str(what),
            Self::Fault => f.write_str("a fault in stanch; please report it"),
        }
    }
}
