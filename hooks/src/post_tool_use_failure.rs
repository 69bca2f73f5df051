//! After a tool failed: what it gave back goes to the model whatever a hook says, so the user is told to rotate what is in it.

use scrub::json::Document;

use crate::event::Event;
use crate::log::{Deed, Entry, Source};
use crate::{Context, Hook, Refusal, Reply, lending, notice};

/// The hook. The event cannot be stopped; its closed answer is a loud failure.
pub const HOOK: Hook = Hook {
    name: "post-tool-use-failure",
    event: "PostToolUseFailure",
    reads_files: false,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    lending::ended(&event);
    let scanner = context.scanner()?;
    let findings = Document::read(event.error()?)?.findings(&scanner)?;
    if findings.is_empty() {
        return Ok(Reply::Silent);
    }
    Entry::new(HOOK.event, &event, Deed::Seen, Source::Error, &scanner, &findings).append(&scanner);
    let (kinds, pages) = (notice::kinds(scanner.table(), &findings), notice::revoke(scanner.table(), &findings));
    let said = notice::failed(notice::tool(event.tool()?, &scanner), &kinds, &pages);
    Ok(Reply::Say { user: Some(said.clone()), model: Some(said) })
}
