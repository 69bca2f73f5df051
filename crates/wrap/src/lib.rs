//! A tool's stand-in: lies under the tool's name in a folder that comes first on the `PATH` of an agent's commands.
//!
//! It tells the broker what is about to run, and becomes that tool: with a credential, if the broker lends one, else exactly
//! as if it were not there. What a broker does not answer is not lent. Where the broker says that the tool must not run (its
//! purpose is to print a credential), it does not.
//!
//! What is lent goes to this process alone, by the narrowest way that the tool knows ([`hand`]); what could make the tool
//! give it away again is taken out of the environment ([`environment`]).

#![cfg(unix)]

mod connection;
mod environment;
mod git;
mod hand;
mod helper;
mod path;
mod remote;

pub use remote::remote;

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use wire::{Answer, Ask, Client, Reply, Tool, place};

/// The broker waits for nobody; its record may have to wait for the disk.
const PATIENCE: Duration = Duration::from_secs(10);
/// Not run, as a shell would say of a command that may not be.
const NOT_RUN: u8 = 126;
/// Not found, as a shell would say.
const NOT_FOUND: u8 = 127;
/// The name of the executable itself.
pub(crate) const OWN: &str = "stanch-wrap";
/// The word by which git starts it as its credential helper.
pub(crate) const HELPER: &str = "git-credential";
/// Why nothing is lent where no broker answers.
pub(crate) const SILENT: &str = "the session's broker does not answer; start the client anew to have one";

/// The same where there are brokers, and none of them is one of those above.
const APART: &str = "no broker of a session stands above this process: it has ended, or the process has left the command that started it";

/// Runs the stand-in.
pub fn run(mut words: impl Iterator<Item = OsString>) -> ExitCode {
    let called = words.next().unwrap_or_default();
    let name = Path::new(&called).file_name().unwrap_or_default().to_owned();
    let words: Vec<OsString> = words.collect();
    if name == OWN {
        return match words.as_slice() {
            [helper, action] if helper == HELPER => helper::run(action),
            [only] if only == "--version" || only == "-V" => print(concat!("stanch-wrap ", env!("CARGO_PKG_VERSION"))),
            [only] if only == "--help" || only == "-h" => print(USAGE),
            _ => {
                say(USAGE);
                ExitCode::from(2)
            }
        };
    }
    match ask(&name, &words) {
        Ok((mut broker, Reply { answer: Answer::Lent(lent), values })) => {
            if let Some(why) = &lent.why_not {
                say(&format!("{}: not all credentials are lent: {why}", name.display()));
            }
            let why = match hand::over(&lent, values, &words) {
                Ok(mut tool) => not_started(&tool.exec()),
                Err(why) => why,
            };
            // It is on record that it was lent. If this is not, it is not lent all the same.
            let _ = broker.within(PATIENCE).ask(&Ask::Declined { why: why.clone() });
            refused(&name, &why)
        }
        Ok((_, Reply { answer: Answer::Refused { why }, .. })) => refused(&name, &why),
        Ok((_, Reply { answer: Answer::Nothing { why: Some(why) }, .. })) => {
            say(&format!("{}: no credential is lent: {why}", name.display()));
            plainly(&name, &words)
        }
        Ok(_) => plainly(&name, &words),
        Err(why) => {
            say(&format!("{}: no credential is lent: {why}", name.display()));
            plainly(&name, &words)
        }
    }
}

/// Asks the broker. Why nothing is lent, if it does not answer.
fn ask(name: &OsStr, words: &[OsString]) -> Result<(Client, Reply), &'static str> {
    let client = place::above().ok_or_else(|| match place::brokers() {
        Ok(brokers) if !brokers.is_empty() => APART,
        _ => SILENT,
    })?;
    // With a mark in the place of what is no UTF-8: nothing is lent then, but what prints credentials is known.
    let text = |word: &OsStr| word.to_string_lossy().into_owned();
    let all = std::iter::once(name).chain(words.iter().map(OsString::as_os_str)).map(text).collect();
    let tool = Tool { words: all, remote: remote::remote(name, words, None) };
    let mut broker = Client::of(client, PATIENCE).map_err(|_| SILENT)?;
    let reply = broker.ask(&Ask::Tool(tool)).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => "its command line is too long to be judged",
        _ => SILENT,
    })?;
    Ok((broker, reply))
}

/// Becomes the tool as if nothing stood in front of it.
fn plainly(name: &OsStr, words: &[OsString]) -> ExitCode {
    match path::tool(name, std::env::var_os("PATH").as_deref()) {
        Some(tool) => refused(name, &not_started(&Command::new(tool).arg0(name).args(words).exec())),
        None => {
            say(&format!("{}: command not found", name.display()));
            ExitCode::from(NOT_FOUND)
        }
    }
}

fn not_started(error: &std::io::Error) -> String {
    format!("it cannot be started: {}", error.kind())
}

fn refused(name: &OsStr, why: &str) -> ExitCode {
    say(&format!("{} was not run: {why}", name.display()));
    ExitCode::from(NOT_RUN)
}

/// Says something on standard error, in one piece: other processes write there too.
fn say(what: &str) {
    let _ = std::io::stderr().write_all(format!("stanch: {what}\n").as_bytes());
}

fn print(text: &str) -> ExitCode {
    if writeln!(std::io::stdout(), "{text}").is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

const USAGE: &str = "\
stanch-wrap is not run by hand. session-start lays it, under the names of the tools that your policy lends credentials to, into a
folder in front of the PATH of an agent's commands. See `stanch policy explain --help`.";
