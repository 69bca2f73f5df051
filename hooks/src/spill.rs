//! The file to which the client writes a large output before any hook sees it: redacted in place.
//!
//! The path comes with the event. It is followed only for the tool whose output the client itself builds, and only into the
//! session's own folder: an output that merely names a file must not make us rewrite it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;
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
    match named.as_deref().and_then(|path| SpillFile::of(event, path)) {
        Some(file) => file?.rewrite(scanner, mask),
        None => Ok(()),
    }
}

/// A plain file `<transcript folder>/<session>/tool-results/<name>`.
///
/// The transcript's folder is the user's: it may lie behind links (settings that are kept elsewhere). What is below it the
/// client has made, without links; whoever puts one there wants another file rewritten. So the folder is opened step by
/// step and kept open: all that follows happens in it, whatever its path leads to by then.
struct SpillFile {
    folder: OwnedFd,
    name: OsString,
    source: File,
}

impl SpillFile {
    /// `None` if it is another file, or no file; an error if it is one that cannot be read.
    fn of(event: &Event<'_>, path: &Path) -> Option<Result<Self, Refusal>> {
        let projects = Path::new(event.transcript_path.as_deref()?).parent()?;
        let session = Path::new(event.session_id.as_deref()?);
        let one_name = matches!(session.components().collect::<Vec<_>>()[..], [Component::Normal(_)]);
        if !one_name || path.parent()? != projects.join(session).join("tool-results") {
            return None;
        }
        let name = path.file_name()?.to_owned();
        let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let projects = openat(CWD, projects, folder, Mode::empty()).ok()?;
        let session = openat(projects, session, folder | OFlags::NOFOLLOW, Mode::empty()).ok()?;
        let folder = openat(session, "tool-results", folder | OFlags::NOFOLLOW, Mode::empty()).ok()?;
        // A pipe would block at once.
        let plain = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let source = match openat(&folder, &name, plain, Mode::empty()) {
            Ok(source) => File::from(source),
            Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => return None, // nothing, a link, a socket
            Err(_) => return Some(Err(Refusal::Spill("opening it"))),
        };
        source.metadata().ok()?.is_file().then_some(Ok(Self { folder, name, source }))
    }

    /// Replaces the file by its redacted text: written beside it, then renamed over it, so that no reader sees half of it.
    fn rewrite<'t>(self, scanner: &Scanner<'t>, mask: &Mask<'t>) -> Result<(), Refusal> {
        let permissions = self.source.metadata().map_err(|_| Refusal::Spill("reading its mode"))?.permissions();
        let mut beside = self.name.clone();
        beside.push(format!(".stanch-{}", std::process::id()));
        let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let target = openat(&self.folder, &beside, new, Mode::RUSR | Mode::WUSR)
            .map_err(|_| Refusal::Spill("writing beside it"))?;
        let target = File::from(target);
        let done = copy(self.source, &target, scanner, mask).and_then(|changed| {
            target.set_permissions(permissions).map_err(|_| Refusal::Spill("setting its mode"))?;
            if changed {
                renameat(&self.folder, &beside, &self.folder, &self.name)
                    .map_err(|_| Refusal::Spill("replacing it"))?;
            }
            Ok(())
        });
        // After a rename nothing is left there; otherwise the copy goes.
        let _ = unlinkat(&self.folder, &beside, AtFlags::empty());
        done
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
