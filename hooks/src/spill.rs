//! The file to which the client writes a large output before any hook sees it: redacted in place.
//!
//! The path comes with the event. It is followed only for the tool whose output the client itself builds, and only into the
//! session's own folder: an output that merely names a file must not make us rewrite it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

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
    match named.as_deref().and_then(|path| in_session_folder(event, path)) {
        Some(path) => rewrite(&path, scanner, mask),
        None => Ok(()),
    }
}

/// The path, if it is a plain file `<transcript folder>/<session>/tool-results/<name>`.
fn in_session_folder(event: &Event<'_>, path: &Path) -> Option<PathBuf> {
    let projects = Path::new(event.transcript_path.as_deref()?).parent()?;
    let folder = projects.join(event.session_id.as_deref()?).join("tool-results");
    let inside = path.parent()? == folder && path.file_name().is_some();
    let plain = fs::symlink_metadata(path).ok()?.is_file()
        && fs::canonicalize(&folder).ok()? == fs::canonicalize(path).ok()?.parent()?;
    (inside && plain).then(|| path.to_owned())
}

/// Replaces the file by its redacted text: written beside it, then renamed over it, so that no reader sees half of it.
fn rewrite<'t>(path: &Path, scanner: &Scanner<'t>, mask: &Mask<'t>) -> Result<(), Refusal> {
    let failed = |step: &'static str| move |_: std::io::Error| Refusal::Spill(step);
    let source = File::open(path).map_err(failed("opening it"))?;
    let permissions = source.metadata().map_err(failed("reading its mode"))?.permissions();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".stanch-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let target = OpenOptions::new().write(true).create_new(true).open(&beside).map_err(failed("writing beside it"))?;
    let done = copy(source, &target, scanner, mask).and_then(|changed| {
        target.set_permissions(permissions).map_err(failed("setting its mode"))?;
        if changed { fs::rename(&beside, path).map_err(failed("replacing it")) } else { Ok(()) }
    });
    // After a rename nothing is left there; otherwise the copy goes.
    let _ = fs::remove_file(&beside);
    done
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
