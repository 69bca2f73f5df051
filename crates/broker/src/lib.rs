//! The broker of one client: holds the session's credentials in memory and lends them, call by call, to the tools that policy
//! names.
//!
//! `session-start` (or `stanch run`) starts it; it ends with the client. What it is asked comes over a socket ([`serve`]) from
//! the hooks, the shell prefix and the tools' stand-ins, and counts by who asks ([`peer`]). It decides itself: a
//! question that is forged gains what policy grants anyway.
//!
//! Of a tool it knows which call it is ([`calls`]) by the process that the prefix said runs the call's text. Then, in this order:
//! the decision (crate `policy`), its record ([`record`]), the lease ([`leases`]); a lease is made of the other two, so that
//! another order does not compile.
//!
//! Values are fetched by another process ([`values`]) and lie on pages of their own (crate `harden`).

#![cfg(unix)]

mod batch;
pub mod broker;
pub mod calls;
pub mod environment;
mod failed;
mod filters;
pub mod git;
pub mod leases;
pub mod lend;
pub mod life;
pub mod listen;
mod lock;
mod nested;
pub mod peer;
pub mod program;
pub mod record;
mod sender;
pub mod serve;
pub mod servers;
pub mod start;
pub mod started;
pub mod terms;
mod text;
pub mod values;
pub mod wrappers;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use wire::Process;

use broker::Broker;
use life::Life;
use listen::Place;
use terms::Terms;

/// A broker that nobody asks for so long ends; a tool that wants something then says so.
const IDLE: Duration = Duration::from_secs(12 * 3600);

const USAGE: &str = "\
stanch-broker --client PID-START [--idle SECONDS]: starts the broker of a client and waits until it listens.

It is not run by hand: `session-start` and `stanch run` start it. START is the start time of the process (/proc/PID/stat, field 22).
`stanch status` shows the brokers that run, `stanch stop` ends them.";

/// Runs the executable: starts a broker, or is one.
pub fn run(mut words: impl Iterator<Item = OsString>) -> ExitCode {
    failed::remember_where();
    let name = words.next().unwrap_or_default();
    let words: Option<Vec<String>> = words.map(|word| word.into_string().ok()).collect();
    let words = words.unwrap_or_default();
    let text = match words.first().map(String::as_str) {
        Some("--help" | "-h") => Some(USAGE),
        Some("--version" | "-V") => Some(concat!("stanch-broker ", env!("CARGO_PKG_VERSION"))),
        _ => None,
    };
    if let Some(text) = text {
        return if writeln!(std::io::stdout(), "{text}").is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let Some((client, idle)) = arguments(&words) else {
        let _ = writeln!(std::io::stderr(), "{USAGE}");
        return ExitCode::from(2);
    };
    let is_broker = Path::new(&name).file_name().is_some_and(|name| name == start::SERVE);
    let outcome = if is_broker { serve(client, idle) } else { start::start(client, &words) };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) if is_broker => {
            let _ = writeln!(std::io::stdout(), "{why}");
            ExitCode::FAILURE
        }
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "stanch-broker: {why}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(words: &[String]) -> Option<(Process, Duration)> {
    match words {
        [option, client] if option == "--client" => Some((client.parse().ok()?, IDLE)),
        [option, client, other, seconds] if option == "--client" && other == "--idle" => {
            Some((client.parse().ok()?, Duration::from_secs(seconds.parse().ok()?)))
        }
        _ => None,
    }
}

/// Is the broker of a client until its end. Its error is for a person.
fn serve(client: Process, idle: Duration) -> Result<(), String> {
    harden::close_what_is_inherited()
        .map_err(|error| format!("what its starter had open cannot be closed: {}", error.kind()))?;
    // Each who asks takes some; the usual 1,024 are meant for `select`, which nothing here calls.
    let files = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files });
    harden::process().map_err(|error| format!("the system does not protect its memory: {}", error.kind()))?;
    rustix::process::setsid().map_err(|error| format!("no session of its own: {error}"))?;
    let folder = PathBuf::from(format!("/proc/{}/cwd", client.pid)).read_link();
    let folder = folder.map_err(|error| format!("the client's folder cannot be told: {}", error.kind()))?;
    if listen::is_there(client) {
        return ready();
    }
    if let Some(name) = environment::led_elsewhere(client) {
        return Err(format!(
            "{name} is not what the client was started with, and leads to another configuration or log: set it where the client is \
             started, not in settings, and start it anew"
        ));
    }
    let terms = Terms::of(&folder)?;
    if terms.is_empty() {
        return Err("the configuration lends nothing".to_owned());
    }
    if let Some(why) = nested::objection(client) {
        return Err(why);
    }
    let record = record::Record::open(&folder)?;
    let tools = program::Tools::at_start(environment::Environment::of_client(&folder), terms.tools());
    // From here on somebody can connect.
    let Some(place) = Place::take(client).map_err(|error| listen::reason(&error))? else {
        return ready();
    };
    wrappers::lay(&place.wrappers, terms.tools().into_iter()).map_err(|error| error.to_string())?;
    let none = |what: &str, error: std::io::Error| format!("{what} cannot be had: {}", error.kind());
    let (life, pulse) = Life::of(client).map_err(|error| none("a thread", error))?;
    pulse.heed_signals().map_err(|error| none("what heeds signals", error))?;
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| "the system gives no random bytes")?;
    let broker = Arc::new(Broker {
        client,
        sessions: Mutex::default(),
        calls: calls::Calls::of(client),
        leases: Arc::default(),
        values: Arc::new(values::Values::new(folder, key)),
        filters: filters::Filters::default(),
        terms,
        tools,
        record,
        pulse,
    });
    // MCP servers run already, and none of them becomes a hook.
    broker.calls.were_there(client.children());
    broker.record.began(client)?;
    broker.values.fetch(broker.terms.sources().map(|(_, source)| source));
    let (listener, answering) = (place.listener.try_clone(), Arc::clone(&broker));
    let listener = listener.map_err(|error| format!("its socket cannot be used: {}", error.kind()))?;
    serve::serve(listener, answering).map_err(|error| none("a thread", error))?;
    ready()?;
    let end = life.end(idle, || place.is_own());
    broker.values.clear();
    let _ = broker.record.ended(client, end);
    place.leave(end);
    Ok(())
}

/// Says that it listens, and lets go of who waits for that.
fn ready() -> Result<(), String> {
    let said = std::io::stdout().write_all(start::READY.as_bytes()).and_then(|()| std::io::stdout().flush());
    let null = std::fs::File::options().write(true).open("/dev/null");
    let let_go = said.and(null).and_then(|null| Ok(rustix::stdio::dup2_stdout(&null)?));
    let_go.map_err(|error| format!("who started it does not listen: {}", error.kind()))
}
