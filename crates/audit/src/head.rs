//! The head: one line beside the log that says where the log ends. A log that is shorter was cut. It is also what writers
//! lock, so it is written in place and never replaced.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use crate::Error;
use crate::chain::{Hash, Link};
use crate::folder::{Folder, How};
use crate::key::Key;

/// Its name in the folder.
pub(crate) const NAME: &str = "head";
/// A writer holds the lock for as long as a line takes, and a disk may be slow; one that holds it longer does not go on.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the log ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The last file.
    pub file: u32,
    /// Its length.
    pub length: u64,
    /// The last record.
    pub last: Link,
}

/// What the head says.
pub(crate) enum Said {
    /// It is there, as it was written under the key.
    Whole(Head),
    /// Nothing: no record has been written.
    Nothing,
    /// Something else.
    Damaged,
}

impl Head {
    /// Opens the head, made if need be, and locks it.
    pub fn lock(folder: &Folder) -> Result<File, Error> {
        let path = folder.path(NAME);
        loop {
            let Some(file) = folder.file(NAME, How::Write)? else { return Err(Error::Gone(path)) };
            wait(|| file.try_lock(), folder)?;
            if is_in_place(&file, folder)? {
                return Ok(file);
            }
        }
    }

    /// Opens the head if it is there, and keeps writers from it.
    pub fn lock_shared(folder: &Folder) -> Result<Option<File>, Error> {
        let Some(file) = folder.file(NAME, How::Read)? else { return Ok(None) };
        wait(|| file.try_lock_shared(), folder)?;
        Ok(Some(file))
    }

    /// What it says.
    pub fn read(file: &mut File, key: &Key, folder: &Folder) -> Result<Said, Error> {
        let mut text = String::new();
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(1024).read_to_string(&mut text));
        match read {
            Ok(0) => return Ok(Said::Nothing),
            Err(error) if error.kind() != ErrorKind::InvalidData => {
                return Err(Error::io("reading", &folder.path(NAME))(error));
            }
            _ => {}
        }
        // There is one way to write it.
        let head = Self::parse(&text).filter(|head| head.text(key) == text);
        Ok(head.map_or(Said::Damaged, Said::Whole))
    }

    /// Writes it in the place of what was there, which is as long.
    pub fn write(self, file: &mut File, key: &Key, folder: &Folder) -> Result<(), Error> {
        let text = self.text(key);
        let write = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(text.as_bytes()));
        // What is behind it is no head's: it was damaged.
        let cut = write.and_then(|()| match file.metadata()?.len() == text.len() as u64 {
            true => Ok(()),
            false => file.set_len(text.len() as u64),
        });
        cut.map_err(Error::io("writing", &folder.path(NAME)))
    }

    fn text(self, key: &Key) -> String {
        let Self { file, length, last: Link { n, hash } } = self;
        let body = format!("stanch-audit-1 file={file:010} bytes={length:020} records={n:020} last={hash}");
        format!("{body} hash={}\n", key.hash(body.as_bytes()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split_whitespace().skip(1);
        let mut field = |name: &str| fields.next()?.strip_prefix(name)?.strip_prefix('=');
        let file = field("file")?.parse().ok()?;
        let length = field("bytes")?.parse().ok()?;
        let n = field("records")?.parse().ok()?;
        let hash: Hash = field("last")?.parse().ok()?;
        Some(Self { file, length, last: Link { n, hash } })
    }
}

/// A head that was taken away is locked by nobody else.
fn is_in_place(file: &File, folder: &Folder) -> Result<bool, Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let path = folder.path(NAME);
        let looking = || Error::io("looking at", &path);
        let own = file.metadata().map_err(looking())?;
        let there = folder.file(NAME, How::Read)?.map(|there| there.metadata()).transpose().map_err(looking())?;
        Ok(there.is_some_and(|there| (there.dev(), there.ino()) == (own.dev(), own.ino())))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, folder);
        Ok(true)
    }
}

/// The system's own lock would wait for ever, for a process that was stopped.
fn wait(lock: impl Fn() -> Result<(), TryLockError>, folder: &Folder) -> Result<(), Error> {
    let started = Instant::now();
    let mut pause = Duration::from_micros(20);
    loop {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                return Err(Error::Busy(folder.path(NAME)));
            }
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(2));
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("locking", &folder.path(NAME))(error)),
        }
    }
}
