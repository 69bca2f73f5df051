//! `stanch policy explain`: which credentials a command would be lent, and why, or why not.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use config::Config;
use policy::{Agent, Condition, For, Outcome, Permit, Request};

use super::json::Told;
use crate::args::Explain;
use crate::session;

pub fn run(how: &Explain) -> anyhow::Result<ExitCode> {
    let folder = match &how.folder {
        Some(folder) => folder.canonicalize().with_context(|| format!("looking for '{}'", folder.display()))?,
        None => {
            std::env::current_dir().and_then(|here| here.canonicalize()).context("the current folder cannot be told")?
        }
    };
    let lend = Config::load(&folder)?.lend_in(&folder)?;
    if let Some(path) =
        how.command.first().filter(|name| how.server.is_none() && name.as_encoded_bytes().contains(&b'/'))
    {
        let name = file_name(Path::new(path));
        let message = format!(
            "{name} is called by its path: the stand-in that asks for credentials is found on PATH, so nothing is lent; call it `{name}`"
        );
        bail!("{}", session::redacted(&message)?);
    }
    let request = request(how, folder);
    let decision = policy::Policy::new(&lend).decide(&request).for_one_process();
    let said = if how.json {
        serde_json::to_string_pretty(&Told::of(&request, decision.outcomes()))? + "\n"
    } else {
        told(&request, decision.outcomes())
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(session::redacted(&said)?.as_bytes())?;
    stdout.flush()?;
    Ok(ExitCode::from(u8::from(decision.permits().next().is_none())))
}

fn request(how: &Explain, folder: PathBuf) -> Request {
    let what = match &how.server {
        Some(name) => For::Server { name: name.clone(), argv: how.command.clone() },
        None => For::Command(how.command.clone()),
    };
    let agent = match &how.agent_type {
        Some(kind) => Agent::Sub(kind.clone()),
        None if how.agent == "main" => Agent::Main,
        None => Agent::Sub(how.agent.clone()),
    };
    let top = config::places::project(&folder);
    let repository = top.join(".git").exists().then_some(top);
    // Of a server the command is not read.
    let links_to_process = how.server.is_none() && policy::links::lead_to_process(&how.command, &folder);
    let remote = how.remote.clone().or_else(|| {
        let (name, words) = how.command.split_first().filter(|_| how.server.is_none())?;
        remote(name, words, &folder)
    });
    let session = how.session.clone();
    Request { agent, session, what, folder, repository, links_to_process, remote }
}

#[cfg(unix)]
fn remote(name: &OsStr, words: &[OsString], folder: &Path) -> Option<String> {
    wrap::remote(name, words, Some(folder))
}

#[cfg(not(unix))]
fn remote(_: &OsStr, _: &[OsString], _: &Path) -> Option<String> {
    None
}

/// Who asks for what where, in a line.
pub(super) fn asked(request: &Request) -> (String, String) {
    match &request.what {
        // Arguments may hold a secret in pieces that no rule knows: the name is enough to say what was asked.
        For::Command(argv) => {
            (request.agent.to_string(), argv.first().map_or_else(String::new, |name| file_name(Path::new(name))))
        }
        For::Server { name, .. } => ("the client".to_owned(), format!("MCP server '{}'", visible(name))),
    }
}

fn file_name(path: &Path) -> String {
    visible(&path.file_name().unwrap_or_default().to_string_lossy())
}

/// Fit for a terminal.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn told(request: &Request, outcomes: &[Outcome]) -> String {
    let (who, what) = asked(request);
    let mut said = format!("{who} asks for {what} in {}\n", visible(&request.folder.display().to_string()));
    if outcomes.is_empty() {
        said.push_str("\nnothing is lent: no file of yours or of the administrator has [lend] (docs/lending.md)\n");
    }
    // What it gets first, then what it does not, then what is for something else, in one line each.
    let (relevant, others): (Vec<_>, Vec<_>) = outcomes.iter().partition(|outcome| !is_about_another(outcome));
    let (lent, refused): (Vec<&Outcome>, Vec<&Outcome>) =
        relevant.into_iter().partition(|outcome| outcome.verdict.is_ok());
    for outcome in lent.into_iter().chain(refused) {
        match &outcome.verdict {
            Ok(permit) => {
                said.push_str(&format!("\n+ {} would be lent: {}\n", outcome.credential, terms(permit)));
                outcome
                    .held
                    .iter()
                    .for_each(|step| said.push_str(&line('+', step.condition, &step.says, &step.rule.to_string())));
            }
            Err(refusal) => {
                said.push_str(&format!("\n- {} would not be lent\n", outcome.credential));
                outcome
                    .held
                    .iter()
                    .for_each(|step| said.push_str(&line('+', step.condition, &step.says, &step.rule.to_string())));
                said.push_str(&line('-', refusal.condition, &refusal.message, &refusal.rule.to_string()));
                if refusal.forbids() {
                    said.push_str("    the command is stopped\n");
                }
            }
        }
    }
    if !others.is_empty() {
        said.push_str("\nfor something else:\n");
    }
    for outcome in others {
        if let Err(refusal) = &outcome.verdict {
            said.push_str(&format!("  {}: {} ({})\n", outcome.credential, refusal.message, refusal.rule));
        }
    }
    said
}

/// Whether it is for other tools; of the command's own tool the reason is of interest.
fn is_about_another(outcome: &Outcome) -> bool {
    let of_others = [Condition::Kind, Condition::Named, Condition::Needs];
    outcome.verdict.as_ref().is_err_and(|refusal| of_others.contains(&refusal.condition))
}

fn terms(permit: &Permit) -> String {
    let bound = permit.bound().to_string();
    let bound = if bound.is_empty() { bound } else { format!(", for {bound}") };
    let uses = match permit.uses() {
        1 => "once".to_owned(),
        uses => format!("{uses} times"),
    };
    let lifetime = humantime::format_duration(permit.lifetime());
    format!("from {}, by {}{bound}, {uses} a call, for at most {lifetime}", permit.source(), permit.by())
}

fn line(mark: char, condition: Condition, says: &str, rule: &str) -> String {
    format!("  {mark} {:<12}  {says}\n                  {rule}\n", condition.to_string())
}
