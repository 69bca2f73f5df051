//! The command line.

mod audit;
mod credentials;
mod install;
mod pause;
mod plugin;
mod policy;
mod scan;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Parser, Subcommand};
use hooks::Agent;

pub use self::audit::{Audit, AuditCommand};
pub use self::credentials::{List, Store, Where};
pub use self::install::{Doctor, Install, Uninstall, Verify, Whose};
pub use self::pause::Pause;
pub use self::plugin::Plugin;
pub use self::policy::{Explain, Policy};
pub use self::scan::{Format, Scan};

/// Stops secrets leaking out of coding agents.
#[derive(Parser)]
#[command(
    name = "stanch",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Examples:\n  stanch redact < build.log > clean.log\n  stanch hook-test event.json\n  stanch rules show github_pat"
)]
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
    #[command(
        subcommand,
        after_help = "Examples:\n  stanch rules list\n  stanch rules show stanch_github_pat\n  stanch rules check my-rules.toml"
    )]
    Rules(Rules),
    /// Put stanch in place: executables into a private folder, hooks and shell prefix into the agent's settings.
    ///
    /// Nothing else in the settings changes; your own hooks and shell prefix stay and go on working. On a terminal the change
    /// is shown and you are asked; without one, or with --yes, it is made.
    ///
    /// Agents differ in what they have: Codex and Qwen Code have no shell prefix and pass open when a hook fails, and Codex
    /// runs a hook only once you have trusted it. What stays open is said; docs/agents.md has all of it.
    #[command(
        after_help = "Examples:\n  stanch install                 # for all your projects\n  stanch install --dry-run       # show what would change\n  sudo stanch install --managed  # for every user; no repository can switch it off\n  stanch install --agent codex   # into ~/.codex/hooks.json; then trust the hooks with /hooks"
    )]
    Install(Install),
    /// Take stanch away: the settings as they were, if nobody has changed them since; else without stanch's entries alone.
    #[command(
        after_help = "Examples:\n  stanch uninstall\n  stanch uninstall --dry-run\n  stanch uninstall --agent codex"
    )]
    Uninstall(Uninstall),
    /// A plugin of Claude Code with stanch in it.
    #[command(
        subcommand,
        after_help = "Example:\n  stanch plugin build ~/.local/share/stanch-plugin\n  claude plugin marketplace add ~/.local/share/stanch-plugin\n  claude plugin install stanch@stanch"
    )]
    Plugin(Plugin),
    /// One screen: what is installed for this folder, what was found in this project, and the last leak.
    ///
    /// Reads settings and the local log, and writes nothing. `stanch verify` tries whether what is installed works.
    #[command(after_help = "Examples:\n  stanch status\n  cd my-project && stanch status")]
    Status,
    /// What is wrong with an installation, and what to do about it.
    ///
    /// Looks at the executables, the settings that name them, the record of what was installed, your configuration and the
    /// log. `--repair` puts executables and entries in place again; what is wrong with your own files is for you to mend.
    ///
    /// Exit status: 0 if nothing is wrong, or all of it was mended; 1 if something is; 2 if it could not be told or mended.
    #[command(
        after_help = "Examples:\n  stanch doctor\n  stanch doctor --repair\n  ./target/release/stanch doctor --repair  # with the executables beside that one"
    )]
    Doctor(Doctor),
    /// Send a made-up secret every way that one can take, through what is installed, and say which ways are covered.
    ///
    /// The hooks and the shell prefix are run as they stand in the settings that the client would read in this folder, with
    /// your configuration. Nothing is sent anywhere, nothing of yours is written, your log neither; hooks that are not
    /// stanch's are named and not run. The made-up secret is never shown.
    ///
    /// With --live the client itself is started, headless, in a private folder, with these hooks and this prefix, against a
    /// scripted model on loopback; what counts is what it sends and what it leaves on disk. Takes some 30 seconds.
    ///
    /// Exit status: 0 if every way is covered and nothing is wrong, 1 if not, 2 if it could not be tried.
    #[command(
        after_help = "Examples:\n  stanch verify\n  stanch verify --live\n  stanch verify --live --client ~/.local/bin/claude\n  cd my-project && stanch verify\n  stanch verify --agent codex\n  stanch verify --json | jq '.paths[] | select(.covered | not)'"
    )]
    Verify(Verify),
    /// Let everything through for a while, without looking at it: for a person at a terminal, when stanch is in the way.
    ///
    /// Asks for a word to be typed, stays in the foreground and counts down. Over when its time is or its process ends, with
    /// Ctrl-C, when the terminal closes, with `stanch resume`.
    #[command(after_help = pause::HELP)]
    Pause(Pause),
    /// End a pause.
    #[command(after_help = "Example:\n  stanch resume")]
    Resume,
    /// Start the client so that a repository cannot switch stanch off.
    ///
    /// All of stanch's settings go on the client's command line, which wins over the settings of a repository. Where that
    /// does not cover a session, the client is not started.
    #[command(
        after_help = "Examples:\n  stanch run -- claude\n  stanch run -- claude -p \"run the tests\" --model opus"
    )]
    Run {
        /// The client and its arguments.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_name = "COMMAND")]
        command: Vec<std::ffi::OsString>,
    },
    /// The configuration: where it lies and what it says.
    #[command(subcommand, after_help = "Example:\n  stanch config show --effective")]
    Config(Config),
    /// Who is lent which credential: the `[lend]` part of the configuration, checked and explained.
    #[command(
        subcommand,
        after_help = "Examples:\n  stanch policy check\n  stanch policy explain --agent reviewer -- git push origin main"
    )]
    Policy(Policy),
    /// Say that a value is no secret, so that it is not redacted any more.
    ///
    /// Reads the value from standard input, or asks for it on a terminal without showing it. Your configuration file gets a
    /// keyed digest of it, never the value; the key lies beside that file. Only your own file can allow values: a repository
    /// cannot.
    #[command(
        after_help = "Examples:\n  printf %s \"$FIXTURE_TOKEN\" | stanch allow --reason \"made up, in our tests\"\n  stanch allow --everywhere --reason \"public key of the CI\"\n  stanch allow --list\n  stanch allow --remove 3fa9"
    )]
    Allow(Allow),
    /// Keep a credential in the keyring, under a name.
    ///
    /// Asks for the value on a terminal without showing it, or reads it from standard input (one line end at its end is left
    /// out). It goes into the keyring of your desktop, or, on a machine without one, into the kernel's: that is lost at a
    /// reboot. The name, never the value, is kept in an index.
    #[command(
        after_help = "Examples:\n  stanch store github\n  gh auth token | stanch store github --force\n  stanch store --in keyutils ci/token < token.txt"
    )]
    Store(Store),
    /// List the credentials that `stanch store` has kept: names, sources, age, last use; never a value.
    ///
    /// With --check each is fetched, and its length is said. Sources of any kind can be named then, as they stand in a
    /// configuration (docs/credentials.md).
    ///
    /// Exit status: 0; with --check 1 if one could not be fetched.
    #[command(
        after_help = "Examples:\n  stanch list\n  stanch list --check\n  stanch list --check op://Work/CI/token kv:secret/ci#token\n  stanch list --json | jq -r '.credentials[].name'"
    )]
    List(List),
    /// Take a credential out of the keyring, and its name out of the index.
    #[command(after_help = "Example:\n  stanch forget github")]
    Forget {
        /// The name, as in `stanch list`.
        name: String,
    },
    /// End the brokers that hold credentials for running clients: nothing more is lent in their sessions.
    ///
    /// What a tool has by now it keeps to its end. The session goes on, redaction too.
    ///
    /// Exit status: 0, or 1 if no broker runs.
    #[command(after_help = "Examples:\n  stanch stop\n  stanch stop --client 4711")]
    Stop {
        /// That of one client, by its process id; all of them without.
        #[arg(long, value_name = "PID")]
        client: Option<i32>,
    },
    /// Find secrets in files, in what git has staged, in the transcripts of coding agents.
    ///
    /// Says the place and the kind of each, never its value. Every file is searched whatever is in it, binaries too;
    /// packed files are not unpacked, links not followed. Lines of JSON are read as JSON, escapes and JSON in JSON
    /// included, and so are JSON files; UTF-16 is read as text.
    ///
    /// In folders, `.git` and what .gitignore names are left out (the summary says how much); a file that is named is
    /// searched in any case. Hidden files are searched.
    #[command(after_help = scan::HELP)]
    Scan(Scan),
    /// What was decided about credentials: which agent was lent which, what was refused and why.
    ///
    /// A line each, the earliest first, times in UTC. The filters go together. `--json` gives the records as they stand in the
    /// log, all fields, each on a line.
    #[command(
        args_conflicts_with_subcommands = true,
        after_help = "Examples:\n  stanch audit --since 2h\n  stanch audit --agent main --credential github\n  stanch audit --follow\n  stanch audit --json | jq 'select(.did == \"refused\")'\n  stanch audit verify"
    )]
    Audit(Audit),
    /// Run one hook event through the hook that it is for, and show side by side what came in and what the model gets.
    ///
    /// The hook is chosen by the event's `hook_event_name`. Values that were found are shown as what they are
    /// (‹github_pat, 40 bytes›), never as themselves. Nothing on disk is changed. Two columns need a terminal of 100
    /// characters (or COLUMNS set to that); otherwise one is under the other.
    ///
    /// Exit status: 0 if nothing was found, 1 if something was, 2 if the event could not be read or searched. With --reply it
    /// is the hook's own.
    #[command(
        after_help = "Examples:\n  stanch hook-test fixtures/claude-code/post-tool-use/bash-env-dump.in.json\n  stanch hook-test --agent codex fixtures/codex/post-tool-use/shell.in.json\n  stanch hook-test --reply event.json | jq .\n  printf '%s' \"$EVENT\" | stanch hook-test -"
    )]
    HookTest(HookTest),
    /// The MCP server of `verify --live`: answers what stands in a file, and notes what it is told in another.
    #[command(hide = true)]
    ProbeServer {
        /// Texts by tool, as JSON.
        answers: PathBuf,
        /// Where calls are noted.
        notes: PathBuf,
    },
    /// Write the completions of a shell to standard output.
    #[command(
        after_help = "Examples:\n  mkdir -p ~/.local/share/bash-completion/completions && stanch completions bash > ~/.local/share/bash-completion/completions/stanch\n  mkdir -p ~/.zfunc && stanch completions zsh > ~/.zfunc/_stanch\n  mkdir -p ~/.config/fish/completions && stanch completions fish > ~/.config/fish/completions/stanch.fish"
    )]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the man pages: stanch(1) to standard output, or one page a command into a folder.
    #[command(after_help = "Examples:\n  stanch man | man -l -\n  stanch man ~/.local/share/man/man1")]
    Man {
        /// Where to write `stanch.1`, `stanch-redact.1`, …; made if it is not there.
        folder: Option<PathBuf>,
    },
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
    /// Check the files, that your own rules can be compiled, and that sources of credentials are written as they should be.
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
    /// A value does not belong here.
    #[arg(hide = true)]
    pub value: Option<std::ffi::OsString>,
    /// List what is allowed.
    #[arg(long, conflicts_with_all = ["reason", "everywhere"])]
    pub list: bool,
    /// Take back what the digest that begins so allows.
    #[arg(long, value_name = "DIGEST", conflicts_with_all = ["reason", "everywhere", "list"])]
    pub remove: Option<String>,
}

/// Arguments of `hook-test`.
#[derive(clap::Args)]
pub struct HookTest {
    /// A file with one event, as the agent writes it to a hook; `-` is standard input.
    pub event: PathBuf,
    /// Who asks: each agent has its own way to be answered.
    #[arg(long, default_value = Agent::default().name(), value_parser = agent())]
    pub agent: Agent,
    /// Write the answer as the hook does, and nothing else.
    #[arg(long)]
    pub reply: bool,
}

fn agent() -> impl clap::builder::TypedValueParser<Value = Agent> {
    PossibleValuesParser::new(Agent::ALL.map(Agent::name)).map(|name| Agent::named(&name).unwrap_or_default())
}

/// Commands about rules.
#[derive(Subcommand)]
pub enum Rules {
    /// List every rule: id, vendor, name.
    #[command(after_help = "Example:\n  stanch rules list | grep -i stripe")]
    List,
    /// Show one rule: what it finds, where its format is documented, where such a key is revoked.
    #[command(after_help = "Example:\n  stanch rules show github_pat")]
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
