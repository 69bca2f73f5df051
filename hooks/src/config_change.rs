//! When settings change in the middle of a session: one that would switch stanch off is not taken over.
//!
//! The client runs this hook before it takes a change over, with the hooks of before. It takes over what it likes of an
//! administrator's settings.
//!
//! Whatever this hook says, the client shows none of it (2.1.330): `user-prompt-submit` tells the user with the next prompt.

use std::path::Path;

use crate::event::Event;
use crate::settings::{self, Whose};
use crate::{Context, Hook, Refusal, Reply, notice};

/// The hook. Its closed answer is exit status 2: the change is not taken over.
pub const HOOK: Hook = Hook {
    name: "config-change",
    event: "ConfigChange",
    reads_files: true,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let source = event.source.as_deref().ok_or(Refusal::Missing("source"))?;
    // An administrator's settings are taken over whatever a hook says; skills are no settings.
    if !matches!(source, "user_settings" | "project_settings" | "local_settings") {
        return Ok(Reply::Silent);
    }
    let scanner = context.scanner()?;
    let whose = if source == "user_settings" { Whose::User } else { Whose::Repository };
    let off = event
        .file_path
        .as_deref()
        .map_or_else(Vec::new, |file| settings::against(context.agent, Path::new(file), whose));
    if off.is_empty() {
        return Ok(Reply::Silent);
    }
    Ok(Reply::Block { reason: scanner.redacted(&notice::settings_blocked(&off.join("\n")))? })
}
