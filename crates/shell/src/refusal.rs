//! Why a command is not run: the boundary could not be closed.

use std::fmt;
use std::io::ErrorKind;

/// Exit status of a prefix that has not run the command: what shells answer for a command that cannot be executed.
pub const NOT_RUN: u8 = 126;

/// Why the command was not run.
pub enum Refusal {
    /// A call of the system failed: what was wanted, and how it failed.
    System(&'static str, ErrorKind),
    /// No shell to run it with.
    NoShell,
    /// The filter cannot work: its own words.
    Filter(String),
    /// The filter ended before it said that it can work.
    FilterEnded,
    /// The shell cannot be started.
    Shell(String, ErrorKind),
    /// The session's broker is there and does not answer.
    Broker(String),
    /// The prefix is for systems with bash.
    Platform,
}

impl Refusal {
    /// For `map_err`.
    pub fn system<E: Into<std::io::Error>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::System(what, error.into().kind())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(what, kind) => {
                write!(
                    f,
                    "{what}: {kind}; without a filter in front of it nothing is run. Free what is short (files, \
                           processes, memory) and run it again"
                )
            }
            Self::NoShell => f.write_str("no bash or zsh found; set SHELL to the path of one"),
            Self::Filter(reason) => write!(f, "its output could not be filtered: {reason}"),
            Self::FilterEnded => {
                f.write_str("the filter ended at its start; run it again, and report it if it stays so")
            }
            Self::Shell(path, kind) => write!(f, "'{path}' does not start: {kind}"),
            Self::Broker(why) => write!(
                f,
                "the session's broker does not answer ({why}), so what the command shows could not be searched for what it lends; end \
                 it with `stanch stop` in a terminal of your own, or start the client anew"
            ),
            Self::Platform => {
                f.write_str("stanch-shell is for systems where the agent runs bash or zsh, not for Windows")
            }
        }
    }
}
