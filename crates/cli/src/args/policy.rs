//! The command line of `stanch policy`.

use std::path::PathBuf;

use clap::Subcommand;

/// Commands about what is lent.
#[derive(Subcommand)]
pub enum Policy {
    /// Check what the files say of credentials: mistakes, and what may not be meant.
    ///
    /// Exit status: 0 if there is nothing to say; 1 if something may not be meant; 2 if a file has a mistake: its file, line and
    /// column and the mend are named, and nothing is lent until it is mended.
    #[command(after_help = "Examples:\n  stanch policy check\n  cd my-project && stanch policy check")]
    Check,
    /// Which credentials a command would be lent, and why, or why not: decided as the broker decides, and nothing is lent.
    ///
    /// It takes the words of one command, as the tool gets them: what a shell would make of `&&`, `$` and quotes is not looked at.
    ///
    /// Exit status: 0 if it would get at least one; 1 if it would get none; 2 if it could not be told.
    #[command(after_help = EXPLAIN_HELP)]
    Explain(Explain),
}

const EXPLAIN_HELP: &str = "\
Examples:
  stanch policy explain -- git push origin main
  stanch policy explain --agent reviewer -- git push
  stanch policy explain --in ~/src/site -- psql -c 'select 1'
  stanch policy explain --server linear -- linear-mcp-server
  stanch policy explain --json -- gh pr list | jq '.credentials[] | select(.would)'";

/// Arguments of `policy explain`.
#[derive(clap::Args)]
pub struct Explain {
    /// Who asks: `main`, the main thread, or the type of a subagent.
    #[arg(long, default_value = "main", value_name = "AGENT")]
    pub agent: String,
    /// The type of a subagent, also one that is called `main`.
    #[arg(long, value_name = "TYPE", conflicts_with = "agent")]
    pub agent_type: Option<String>,
    /// The session's id.
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// The folder in which it runs; the current one otherwise.
    #[arg(long = "in", value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// The address that git will talk to; without it git is asked, as it is before a command runs.
    #[arg(long, value_name = "URL")]
    pub remote: Option<String>,
    /// An MCP server of this name asks; the command is what starts it.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["agent", "agent_type", "session", "remote"])]
    pub server: Option<String>,
    /// Write one JSON object: `agent`, `folder`, `credentials` with `would`, `held` and `refusal`.
    #[arg(long)]
    pub json: bool,
    /// The command and its arguments, as it would run.
    #[arg(last = true, required_unless_present = "server", value_name = "COMMAND")]
    pub command: Vec<std::ffi::OsString>,
}
