//! The file of a pause: which process it lives with, and when it ends.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::{Doubt, LONGEST, Pause};

/// What stands in it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    /// The process.
    pub pid: u32,
    /// When it began, in clock ticks since the machine did; 0 where the system does not say.
    pub start: u64,
    /// When the pause ends: milliseconds of UTC since 1970.
    pub until: u64,
    /// Seconds by which the person's clock is ahead of UTC.
    pub offset: Option<i32>,
}

/// It is some hundred bytes.
const LARGEST: u64 = 4096;

/// Opens it. `None` if there is none.
pub(super) fn open(path: &Path) -> Result<Option<File>, Doubt> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    match File::options().read(true).custom_flags(flags.bits() as i32).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(_) => Err(Doubt::NotOwn),
    }
}

/// Reads it, if nobody but the user can have written it.
pub(super) fn read(file: &File) -> Result<Record, Doubt> {
    let data = file.metadata().map_err(|_| Doubt::NotOwn)?;
    let is_own = data.uid() == rustix::process::geteuid().as_raw() && data.mode() & 0o7777 == 0o600;
    if !data.is_file() || !is_own {
        return Err(Doubt::NotOwn);
    }
    let mut text = Vec::new();
    file.take(LARGEST).read_to_end(&mut text).map_err(|_| Doubt::Damaged)?;
    serde_json::from_slice(&text).map_err(|_| Doubt::Damaged)
}

/// Whether a living process holds its lock.
pub(super) fn is_held(file: &File) -> Result<(), Doubt> {
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Ok(()),
        // What is locked by this is free again when the file is closed.
        Ok(()) => Err(Doubt::NoHolder),
        Err(TryLockError::Error(_)) => Err(Doubt::Unsure("its lock cannot be looked at")),
    }
}

impl Record {
    /// The pause, if it is not over at this time, and ends when a pause may.
    pub fn pause(&self, now: SystemTime) -> Result<Pause, Doubt> {
        let until = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(self.until)).ok_or(Doubt::Damaged)?;
        let left = until.duration_since(now).map_err(|_| Doubt::Over)?;
        if left > LONGEST {
            return Err(Doubt::TooLong);
        }
        let offset = self.offset.filter(|offset| offset.abs() < 24 * 3600);
        Ok(Pause { process: self.pid, until, offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_within_an_hour_or_is_none() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_000_000);
        let ends = |left: i64| {
            let until = (1_764_000_000_000 + left) as u64;
            Record { pid: 1, start: 0, until, offset: None }.pause(now).map(|_| ())
        };
        assert!(ends(1) == Ok(()) && ends(3_600_000) == Ok(()));
        assert!(ends(-1) == Err(Doubt::Over) && ends(3_600_001) == Err(Doubt::TooLong));
        assert!(Record { pid: 1, start: 0, until: u64::MAX, offset: None }.pause(now).is_err());
    }
}
