//! After a batch of tools: what the model is about to get is looked at once more, and the turn ends if a secret is left.
//!
//! The verifier behind `post-tool-use`. It sees each output as it will be sent: of failed commands, which no hook can
//! change; where `post-tool-use` crashed or was late; where another hook put its own text over the redacted one. It cannot
//! change anything either. It can only keep the batch from being sent.

use scrub::json::Document;

use crate::event::Event;
use crate::log::{Deed, Entry};
use crate::{Context, Hook, Refusal, Reply, notice};

/// The hook. Its closed answer is exit status 2, which ends the turn before the batch is sent.
pub const HOOK: Hook = Hook {
    name: "post-tool-batch",
    event: "PostToolBatch",
    reads_files: false,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let scanner = context.scanner()?;
    let mut left = Vec::new();
    for call in event.tool_calls()? {
        let findings = Document::read(call.tool_response()?)?.findings(&scanner)?;
        if !findings.is_empty() {
            let mut entry = Entry::new(HOOK.event, &event, Deed::Stopped, &scanner, &findings);
            (entry.tool, entry.call) = (Some(call.tool()?), call.tool_use_id.as_deref());
            entry.append(&scanner);
            left.push(notice::left(call.tool()?, &scanner, &findings));
        }
    }
    if left.is_empty() {
        return Ok(Reply::Silent);
    }
    Ok(Reply::Stop { reason: notice::stopped(&left.join("; ")) })
}
