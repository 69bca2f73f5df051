//! A client within a client: started by a command, as a main thread of its own.
//!
//! A subagent could have in it what only the main thread may have, so what a command started has no broker. A client that
//! another client started by itself (one that is moved to the background) is no command.

use std::time::Duration;

use wire::{Answer, Ask, Client, Process, is_none, place};

use crate::broker::PREFIX;

/// A broker answers this from its memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a client may not have a broker, if it may not.
pub fn objection(client: Process) -> Option<String> {
    if client.pid == 1 {
        let why = "the client is the first process of its container, whose child becomes what its commands leave behind, so that nobody \
                   could tell those from its hooks; start the container with an init (`docker run --init`)";
        return Some(why.to_owned());
    }
    // A broker that was ended says nothing of its commands any more; the prefix still stands above them.
    if let Some(prefix) = client.line().skip(1).find(is_prefix) {
        return Some(format!("this session was started by a command of another one (process {})", prefix.pid));
    }
    place::all_above(client).find_map(|above| {
        let asked = Client::of(above, PATIENCE).and_then(|mut broker| broker.ask(&Ask::IsCommand { process: client }));
        match asked.map(|reply| reply.answer) {
            Ok(Answer::IsCommand(false)) => None,
            Ok(Answer::IsCommand(true)) => {
                Some(format!("this session was started by a command of another one (process {})", above.pid))
            }
            // Its socket outlives a broker that was killed: then no command of it is lent anything either.
            Err(error) if is_none(error.kind()) => None,
            Ok(_) | Err(_) => {
                Some(format!("the broker of the session that this one runs in (process {}) does not answer", above.pid))
            }
        }
    })
}

/// Why this process may not start the broker of a client, if it may not: a command of that client, or what one has left behind, would
/// start one in its own environment, with a configuration and a log of its choice.
pub fn objection_to_starter(client: Process) -> Option<String> {
    let line: Vec<Process> = Process::own()?.line().skip(1).collect();
    let Some(at) = line.iter().position(|above| *above == client) else {
        return Some(
            "a broker is started by its client, or by what that has started: start the client anew".to_owned(),
        );
    };
    let prefix = line[..at].iter().find(|process| is_prefix(process))?;
    Some(format!("a command (process {}) does not start a broker: start the client anew", prefix.pid))
}

/// Whether a command's prefix stands above a process.
pub fn is_below_prefix(process: Process) -> bool {
    process.line().skip(1).any(|above| is_prefix(&above))
}

fn is_prefix(process: &Process) -> bool {
    let path = std::fs::read_link(format!("/proc/{}/exe", process.pid));
    path.is_ok_and(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_process_of_a_container_has_none() {
        let first = Process::of(1).expect("there is one");
        assert!(objection(first).expect("none for it").contains("docker run --init"));
    }
}
