//! After a tool failed: what it gave back goes to the model whatever a hook says, so the user is told to rotate what is in it.

use scrub::Scanner;
use scrub::json::Document;
use serde_json::json;

use crate::event::Event;
use crate::{Hook, Outcome, Refusal, notice};

/// The hook. The event cannot be stopped; its closed answer is a loud failure.
pub const HOOK: Hook = Hook { name: "post-tool-use-failure", answer, closed: |_, refusal| Outcome::blocked(refusal) };

fn answer(event: &[u8]) -> Result<Outcome, Refusal> {
    let event = Event::read(event, "PostToolUseFailure")?;
    let scanner = Scanner::builtin()?;
    let findings = Document::read(event.error()?)?.findings(&scanner)?;
    if findings.is_empty() {
        return Ok(Outcome::silent());
    }
    let (kinds, pages) = (notice::kinds(scanner.table(), &findings), notice::revoke(scanner.table(), &findings));
    let said = notice::failed(notice::tool(event.tool()?, &scanner), &kinds, &pages);
    Ok(Outcome::reply(&json!({
        "systemMessage": said,
        "hookSpecificOutput": { "hookEventName": "PostToolUseFailure", "additionalContext": said },
    })))
}
