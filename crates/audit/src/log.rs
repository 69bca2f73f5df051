//! Writing: one record at a time, under the lock, by whatever process.
//!
//! Nothing is kept open between records. Where the log ends is read anew each time, so that any number of writers, threads or
//! processes, can be ended, or the files moved, and the next record is right or refused.

use std::fs::File;
use std::io::Write;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::SystemTime;

use serde::Serialize;

use crate::chain::{Hash, Link};
use crate::deed::Deed;
use crate::entry::{self, Entry};
use crate::folder::{self, Folder, How};
use crate::head::Head;
use crate::key::{self, Key};
use crate::tail::{Mend, Tail};
use crate::{Digest, Error, Place};

/// A file that has reached this length, in bytes, gets no further record; the next one begins another file.
const FULL: u64 = 8 << 20;

/// A user's audit log.
pub struct Audit {
    place: Place,
    key: Key,
    full: u64,
}

/// Proof that a deed is on record. What must not happen unrecorded takes one:
///
/// ```
/// fn lend(_: audit::Recorded<audit::Grant>) {}
/// # fn show(audit: &audit::Audit) -> Result<(), audit::Error> {
/// lend(audit.record(&audit::Entry::of(audit::Grant))?);
/// # Ok(()) }
/// ```
///
/// The record of another deed proves nothing:
///
/// ```compile_fail,E0308
/// fn lend(_: audit::Recorded<audit::Grant>) {}
/// # fn show(audit: &audit::Audit) -> Result<(), audit::Error> {
/// lend(audit.record(&audit::Entry::of(audit::Refusal))?);
/// # Ok(()) }
/// ```
///
/// Nobody else makes one, and it is good for one deed:
///
/// ```compile_fail,E0451
/// let made_up = audit::Recorded::<audit::Grant> { number: 1, hash: todo!(), deed: todo!() };
/// ```
///
/// ```compile_fail,E0382
/// fn lend(_: audit::Recorded<audit::Grant>) {}
/// fn twice(recorded: audit::Recorded<audit::Grant>) {
///     lend(recorded);
///     lend(recorded);
/// }
/// ```
#[must_use = "what was recorded may be done now"]
pub struct Recorded<D> {
    number: u64,
    hash: Hash,
    deed: PhantomData<D>,
}

impl<D> Recorded<D> {
    /// The record's number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The record's hash, which stands for the log up to it.
    pub fn hash(&self) -> Hash {
        self.hash
    }
}

impl Audit {
    /// Opens the log, begins it if there is none, and mends its end if a writer was ended in the middle of a line.
    ///
    /// # Errors
    /// Nothing can be recorded: folder or files cannot be written or are not the user's alone, or the key is not that of the
    /// log. Nothing may be lent then.
    pub fn open(place: &Place) -> Result<Self, Error> {
        folder::make(&place.log)?;
        let folder = Folder::open(&place.log)?.ok_or_else(|| Error::Gone(place.log.clone()))?;
        let mut head = Head::lock(&folder)?;
        if let Some(key) = Key::read(&place.key)? {
            drop(head);
            let audit = Self { place: place.clone(), key, full: FULL };
            audit.append(None)?;
            return Ok(audit);
        }
        let prepared = key::prepared(&place.key);
        let key = match Key::read(&prepared) {
            Ok(Some(key)) => key,
            // There is none, or it was not written to its end, and so nothing under it.
            Ok(None) | Err(Error::KeyDamaged(_)) if folder.numbers()?.is_empty() => Key::prepare(&place.key)?,
            Ok(None) | Err(Error::KeyDamaged(_)) => {
                return Err(Error::KeyGone { key: place.key.clone(), log: place.log.clone() });
            }
            Err(error) => return Err(error),
        };
        let audit = Self { place: place.clone(), key, full: FULL };
        audit.write(&folder, &mut head, None, Begun::New)?.sync()?;
        Key::put_in_place(&place.key)?;
        Ok(audit)
    }

    /// The same log, whose files are closed when they have reached so many bytes.
    #[must_use]
    pub fn closing_at(self, full: u64) -> Self {
        Self { full, ..self }
    }

    /// Records a decision before it acts.
    ///
    /// # Errors
    /// It is not on record, or only in part: it must not act.
    pub fn record<D: Deed>(&self, entry: &Entry<'_, D>) -> Result<Recorded<D>, Error> {
        let written = self.append(Some(&entry.fields(&self.key)?))?;
        if D::DURABLE {
            written.sync()?;
        }
        Ok(Recorded { number: written.last.n, hash: written.last.hash, deed: PhantomData })
    }

    /// What stands for a command in records.
    pub fn digest(&self, command: &[u8]) -> Digest {
        self.key.digest(command)
    }

    fn append(&self, fields: Option<&str>) -> Result<Written, Error> {
        let folder = Folder::open(&self.place.log)?.ok_or_else(|| Error::Gone(self.place.log.clone()))?;
        let mut head = Head::lock(&folder)?;
        self.write(&folder, &mut head, fields, Begun::Old)
    }

    /// Writes the next record, and what the log has to say of itself before it; the caller has locked the head.
    fn write(&self, folder: &Folder, head: &mut File, fields: Option<&str>, key: Begun) -> Result<Written, Error> {
        let Tail { mut number, mut file, mut length, last: before, is_open, mend } =
            Tail::find(folder, head, &self.key, &self.place)?;
        if fields.is_none() && before.n > 0 && mend.is_none() {
            return Ok(Written { path: folder.path(&folder::name(number)), file, is_new: false, last: before });
        }
        let (mut last, mut text) = (before, Vec::new());
        // A line without end is ended, and what is to be mended is named, in the file where it stands.
        if length >= self.full && mend.is_none() && !is_open {
            (number, length) = (number + 1, 0);
            let next = folder::name(number);
            file = folder.file(&next, How::Append)?.ok_or_else(|| Error::Gone(folder.path(&next)))?;
        } else if is_open {
            text.push(b'\n');
        }
        let time = format!("\"time\":\"{}\"", humantime::format_rfc3339_millis(SystemTime::now()));
        let mut seal = |fields: &str| last = last.seal(&self.key, number, &format!("{time},{fields}"), &mut text);
        if before.n == 0 {
            seal(&entry::inside(&Own { did: "begun", key: Some(key), mend: None }));
        }
        if mend.is_some() {
            seal(&entry::inside(&Own { did: "mended", key: None, mend: mend.as_ref() }));
        }
        if let Some(fields) = fields {
            seal(fields);
        }
        let path = folder.path(&folder::name(number));
        file.write_all(&text).map_err(Error::io("writing", &path))?;
        Head { file: number, length: length + text.len() as u64, last }.write(head, &self.key, folder)?;
        Ok(Written { path, file, is_new: length == 0, last })
    }
}

/// What was written, which the system may still keep from the disk.
struct Written {
    path: PathBuf,
    file: File,
    is_new: bool,
    last: Link,
}

impl Written {
    /// Puts it on the disk. Other writers need not wait for that.
    fn sync(&self) -> Result<(), Error> {
        self.file.sync_data().map_err(Error::io("writing", &self.path))?;
        if let Some(folder) = self.path.parent().filter(|_| self.is_new) {
            folder::sync(folder);
        }
        Ok(())
    }
}

/// Whether a log began with its key.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Begun {
    /// The key was made for it.
    New,
    /// The key was there: so there was a log before.
    Old,
}

/// What the log records of itself.
#[derive(Serialize)]
struct Own<'m> {
    did: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Begun>,
    #[serde(flatten)]
    mend: Option<&'m Mend>,
}
