//! When a session starts: what is active, and what the session begins with that hooks cannot take back.

use scrub::Scanner;

use crate::event::Event;
use crate::history::{self, Reach};
use crate::pause::{self, Look};
use crate::{Context, Hook, Refusal, Reply, fork, instructions, leak, lending, log, notice, settings};

/// The hook. The event cannot be stopped; its closed answer is a loud failure.
pub const HOOK: Hook = Hook {
    name: "session-start",
    event: "SessionStart",
    reads_files: true,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let folder = event.folder()?;
    let scanner = context.scanner()?;
    let mut lines = vec![format!(
        "stanch {} is on, with {} rules; {}.",
        env!("CARGO_PKG_VERSION"),
        scanner.table().count(),
        settings::registered(context.agent, context.by, folder),
    )];
    let instructions = instructions::report(context.agent, folder, &scanner)?;
    lines.extend(instructions.secrets);
    lines.extend(instructions.left_out.map(str::to_owned));
    lines.extend(settings::warnings(context.agent, folder));
    lines.extend(log::problem());
    lines.extend(not_paused());
    match context.config.lend() {
        Ok(lend) if lend.credentials().is_empty() => {}
        Ok(_) => lines.extend(lending::session(&event)),
        Err(error) => lines.push(format!("No credential is lent in this session: {error}.")),
    }
    let source = event.source.as_deref().filter(|_| context.agent.keeps_what_was_stopped());
    if source == Some("resume") {
        lines.extend(resumed(&event, &scanner)?);
    }
    if source == Some("fork") {
        lines.extend(fork::mark(&event, &scanner)?.map(notice::forked));
    }
    Ok(Reply::Say { user: Some(scanner.redacted(&lines.join("\n"))?), model: None })
}

/// What says that stanch is paused, if it is not believed: somebody may have tried.
fn not_paused() -> Option<String> {
    let Look::Disbelieved(doubt) = pause::look() else { return None };
    Some(notice::not_paused(&pause::path()?, &doubt))
}

/// What was sent in an earlier life of the session goes out again with each prompt.
fn resumed(event: &Event<'_>, scanner: &Scanner<'_>) -> Result<Option<String>, Refusal> {
    let history = history::read(event.transcript()?, Reach::Whole, scanner)?;
    Ok(leak::report(HOOK.event, event, scanner, &history.sent))
}
