//! What the session's broker is told, and what it lends to an MCP server.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use config::Config;
use wire::{Answer, Ask, Client, Reply, Way, place};

use crate::{foreign, say};

/// No command waits longer for what it says.
const PATIENCE: Duration = Duration::from_millis(500);
/// Servers start together with the hook that starts the broker; the client waits 30 seconds for a server.
const START: Duration = Duration::from_secs(8);
/// And a person may have to unlock a keyring.
const VALUE: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(20);

/// From here on this process, and what it becomes, runs the text. Without a broker nothing is lent, and nothing is said here: the
/// tool that would have been lent something says so.
pub fn runs(text: &OsStr) {
    // Most sessions have no broker: one look at the folder and no more.
    if place::existing().is_none() {
        return;
    }
    let (Some(client), Some(text)) = (place::above(), text.to_str()) else { return };
    if let Ok(mut broker) = Client::of(client, PATIENCE) {
        let _ = broker.ask(&Ask::Run { text: text.to_owned() });
    }
}

/// What the MCP server that this process is about to become is lent: variables of its environment.
///
/// A server is told by what the client does not tell it: everything else that it starts knows the client's process.
pub fn to_server(text: &OsStr) -> Vec<(String, OsString)> {
    if std::env::var_os("CLAUDE_PID").is_some() {
        return Vec::new();
    }
    let (Ok(folder), Some(text)) = (std::env::current_dir(), text.to_str()) else { return Vec::new() };
    // A configuration that cannot be read stops the filter, and the server with it.
    let Ok(lend) = Config::load(&folder).and_then(|config| config.lend()) else { return Vec::new() };
    if !lend.credentials().iter().any(|credential| credential.granted.servers.is_some()) {
        return Vec::new();
    }
    if let Some((name, file)) = foreign::variable(&folder) {
        say(&format!(
            "no credential is lent to this server: {} sets {name}, or may, with which its program could be made to run something \
             else; take {name} out of it, or set it in your own settings",
            file.display()
        ));
        return Vec::new();
    }
    let asked = broker().and_then(|mut broker| broker.ask(&Ask::Server { text: text.to_owned(), folder }).ok());
    match asked {
        Some(Reply { answer: Answer::Lent(lent), values }) => {
            if let Err(error) = harden::leave_no_core() {
                say(&format!(
                    "no credential is lent to this server: it might leave it in a core file: {}",
                    error.kind()
                ));
                return Vec::new();
            }
            let names = lent.handed.into_iter().filter_map(|handed| match handed.way {
                Way::Environment { name } => Some(name),
                Way::Git { .. } | Way::Pgpass { .. } => None,
            });
            let value = |value: secret::Secret| value.expose(|value| OsStr::from_bytes(value).to_owned());
            names.zip(values.into_iter().map(value)).filter(|(_, value)| !value.as_bytes().contains(&0)).collect()
        }
        Some(Reply { answer: Answer::Nothing { why: Some(why) } | Answer::Refused { why }, .. }) => {
            say(&format!("no credential is lent to this server: {why}"));
            Vec::new()
        }
        Some(_) => Vec::new(),
        None => {
            say("no credential is lent to this server: the session's broker did not start or does not answer");
            Vec::new()
        }
    }
}

/// The broker, as soon as it listens.
fn broker() -> Option<Client> {
    let end = Instant::now() + START;
    loop {
        if let Some(broker) = place::above().and_then(|client| Client::of(client, VALUE).ok()) {
            return Some(broker);
        }
        if Instant::now() >= end {
            return None;
        }
        std::thread::sleep(STEP);
    }
}
