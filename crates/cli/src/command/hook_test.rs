//! `stanch hook-test`: one event through its hook, and what came of it side by side.

use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use hooks::{Agent, Context, HOOKS, Hook, Outcome, Refusal, Reply, input, notice};
use scrub::json::Document;
use scrub::{Finding, Scanner};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::args::HookTest;
use crate::columns::{Block, side_by_side};

/// Nothing was found.
const CLEAN: u8 = 0;
/// Something was found, and what is done about it is shown.
const FOUND: u8 = 1;
/// The event could not be searched: what the hook withholds then.
const WITHHELD: u8 = 2;

/// Runs the hook as it would run, but for files: nothing on disk is changed.
pub fn run(how: &HookTest) -> anyhow::Result<ExitCode> {
    let event = read(&how.event)?;
    hooks::rehearsal::begin();
    let context = Context::load(how.agent)?;
    let scanner = context.scanner()?;
    let seen = Seen::read(&event)?;
    let hook = seen.hook(&scanner)?;
    let start = Instant::now();
    let reply = hooks::reply(hook, &event, &context);
    let outcome = hooks::outcome(hook, &event, how.agent, &reply);
    let took = start.elapsed();
    if how.reply {
        return raw(hook, &outcome);
    }
    let mut stdout = std::io::stdout().lock();
    let run = Run { hook, agent: how.agent, outcome, took };
    match (reply, seen.parts(&scanner)) {
        (Ok(reply), Ok(parts)) => {
            let shown = shown(&reply, &run, &parts);
            write!(stdout, "{}", run.told(&seen, &shown, &parts, &scanner)?)?;
            let found = shown.changes || parts.iter().any(|part| !part.findings.is_empty());
            Ok(ExitCode::from(if found { FOUND } else { CLEAN }))
        }
        (Err(refusal), _) | (_, Err(refusal)) => {
            writeln!(stdout, "event     {}", seen.named(hook, &run, &scanner))?;
            writeln!(stdout, "decision  withheld: {refusal}")?;
            writeln!(stdout, "reply     {}", run.outcome.stdout)?;
            writeln!(stdout, "exit      {}", run.exit())?;
            Ok(ExitCode::from(WITHHELD))
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let named = if path == Path::new("-") { "standard input".to_owned() } else { format!("'{}'", path.display()) };
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("opening {named}"))?)
    };
    let mut event = Vec::new();
    source.take(input::LARGEST as u64 + 1).read_to_end(&mut event).with_context(|| format!("reading {named}"))?;
    if event.len() > input::LARGEST {
        bail!("{named}: {}", Refusal::TooLarge(input::LARGEST));
    }
    Ok(event)
}

/// The hook's own answer, to the byte.
fn raw(hook: &Hook, outcome: &Outcome) -> anyhow::Result<ExitCode> {
    std::io::stdout().lock().write_all(outcome.stdout.as_bytes()).context("writing standard output")?;
    if !outcome.stderr.is_empty() {
        writeln!(std::io::stderr(), "stanch {}: {}", hook.name, outcome.stderr)?;
    }
    Ok(ExitCode::from(outcome.code))
}

/// The parts of an event that hooks search.
#[derive(Deserialize)]
struct Seen<'e> {
    hook_event_name: Option<String>,
    tool_name: Option<String>,
    #[serde(borrow)]
    tool_input: Option<&'e RawValue>,
    #[serde(borrow)]
    tool_response: Option<&'e RawValue>,
    #[serde(borrow)]
    error: Option<&'e RawValue>,
    #[serde(borrow)]
    prompt: Option<&'e RawValue>,
    #[serde(borrow)]
    tool_calls: Option<Vec<Call<'e>>>,
    #[serde(skip)]
    whole: &'e str,
}

#[derive(Deserialize)]
struct Call<'e> {
    #[serde(borrow)]
    tool_response: Option<&'e RawValue>,
}

/// A part with what was found in it.
struct Part<'e> {
    name: String,
    json: &'e str,
    findings: Vec<Finding>,
    /// The same with each value replaced by what it is: `‹github_pat, 40 bytes›`.
    masked: String,
}

impl<'e> Seen<'e> {
    fn read(event: &'e [u8]) -> anyhow::Result<Self> {
        let whole = std::str::from_utf8(event).map_err(|e| Refusal::NotUtf8(e.valid_up_to()))?;
        // serde_json's message may quote the text; the place is enough.
        let seen: Self = serde_json::from_str(whole).map_err(|e| Refusal::NotAnEvent(e.line(), e.column()))?;
        Ok(Self { whole: whole.trim(), ..seen })
    }

    fn hook(&self, scanner: &Scanner<'_>) -> anyhow::Result<&'static Hook> {
        let events = || HOOKS.map(|hook| hook.event).join(", ");
        let Some(name) = &self.hook_event_name else {
            bail!("the event has no 'hook_event_name'; there are hooks for {}", events());
        };
        match HOOKS.into_iter().find(|hook| hook.event == name) {
            Some(hook) => Ok(hook),
            None => {
                bail!("no hook is for the event '{}'; there are hooks for {}", notice::tool(name, scanner), events())
            }
        }
    }

    /// `PostToolUse of Bash, from claude-code, to post-tool-use`.
    fn named(&self, hook: &Hook, run: &Run, scanner: &Scanner<'_>) -> String {
        let tool = self.tool_name.as_deref().map(|tool| format!(" of {}", notice::tool(tool, scanner)));
        format!("{}{}, from {}, to {}", hook.event, tool.unwrap_or_default(), run.agent.name(), hook.name)
    }

    fn parts(&self, scanner: &Scanner<'_>) -> Result<Vec<Part<'e>>, Refusal> {
        let field = |name: &str, value: Option<&'e RawValue>| value.map(|value| (name.to_owned(), value.get()));
        let found: Vec<(String, &'e str)> = match self.hook_event_name.as_deref() {
            Some("PreToolUse") => field("tool_input", self.tool_input).into_iter().collect(),
            Some("PostToolUse") => field("tool_response", self.tool_response).into_iter().collect(),
            Some("PostToolUseFailure") => field("error", self.error).into_iter().collect(),
            Some("UserPromptSubmit") => field("prompt", self.prompt).into_iter().collect(),
            Some("PostToolBatch") => {
                let calls = self.tool_calls.iter().flatten().enumerate();
                calls
                    .filter_map(|(n, call)| field(&format!("tool_calls[{n}].tool_response"), call.tool_response))
                    .collect()
            }
            _ => vec![(String::new(), self.whole)],
        };
        found.into_iter().map(|(name, json)| Part::read(name, json, scanner)).collect()
    }
}

impl<'e> Part<'e> {
    fn read(name: String, json: &'e str, scanner: &Scanner<'_>) -> Result<Self, Refusal> {
        let findings = Document::read(json)?.findings(scanner)?;
        let (mut masked, mut done) = (String::with_capacity(json.len()), 0);
        for finding in &findings {
            masked.push_str(&json[done..finding.span.start]);
            let goes_on = if finding.is_continued() { ", goes on" } else { "" };
            let kind = scanner.table().rule(finding.rule).id();
            masked.push_str(&format!("‹{kind}, {} bytes{goes_on}›", finding.span.len()));
            done = finding.span.end;
        }
        masked.push_str(&json[done..]);
        Ok(Self { name, json, findings, masked })
    }

    fn blocks(&self) -> Vec<Block> {
        blocks(&self.name, &self.masked)
    }
}

/// The strings of a document under their paths; nothing else can hold a secret.
fn blocks(name: &str, json: &str) -> Vec<Block> {
    // Nested too deep for serde_json: as it is.
    let Ok(value) = serde_json::from_str::<Value>(json) else { return vec![Block::new(name, json)] };
    let mut found = Vec::new();
    leaves(name, &value, &mut found);
    if found.is_empty() { vec![Block::new(name, "(no text)")] } else { found }
}

fn leaves(name: &str, value: &Value, found: &mut Vec<Block>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                leaves(&if name.is_empty() { key.clone() } else { format!("{name}.{key}") }, field, found);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| leaves(&format!("{name}[{n}]"), item, found));
        }
        Value::String(text) if !text.is_empty() => found.push(Block::new(name, text)),
        _ => {}
    }
}

/// A hook that has run.
struct Run {
    hook: &'static Hook,
    agent: Agent,
    outcome: Outcome,
    took: Duration,
}

/// What an answer comes to.
struct Shown {
    decision: &'static str,
    /// Whether the model gets something else than what came in.
    changes: bool,
    blocks: Vec<Block>,
    /// To whom, and what.
    said: Vec<(&'static str, String)>,
}

fn shown(reply: &Reply, run: &Run, parts: &[Part<'_>]) -> Shown {
    let came: Vec<Block> = parts.iter().flat_map(Part::blocks).collect();
    let note = |text: &str| vec![("to the model", text.to_owned())];
    match reply {
        Reply::Silent => Shown { decision: "clean", changes: false, blocks: came, said: Vec::new() },
        Reply::Say { user, model } => {
            let said = [("to the user", user), ("to the model", model)];
            let said = said.into_iter().filter_map(|(who, text)| Some((who, text.clone()?))).collect();
            Shown { decision: "said, and nothing changed", changes: false, blocks: came, said }
        }
        Reply::Ask { reason } if run.agent != Agent::Codex => {
            stopped("asked", "(you are asked, with this reason)", reason)
        }
        Reply::Deny { reason } | Reply::Ask { reason } => {
            stopped("denied", "(the call is not made; the reason instead)", reason)
        }
        // The agent takes no other arguments: its dialect has made a denial of them.
        Reply::Arguments { .. } if !run.agent.takes_arguments() => {
            stopped("denied", "(the call is not made)", &run.answer(&["permissionDecisionReason"]))
        }
        Reply::Arguments { json, note: said } => {
            Shown { decision: "replaced", changes: true, blocks: blocks("tool_input", json), said: note(said) }
        }
        Reply::Output { json, note: said } => {
            let blocks = match run.agent {
                Agent::ClaudeCode => blocks("tool_response", &String::from_utf8_lossy(json)),
                Agent::Codex => vec![Block::new("", &run.answer(&["reason"]))],
                Agent::Qwen => vec![Block::new("", &run.answer(&["stopReason"]))],
            };
            Shown { decision: "replaced", changes: true, blocks, said: note(said) }
        }
        Reply::Block { reason } => stopped("blocked", "(nothing of it)", reason),
        Reply::Stop { reason } => stopped("stopped", "(nothing of it; the reason instead)", reason),
        Reply::Refused(refusal) => stopped("refused", "(nothing)", &refusal.to_string()),
    }
}

fn stopped(decision: &'static str, what: &str, reason: &str) -> Shown {
    let blocks = vec![Block::new("", &format!("{what}\n{reason}"))];
    Shown { decision, changes: true, blocks, said: Vec::new() }
}

impl Run {
    /// A field of the answer as it is written, wherever in it.
    fn answer(&self, names: &[&str]) -> String {
        let reply: Value = serde_json::from_str(&self.outcome.stdout).unwrap_or_default();
        let found = names.iter().find_map(|name| {
            reply[name].as_str().or_else(|| reply["hookSpecificOutput"][name].as_str()).map(str::to_owned)
        });
        found.unwrap_or_default()
    }

    fn exit(&self) -> String {
        format!("{} (the hook's own), in {:.1} ms", self.outcome.code, self.took.as_secs_f64() * 1000.0)
    }

    fn told(
        &self,
        seen: &Seen<'_>,
        shown: &Shown,
        parts: &[Part<'_>],
        scanner: &Scanner<'_>,
    ) -> anyhow::Result<String> {
        let findings: Vec<Finding> = parts.iter().flat_map(|part| part.findings.iter().cloned()).collect();
        let kinds = if findings.is_empty() { "nothing".to_owned() } else { notice::kinds(scanner.table(), &findings) };
        let came: Vec<Block> = parts.iter().flat_map(Part::blocks).collect();
        let mut told = format!(
            "event     {}\ndecision  {}\nfound     {kinds}\nexit      {}\n\n{}",
            seen.named(self.hook, self, scanner),
            shown.decision,
            self.exit(),
            side_by_side(["came in", "the model gets"], [&came, &shown.blocks], width()),
        );
        for (who, text) in &shown.said {
            told.push_str(&format!("\n--- said {who}\n{}\n", Block::new("", text).lines.join("\n")));
        }
        if parts.iter().any(|part| part.json.contains("\"persistedOutputPath\"")) {
            told.push_str("\nThe file at persistedOutputPath is left as it is; the hook would redact it in place.\n");
        }
        Ok(told)
    }
}

/// Characters in a line: what COLUMNS says, or the terminal; none for a pipe.
fn width() -> Option<usize> {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(|| {
        let terminal = std::io::stdout().is_terminal().then(terminal_size::terminal_size)?;
        terminal.map(|(width, _)| usize::from(width.0))
    })
}
