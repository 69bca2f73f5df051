//! When a session starts: what is active, and what the session begins with that hooks cannot take back.

use scrub::Scanner;

use crate::event::Event;
use crate::{Context, Hook, Refusal, Reply, instructions, settings};

/// The hook. The event cannot be stopped; its closed answer is a loud failure.
pub const HOOK: Hook =
    Hook { name: "session-start", event: "SessionStart", answer, closed: |_, refusal| Reply::Refused(refusal.clone()) };

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let folder = std::path::PathBuf::from(event.cwd.as_deref().ok_or(Refusal::Missing("cwd"))?);
    let scanner = context.scanner()?;
    let mut lines = vec![format!(
        "stanch {} is on, with {} rules; {}.",
        env!("CARGO_PKG_VERSION"),
        scanner.table().count(),
        settings::registered(&folder),
    )];
    lines.extend(instructions::findings(&folder, &scanner)?);
    lines.extend(settings::warnings(&folder));
    Ok(Reply::Say { user: Some(without_secrets(&lines.join("\n"), &scanner)?), model: None })
}

/// The message names files and folders, and a file's name may hold a secret.
fn without_secrets(message: &str, scanner: &Scanner<'_>) -> Result<String, Refusal> {
    let mut clean = Vec::new();
    scrub::Mask::new(*scanner.table()).write(message.as_bytes(), &scanner.findings(message.as_bytes())?, &mut clean);
    String::from_utf8(clean).map_err(|_| Refusal::Panicked)
}
