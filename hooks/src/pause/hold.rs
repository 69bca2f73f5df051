//! The pausing process's side: the file and its lock.

use std::fs::{self, File, Permissions};
use std::io::{Error, Result, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;
use std::time::SystemTime;

use config::places;

use super::record::Record;
use super::{path, person};

/// The lock; the pause is over when it is given back, or its process ends in any way.
pub struct Hold {
    path: PathBuf,
    file: File,
}

impl Hold {
    /// Begins a pause until then; `offset` is by how many seconds the person's clock is ahead of UTC.
    ///
    /// # Errors
    /// The state folder cannot be written.
    pub fn take(until: SystemTime, offset: Option<i32>) -> Result<Self> {
        let path = path().ok_or_else(|| Error::other("there is no home folder"))?;
        if let Some(folder) = path.parent() {
            places::make_private(folder)?;
        }
        let until = until.duration_since(SystemTime::UNIX_EPOCH).map_err(Error::other)?.as_millis();
        let until = u64::try_from(until).map_err(Error::other)?;
        let record = Record { pid: std::process::id(), start: person::own_start(), until, offset };
        // Locked and whole when it comes into its place: who finds it unlocked there knows that it is left over.
        let made = path.with_extension(record.pid.to_string());
        let _ = fs::remove_file(&made);
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&made)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.lock()?;
        file.write_all(&serde_json::to_vec(&record)?)?;
        fs::rename(&made, &path)?;
        Ok(Self { path, file })
    }

    /// Whether the file is still there: `stanch resume` takes it away.
    pub fn stands(&self) -> bool {
        let same = |own: fs::Metadata, there: fs::Metadata| (own.dev(), own.ino()) == (there.dev(), there.ino());
        self.file.metadata().is_ok_and(|own| fs::symlink_metadata(&self.path).is_ok_and(|there| same(own, there)))
    }

    /// Ends the pause.
    pub fn release(self) {
        if self.stands() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
