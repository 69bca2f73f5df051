//! Before a tool runs: secrets in its arguments are stopped or replaced.

use config::Arguments;
use scrub::json::Document;
use scrub::{Finding, Mask, Scanner};

use crate::event::Event;
use crate::{Context, Hook, Refusal, Reply, notice};

/// The hook. Its closed answer is exit status 2: the tool does not run.
pub const HOOK: Hook =
    Hook { name: "pre-tool-use", event: "PreToolUse", answer, closed: |_, refusal| Reply::Refused(refusal.clone()) };

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let tool = event.tool()?;
    let arguments = Document::read(event.tool_input()?)?;
    let scanner = context.scanner()?;
    let findings = arguments.findings(&scanner)?;
    if findings.is_empty() {
        return Ok(Reply::Silent);
    }
    let shown = notice::tool(tool, &scanner);
    match context.config.arguments(tool) {
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
