//! What is decided about: who asks, for which command or server, where.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agent {
    /// The main thread.
    Main,
    /// A subagent of this type (`agent_type`). A type that is called `main` is no main thread.
    Sub(String),
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main => f.write_str("the main thread"),
            Self::Sub(kind) => write!(f, "a subagent '{}'", plain(kind)),
        }
    }
}

/// For what a credential is asked.
#[derive(Clone)]
pub enum For {
    /// A command, its name first, as it is about to run.
    Command(Vec<OsString>),
    /// An MCP server that the client starts.
    Server {
        /// Its name in the client's settings.
        name: String,
        /// Its command line in words; empty if it is not known.
        argv: Vec<OsString>,
    },
}

/// One request. It has no `Debug`: a command line may hold a secret.
#[derive(Clone)]
pub struct Request {
    /// Who asks.
    pub agent: Agent,
    /// The session's id; `None` if it is not known.
    pub session: Option<String>,
    /// For what.
    pub what: For,
    /// Where it runs: absolute, without links, as the system tells it of a process.
    pub folder: PathBuf,
    /// The top of the repository that it works in, without links, if there is one.
    pub repository: Option<PathBuf>,
    /// Whether a file that the command names is a link to files of processes ([`crate::links`]).
    pub links_to_process: bool,
    /// The address that git will talk to, if it is known: the remote's, with every rewriting done.
    pub remote: Option<String>,
}

/// A name or a path from outside, fit for a line on a terminal.
pub(crate) fn plain(text: &str) -> String {
    let safe = |c: char| {
        !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown: String = text.chars().take(200).map(|c| if safe(c) { c } else { '?' }).collect();
    if text.chars().nth(200).is_some() { shown + "…" } else { shown }
}
