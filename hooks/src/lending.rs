//! What the hooks tell the session's broker: that a session goes by this id, that a command is about to run, that it has run;
//! and, for the audit log, which kinds of secrets they have found.
//!
//! A broker that is not there changes no answer: redaction goes on without it, and nothing is lent.

use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use scrub::known::Known;
use serde::{Deserialize, Serialize};
use wire::{Answer, Ask, By, Call, Client, Process, Redacted, has_ended, is_none, place};

use crate::Refusal;
use crate::event::Event;
use crate::log::Entry;
use crate::rehearsal;

/// A hook waits no longer for the broker: what it does not know it does not lend.
const PATIENCE: Duration = Duration::from_millis(500);
/// What it does not know it could let pass, so it waits for longer.
const KNOWN: Duration = Duration::from_secs(3);
/// The executable, beside the hooks.
const BROKER: &str = "stanch-broker";

/// The way to the broker of the client that started this hook: an event is asked about several times, and from deep below. One
/// that is not there is not looked for again.
static BROKER_OF_CLIENT: Mutex<Broker> = Mutex::new(Broker::Unknown);

enum Broker {
    Unknown,
    There(Client),
    /// Why not.
    None(ErrorKind),
}

/// Asks the broker of the client that started this hook.
fn ask(what: &Ask, patience: Duration) -> Result<Answer, ErrorKind> {
    let mut broker = BROKER_OF_CLIENT.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = once(&mut broker, what, patience);
    // A connection may end before its broker does. Whether the broker is gone, another one tells.
    match answer {
        Err(kind) if has_ended(kind) => once(&mut broker, what, patience),
        answer => answer,
    }
}

fn once(broker: &mut Broker, what: &Ask, patience: Duration) -> Result<Answer, ErrorKind> {
    let mut client = match std::mem::replace(broker, Broker::Unknown) {
        Broker::There(mut client) => {
            client.within(patience);
            client
        }
        Broker::Unknown => match find(patience) {
            Ok(client) => client,
            Err(kind) => {
                if is_none(kind) {
                    *broker = Broker::None(kind);
                }
                return Err(kind);
            }
        },
        Broker::None(kind) => {
            *broker = Broker::None(kind);
            return Err(kind);
        }
    };
    // What is wrong with this connection need not be wrong with the next.
    let reply = client.ask(what).map_err(|error| error.kind())?;
    *broker = Broker::There(client);
    Ok(reply.answer)
}

fn find(patience: Duration) -> Result<Client, ErrorKind> {
    // Most sessions have none: one look at the folder and no more.
    if rehearsal::is_on() || place::existing().map_err(|error| error.kind())?.is_none() {
        return Err(ErrorKind::NotFound);
    }
    let client = Process::own_parent().ok_or(ErrorKind::NotFound)?;
    Client::of(client, patience).map_err(|error| error.kind())
}

/// By what the values of what may be lent are known: no text that a hook lets pass holds one. None, where no broker is.
///
/// # Errors
/// There is one, and it does not say.
pub fn known() -> Result<Option<Known>, Refusal> {
    match ask(&Ask::Known, KNOWN) {
        Ok(Answer::Known { forms }) => {
            Known::from_text(&forms).map(Some).ok_or(Refusal::Broker(ErrorKind::InvalidData.to_string()))
        }
        // Whose own hooks know them.
        Ok(Answer::Stranger) => Ok(None),
        Ok(_) => Err(Refusal::Broker(ErrorKind::PermissionDenied.to_string())),
        Err(kind) if is_none(kind) => Ok(None),
        // Why its folder cannot be used says more than the kind of it.
        Err(kind) => {
            Err(Refusal::Broker(place::existing().err().map_or_else(|| kind.to_string(), |why| why.to_string())))
        }
    }
}

/// Before a command runs: `arguments` are those that it runs with.
pub fn begins(event: &Event<'_>, arguments: &str) {
    #[derive(Deserialize)]
    struct Arguments {
        command: String,
    }
    if !matches!(event.tool_name.as_deref(), Some("Bash" | "Monitor")) {
        return;
    }
    let (Some(id), Some(session)) = (&event.tool_use_id, &event.session_id) else { return };
    let Ok(Arguments { command }) = serde_json::from_str(arguments) else { return };
    let call = Call {
        id: id.clone().into_owned(),
        session: session.clone().into_owned(),
        agent: text(&event.agent_id),
        agent_type: text(&event.agent_type),
        command,
    };
    let _ = ask(&Ask::Call(call), PATIENCE);
}

/// After it ran, or was started in the background.
pub fn ended(event: &Event<'_>) {
    if !matches!(event.tool_name.as_deref(), Some("Bash" | "Monitor")) {
        return;
    }
    if let Some(id) = &event.tool_use_id {
        let _ = ask(&Ask::Ended { call: id.clone().into_owned() }, PATIENCE);
    }
}

/// When secrets were found, and something was done about them: which kinds, how often, where. It was done whatever the broker
/// says.
pub fn redacted(entry: &Entry<'_, '_>) {
    /// An event may have many entries: a broker that takes no note of one is not asked to take note of the next.
    static IS_SILENT: AtomicBool = AtomicBool::new(false);
    if entry.kinds.is_empty() || IS_SILENT.load(Ordering::Relaxed) {
        return;
    }
    let of = entry.of;
    let by = By::Hook {
        session: text(&of.session_id),
        agent: text(&of.agent_id),
        agent_type: text(&of.agent_type),
        call: entry.call.map(str::to_owned).or_else(|| text(&of.tool_use_id)),
        tool: entry.tool.map(str::to_owned),
    };
    let redacted = Redacted {
        by,
        kinds: entry.kinds.iter().map(|(kind, count)| ((*kind).to_owned(), *count as u64)).collect(),
        place: word(entry.source),
        how: word(entry.did),
        kept: entry.did.keeps(),
    };
    if ask(&Ask::Redacted(redacted), PATIENCE).is_err_and(|kind| !is_none(kind)) {
        IS_SILENT.store(true, Ordering::Relaxed);
    }
}

fn text(field: &Option<Cow<'_, str>>) -> Option<String> {
    field.as_deref().map(str::to_owned)
}

/// As the local log writes it.
fn word(of: impl Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// When a session starts: the broker too, unless it is there. What a person should know, if it cannot be had.
pub fn session(event: &Event<'_>) -> Option<String> {
    if rehearsal::is_on() {
        return None;
    }
    match start(event) {
        Ok(()) => None,
        Err(why) => Some(format!("No credential is lent in this session: {why}.")),
    }
}

fn start(event: &Event<'_>) -> Result<(), String> {
    let client = Process::own_parent().ok_or("the client's process cannot be told")?;
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(BROKER)));
    let path = beside.filter(|path| path.is_file());
    let path = path.ok_or_else(|| format!("{BROKER} is missing beside the hooks: run `stanch doctor --repair`"))?;
    let mut broker = Command::new(path);
    broker.args(["--client", &client.to_string()]).stdin(Stdio::null());
    let output = broker.output().map_err(|error| format!("{BROKER} cannot be started ({})", error.kind()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.trim().trim_start_matches("stanch-broker: ").trim_end_matches('.').to_owned());
    }
    // There was none a moment ago, maybe.
    *BROKER_OF_CLIENT.lock().unwrap_or_else(PoisonError::into_inner) = Broker::Unknown;
    if let Some(id) = &event.session_id {
        match ask(&Ask::Session { id: id.clone().into_owned() }, PATIENCE) {
            Ok(Answer::Done) => {}
            Ok(_) => return Err("the broker does not take the session".to_owned()),
            Err(kind) => return Err(format!("the broker does not answer ({kind})")),
        }
    }
    let folder = place::existing().map_err(|error| error.to_string())?.ok_or("the folder of its socket is gone")?;
    lead_to(&place::wrappers(&folder, client))
}

/// Puts the folder of the tools' stand-ins before the `PATH` of the session's commands: the client sources this file before each.
/// The file outlives the session, for all to read; nothing but this stands in it.
fn lead_to(wrappers: &Path) -> Result<(), String> {
    let Some(file) = std::env::var_os("CLAUDE_ENV_FILE").filter(|file| !file.is_empty()) else {
        return Err("the client names no file for the environment of its commands ($CLAUDE_ENV_FILE)".to_owned());
    };
    let line = format!("export PATH=\"{}:$PATH\"\n", wrappers.display());
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    // A session that goes on in the same file finds its line.
    if there.lines().next_back() == Some(line.trim_end()) {
        return Ok(());
    }
    let mut file = OpenOptions::new().append(true).create(true).open(file).map_err(unwritten)?;
    file.write_all(line.as_bytes()).map_err(unwritten)
}

fn unwritten(error: std::io::Error) -> String {
    format!("the file for the environment of the client's commands cannot be written ({})", error.kind())
}
