//! The command line of `stanch audit`.

use clap::Subcommand;

/// Arguments of `audit`.
#[derive(clap::Args)]
pub struct Audit {
    /// Something else than showing the log.
    #[command(subcommand)]
    pub what: Option<AuditCommand>,
    /// Of this session: its id, or the beginning of it.
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// Of this agent: `main`, a type of subagents, or the beginning of a subagent's id.
    #[arg(long, value_name = "AGENT")]
    pub agent: Option<String>,
    /// Of this credential.
    #[arg(long, value_name = "NAME")]
    pub credential: Option<String>,
    /// Since then: `2h` and `3days` ago, or `2026-11-26`, `2026-11-26T09:30:00Z`.
    #[arg(long, value_name = "TIME", value_parser = crate::since::parse)]
    pub since: Option<std::time::SystemTime>,
    /// The records as they stand in the log.
    #[arg(long)]
    pub json: bool,
    /// Go on with what is recorded from now on, until interrupted.
    #[arg(long, short)]
    pub follow: bool,
}

/// Commands about the audit log.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Find a line of the log that was changed, removed, put elsewhere or cut off.
    ///
    /// Says which line of which file, and what is wrong with it. It ends with the hash of the last record: kept elsewhere, it
    /// finds a log that was put back to an earlier state, or written anew by somebody who has the key.
    ///
    /// Exit status: 0 if the log is whole, 1 if it is not, 2 if it could not be looked at.
    #[command(
        after_help = "Examples:\n  stanch audit verify\n  stanch audit verify --expect \"$(cat ~/elsewhere/hash)\""
    )]
    Verify {
        /// The hash of a record that must be in the log, as an earlier run ended with it.
        #[arg(long, value_name = "HASH", value_parser = hash)]
        expect: Option<audit::Hash>,
    },
}

fn hash(text: &str) -> Result<audit::Hash, &'static str> {
    text.trim().parse()
}
