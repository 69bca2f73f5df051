//! `stanch stop`: ends brokers. What they have lent stays with who has it; nothing more is lent.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use wire::{Answer, Ask, Client, Process, has_ended, is_none};

/// A broker answers at once, or not at all.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends the broker of one client, or all of them.
pub fn run(client: Option<i32>) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let (mut any, mut code) = (false, ExitCode::SUCCESS);
    for process in wire::place::brokers()?.into_iter().filter(|process| client.is_none_or(|pid| process.pid == pid)) {
        any = true;
        let said = match ask(process) {
            Ok(Answer::Refused { why }) => {
                writeln!(
                    out,
                    "the broker of client {} goes on: {why}; stop it in a terminal of your own",
                    process.pid
                )?;
                code = ExitCode::from(1);
                continue;
            }
            Ok(_) => "ends",
            Err((_, kind)) if is_none(kind) => "had ended already",
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

/// Tells it to end. Which process did not answer, if that is known, and how it did not.
fn ask(client: Process) -> Result<Answer, (Option<Pid>, ErrorKind)> {
    let once = || {
        let mut broker = Client::of(client, PATIENCE).map_err(|error| (None, error.kind()))?;
        broker.ask(&Ask::Stop).map(|reply| reply.answer).map_err(|error| (broker.listener(), error.kind()))
    };
    match once() {
        // Its end may come before its answer: then there is none the next time.
        Err((_, kind)) if has_ended(kind) => once(),
        asked => asked,
    }
}
