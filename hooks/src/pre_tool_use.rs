//! Before a tool runs: secrets in its arguments are stopped or replaced.

use scrub::json::Document;
use scrub::{Finding, Mask, Scanner};
use serde_json::json;
use serde_json::value::RawValue;

use crate::event::Event;
use crate::policy::{self, Action};
use crate::{Hook, Outcome, Refusal, notice};

/// The hook. Its closed answer is exit status 2: the tool does not run.
pub const HOOK: Hook = Hook { name: "pre-tool-use", answer, closed: |_, refusal| Outcome::blocked(refusal) };

fn answer(event: &[u8]) -> Result<Outcome, Refusal> {
    let event = Event::read(event, "PreToolUse")?;
    let tool = event.tool()?;
    let arguments = Document::read(event.tool_input()?)?;
    let scanner = Scanner::builtin()?;
    let findings = arguments.findings(&scanner)?;
    if findings.is_empty() {
        return Ok(Outcome::silent());
    }
    let shown = notice::tool(tool, &scanner);
    match policy::action(tool) {
        Action::Deny => Ok(deny(shown, &places(&scanner, &arguments, &findings))),
        Action::Replace => {
            let updated = arguments.masked(&Mask::new(*scanner.table()), &findings);
            let kinds = notice::kinds(scanner.table(), &findings);
            replace(&updated, &notice::replaced(shown, &kinds))
        }
    }
}

fn deny(tool: &str, places: &str) -> Outcome {
    Outcome::reply(&json!({
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": notice::denied(tool, places),
        }
    }))
}

/// No decision beside the new arguments: the user's own permission rules apply to them.
fn replace(arguments: &str, note: &str) -> Result<Outcome, Refusal> {
    let arguments = RawValue::from_string(arguments.to_owned()).map_err(|_| Refusal::Panicked)?;
    let note = serde_json::to_string(note).map_err(|_| Refusal::Panicked)?;
    let stdout = format!(
        "{{\"hookSpecificOutput\":{{\"hookEventName\":\"PreToolUse\",\"additionalContext\":{note},\"updatedInput\":{arguments}}}}}"
    );
    Ok(Outcome { stdout, ..Outcome::default() })
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
