//! The brokers that lend credentials at the moment: names and states, never a value.

use std::time::Duration;

use wire::{Answer, Ask, Client, Report, is_none};

use crate::session;

/// A broker answers at once, or not at all.
const PATIENCE: Duration = Duration::from_secs(2);

/// What each says of itself; nothing where none runs.
pub fn told() -> String {
    let brokers = match wire::place::brokers() {
        Ok(brokers) => brokers,
        Err(error) => return format!("! brokers cannot be looked for: {error}\n"),
    };
    let said = brokers.into_iter().map(|client| {
        let asked = Client::of(client, PATIENCE).and_then(|mut broker| broker.ask(&Ask::Report));
        match asked.map(|reply| reply.answer) {
            Ok(Answer::Report(report)) => of(&report),
            // It was killed, and has left its socket.
            Err(error) if is_none(error.kind()) => String::new(),
            _ => format!("! the broker of client {} does not answer (`stanch stop --client {0}`)\n", client.pid),
        }
    });
    said.collect()
}

/// What is to be said of the configuration that closes hooks, or lends while nobody does.
pub fn of_configuration(told: &str) -> String {
    let lend = session::config()
        .map_err(|error| format!("! every hook is closed: {error:#}\n"))
        .and_then(|config| config.lend().map_err(|error| format!("! nothing is lent: {error:#}\n")));
    match lend {
        Err(wrong) => wrong,
        Ok(lend) if !lend.credentials().is_empty() && told.is_empty() => {
            "credentials may be lent here, and no broker runs: one starts with the next session\n".to_owned()
        }
        Ok(_) => String::new(),
    }
}

fn of(report: &Report) -> String {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let mut said = format!(
        "broker of client {} (process {}, stanch {}): {}, {} under way, {} lent\n",
        report.client,
        report.pid,
        report.version,
        count(report.sessions.len(), "session"),
        count(report.calls, "call"),
        count(report.leases, "credential"),
    );
    for (name, state) in &report.credentials {
        said.push_str(&format!("  {name}: {state}\n"));
    }
    said
}
