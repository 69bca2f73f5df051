//! What the session's broker is told, and what it lends to an MCP server.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use config::Config;
use wire::{Answer, Ask, Client, Way, place};

use crate::{foreign, say};

/// No command waits longer for what it says.
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
pub fn runs(text: &OsStr) -> Option<Known> {
    // Most sessions have no broker: one look at the folder and no more.
    place::existing().ok()??;
    let mut broker = Client::of(place::above()?, PATIENCE).ok()?;
    broker.ask(&Ask::Run { text: text.to_str()?.to_owned() }).ok()?;
    let forms = forms(&mut broker)?;
    Some(Known { forms, broker: Some(broker) })
}

fn forms(broker: &mut Client) -> Option<String> {
    match broker.ask(&Ask::Known).ok()?.answer {
        Answer::Known { forms } => Some(forms),
        _ => None,
    }
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
    let reply = broker.ask(&Ask::Server { text: text.to_owned(), folder }).map_err(|_| silent)?;
    let lent = match reply.answer {
        Answer::Lent(lent) => lent,
        Answer::Nothing { why: Some(why) } | Answer::Refused { why } => return Err(why),
        _ => return Ok(Lent::default()),
    };
    harden::leave_no_core().map_err(|error| format!("it might leave it in a core file: {}", error.kind()))?;
    let known = forms(broker.within(PATIENCE)).ok_or("the broker does not say what to look for in what it shows")?;
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
