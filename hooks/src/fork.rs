//! A session that begins as a fork of another (`--fork-session`) carries that one's history, and has no transcript of its own
//! until its first prompt is over.
//!
//! Which session it was forked from no event says. So `session-start` looks whether any session of the project holds what was
//! stopped, and marks the fork if so; `user-prompt-submit` holds back a marked fork's prompt for as long as there is no
//! transcript. The blocked prompt makes the client write one, and the next prompt is judged by it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use config::places;
use scrub::Scanner;

use crate::event::Event;
use crate::history::{self, Reach};
use crate::{Refusal, log};

/// So many sessions of the project are looked at, the last first.
const LAST: usize = 50;

/// Marks a fork that may carry what was stopped. `None` if it carries nothing; else whether it could be marked.
pub fn mark(event: &Event<'_>, scanner: &Scanner<'_>) -> Result<Option<bool>, Refusal> {
    let transcript = event.transcript()?;
    if transcript.exists() || !siblings(transcript).iter().any(|sibling| holds_back(sibling, scanner)) {
        return Ok(None);
    }
    let marked = place(event).is_some_and(|mark| {
        let folder = mark.parent().map_or(Ok(()), places::make_private);
        folder.and_then(|()| fs::write(mark, b"")).is_ok()
    });
    Ok(Some(marked))
}

/// Whether the prompt is that of a marked fork, whose history nobody can see yet.
pub fn is_unknown(event: &Event<'_>) -> Result<bool, Refusal> {
    Ok(!event.transcript()?.exists() && place(event).is_some_and(|mark| mark.exists()))
}

/// Takes the mark away when the session ends.
pub fn forget(event: &Event<'_>) {
    if let Some(mark) = place(event) {
        let _ = fs::remove_file(mark);
    }
}

fn place(event: &Event<'_>) -> Option<PathBuf> {
    let session = log::id(event.session_id.as_deref()?)?;
    Some(log::folder()?.join("forks").join(session))
}

/// What cannot be read may hold anything.
fn holds_back(transcript: &Path, scanner: &Scanner<'_>) -> bool {
    history::read(transcript, Reach::Turn, scanner).map_or(true, |history| !history.unsent.is_empty())
}

fn siblings(transcript: &Path) -> Vec<PathBuf> {
    let entries = transcript.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let of_time = |path: &Path| path.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .map(|path| (of_time(&path), path))
        .collect();
    paths.sort_by(|a, b| b.cmp(a));
    paths.into_iter().take(LAST).map(|(_, path)| path).collect()
}
