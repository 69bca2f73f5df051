//! What one file says of one credential, each piece with the place where it stands.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::binding::{Database, Repository};
use super::pattern::Pattern;
use crate::Source;

/// Something that a file says, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct Said<T> {
    /// What.
    pub value: T,
    /// File, line and column; built in where nobody says it.
    pub at: Source,
}

impl<T> Said<T> {
    /// What holds where nobody says anything.
    pub(super) fn unsaid(value: T) -> Self {
        Self { value, at: Source::BuiltIn }
    }
}

/// Several of a kind, and where the list stands.
pub type List<T> = Said<Vec<Said<T>>>;

/// What one file says of one credential.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The credential's name, or `*` for all that the file does not name.
    pub name: Said<String>,
    /// The terms; `None` is `"never"`.
    pub terms: Option<Terms>,
}

/// The terms on which a credential is lent, as far as one file says them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Where the value comes from.
    pub source: Option<Said<Reference>>,
    /// A lease lasts no longer.
    pub lifetime: Option<Said<Duration>>,
    /// How it is handed over.
    pub by: Option<Said<Way>>,
    /// What it is bound to, as it is written.
    pub bound: Option<Said<String>>,
    /// To which commands.
    pub tools: Option<List<Pattern>>,
    /// For which agents.
    pub agents: Option<List<Who>>,
    /// In which sessions.
    pub sessions: Option<List<String>>,
    /// In which folders and below.
    pub repositories: Option<List<Folder>>,
    /// Grants for one tool call.
    pub uses: Option<Said<u32>>,
    /// To which MCP servers.
    pub servers: Option<List<String>>,
}

/// Where a value comes from, `keyring:github`. A person may have pasted the value itself: it is shown as its scheme alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Reference(pub(super) String);

impl Reference {
    /// The whole of it, for who fetches the value.
    pub fn whole(&self) -> &str {
        &self.0
    }

    /// Whether a text is a reference: a scheme, `:` and something behind it.
    pub(super) fn is_one(text: &str) -> bool {
        text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.trim().is_empty())
            && !text.contains(char::is_control)
    }
}

/// Short, as schemes are and keys are not.
fn is_scheme(text: &str) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-".contains(&b);
    (2..=16).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(letters)
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once(':') {
            Some((scheme, _)) if is_scheme(scheme) => write!(f, "{scheme}:…"),
            _ => f.write_str("…"),
        }
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How a value is handed over, as `by` says it.
#[derive(Clone, PartialEq, Eq)]
pub enum Way {
    /// By a credential helper of git, for one repository.
    Git,
    /// By a password file of PostgreSQL's programs, for one database and user.
    Pgpass,
    /// In a variable of one process's environment.
    Environment(String),
    /// In a variable of an MCP server's environment.
    Server(String),
}

impl Way {
    /// Reads a way.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let variable = |name: &str| {
            let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            (letters && !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then(|| name.to_owned())
        };
        match text.split_once(':') {
            None if text == "git" => Some(Self::Git),
            None if text == "pgpass" => Some(Self::Pgpass),
            Some(("env", name)) => variable(name).map(Self::Environment),
            Some(("mcp-env", name)) => variable(name).map(Self::Server),
            None | Some(_) => None,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git => f.write_str("git"),
            Self::Pgpass => f.write_str("pgpass"),
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::Server(name) => write!(f, "mcp-env:{name}"),
        }
    }
}

/// What a credential is bound to.
#[derive(Clone, PartialEq, Eq)]
pub enum Binding {
    /// To one repository on one server.
    Repository(Repository),
    /// To one database and user on one server.
    Database(Database),
    /// To one host, with its port if that is not 443.
    Host(String),
    /// To what the command talks to by itself.
    Nothing,
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(repository) => repository.fmt(f),
            Self::Database(database) => database.fmt(f),
            Self::Host(host) => f.write_str(host),
            Self::Nothing => Ok(()),
        }
    }
}

/// For whom.
#[derive(Clone, PartialEq, Eq)]
pub enum Who {
    /// The main thread.
    Main,
    /// Subagents of this type.
    Type(String),
    /// The main thread and every subagent.
    Anyone,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Main => "main",
            Self::Type(name) => name,
            Self::Anyone => "*",
        })
    }
}

/// Where.
#[derive(Clone, PartialEq, Eq)]
pub enum Folder {
    /// Everywhere.
    Anywhere,
    /// In a folder and below it.
    Below {
        /// As it is written.
        written: String,
        /// Absolute, without `.` and `..`; without links, if it is there.
        path: PathBuf,
        /// Whether it is there.
        exists: bool,
    },
}

impl Folder {
    /// Whether it is in it.
    pub fn holds(&self, folder: &Path) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Below { path, .. } => folder.starts_with(path),
        }
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anywhere => "*",
            Self::Below { written, .. } => written,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_never_shown_whole() {
        for (text, shown) in [("keyring:github", "keyring:…"), ("not-a-reference", "…"), ("Zm9v:YmFy", "…")] {
            let reference = Reference(text.to_owned());
            assert_eq!((reference.to_string(), format!("{reference:?}")), (shown.to_owned(), shown.to_owned()));
        }
        assert!(Reference::is_one("op://vault/item") && !Reference::is_one("keyring: ") && !Reference::is_one("abc"));
    }

    #[test]
    fn a_way_is_shown_as_it_is_written() {
        for text in ["git", "pgpass", "env:GH_TOKEN", "mcp-env:LINEAR_API_KEY"] {
            assert_eq!(Way::parse(text).expect(text).to_string(), text);
        }
        for wrong in ["", "Git", "env", "env:", "env:1A", "env:A B", "env:A=b", "file:x"] {
            assert!(Way::parse(wrong).is_none(), "{wrong}");
        }
    }
}
