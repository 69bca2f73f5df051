//! When a session ends: the last turn has no prompt after it that would report a leak, so it is looked at here, for the log.

use crate::event::Event;
use crate::history::{self, Reach};
use crate::{Context, Hook, Refusal, Reply, fork, leak};

/// The hook. The event cannot be stopped; its closed answer is a loud failure.
pub const HOOK: Hook = Hook {
    name: "session-end",
    event: "SessionEnd",
    reads_files: true,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    fork::forget(&event);
    let scanner = context.scanner()?;
    let history = history::read(event.transcript()?, Reach::Turn, &scanner)?;
    Ok(match leak::report(HOOK.event, &event, &scanner, &history.sent) {
        Some(said) => Reply::Say { user: Some(said), model: None },
        None => Reply::Silent,
    })
}
