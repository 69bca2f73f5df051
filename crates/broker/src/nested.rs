//! A client within a client: started by a command, as a main thread of its own.
//!
//! A subagent could have in it what only the main thread may have, so what a command started has no broker. A client that
//! another client started by itself (one that is moved to the background) is no command.

use std::time::Duration;

use wire::{Answer, Ask, Client, Process, place};

/// A broker answers this from its memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a client may not have a broker, if it may not.
pub fn objection(client: Process) -> Option<String> {
    place::all_above(client).find_map(|above| {
        let asked = Client::of(above, PATIENCE).and_then(|mut broker| broker.ask(&Ask::IsCommand { process: client }));
        match asked.map(|reply| reply.answer) {
            Ok(Answer::IsCommand(false)) => None,
            Ok(Answer::IsCommand(true)) => {
                Some(format!("this session was started by a command of another one (process {})", above.pid))
            }
            // Its socket outlives a broker that was killed: then no command of it is lent anything either.
            Err(error) if matches!(error.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound) => None,
            Ok(_) | Err(_) => Some(format!(
                "the broker of the session that this one runs in (process {}) does not answer: end it with `stanch stop`",
                above.pid
            )),
        }
    })
}
