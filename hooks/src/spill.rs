//! The file to which the client writes a large output before any hook sees it: redacted in place.
//!
//! The path comes with the event. It is followed only for the tool whose output the client itself builds, and only into the
//! session's own folder: an output that merely names a file must not make us rewrite it.

#[cfg_attr(unix, path = "spill/unix.rs")]
#[cfg_attr(not(unix), path = "spill/other.rs")]
mod file;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use file::SpillFile;
use scrub::{Mask, Scanner, Stream};
use serde::Deserialize;

use crate::Refusal;
use crate::event::Event;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BashOutput {
    persisted_output_path: Option<PathBuf>,
}

/// Redacts the spill file of this event's output, if there is one and a secret is in it.
///
/// # Errors
/// The file is there but could not be rewritten: the model must not be told of it as if it were clean.
pub fn redact<'t>(event: &Event<'_>, scanner: &Scanner<'t>, mask: &Mask<'t>) -> Result<(), Refusal> {
    if event.tool_name.as_deref() != Some("Bash") {
        return Ok(());
    }
    let named = serde_json::from_str::<BashOutput>(event.tool_response()?).ok().and_then(|o| o.persisted_output_path);
    match named.as_deref().and_then(|path| Place::of(event, path)).and_then(|place| SpillFile::at(&place)) {
        Some(file) => file?.rewrite(scanner, mask),
        None => Ok(()),
    }
}

/// Where the client keeps such files: `<transcript folder>/<session>/tool-results/<name>`.
struct Place<'p> {
    /// The transcript's folder.
    projects: &'p Path,
    /// One name.
    session: &'p Path,
    /// One name.
    name: &'p OsStr,
}

/// The folder below the session's.
const RESULTS: &str = "tool-results";

impl<'p> Place<'p> {
    /// `None` if the path leads anywhere else.
    fn of(event: &'p Event<'_>, path: &'p Path) -> Option<Self> {
        let projects = Path::new(event.transcript_path.as_deref()?).parent()?;
        let session = Path::new(event.session_id.as_deref()?);
        let one_name = matches!(session.components().collect::<Vec<_>>()[..], [Component::Normal(_)]);
        if !one_name || path.parent()? != projects.join(session).join(RESULTS) {
            return None;
        }
        Some(Self { projects, session, name: path.file_name()? })
    }

    /// What the new file is called until it takes the old one's place.
    fn beside(name: &OsStr) -> OsString {
        let mut beside = name.to_owned();
        beside.push(format!(".stanch-{}", std::process::id()));
        beside
    }
}

/// Whether anything was redacted.
fn copy<'t>(mut source: File, mut target: &File, scanner: &Scanner<'t>, mask: &Mask<'t>) -> Result<bool, Refusal> {
    let mut stream = Stream::new(scanner, mask);
    let (mut piece, mut out, mut changed) = (vec![0u8; 128 << 10], Vec::new(), false);
    loop {
        let read = source.read(&mut piece).map_err(|_| Refusal::Spill("reading it"))?;
        if read == 0 {
            break;
        }
        stream.push(&piece[..read], &mut out, Some(&mut |_| changed = true))?;
        target.write_all(&out).map_err(|_| Refusal::Spill("writing beside it"))?;
        out.clear();
    }
    stream.finish(&mut out, Some(&mut |_| changed = true))?;
    target.write_all(&out).map_err(|_| Refusal::Spill("writing beside it"))?;
    Ok(changed)
}
