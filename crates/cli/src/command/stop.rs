//! `stanch stop`: ends brokers. What they have lent stays with who has it; nothing more is lent.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::{Signal, kill_process};
use wire::{Ask, Client};

/// A broker answers at once, or not at all.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends the broker of one client, or all of them.
pub fn run(client: Option<i32>) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let (mut any, mut code) = (false, ExitCode::SUCCESS);
    for process in wire::place::brokers().filter(|process| client.is_none_or(|pid| process.pid == pid)) {
        any = true;
        let asked = Client::of(process, PATIENCE)
            .map_err(|error| (None, error.kind()))
            .and_then(|mut broker| broker.ask(&Ask::Stop).map_err(|error| (broker.listener(), error.kind())));
        let said = match asked {
            Ok(_) => "ends",
            Err((_, ErrorKind::ConnectionRefused | ErrorKind::NotFound)) => "had ended already",
            // It was stopped, or hangs: what it holds is wiped by the system, as it is when a machine goes down.
            Err((Some(broker), _)) if kill_process(broker, Signal::KILL).is_ok() => "did not answer and was killed",
            Err((_, kind)) => {
                writeln!(out, "the broker of client {} does not answer ({kind}) and cannot be ended", process.pid)?;
                code = ExitCode::from(1);
                continue;
            }
        };
        writeln!(out, "the broker of client {} {said}; its session is lent nothing more", process.pid)?;
    }
    if !any {
        writeln!(out, "no broker runs{}", client.map_or_else(String::new, |pid| format!(" for client {pid}")))?;
        return Ok(ExitCode::from(1));
    }
    Ok(code)
}
