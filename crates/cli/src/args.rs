//! The command line.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};

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
    /// The configuration: where it lies and what it says.
    #[command(subcommand)]
    Config(Config),
    /// Say that a value is no secret, so that it is not redacted any more.
    ///
    /// Reads the value from standard input, or asks for it on a terminal without showing it. Your configuration file gets a
    /// keyed digest of it, never the value; the key lies beside that file. Only your own file can allow values: a repository
    /// cannot.
    #[command(
        after_help = "Examples:\n  printf %s \"$FIXTURE_TOKEN\" | stanch allow --reason \"made up, in our tests\"\n  stanch allow --everywhere --reason \"public key of the CI\"\n  stanch allow --list\n  stanch allow --remove 3fa9"
    )]
    Allow(Allow),
    /// Find secrets in files, in what git has staged, in the transcripts of coding agents.
    ///
    /// Says the place and the kind of each, never its value. Every file is searched whatever is in it, binaries too;
    /// packed files are not unpacked, links not followed. Lines of JSON are read as JSON, escapes and JSON in JSON
    /// included, and so are JSON files; UTF-16 is read as text.
    ///
    /// In folders, `.git` and what .gitignore names are left out (the summary says how much); a file that is named is
    /// searched in any case. Hidden files are searched.
    #[command(after_help = SCAN_HELP)]
    Scan(Scan),
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

/// Commands about the configuration.
#[derive(Subcommand)]
pub enum Config {
    /// Show what the files say and where each setting stands.
    #[command(after_help = "Examples:\n  stanch config show\n  stanch config show --effective")]
    Show {
        /// Show what holds, the built-in settings included, and who says so.
        #[arg(long)]
        effective: bool,
    },
    /// Check the files, and that your own rules can be compiled.
    ///
    /// Exit status 0: all is well; 2: something is wrong, and hooks withhold everything until it is mended.
    #[command(after_help = "Example:\n  cd my-project && stanch config check")]
    Check,
}

/// Arguments of `allow`.
#[derive(clap::Args)]
pub struct Allow {
    /// Why the value is no secret; kept beside its digest.
    #[arg(long, required_unless_present_any = ["list", "remove"])]
    pub reason: Option<String>,
    /// Allow it everywhere, and not in this project alone.
    #[arg(long)]
    pub everywhere: bool,
    /// List what is allowed.
    #[arg(long, conflicts_with_all = ["reason", "everywhere"])]
    pub list: bool,
    /// Take back what the digest that begins so allows.
    #[arg(long, value_name = "DIGEST", conflicts_with_all = ["reason", "everywhere", "list"])]
    pub remove: Option<String>,
}

const SCAN_HELP: &str = "\
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
    /// Take a file of rules into your configuration: gitleaks' format, read as gitleaks reads it, or the built-in one.
    ///
    /// The file is checked and copied into your configuration folder; your configuration then names it.
    #[command(
        after_help = "Examples:\n  stanch rules import .gitleaks.toml\n  stanch rules import --name acme rules.toml"
    )]
    Import {
        /// The file.
        file: PathBuf,
        /// What to call it in your configuration folder; the file's own name otherwise.
        #[arg(long)]
        name: Option<String>,
        /// Put it in the place of another of that name.
        #[arg(long)]
        replace: bool,
    },
    /// Check a rule file: its form, that its patterns compile, that its hits hit and its misses miss.
    #[command(after_help = "Examples:\n  stanch rules check acme.toml\n  stanch rules check .gitleaks.toml")]
    Check {
        /// The file.
        file: PathBuf,
    },
}
