//! The agent's shell prefix: it runs a shell text as the agent itself would and takes the secrets out of the output before the
//! agent sees a byte of it.
//!
//! Two processes share the work. The *prefix* is what the agent started: it starts the shell and ends as the shell ends.
//! The *filter* stands between the shell's pipes and the agent's descriptors; it is a process of its own because output
//! may go on when the shell has ended, and so that none of the two can be killed and leave the command to itself:
//!
//! - the filter is gone: the command can write nothing (its pipes have no reader), and the prefix stops it and says so;
//! - the prefix is gone: the filter stops the command, and filters what it still wrote.
//!
//! Who reads the output decides how the shell is started ([`caller`]). A reader of a file looks at it when the prefix ends,
//! so the prefix stays until all is written ([`supervise`]). A reader of a socket reads to its end and wants the very
//! process that it started, for signals and for its exit, so the prefix becomes the shell ([`in_place`]).
//!
//! Nothing here needs `unsafe`: instead of forking, the executable starts itself under another name ([`Role`]).

#[cfg(unix)]
mod bound;
#[cfg(unix)]
pub mod caller;
#[cfg(unix)]
mod channel;
#[cfg(unix)]
pub mod command;
#[cfg(unix)]
mod ending;
#[cfg(unix)]
mod filter;
#[cfg(unix)]
mod foreign;
#[cfg(unix)]
mod holders;
#[cfg(unix)]
mod in_place;
#[cfg(unix)]
mod lending;
#[cfg(unix)]
mod link;
#[cfg(unix)]
pub mod messages;
#[cfg(unix)]
mod output;
#[cfg(unix)]
pub mod redaction;
mod refusal;
#[cfg(unix)]
mod supervise;
#[cfg(unix)]
mod telling;
#[cfg(unix)]
mod unfiltered;

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::process::ExitCode;

pub use refusal::Refusal;

/// What the executable is to be, by the name that it is started under.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What the agent starts.
    Prefix,
    /// Stands between the command's pipes and the agent.
    Filter,
    /// Starts the filter and ends, so that it is nobody's child.
    Detach,
    /// Becomes the shell, and dies with the prefix.
    Bound,
}

impl Role {
    const NAMED: [(Self, &'static str); 3] =
        [(Self::Filter, "stanch-filter"), (Self::Detach, "stanch-filter-start"), (Self::Bound, "stanch-shell-start")];

    fn of(name: &OsStr) -> Self {
        Self::NAMED.iter().find(|(_, its)| name == *its).map_or(Self::Prefix, |(role, _)| *role)
    }

    /// The name to start the executable under.
    #[cfg(unix)]
    fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(role, _)| *role == self).map_or("stanch-shell", |(_, name)| name)
    }
}

/// Runs one of the roles.
pub fn run(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    // The message of a panic could quote output. A process that panics ends, and the other one closes the boundary.
    std::panic::set_hook(Box::new(|_| {
        say("stopped by a fault of its own; please report it");
    }));
    let name = arguments.next().unwrap_or_default();
    let arguments: Vec<OsString> = arguments.collect();
    let outcome = match Role::of(&name) {
        Role::Prefix => match arguments.as_slice() {
            [only] if only == "--help" || only == "-h" => return print(USAGE),
            [only] if only == "--version" || only == "-V" => {
                return print(concat!("stanch-shell ", env!("CARGO_PKG_VERSION")));
            }
            [text] => prefix(text),
            _ => {
                let _ = writeln!(std::io::stderr(), "{USAGE}");
                return ExitCode::from(2);
            }
        },
        #[cfg(unix)]
        Role::Filter => return filter::run(&arguments),
        #[cfg(unix)]
        Role::Detach => link::detach(&arguments),
        #[cfg(unix)]
        Role::Bound => bound::run(&arguments),
        #[cfg(not(unix))]
        _ => Err(Refusal::Platform),
    };
    match outcome {
        Ok(code) => code,
        Err(refusal) => {
            say(&format!("the command was not run: {refusal}"));
            ExitCode::from(refusal::NOT_RUN)
        }
    }
}

#[cfg(unix)]
fn prefix(text: &OsStr) -> Result<ExitCode, Refusal> {
    // In a pause, too: what is not known for a command could tell the broker of calls.
    let known = lending::runs(text);
    if unfiltered::is_asked_for() {
        return unfiltered::run(text);
    }
    let known = known?;
    let caller = caller::Caller::look()?;
    match caller.reads {
        caller::Reads::FileAtExit => supervise::run(&caller, text, known),
        caller::Reads::AsItComes => in_place::run(&caller, text, known),
    }
}

#[cfg(not(unix))]
fn prefix(_: &OsStr) -> Result<ExitCode, Refusal> {
    Err(Refusal::Platform)
}

/// Says something on standard error: never anything of the output.
fn say(what: &str) {
    // In one piece: other processes write there too.
    let _ = std::io::stderr().write_all(format!("stanch-shell: {what}\n").as_bytes());
}

fn print(text: &str) -> ExitCode {
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

const USAGE: &str = "\
stanch-shell TEXT: runs a shell text and takes the secrets out of its output, for a coding agent.

It is not run by hand. Claude Code runs it before every command, background command, `!` command, monitor and stdio MCP
server if settings.json says

  \"env\": { \"CLAUDE_CODE_SHELL_PREFIX\": \"/absolute/path/to/stanch-shell\" }

To see what it does:

  stanch-shell 'cat .env; exit 3'
  stanch-shell 'make test' > log

A prefix of your own runs behind the filter if STANCH_SHELL_THEN names it, as the agent would start it.

The text runs with $SHELL if that is bash or zsh, else with bash; its exit status is that of the text. If the output
cannot be filtered the text is not run: status 126, the reason on standard error.

Options:
  -h, --help     this text
  -V, --version  the version";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_told_by_its_name_and_anything_else_is_the_prefix() {
        for (role, name) in Role::NAMED {
            assert!(Role::of(OsStr::new(name)) == role);
        }
        for name in ["", "stanch-shell", "/opt/stanch-filter", "bash"] {
            assert!(Role::of(OsStr::new(name)) == Role::Prefix);
        }
    }
}
