//! Before a tool runs: secrets in its arguments are stopped or replaced.

use std::path::{Path, PathBuf};

use config::Arguments;
use scrub::json::Document;
use scrub::{Finding, Mask, Scanner};

use crate::event::Event;
use crate::log::{Deed, Entry, Source};
use crate::{Agent, Context, Hook, Refusal, Reply, instructions, lending, notice, pause};

/// The hook. Its closed answer is exit status 2: the tool does not run.
pub const HOOK: Hook = Hook {
    name: "pre-tool-use",
    event: "PreToolUse",
    reads_files: false,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let reply = judged(&event, context)?;
    match &reply {
        Reply::Deny { .. } => {}
        Reply::Arguments { json, .. } => lending::begins(&event, json),
        _ => lending::begins(&event, event.tool_input()?),
    }
    Ok(reply)
}

fn judged(event: &Event<'_>, context: &Context) -> Result<Reply, Refusal> {
    let tool = event.tool()?;
    let arguments = Document::read(event.tool_input()?)?;
    let scanner = context.scanner()?;
    if pause::asks_for_one(event.tool_input()?) {
        let mut entry = Entry::new(HOOK.event, event, Deed::Denied, Source::Arguments, &scanner, &[]);
        entry.place = Some("stanch pause".to_owned());
        entry.append(&scanner);
        return Ok(Reply::Deny { reason: notice::pause_denied(notice::tool(tool, &scanner)) });
    }
    let findings = arguments.findings(&scanner)?;
    if findings.is_empty() {
        return brought_along(event, context.agent, &scanner);
    }
    let action = match context.config.arguments(tool) {
        // What the agent does not take cannot be given.
        Arguments::Replace if !context.agent.takes_arguments() => Arguments::Deny,
        action => action,
    };
    let did = match action {
        Arguments::Deny => Deed::Denied,
        Arguments::Replace => Deed::Replaced,
        Arguments::Ask => Deed::Asked,
        Arguments::Pass => Deed::Passed,
    };
    let mut entry = Entry::new(HOOK.event, event, did, Source::Arguments, &scanner, &findings);
    entry.place = event.file().or_else(|| findings.first().map(|finding| arguments.path(finding.span.start)));
    entry.append(&scanner);
    let shown = notice::tool(tool, &scanner);
    match action {
        Arguments::Deny => Ok(Reply::Deny { reason: notice::denied(shown, &places(&scanner, &arguments, &findings)) }),
        Arguments::Pass => Ok(Reply::Silent),
        Arguments::Ask => Ok(Reply::Ask { reason: notice::asked(shown, &places(&scanner, &arguments, &findings)) }),
        Arguments::Replace => {
            let json = arguments.masked(&Mask::new(*scanner.table()), &findings);
            let kinds = notice::kinds(scanner.table(), &findings);
            Ok(Reply::Arguments { json, note: notice::replaced(shown, &kinds) })
        }
    }
}

/// With a file below the working folder the client loads the instructions of the folders on the way, past all hooks.
fn brought_along(event: &Event<'_>, agent: Agent, scanner: &Scanner<'_>) -> Result<Reply, Refusal> {
    let tool = event.tool()?;
    if !matches!(tool, "Read" | "Edit" | "Write" | "MultiEdit" | "NotebookEdit") {
        return Ok(Reply::Silent);
    }
    let (Some(file), Some(folder)) = (event.file(), event.cwd.as_deref()) else { return Ok(Reply::Silent) };
    let report = instructions::report_below(agent, Path::new(folder), &[PathBuf::from(file)], scanner)?;
    if report.secrets.is_empty() {
        return Ok(Reply::Silent);
    }
    let mut entry = Entry::new(HOOK.event, event, Deed::Denied, Source::Instructions, scanner, &[]);
    entry.kinds = report.kinds.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    entry.place = Some("instructions".to_owned());
    entry.append(scanner);
    let reason = notice::instructions_denied(tool, &report.secrets.join("\n"));
    Ok(Reply::Deny { reason: scanner.redacted(&reason)? })
}

/// `github_pat in command, password in env[0].value`, each once.
fn places(scanner: &Scanner<'_>, arguments: &Document<'_>, findings: &[Finding]) -> String {
    let mut said: Vec<String> = Vec::new();
    for finding in findings {
        let (kind, path) = (scanner.table().rule(finding.rule).id(), arguments.path(finding.span.start));
        let place = if path.is_empty() { kind.to_owned() } else { format!("{kind} in {path}") };
        if !said.contains(&place) {
            said.push(place);
        }
    }
    said.join(", ")
}
