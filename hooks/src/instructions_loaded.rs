//! When an instruction file has been loaded in the middle of a session: it goes to the model, and no hook can stop it now.
//!
//! `pre-tool-use` and `user-prompt-submit` look at the instructions that a file brings along before they are loaded; this is
//! for what got past them. The client shows nothing of what this hook says (2.1.330), so that it is there for the log; once the
//! model has answered, `user-prompt-submit` reports the leak. The files that a session begins with are another matter: `session-start` reports them, `user-prompt-submit` blocks.

use std::path::Path;

use crate::event::Event;
use crate::log::{Deed, Entry, Source};
use crate::{Context, Hook, Refusal, Reply, instructions, notice};

/// The hook. The event cannot be stopped; its closed answer is a loud failure.
pub const HOOK: Hook = Hook {
    name: "instructions-loaded",
    event: "InstructionsLoaded",
    reads_files: true,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let file = event.file_path.as_deref().ok_or(Refusal::Missing("file_path"))?;
    if matches!(event.load_reason.as_deref(), Some("session_start" | "include")) {
        return Ok(Reply::Silent);
    }
    let scanner = context.scanner()?;
    let report = instructions::report_on(context.agent, Path::new(file), &scanner)?;
    if report.secrets.is_empty() {
        return Ok(Reply::Silent);
    }
    let mut entry = Entry::new(HOOK.event, &event, Deed::Seen, Source::Instructions, &scanner, &[]);
    entry.kinds = report.kinds.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    entry.place = Some(file.to_owned());
    entry.append(&scanner);
    let said = notice::instructions_leaked(&report.secrets.join("\n"));
    Ok(Reply::Say { user: Some(scanner.redacted(&said)?), model: None })
}
