//! When a subagent has ended: its history stands in a transcript of its own, which no prompt looks at.

use std::path::Path;

use crate::event::Event;
use crate::history::{self, Place, Reach};
use crate::{Context, Hook, Refusal, Reply, leak};

/// The hook. The event cannot be stopped; its closed answer is a loud failure.
pub const HOOK: Hook = Hook {
    name: "subagent-stop",
    event: "SubagentStop",
    reads_files: true,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let transcript = event.agent_transcript_path.as_deref().ok_or(Refusal::Missing("agent_transcript_path"))?;
    let scanner = context.scanner()?;
    let history = history::read(Path::new(transcript), Reach::Subagent, &scanner)?;
    // It comes when the model has answered, and before the answer is written: all that stands there has been sent. (After a
    // turn that `post-tool-batch` ended it does not come.)
    let mut sent: Vec<Place> = history.sent.into_iter().chain(history.unsent).collect();
    if event.agent_type.as_deref() == Some("") {
        // A side question (/btw) carries the session's own history, past all other hooks.
        sent.extend(history::read(event.transcript()?, Reach::Turn, &scanner)?.unsent);
    }
    Ok(match leak::report(HOOK.event, &event, &scanner, &sent) {
        Some(said) => Reply::Say { user: Some(said), model: None },
        None => Reply::Silent,
    })
}
