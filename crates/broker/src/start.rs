//! Starting a broker: idempotent, and over when it listens.
//!
//! Who starts it (a hook, with a time limit whose end kills all of its descendants) must find no child of its own left, and
//! nothing of its own inherited: the process that is started starts the broker in a session of its own, waits for one word, and
//! ends.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use wire::Process;

use crate::nested;

/// The word that the broker says when it listens.
pub const READY: &str = "ready\n";
/// The name under which it starts itself.
pub const SERVE: &str = "stanch-broker-serve";

/// Starts the broker of a client and waits until it listens. Its error is for a person.
pub fn start(client: Process, arguments: &[String]) -> Result<(), String> {
    if !client.is_alive() {
        return Err("the client is gone".to_owned());
    }
    if let Some(why) = nested::objection_to_starter(client) {
        return Err(why);
    }
    let own = std::env::current_exe().map_err(|error| format!("its executable cannot be told: {}", error.kind()))?;
    let mut command = Command::new(own);
    command.arg0(SERVE).args(arguments).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut broker = command.spawn().map_err(|error| format!("it cannot be started: {}", error.kind()))?;
    let mut said = String::new();
    if let Some(mut out) = broker.stdout.take() {
        let _ = out.by_ref().take(4096).read_to_string(&mut said);
    }
    match said.strip_suffix('\n') {
        _ if said == READY => Ok(()),
        Some(reason) if !reason.is_empty() => Err(reason.to_owned()),
        _ => Err("it ended before it listened".to_owned()),
    }
}
