//! What the session's broker is told, and what it lends to an MCP server.

use std::ffi::{OsStr, OsString};
use std::io::{Error, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use config::Config;
use wire::{Answer, Ask, Client, Way, has_ended, is_none, place};

use crate::{Refusal, foreign, say};

/// So long a command waits to be known; a broker answers at once, unless the machine is very busy.
const ANSWER: Duration = Duration::from_secs(5);
/// No command waits longer for what is of less weight.
const PATIENCE: Duration = Duration::from_millis(500);
/// Servers start together with the hook that starts the broker; the client waits 30 seconds for a server.
const START: Duration = Duration::from_secs(8);
/// And a person may have to unlock a keyring.
const VALUE: Duration = wire::UNLOCKING.saturating_add(Duration::from_secs(2));
const STEP: Duration = Duration::from_millis(20);

/// By what a command's filter knows the values that may be lent to it. By default there are none.
#[derive(Default)]
pub struct Known {
    forms: String,
    broker: Option<Client>,
}

impl Known {
    /// As the filter takes them in.
    pub fn forms(&self) -> &str {
        &self.forms
    }

    /// The filter has taken them in. A broker that does not hear it lends nothing.
    pub fn tell_taken_in(self) {
        if let Some(mut broker) = self.broker {
            let _ = broker.within(PATIENCE).ask(&Ask::TakenIn);
        }
    }
}

/// From here on this process, and what it becomes, runs the text.
///
/// Without a broker nothing is lent, and nothing is said here: the tool that would have been lent something says so.
///
/// # Errors
/// There is one that does not answer: it would not know this process for a command's, and what the command shows could not be
/// looked through for what is lent.
pub fn runs(text: &OsStr) -> Result<Known, Refusal> {
    let told = match told(text) {
        // Its end comes between a question and the answer: then there is none the next time.
        Err(error) if has_ended(error.kind()) => self::told(text),
        told => told,
    };
    match told {
        Ok(known) => Ok(known),
        Err(error) if is_none(error.kind()) => Ok(Known::default()),
        Err(error) => Err(Refusal::Broker(error.to_string())),
    }
}

fn told(text: &OsStr) -> Result<Known, Error> {
    // Most sessions have no broker: one look at the folder and no more.
    let none = || Error::from(ErrorKind::NotFound);
    place::existing()?.ok_or_else(none)?;
    let mut broker = Client::of(place::above().ok_or_else(none)?, ANSWER)?;
    broker.ask(&Ask::Run { text: text.to_string_lossy().into_owned() })?;
    let forms = forms(&mut broker)?;
    Ok(Known { forms: forms.unwrap_or_default(), broker: Some(broker) })
}

/// None of a broker that belongs to another installation, or does not know this process for one of its client's.
fn forms(broker: &mut Client) -> Result<Option<String>, Error> {
    Ok(match broker.ask(&Ask::Known)?.answer {
        Answer::Known { forms } => Some(forms),
        _ => None,
    })
}

/// What an MCP server is lent.
#[derive(Default)]
pub struct Lent {
    /// Variables of its environment.
    pub variables: Vec<(String, OsString)>,
    /// By what the filter knows their values.
    pub known: String,
}

/// What the MCP server that this process is about to become is lent: variables of its environment.
///
/// A server is told by what the client does not tell it: everything else that it starts knows the client's process.
pub fn to_server(text: &OsStr) -> Lent {
    if std::env::var_os("CLAUDE_PID").is_some() {
        return Lent::default();
    }
    asked(text).unwrap_or_else(|why| {
        say(&format!("no credential is lent to this server: {why}"));
        Lent::default()
    })
}

fn asked(text: &OsStr) -> Result<Lent, String> {
    let (Ok(folder), Some(text)) = (std::env::current_dir(), text.to_str()) else { return Ok(Lent::default()) };
    // A configuration that cannot be read stops the filter, and the server with it.
    let Ok(lend) = Config::load(&folder).and_then(|config| config.lend()) else { return Ok(Lent::default()) };
    if !lend.credentials().iter().any(|credential| credential.granted.servers.is_some()) {
        return Ok(Lent::default());
    }
    if let Some((name, file)) = foreign::variable(&folder) {
        return Err(format!(
            "{} sets {name}, or may, with which its program could be made to run something else; take {name} out of it, or set it \
             in your own settings",
            file.display()
        ));
    }
    let silent = "the session's broker did not start or does not answer; start the client anew to have one";
    let mut broker = broker().ok_or(silent)?;
    let reply = broker.ask(&Ask::Server { text: text.to_owned() }).map_err(|_| silent)?;
    let lent = match reply.answer {
        Answer::Lent(lent) => lent,
        Answer::Nothing { why: Some(why) } | Answer::Refused { why } => return Err(why),
        _ => return Ok(Lent::default()),
    };
    harden::leave_no_core().map_err(|error| format!("it might leave it in a core file: {}", error.kind()))?;
    let known = forms(broker.within(ANSWER)).ok().flatten();
    let known = known.ok_or("the broker does not say what to look for in what it shows")?;
    let names = lent.handed.iter().filter_map(|handed| match &handed.way {
        Way::Environment { name } => Some(name.clone()),
        Way::Git { .. } | Way::Pgpass { .. } => None,
    });
    let value = |value: secret::Secret| value.expose(|value| OsStr::from_bytes(value).to_owned());
    if let Some(why) = &lent.why_not {
        say(&format!("not all credentials are lent to this server: {why}"));
    }
    Ok(Lent { variables: names.zip(reply.values.into_iter().map(value)).collect(), known })
}

/// The broker, as soon as it listens.
fn broker() -> Option<Client> {
    let end = Instant::now() + START;
    loop {
        if let Some(client) = place::above()
            && let Ok(broker) = Client::of(client, VALUE)
        {
            return Some(broker);
        }
        if Instant::now() >= end {
            return None;
        }
        std::thread::sleep(STEP);
    }
}
