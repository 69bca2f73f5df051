//! After a tool ran: secrets in its output are replaced before the model gets it.
//!
//! The client takes a replacement only if it has the very shape of the tool's own output, and falls back to the original
//! without a word otherwise. So the output goes back as it came, but for the secrets inside its strings.
//!
//! This event has no closed exit: whatever its status, the client goes on with the original. The closed answer is therefore
//! an output of the same shape with all its text withheld, and where not even the shape can be read, the end of the turn.

use scrub::json::{self, Document};
use scrub::{Mask, Scanner};
use serde_json::json;

use crate::event::Event;
use crate::{Hook, Outcome, Refusal, notice, spill};

/// The hook.
pub const HOOK: Hook = Hook { name: "post-tool-use", answer, closed };

fn answer(event: &[u8]) -> Result<Outcome, Refusal> {
    let event = Event::read(event, "PostToolUse")?;
    let output = Document::read(event.tool_response()?)?;
    let scanner = Scanner::builtin()?;
    let mask = Mask::new(*scanner.table());
    spill::redact(&event, &scanner, &mask)?;
    let findings = output.findings(&scanner)?;
    if findings.is_empty() {
        return Ok(Outcome::silent());
    }
    let kinds = notice::kinds(scanner.table(), &findings);
    let room = event.tool_response()?.len();
    replace(room, &notice::hidden(&kinds), |reply| output.mask_into(&mask, &findings, reply))
}

/// The reply with an output of about so many bytes, which is appended to it.
fn replace(room: usize, note: &str, output: impl FnOnce(&mut Vec<u8>)) -> Result<Outcome, Refusal> {
    let note = serde_json::to_string(note).map_err(|_| Refusal::Panicked)?;
    let mut reply = Vec::with_capacity(room + note.len() + 256);
    for part in [
        r#"{"hookSpecificOutput":{"hookEventName":"PostToolUse","additionalContext":"#,
        &note,
        r#","updatedToolOutput":"#,
    ] {
        reply.extend_from_slice(part.as_bytes());
    }
    output(&mut reply);
    reply.extend_from_slice(b"}}");
    let stdout = String::from_utf8(reply).map_err(|_| Refusal::Panicked)?;
    Ok(Outcome { stdout, ..Outcome::default() })
}

fn closed(event: &[u8], refusal: &Refusal) -> Outcome {
    let withheld = Event::read(event, "PostToolUse")
        .and_then(|event| event.tool_response())
        .ok()
        .and_then(|output| json::withheld(output, &format!("(stanch withheld this text: {refusal})")))
        .and_then(|output| {
            let note = format!("stanch withheld the output of this call: {refusal}.");
            replace(output.len(), &note, |reply| reply.extend_from_slice(output.as_bytes())).ok()
        });
    withheld.unwrap_or_else(|| {
        let reason = format!("stanch stopped the turn before this output was sent: {refusal}.");
        Outcome { stderr: refusal.to_string(), ..Outcome::reply(&json!({ "continue": false, "stopReason": reason })) }
    })
}
