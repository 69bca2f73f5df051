//! Whether the programs do what they are timed at: a fast program that finds nothing is no news.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::binaries::Binaries;
use super::events::Event;
use super::inputs::Inputs;
use super::transcripts::PLANTED_KIND;
use crate::score::survives;

/// What became of a text with planted secrets.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub struct Seen {
    /// Planted secrets that were left; how many may be, docs/detection.md says better.
    pub left: usize,
    /// Lines that changed although nothing was planted there: test values of the crates, most of them.
    pub changed: usize,
}

/// One in so many may be left: a random value now and then looks like a placeholder.
const TOLERATED: usize = 1000;

/// Runs the programs once on everything and looks at what they say.
///
/// # Errors
/// Planted secrets were left, or something else is not as it should be.
pub fn outputs(binaries: &Binaries, inputs: &Inputs) -> anyhow::Result<Seen> {
    for (event, path) in &inputs.events {
        let reply = output(&binaries.hook, &[], path)?;
        reply_is_right(event, &reply).with_context(|| format!("'{}' of {} bytes", event.name, event.size))?;
    }
    for (hook, event, path) in &inputs.others {
        let reply = String::from_utf8(output(binaries.other(hook)?, &[], path)?).context("the reply is no text")?;
        let said = event.secret.as_ref().map_or(reply.is_empty(), |secret| {
            reply.contains("github_pat") && !reply.contains(secret) && serde_json::from_str::<Value>(&reply).is_ok()
        });
        ensure!(said, "'{hook}' does not answer '{}' of {} bytes as it should", event.name, event.size);
    }
    let before = fs::read(&inputs.planted.path)?;
    let after = output(&binaries.stanch, &["redact"], &inputs.planted.path)?;
    let seen = planted_are_gone(&before, &after, &inputs.secrets).context("'stanch redact'")?;
    for text in inputs.texts() {
        let after = output(&binaries.stanch, &["redact"], &text.path)?;
        ensure!(!after.is_empty(), "'stanch redact' wrote nothing for '{}'", text.name);
    }
    Ok(seen)
}

/// Looks whether the search finds what is planted in each of so many transcripts.
///
/// # Errors
/// It does not.
pub fn finds_planted(binaries: &Binaries, arguments: &[&str], files: usize) -> anyhow::Result<()> {
    let output = Command::new(&binaries.stanch).args(arguments).output().context("running 'stanch scan'")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let found = said.lines().filter(|line| line.contains(PLANTED_KIND)).count();
    ensure!(found == files, "'stanch scan' found {found} of {files} planted secrets");
    Ok(())
}

fn output(program: &Path, arguments: &[&str], input: &Path) -> anyhow::Result<Vec<u8>> {
    let run = || Command::new(program).args(arguments).stdin(File::open(input)?).output();
    let output = run().with_context(|| format!("running '{}' on '{}'", program.display(), input.display()))?;
    ensure!(output.status.success(), "'{}' ended with {}", program.display(), output.status);
    Ok(output.stdout)
}

/// Nothing for a clean event; else the output of the tool, in which only the secret changed.
fn reply_is_right(event: &Event, reply: &[u8]) -> anyhow::Result<()> {
    let Some(secret) = &event.secret else {
        ensure!(reply.is_empty(), "the hook changed an event without a secret");
        return Ok(());
    };
    let reply: Value = serde_json::from_slice(reply).context("the reply is no JSON")?;
    let redacted = event.json.replace(secret, "stanch_github_pat");
    let expected: Value = serde_json::from_str(&redacted).context("the event is no JSON")?;
    let output = &reply["hookSpecificOutput"]["updatedToolOutput"];
    ensure!(*output == expected["tool_response"], "the reply is not the output with the secret replaced");
    Ok(())
}

/// Line by line, since a placeholder never changes how many there are.
fn planted_are_gone(before: &[u8], after: &[u8], secrets: &[(usize, String)]) -> anyhow::Result<Seen> {
    let lines = |text: &[u8]| text.iter().filter(|&&byte| byte == b'\n').count();
    ensure!(lines(before) == lines(after), "the output has {} lines, not {}", lines(after), lines(before));
    let mut seen = Seen::default();
    let mut planted = secrets.iter().peekable();
    let pairs = before.split(|&byte| byte == b'\n').zip(after.split(|&byte| byte == b'\n'));
    for (number, (before, after)) in pairs.enumerate() {
        match planted.next_if(|(line, _)| *line == number) {
            Some((_, secret)) => seen.left += usize::from(survives(secret, &String::from_utf8_lossy(after))),
            None => seen.changed += usize::from(before != after),
        }
    }
    ensure!(planted.next().is_none(), "not all planted secrets were looked at");
    let (left, all) = (seen.left, secrets.len());
    ensure!(left * TOLERATED <= all, "{left} of {all} planted secrets were left");
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_left_is_seen() {
        let secrets = [(1, "Xk29dLq8Zw".to_owned())];
        let before = b"one\nkey = Xk29dLq8Zw\nthree\n";
        let seen = |after: &[u8]| planted_are_gone(before, after, &secrets).map_err(|e| e.to_string());
        assert_eq!(seen(before), Err("1 of 1 planted secrets were left".to_owned()));
        assert_eq!(seen(b"ONE\nkey = stanch_x\nthree\n"), Ok(Seen { left: 0, changed: 1 }));
        assert!(seen(b"one\nthree\n").is_err());
    }

    #[test]
    fn a_reply_is_right_only_if_just_the_secret_changed() {
        let event = |secret: Option<&str>| Event {
            name: String::new(),
            size: 0,
            secret: secret.map(str::to_owned),
            json: r#"{"tool_response":"a Xk29 b"}"#.to_owned(),
        };
        let reply = |output: &str| format!(r#"{{"hookSpecificOutput":{{"updatedToolOutput":"{output}"}}}}"#);
        let right = |secret, reply: &str| reply_is_right(&event(secret), reply.as_bytes()).is_ok();
        assert!(right(None, ""));
        assert!(!right(None, &reply("a stanch_github_pat b")));
        assert!(right(Some("Xk29"), &reply("a stanch_github_pat b")));
        assert!(!right(Some("Xk29"), &reply("a Xk29 b")));
        assert!(!right(Some("Xk29"), &reply("a stanch_github_pat")));
        assert!(!right(Some("Xk29"), ""));
    }
}
