//! The questions and the answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{File, Process};

/// What is asked of a broker. Who may ask what, it decides by the process that asks.
#[derive(Serialize, Deserialize)]
pub enum Ask {
    /// A session of the client goes by this id from now on.
    Session {
        /// The id.
        id: String,
    },
    /// A tool call is about to run a command.
    Call(Call),
    /// That call has run, or has been started.
    Ended {
        /// Its `tool_use_id`.
        call: String,
    },
    /// The process that asks is about to run this shell text for the client.
    Run {
        /// As the client gave it to the prefix.
        text: String,
    },
    /// The process that asks is about to become an MCP server.
    Server {
        /// Its command line, as the client gave it to the prefix.
        text: String,
    },
    /// The process that asks is about to become this tool.
    Tool(Tool),
    /// The process that asks was lent something, and does not become the tool.
    Declined {
        /// For the record.
        why: String,
    },
    /// Git wants a credential. The words are git's own (gitcredentials(7)).
    Git {
        /// `https`.
        protocol: String,
        /// With the port, if it is not the usual one.
        host: String,
        /// Without a slash in front.
        path: String,
    },
    /// By what the values of the session are known, to who looks through what is shown.
    Known,
    /// The filter of who asks knows what that was answered.
    TakenIn,
    /// Whether that process is a command of the client, or was started by one.
    IsCommand {
        /// The process.
        process: Process,
    },
    /// Secrets were found, and this was done about them.
    Redacted(Redacted),
    /// How things stand.
    Report,
    /// End.
    Stop,
}

/// A tool call, as the client told it to a hook.
#[derive(Clone, Serialize, Deserialize)]
pub struct Call {
    /// `tool_use_id`.
    pub id: String,
    /// The session.
    pub session: String,
    /// The subagent; none for the main thread.
    pub agent: Option<String>,
    /// Its type.
    pub agent_type: Option<String>,
    /// The command's text.
    pub command: String,
}

/// A tool that is about to run.
#[derive(Serialize, Deserialize)]
pub struct Tool {
    /// Its words, the name first, without the name's folders; U+FFFD stands for what is no UTF-8.
    pub words: Vec<String>,
    /// Where git would go, as git itself tells it.
    pub remote: Option<String>,
}

/// Secrets that were found, and what was done about them: for the audit log. No value, and nothing made of one.
#[derive(Serialize, Deserialize)]
pub struct Redacted {
    /// Who found them.
    pub by: By,
    /// Ids of rules, and how often each.
    pub kinds: Vec<(String, u64)>,
    /// Where, in a word: `arguments`, `result`, `prompt`, …
    pub place: String,
    /// What was done, in a word of the local log's.
    pub how: String,
    /// Whether that kept them from where they were going.
    pub kept: bool,
}

/// Who found secrets.
#[derive(Serialize, Deserialize)]
pub enum By {
    /// A hook, in an event of which the client told it this.
    Hook {
        /// The session.
        session: Option<String>,
        /// The subagent; none for the main thread.
        agent: Option<String>,
        /// Its type.
        agent_type: Option<String>,
        /// `tool_use_id`.
        call: Option<String>,
        /// The client's tool.
        tool: Option<String>,
    },
    /// The filter of this process's output. The prefix was that process, and has mostly become another program since.
    Filter(Process),
}

/// What a broker answers. Values follow in frames of their own, in the order of [`Handed`].
#[derive(Serialize, Deserialize)]
pub enum Answer {
    /// Taken note of.
    Done,
    /// How many tool calls this may be; none for what a person typed.
    Calls(usize),
    /// Lent, each with its value.
    Lent(Lent),
    /// The value follows: for git's helper.
    Value,
    /// Nothing is lent, and the tool runs as it would without stanch. Why, where somebody should know.
    Nothing {
        /// For the person and the model.
        why: Option<String>,
    },
    /// By what the values are known.
    Known {
        /// In hexadecimal digits; no secret, and tells none.
        forms: String,
    },
    /// Who asks is of another installation.
    Stranger,
    /// Whether it is a command.
    IsCommand(bool),
    /// The tool must not run.
    Refused {
        /// For the person and the model.
        why: String,
    },
    /// How things stand.
    Report(Report),
}

/// What is lent to a tool.
#[derive(Serialize, Deserialize)]
pub struct Lent {
    /// Each credential.
    pub handed: Vec<Handed>,
    /// Why others are not, where somebody should know.
    pub why_not: Option<String>,
    /// The tool's executable as the client would find it: what the command has done to its own `PATH` does not count.
    pub program: PathBuf,
    /// What the broker has seen there; none of an MCP server, which a shell looks for.
    pub file: Option<File>,
    /// The tool's environment, whole: the client's own. It may hold other secrets of the client's, and goes to the tool alone.
    pub environment: Vec<(String, String)>,
}

/// A credential that is lent, without its value.
#[derive(Serialize, Deserialize)]
pub struct Handed {
    /// Its name.
    pub credential: String,
    /// How the tool gets it.
    pub way: Way,
}

/// How a tool gets a credential: the narrowest way that it knows.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
pub enum Way {
    /// A variable in the environment of that one process.
    Environment {
        /// The variable.
        name: String,
    },
    /// Git asks for it with a helper, at this place alone. No value comes with it.
    Git {
        /// `host[:port]/path`.
        place: String,
    },
    /// A password file that lies in memory, with one line.
    Pgpass {
        /// `host:port:database:user`, as in a line of that file.
        place: String,
    },
}

impl Way {
    /// Whether the value comes with the answer.
    pub fn carries_value(&self) -> bool {
        !matches!(self, Self::Git { .. })
    }
}

/// How things stand with a broker.
#[derive(Serialize, Deserialize)]
pub struct Report {
    /// Its version.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// The client's process.
    pub client: i32,
    /// Sessions of the client.
    pub sessions: Vec<String>,
    /// Names of the credentials, and what is known of each.
    pub credentials: Vec<(String, String)>,
    /// Tool calls under way.
    pub calls: usize,
    /// Credentials that are lent at the moment.
    pub leases: usize,
}

/// What the process that fetches values says, a frame each; a value follows in a frame of its own.
#[derive(Serialize, Deserialize)]
pub enum Fetched {
    /// The value of a source.
    Value {
        /// The source, as it was asked for.
        source: String,
        /// By what the value is known to filters, in hexadecimal digits.
        known: String,
    },
    /// There is none.
    Failed {
        /// The source.
        source: String,
        /// What happened and what to do, for a person.
        why: String,
    },
    /// It takes time.
    Waiting {
        /// The source.
        source: String,
        /// For what, for a person.
        what: String,
    },
}
