//! When a subagent has ended: its history stands in a transcript of its own, which no prompt looks at.

use std::path::Path;
use std::time::{Duration, Instant};

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

/// Longer than the client keeps lines back.
const QUIET: Duration = Duration::from_millis(300);
/// No longer than this.
const PATIENCE: Duration = Duration::from_secs(3);

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let transcript = event.agent_transcript_path.as_deref().ok_or(Refusal::Missing("agent_transcript_path"))?;
    let scanner = context.scanner()?;
    settle(Path::new(transcript));
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

/// The client writes its transcript some time after the event: waits until nothing more comes.
fn settle(transcript: &Path) {
    let length = || std::fs::metadata(transcript).map(|data| data.len()).ok();
    let (start, mut last, mut since) = (Instant::now(), length(), Instant::now());
    while since.elapsed() < QUIET && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(50));
        let now = length();
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
}
