//! The command line of `stanch scan`.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{ArgGroup, ValueEnum};

pub(super) const HELP: &str = "\
Exit status: 0 nothing found, 1 found, 2 something could not be searched or replaced (the rest was).

--fix replaces what is found in transcripts, spill files and logs of agents by placeholders, and rewrites nothing else: no
source file, no settings, no database, no checkpoint of your files. It shows what it would replace and asks. JSON stays
valid; mode, owner and times stay; each file is replaced at once. A session that is running (a process has its file open,
the agent lists it as running, or its file has just changed) is left alone and named.

Examples:
  stanch scan .
  stanch scan --no-ignore src .env
  git show HEAD:config.yml | stanch scan -
  stanch scan --staged                            # as a pre-commit hook
  stanch scan --format sarif . > stanch.sarif     # for code scanning
  stanch scan --transcripts
  stanch scan --transcripts --fix --dry-run
  stanch scan --transcripts --fix --yes";

/// Arguments of `scan`.
#[derive(clap::Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args(["paths", "staged", "transcripts"]))]
pub struct Scan {
    /// Files and folders; `-` is standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What git has staged in this repository, as it would be committed.
    #[arg(long, conflicts_with_all = ["paths", "transcripts", "fix"])]
    pub staged: bool,
    /// What coding agents have kept on this machine: transcripts, spilled outputs, logs, prompt histories.
    #[arg(long)]
    pub transcripts: bool,
    /// How to say what was found.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Search what .gitignore leaves out, too.
    #[arg(long)]
    pub no_ignore: bool,
    /// Replace what is found in transcripts and logs of agents by placeholders; shows what and asks first.
    #[arg(long)]
    pub fix: bool,
    /// With --fix: only show what would be replaced.
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// With --fix: do not ask.
    #[arg(long, requires = "fix", conflicts_with = "dry_run")]
    pub yes: bool,
    /// With --fix: leave alone what has changed in the last so many minutes (but where the agent itself says which sessions
    /// are running).
    #[arg(long, value_name = "MINUTES", default_value_t = 2, requires = "fix")]
    pub idle: u64,
    /// Search with so many threads; as many as there are cores if not given.
    #[arg(long, value_name = "NUMBER")]
    pub threads: Option<NonZero<usize>>,
}

/// How findings are written to standard output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line each, `path:line:column: kind (name)`; a summary on standard error.
    Human,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}
