//! `stanch stop`: ends brokers. What they have lent stays with who has it; nothing more is lent.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use wire::{Answer, Ask, Client};

/// A broker answers at once, or not at all.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends the broker of one client, or all of them.
pub fn run(client: Option<i32>) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let mut any = false;
    for process in wire::place::brokers().filter(|process| client.is_none_or(|pid| process.pid == pid)) {
        any = true;
        let asked = Client::of(process, PATIENCE).and_then(|mut broker| broker.ask(&Ask::Stop));
        match asked.map(|reply| reply.answer) {
            Ok(Answer::Done) => {
                writeln!(out, "the broker of client {} ends; its session is lent nothing more", process.pid)?
            }
            _ => writeln!(out, "the broker of client {} does not answer; it may have ended already", process.pid)?,
        }
    }
    if !any {
        writeln!(out, "no broker runs{}", client.map_or_else(String::new, |pid| format!(" for client {pid}")))?;
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}
