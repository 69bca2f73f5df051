//! `stanch policy`: what is lent to whom, checked and explained by the code that decides it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use config::Config;
use policy::{Agent, Condition, For, Outcome, Permit, Refusal, Request, Step};
use serde::Serialize;

use crate::args::{Explain, Policy};
use crate::session;

/// Checks the policy of the current folder, or explains what it says about a command.
pub fn run(what: &Policy) -> anyhow::Result<ExitCode> {
    match what {
        Policy::Check => check(),
        Policy::Explain(how) => explain(how),
    }
}

fn check() -> anyhow::Result<ExitCode> {
    let lend = session::config()?.lend()?;
    let warnings = policy::check::warnings(&lend);
    let mut said: String = warnings.iter().map(|warning| format!("{}: {}\n", warning.at, warning.message)).collect();
    if lend.credentials().is_empty() {
        said.push_str("nothing is lent: no file of yours or of the administrator has [lend] (docs/lending.md)\n");
    }
    if warnings.is_empty() {
        said.push_str("ok\n");
    }
    // What stands in settings may be a key.
    io::stdout().write_all(session::redacted(&said)?.as_bytes())?;
    Ok(ExitCode::from(u8::from(!warnings.is_empty())))
}

fn explain(how: &Explain) -> anyhow::Result<ExitCode> {
    let folder = match &how.folder {
        Some(folder) => folder.canonicalize().with_context(|| format!("looking for '{}'", folder.display()))?,
        None => {
            std::env::current_dir().and_then(|here| here.canonicalize()).context("the current folder cannot be told")?
        }
    };
    let lend = Config::load(&folder)?.lend()?;
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
    let (session, remote) = (how.session.clone(), how.remote.clone());
    Request { agent, session, what, folder, repository, links_to_process, remote }
}

/// Who asks for what where, in a line.
fn asked(request: &Request) -> (String, String) {
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

fn is_about_another(outcome: &Outcome) -> bool {
    outcome.verdict.as_ref().is_err_and(Refusal::is_about_another)
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

/// The answer as JSON.
#[derive(Serialize)]
struct Told {
    agent: String,
    session: Option<String>,
    folder: String,
    repository: Option<String>,
    asked: String,
    credentials: Vec<Credential>,
}

#[derive(Serialize)]
struct Credential {
    name: String,
    lent_at: String,
    would: bool,
    held: Vec<Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refused>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Terms>,
}

#[derive(Serialize)]
struct Said {
    condition: String,
    says: String,
    rule: String,
}

#[derive(Serialize)]
struct Refused {
    #[serde(flatten)]
    said: Said,
    /// The credential is for something else.
    is_about_another: bool,
    /// The command is stopped.
    forbids: bool,
}

#[derive(Serialize)]
struct Terms {
    source: String,
    by: String,
    r#for: Option<String>,
    lifetime_seconds: u64,
    uses: u32,
}

impl Told {
    fn of(request: &Request, outcomes: &[Outcome]) -> Self {
        let (agent, asked) = asked(request);
        Self {
            agent,
            session: request.session.clone(),
            folder: request.folder.display().to_string(),
            repository: request.repository.as_ref().map(|top| top.display().to_string()),
            asked,
            credentials: outcomes.iter().map(Credential::of).collect(),
        }
    }
}

impl Credential {
    fn of(outcome: &Outcome) -> Self {
        let held = |Step { condition, rule, says }: &Step| Said::new(*condition, says, &rule.to_string());
        let refusal = outcome.verdict.as_ref().err().map(|refusal| Refused {
            said: Said::new(refusal.condition, &refusal.message, &refusal.rule.to_string()),
            is_about_another: refusal.is_about_another(),
            forbids: refusal.forbids(),
        });
        let terms = outcome.verdict.as_ref().ok().map(|permit| Terms {
            source: permit.source().to_string(),
            by: permit.by().to_string(),
            r#for: Some(permit.bound().to_string()).filter(|bound| !bound.is_empty()),
            lifetime_seconds: permit.lifetime().as_secs(),
            uses: permit.uses(),
        });
        Self {
            name: outcome.credential.clone(),
            lent_at: outcome.lent_at.to_string(),
            would: outcome.verdict.is_ok(),
            held: outcome.held.iter().map(held).collect(),
            refusal,
            terms,
        }
    }
}

impl Said {
    fn new(condition: Condition, says: &str, rule: &str) -> Self {
        Self { condition: condition.to_string(), says: says.to_owned(), rule: rule.to_owned() }
    }
}
