//! The file, held by its path, where std has no way to hold a folder open.
//!
//! Links are looked for and not followed; between the look and the write another program of the same user could put one
//! there. On Windows that takes a privilege.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use scrub::{Mask, Scanner};

use super::{Place, RESULTS, copy};
use crate::Refusal;

/// A plain file, opened.
pub(super) struct SpillFile {
    path: PathBuf,
    source: File,
}

impl SpillFile {
    /// `None` if there is no such file; an error if it is one that cannot be read.
    pub(super) fn at(place: &Place<'_>) -> Option<Result<Self, Refusal>> {
        let session = place.projects.join(place.session);
        let results = session.join(RESULTS);
        let path = results.join(place.name);
        let plain_folder = |folder: &PathBuf| fs::symlink_metadata(folder).is_ok_and(|data| data.is_dir());
        if ![&session, &results].into_iter().all(plain_folder) || !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        Some(File::open(&path).map(|source| Self { path, source }).map_err(|_| Refusal::Spill("opening it")))
    }

    /// Replaces the file by its redacted text: written beside it, then renamed over it, so that no reader sees half of it.
    pub(super) fn rewrite<'t>(self, scanner: &Scanner<'t>, mask: &Mask<'t>) -> Result<(), Refusal> {
        let name = self.path.file_name().ok_or(Refusal::Spill("naming it"))?;
        let beside = self.path.with_file_name(Place::beside(name));
        let target = OpenOptions::new().write(true).create_new(true).open(&beside);
        let target = target.map_err(|_| Refusal::Spill("writing beside it"))?;
        let changed = copy(self.source, &target, scanner, mask);
        drop(target); // an open file cannot be renamed everywhere
        let done = changed.and_then(|changed| match changed {
            true => fs::rename(&beside, &self.path).map_err(|_| Refusal::Spill("replacing it")),
            false => Ok(()),
        });
        // After a rename nothing is left there; otherwise the copy goes.
        let _ = fs::remove_file(&beside);
        done
    }
}
