//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Stops secrets leaking out of coding agents.
#[derive(Parser)]
#[command(name = "stanch", version, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Replace the secrets in a text by placeholders.
    ///
    /// Reads standard input and writes standard output, line by line, in constant memory; bytes that are no text pass
    /// unharmed.
    #[command(
        after_help = "Examples:\n  stanch redact < build.log > clean.log\n  kubectl get secret -o yaml | stanch redact\n  stanch redact --explain < build.log"
    )]
    Redact(Redact),
    /// The rules that find secrets.
    #[command(subcommand)]
    Rules(Rules),
}

/// Arguments of `redact`.
#[derive(clap::Args)]
pub struct Redact {
    /// Read lines of `{"id": …, "text": "…"}` and write the same lines with the texts redacted, in the same order.
    #[arg(long)]
    pub jsonl: bool,
    /// Write which rule hit where, instead of the text; never the value.
    #[arg(long, conflicts_with = "jsonl")]
    pub explain: bool,
    /// Put a short tag behind each placeholder, the same for the same value within this run.
    #[arg(long)]
    pub tag: bool,
}

/// Commands about rules.
#[derive(Subcommand)]
pub enum Rules {
    /// List every rule: id, vendor, name.
    List,
    /// Show one rule: what it finds, where its format is documented, where such a key is revoked.
    Show {
        /// The rule's id, as in a placeholder or in `stanch rules list`.
        id: String,
    },
    /// Check a rule file: its form, that its patterns compile, that its hits hit and its misses miss.
    #[command(after_help = "Example:\n  stanch rules check crates/rules/data/github.toml")]
    Check {
        /// The file.
        file: PathBuf,
    },
}
