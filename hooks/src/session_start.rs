//! When a session starts: what is active, and what the session begins with that hooks cannot take back.

use scrub::Scanner;
use serde_json::json;

use crate::event::Event;
use crate::{Hook, Outcome, Refusal, instructions, settings};

/// The hook. The event cannot be stopped; its closed answer is a loud failure.
pub const HOOK: Hook = Hook { name: "session-start", answer, closed: |_, refusal| Outcome::blocked(refusal) };

fn answer(event: &[u8]) -> Result<Outcome, Refusal> {
    let event = Event::read(event, "SessionStart")?;
    let folder = std::path::PathBuf::from(event.cwd.as_deref().ok_or(Refusal::Missing("cwd"))?);
    let scanner = Scanner::builtin()?;
    let mut lines = vec![format!(
        "stanch {} is on, with {} rules; {}.",
        env!("CARGO_PKG_VERSION"),
        scanner.table().count(),
        settings::registered(&folder),
    )];
    lines.extend(instructions::findings(&folder, &scanner)?);
    lines.extend(settings::warnings(&folder));
    Ok(Outcome::reply(&json!({ "systemMessage": without_secrets(&lines.join("\n"), &scanner)? })))
}

/// The message names files and folders, and a file's name may hold a secret.
fn without_secrets(message: &str, scanner: &Scanner<'_>) -> Result<String, Refusal> {
    let mut clean = Vec::new();
    scrub::Mask::new(*scanner.table()).write(message.as_bytes(), &scanner.findings(message.as_bytes())?, &mut clean);
    String::from_utf8(clean).map_err(|_| Refusal::Panicked)
}
