//! One file with placeholders in place of its secrets: written beside it, searched, then renamed over it.
//!
//! Mode, owner and times stay. Whoever reads it sees the whole old file or the whole new one; whoever stops the run leaves a
//! file `.stanch-fix-*` behind, which holds no secret and is removed by the next run.

use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::{File, FileTimes, Metadata, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fchown, fcntl_setfl, openat, renameat, unlinkat};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, geteuid};
use scrub::{Mask, Scanner, Stream};
use serde::de::IgnoredAny;

use crate::command::scan::look::{self, Part};
use crate::command::scan::pieces::{Form, Mark, Piece, Pieces};
use crate::command::scan::source;

/// What the new file is called until it takes the old one's name; its inode follows.
const BESIDE: &str = ".stanch-fix-";

/// Removes a file that a stopped run has left, unless another run is writing it.
pub fn sweep(path: &Path) {
    if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(BESIDE.as_bytes()))
        && let Ok(file) = source::open(path)
        && file.try_lock().is_ok()
    {
        let _ = std::fs::remove_file(path);
    }
}

/// What was done.
pub struct Rewritten {
    /// Secrets replaced.
    pub secrets: usize,
    /// Other names of the file that was there before.
    pub other_names: u64,
}

type Reason = String;

/// No link, which would lead out of the folder; no waiting for the other end of a pipe.
const PLAIN: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

fn at<E: Display>(doing: &'static str) -> impl FnOnce(E) -> Reason {
    move |error| format!("left as it was: {doing}: {error}")
}

/// Rewrites a file.
///
/// # Errors
/// Why it was left as it was.
pub fn rewrite<'t>(path: &Path, scanner: &Scanner<'t>, mask: &Mask<'t>) -> Result<Rewritten, Reason> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Err("no file".to_owned()) };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(CWD, parent, folder, Mode::empty()).map_err(at("opening its folder"))?;
    let mut old = File::from(openat(&folder, name, PLAIN, Mode::empty()).map_err(at("opening it"))?);
    let before = old.metadata().map_err(at("looking at it"))?;
    if !before.is_file() {
        return Err("left as it was: no plain file".to_owned());
    }
    let beside = format!("{BESIDE}{}", before.ino());
    let mut new = create(folder.as_fd(), &beside).map_err(at("writing beside it"))?;
    let done = fill(path, &mut old, &before, &mut new, scanner, mask).and_then(|secrets| {
        keep(&before, &new).map_err(at("keeping its mode and times"))?;
        if !is_same(folder.as_fd(), name, &before) {
            return Err("left as it was: it changed meanwhile, so its session is running; end that first".to_owned());
        }
        renameat(&folder, &beside, &folder, name).map_err(at("putting it in its place"))?;
        // Lasting, as far as the file system can tell.
        let _ = rustix::fs::fsync(&folder);
        Ok(secrets)
    });
    let secrets = match done {
        Ok(secrets) => secrets,
        Err(reason) => {
            let _ = unlinkat(&folder, &beside, AtFlags::empty());
            return Err(reason);
        }
    };
    // What was appended between the last look and the renaming went into the old file.
    let late = late(&mut old, &before, &mut new, scanner, mask)
        .map_err(|reason| format!("what was appended to it while it was replaced is lost: {reason}"))?;
    Ok(Rewritten { secrets: secrets + late, other_names: before.nlink().saturating_sub(1) })
}

/// Writes the new file and searches it.
fn fill<'t>(
    path: &Path,
    old: &mut File,
    before: &Metadata,
    new: &mut File,
    scanner: &Scanner<'t>,
    mask: &Mask<'t>,
) -> Result<usize, Reason> {
    let source = old.try_clone().map_err(at("reading it"))?.take(before.len());
    let mut pieces = Pieces::of(path, Box::new(source)).map_err(at("reading it"))?;
    let secrets = copy(&mut pieces, new, scanner, mask)?;
    new.seek(SeekFrom::Start(0)).map_err(at("reading what was written"))?;
    let written = new.try_clone().map_err(at("reading what was written"))?;
    let mut pieces = Pieces::of(path, Box::new(written)).map_err(at("reading what was written"))?;
    while let Some(piece) = pieces.next().map_err(at("reading what was written"))? {
        let seen = look::search(scanner, mask, &piece);
        if !seen.sights.is_empty() || !seen.unsearched.is_empty() {
            return Err("left as it was: secrets would be left in it; please report this".to_owned());
        }
    }
    Ok(secrets)
}

fn copy<'t>(pieces: &mut Pieces<'_>, new: &mut File, scanner: &Scanner<'t>, mask: &Mask<'t>) -> Result<usize, Reason> {
    if pieces.packed || pieces.mark() == Mark::Utf16 {
        return Err("left as it was: packed, or in UTF-16; delete it if you can".to_owned());
    }
    let mut secrets = 0;
    let mut out = Vec::new();
    if pieces.mark() == Mark::Utf8 {
        out.extend_from_slice(b"\xef\xbb\xbf");
    }
    let is_text = pieces.form() == Form::Text;
    let mut stream = Stream::new(scanner, mask);
    while let Some(piece) = pieces.next().map_err(at("reading it"))? {
        if piece.too_long {
            return Err(format!("left as it was: line {} is a record of more than 32 MiB", piece.line));
        } else if is_text {
            for step in piece.text[piece.own.clone()].chunks(64 << 10) {
                stream.push(step, &mut out, Some(&mut |_| secrets += 1)).map_err(at("searching it"))?;
            }
        } else {
            secrets += masked(&piece, scanner, mask, &mut out)?;
        }
        new.write_all(&out).map_err(at("writing beside it"))?;
        out.clear();
    }
    stream.finish(&mut out, Some(&mut |_| secrets += 1)).map_err(at("searching it"))?;
    new.write_all(&out).map_err(at("writing beside it"))?;
    Ok(secrets)
}

/// Appends a piece of records with placeholders; what was JSON is JSON.
fn masked<'t>(piece: &Piece, scanner: &Scanner<'t>, mask: &Mask<'t>, out: &mut Vec<u8>) -> Result<usize, Reason> {
    let mut secrets = 0;
    let mut done = piece.own.start;
    for part in look::parts(piece) {
        match part {
            Part::Json(range, document) => {
                out.extend_from_slice(&piece.text[done..range.start]);
                done = range.end;
                let findings = document.findings_under(mask, scanner).map_err(at("searching it"))?;
                let from = out.len();
                document.mask_into(mask, &findings, out);
                secrets += findings.iter().filter(|finding| !finding.is_continued()).count();
                if !findings.is_empty() && serde_json::from_slice::<IgnoredAny>(&out[from..]).is_err() {
                    return Err("left as it was: a record would be no JSON any more; please report this".to_owned());
                }
            }
            Part::Text(range) => {
                out.extend_from_slice(&piece.text[done..range.start]);
                done = range.end;
                let mut stream = Stream::new(scanner, mask);
                stream.push(&piece.text[range], out, Some(&mut |_| secrets += 1)).map_err(at("searching it"))?;
                stream.finish(out, Some(&mut |_| secrets += 1)).map_err(at("searching it"))?;
            }
        }
    }
    out.extend_from_slice(&piece.text[done..piece.own.end]);
    Ok(secrets)
}

/// A file for the new content. One that a stopped run has left is used again; one that is in use is not.
fn create(folder: BorrowedFd<'_>, name: &str) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    let file = match openat(folder, name, flags | OFlags::EXCL, mode) {
        Ok(file) => File::from(file),
        Err(Errno::EXIST) => {
            let file = File::from(openat(folder, name, flags, mode)?);
            let found = file.metadata()?;
            if !found.is_file() || found.nlink() != 1 || found.uid() != geteuid().as_raw() {
                return Err(io::Error::other(format!("'{name}' is somebody else's")));
            }
            file
        }
        Err(error) => return Err(error.into()),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(io::Error::other("another stanch is rewriting it")),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    file.set_len(0)?;
    Ok(file)
}

/// Gives the new file the mode, the owner and the times of the old one, and puts it on disk.
fn keep(before: &Metadata, new: &File) -> io::Result<()> {
    let after = new.metadata()?;
    if (after.uid(), after.gid()) != (before.uid(), before.gid()) {
        fchown(new, Some(Uid::from_raw(before.uid())), Some(Gid::from_raw(before.gid())))?;
    }
    new.set_permissions(before.permissions())?;
    keep_times(before, new)?;
    new.sync_all()
}

fn keep_times(before: &Metadata, new: &File) -> io::Result<()> {
    new.set_times(FileTimes::new().set_accessed(before.accessed()?).set_modified(before.modified()?))
}

/// Whether the name still leads to the file as it was.
fn is_same(folder: BorrowedFd<'_>, name: &OsStr, before: &Metadata) -> bool {
    let Ok(now) = openat(folder, name, PLAIN, Mode::empty()) else { return false };
    File::from(now).metadata().is_ok_and(|now| {
        let what = |file: &Metadata| (file.dev(), file.ino(), file.len(), file.mtime(), file.mtime_nsec());
        what(&now) == what(before)
    })
}

/// How long after the renaming a writer that had opened the old file may still write to it.
const GRACE: Duration = Duration::from_millis(100);

/// Carries over what was appended to the old file at the last moment. Nobody waits for a file that nobody has changed for
/// long.
fn late<'t>(
    old: &mut File,
    before: &Metadata,
    new: &mut File,
    scanner: &Scanner<'t>,
    mask: &Mask<'t>,
) -> Result<usize, Reason> {
    let said = |error: io::Error| error.to_string();
    let age = before.modified().map_err(said)?.elapsed().unwrap_or_default();
    let (mut done, mut secrets) = (before.len(), 0);
    // Others append to it by now.
    fcntl_setfl(&*new, OFlags::APPEND).map_err(|error| error.to_string())?;
    loop {
        if age < Duration::from_secs(600) {
            std::thread::sleep(GRACE);
        }
        let now = old.metadata().map_err(said)?;
        if now.len() <= done {
            return Ok(secrets);
        }
        old.seek(SeekFrom::Start(done)).map_err(said)?;
        let tail = old.try_clone().map_err(said)?.take(now.len() - done);
        // Records, whatever the file's name: what is none is read as text.
        let mut pieces = Pieces::of(Path::new("late.jsonl"), Box::new(tail)).map_err(said)?;
        secrets += copy(&mut pieces, new, scanner, mask)?;
        keep_times(&now, new).map_err(said)?;
        done = now.len();
    }
}
