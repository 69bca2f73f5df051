//! After a tool ran: secrets in its output are replaced before the model gets it.
//!
//! The client takes a replacement only if it has the very shape of the tool's own output, and falls back to the original
//! without a word otherwise. So the output goes back as it came, but for the secrets inside its strings.
//!
//! This event has no closed exit: whatever its status, the client goes on with the original. The closed answer is therefore
//! an output of the same shape with all its text withheld, and where not even the shape can be read, the end of the turn.

use scrub::Mask;
use scrub::json::{self, Document};

use crate::event::Event;
use crate::log::{Deed, Entry, Source};
use crate::{Context, Hook, Refusal, Reply, lending, notice, rehearsal, spill};

/// The hook.
pub const HOOK: Hook = Hook { name: "post-tool-use", event: "PostToolUse", reads_files: false, answer, closed };

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    lending::ended(&event);
    let output = Document::read(event.tool_response()?)?;
    let scanner = context.scanner()?;
    let mask = Mask::new(*scanner.table());
    if !rehearsal::is_on() {
        spill::redact(&event, &scanner, &mask)?;
    }
    let findings = output.findings(&scanner)?;
    if findings.is_empty() {
        return Ok(Reply::Silent);
    }
    let (tool, kinds) = (event.tool()?, notice::kinds(scanner.table(), &findings));
    let action = context.config.output(tool);
    let did = match action {
        config::Output::Redact => Deed::Redacted,
        config::Output::Withhold => Deed::Withheld,
        config::Output::Stop => Deed::Stopped,
    };
    let mut entry = Entry::new(HOOK.event, &event, did, Source::Result, &scanner, &findings);
    entry.place = event.file().or_else(|| findings.first().map(|finding| output.path(finding.span.start)));
    entry.append(&scanner);
    match action {
        config::Output::Redact => {
            let mut json = Vec::with_capacity(event.tool_response()?.len());
            output.mask_into(&mask, &findings, &mut json);
            Ok(Reply::Output { json, note: notice::hidden(&kinds) })
        }
        config::Output::Withhold => {
            let note = notice::withheld(&kinds);
            let json = json::withheld(event.tool_response()?, &format!("({note})")).ok_or(Refusal::Panicked)?;
            Ok(Reply::Output { json: json.into_bytes(), note })
        }
        config::Output::Stop => {
            Ok(Reply::Stop { reason: notice::stopped_by_policy(notice::tool(tool, &scanner), &kinds) })
        }
    }
}

fn closed(event: &[u8], refusal: &Refusal) -> Reply {
    let withheld = Event::read(event, HOOK.event)
        .and_then(|event| event.tool_response())
        .ok()
        .and_then(|output| json::withheld(output, &format!("(stanch withheld this text: {refusal})")));
    match withheld {
        Some(output) => Reply::Output {
            json: output.into_bytes(),
            note: format!("stanch withheld the output of this call: {refusal}."),
        },
        None => Reply::Stop { reason: format!("stanch stopped the turn before this output was sent: {refusal}.") },
    }
}
