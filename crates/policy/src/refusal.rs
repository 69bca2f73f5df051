//! Why a credential is not lent.

use std::fmt;

use config::Source;

/// What a decision looks at, in this order; the first that fails is the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// No file says that it is never lent.
    Never,
    /// It is for commands and a command asks, or for servers and a server asks.
    Kind,
    /// The command or the server is named.
    Named,
    /// The command is not one that prints what it is given.
    Prints,
    /// The command is one of the tool's that need a credential.
    Needs,
    /// The arguments lead the command nowhere else.
    Escapes,
    /// The arguments fit what is named.
    Tools,
    /// The agent is named.
    Agents,
    /// The session is named.
    Sessions,
    /// The folder is named.
    Repositories,
    /// What the command talks to is what the credential is bound to.
    For,
    /// No other that comes first goes into the same variable of the same process.
    Variable,
    /// Of several calls that may be meant, each would get it.
    Calls,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Never => "never",
            Self::Kind | Self::Variable => "by",
            Self::Named | Self::Tools => "tools",
            Self::Prints => "prints",
            Self::Needs => "needs",
            Self::Escapes => "escapes",
            Self::Agents => "agents",
            Self::Sessions => "sessions",
            Self::Repositories => "repositories",
            Self::For => "for",
            Self::Calls => "calls",
        })
    }
}

/// Who says a rule.
#[derive(Clone, PartialEq, Eq)]
pub enum Rule {
    /// A file, line and column; or a default.
    Config(Source),
    /// stanch itself, whatever the files say; the page that documents why.
    Always(&'static str),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(at) => at.fmt(f),
            Self::Always(source) => write!(f, "always, see {source}"),
        }
    }
}

/// Why a credential is not lent: the first condition that fails, who says it, and what to do. Holds no word of the command.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What fails.
    pub condition: Condition,
    /// Who says so.
    pub rule: Rule,
    /// What was found and what was wanted.
    pub message: String,
    /// The command's words are none of those that are named, so whatever else there is against it, it would get nothing.
    pub(crate) of_another: bool,
}

impl Refusal {
    pub(crate) fn new(condition: Condition, at: &Source, message: impl Into<String>) -> Self {
        Self { condition, rule: Rule::Config(at.clone()), message: message.into(), of_another: false }
    }

    /// Whether the credential is not even meant for that command or server: it runs as it would without stanch, and nobody
    /// needs to hear of it.
    pub fn is_about_another(&self) -> bool {
        matches!(self.condition, Condition::Kind | Condition::Named | Condition::Needs) || self.of_another
    }

    /// Whether the command must not run at all: its purpose is to print a credential, be it one that is lent or not.
    pub fn forbids(&self) -> bool {
        self.condition == Condition::Prints
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.rule)
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
