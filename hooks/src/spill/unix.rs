//! The file, held by its folder: no path is walked twice.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;
use scrub::{Mask, Scanner};

use super::{Place, RESULTS, copy};
use crate::Refusal;

/// A plain file, opened.
///
/// The transcript's folder is the user's: it may lie behind links (settings that are kept elsewhere). What is below it the
/// client has made, without links; whoever puts one there wants another file rewritten. So the folder is opened step by
/// step and kept open: all that follows happens in it, whatever its path leads to by then.
pub(super) struct SpillFile {
    folder: OwnedFd,
    name: OsString,
    source: File,
}

impl SpillFile {
    /// `None` if there is no such file; an error if it is one that cannot be read.
    pub(super) fn at(place: &Place<'_>) -> Option<Result<Self, Refusal>> {
        let name = place.name.to_owned();
        let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let projects = openat(CWD, place.projects, folder, Mode::empty()).ok()?;
        let session = openat(projects, place.session, folder | OFlags::NOFOLLOW, Mode::empty()).ok()?;
        let folder = openat(session, RESULTS, folder | OFlags::NOFOLLOW, Mode::empty()).ok()?;
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
    pub(super) fn rewrite<'t>(self, scanner: &Scanner<'t>, mask: &Mask<'t>) -> Result<(), Refusal> {
        let permissions = self.source.metadata().map_err(|_| Refusal::Spill("reading its mode"))?.permissions();
        let beside = Place::beside(&self.name);
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
