//! What a hook process ends with, and why it may refuse.

use std::fmt;

use scrub::ScanError;
use scrub::json::JsonError;

/// The exit status by which the client takes a hook as blocking.
pub const BLOCK: u8 = 2;

/// Standard output, standard error, exit status.
#[must_use]
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// One JSON object, or nothing.
    pub stdout: String,
    /// For the person or the model, without content of the event.
    pub stderr: String,
    /// Exit status.
    pub code: u8,
}

impl Outcome {
    /// Nothing to say: the client goes on.
    pub fn silent() -> Self {
        Self::default()
    }

    /// A reply object.
    pub fn reply(reply: &serde_json::Value) -> Self {
        Self { stdout: reply.to_string(), ..Self::default() }
    }

    /// Refused by exit status, which every client honours where the event can block.
    pub fn blocked(refusal: &Refusal) -> Self {
        Self { stderr: refusal.to_string(), code: BLOCK, ..Self::default() }
    }
}

/// Why an event could not be handled. Holds places and names, never content.
#[derive(Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Standard input is a terminal: a person started the hook by hand.
    NoInput,
    /// No event came in time.
    TimedOut,
    /// The event came in time, but searching it took too long.
    TooSlow,
    /// Reading failed.
    Unreadable(std::io::ErrorKind),
    /// More than this many bytes.
    TooLarge(usize),
    /// Not UTF-8, from this byte on.
    NotUtf8(usize),
    /// Not the JSON of an event; line and column.
    NotAnEvent(usize, usize),
    /// An event without this field.
    Missing(&'static str),
    /// An event of another kind than the hook is for.
    OtherEvent(&'static str),
    /// A value of the event that cannot be searched.
    Json(JsonError),
    /// The configuration cannot be read; where, why and the mend.
    Config(String),
    /// The session's broker does not say by what the values are known that it lends.
    Broker(String),
    /// The folder in which the session runs is gone.
    NoFolder(std::io::ErrorKind),
    /// The text that the client spilled to a file could not be rewritten.
    Spill(&'static str),
    /// The session's transcript cannot be read.
    Transcript(std::io::ErrorKind),
    /// The last turn in the transcript is longer than this many bytes.
    LongTurn(u64),
    /// A fault in stanch.
    Panicked,
    /// Nobody reads the answer.
    NoStdout,
}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl From<ScanError> for Refusal {
    fn from(error: ScanError) -> Self {
        Self::Json(JsonError::Scan(error))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInput => {
                f.write_str("no hook event: standard input is a terminal; pipe an event in, or see --help")
            }
            Self::TimedOut => f.write_str("no complete hook event came within 10 seconds"),
            Self::TooSlow => f.write_str("the hook event could not be searched within 13 seconds"),
            Self::Unreadable(kind) => write!(f, "cannot read the hook event: {kind}"),
            Self::TooLarge(limit) => {
                write!(f, "the hook event is larger than {} MiB, too large to be searched", limit >> 20)
            }
            Self::NotUtf8(at) => write!(f, "the hook event is not UTF-8 at byte {at}"),
            Self::NotAnEvent(line, column) => {
                write!(f, "the hook event is not the JSON of an event at line {line}, column {column}")
            }
            Self::Missing(field) => write!(f, "the hook event has no '{field}'"),
            Self::OtherEvent(expected) => {
                write!(f, "the hook event is not a {expected} event; check which hook is registered for which event")
            }
            Self::Json(error) => write!(f, "the hook event cannot be searched for secrets: {error}"),
            Self::Config(error) => write!(f, "the configuration cannot be used: {error}"),
            Self::Broker(why) => write!(
                f,
                "the session's broker does not say what it lends ({why}), so this cannot be searched for it; end it with `stanch \
                 stop` in a terminal of your own, or start the client anew"
            ),
            Self::NoFolder(kind) => write!(f, "the folder of the session cannot be told: {kind}"),
            Self::Spill(step) => write!(f, "the file that holds the whole output could not be redacted ({step})"),
            Self::Transcript(kind) => write!(
                f,
                "the session's transcript cannot be read ({kind}), so what would go out with it cannot be told; start a new \
                 session"
            ),
            Self::LongTurn(limit) => write!(
                f,
                "the last turn of the session's transcript is longer than {} MiB, too long to be searched; rewind to before \
                 it (/rewind) or start anew (/clear)",
                limit >> 20
            ),
            Self::Panicked => f.write_str("a fault in stanch; please report it with what you did"),
            Self::NoStdout => f.write_str("nobody reads the answer on standard output"),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Refusal {}
