//! Where the log really ends: where the head says, or a little behind it, if a writer was ended in the middle of its work.
//!
//! What stands there that is no record stays: the next record names it by its hash ([`Mend`]), so that it cannot change later
//! either. The head is believed before the log: records that it tells of and that are not there leave a gap for ever.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};

use crate::chain::{self, Link, Sealed};
use crate::folder::{self, Folder, How};
use crate::head::{Head, Said};
use crate::key::Key;
use crate::lines::Lines;
use crate::{Error, Place};

/// The end of the log, open for writing.
pub(crate) struct Tail {
    /// Number of the last file.
    pub number: u32,
    /// The last file.
    pub file: File,
    /// Its length.
    pub length: u64,
    /// The record that the next one follows.
    pub last: Link,
    /// Whether the last line has no end.
    pub is_open: bool,
    /// What the next record has to say.
    pub mend: Option<Mend>,
}

/// What was found at the end; a worse thing is greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Found {
    /// The beginning of a record, whose writer was ended: nothing was done that it would have allowed.
    Torn,
    /// Something that no writer writes.
    Foreign,
    /// The log ends before the head says.
    Cut,
    /// There is no head, or one that nobody wrote under the key: whether the log was cut, nobody can tell.
    Headless,
}

/// What a record says of what was found before it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Mend {
    /// What was found.
    pub found: Found,
    /// Where in the file it begins, if it is there at all.
    pub from: u64,
    /// How long it is, without the last line end.
    pub bytes: u64,
    /// Its hash.
    pub was: String,
}

impl Tail {
    /// Finds the end; the caller has locked the head.
    pub fn find(folder: &Folder, head: &mut File, key: &Key, place: &Place) -> Result<Self, Error> {
        let (mut number, mut from, mut last, mut found) = match Head::read(head, key, folder)? {
            Said::Whole(Head { file, length, last }) => (file, length, last, None),
            Said::Nothing if folder.numbers()?.is_empty() => {
                let begins = Head { file: 1, length: 0, last: Link::START };
                begins.write(head, key, folder)?;
                (1, 0, Link::START, None)
            }
            Said::Nothing | Said::Damaged => {
                let (number, from, last) = search(folder, key, place)?;
                (number, from, last, Some(Found::Headless))
            }
        };
        loop {
            let path = folder.path(&folder::name(number));
            let reading = || Error::io("reading", &path);
            let mut file = folder.file(&folder::name(number), How::Append)?.ok_or_else(|| Error::Gone(path.clone()))?;
            let length = file.metadata().map_err(reading())?.len();
            let behind =
                if length > from { Some(behind(&file, number, from, key, last).map_err(reading())?) } else { None };
            if length < from {
                found = found.max(Some(Found::Cut));
            }
            if let Some(behind) = &behind {
                (last, found) = (behind.last, found.max(behind.found));
            }
            // A writer that was ended may have begun the next file, and written nothing to the head.
            if folder.file(&folder::name(number + 1), How::Read)?.is_some() {
                (number, from) = (number + 1, 0);
                continue;
            }
            let rest = behind.map_or(length, |behind| behind.end);
            let is_open = length > 0 && ending(&mut file, length).map_err(reading())? != b'\n';
            let mend = match found {
                Some(found) => Some(Mend::of(found, &mut file, rest, length, key).map_err(reading())?),
                None => None,
            };
            return Ok(Self { number, file, length, last, is_open, mend });
        }
    }
}

impl Mend {
    fn of(found: Found, file: &mut File, from: u64, to: u64, key: &Key) -> std::io::Result<Self> {
        let ends = to > from && ending(file, to)? == b'\n';
        let bytes = to - from - u64::from(ends);
        Ok(Self { found, from, bytes, was: hash_of(file, from, bytes, key)?.to_string() })
    }
}

/// The hash of a stretch of a file.
pub(crate) fn hash_of(file: &mut File, from: u64, bytes: u64, key: &Key) -> std::io::Result<chain::Hash> {
    file.seek(SeekFrom::Start(from))?;
    key.hash_of(file.take(bytes))
}

fn ending(file: &mut File, length: u64) -> std::io::Result<u8> {
    let mut byte = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// What stands behind the place that the head names.
struct Behind {
    /// The last of the records that follow there.
    last: Link,
    /// Where it ends.
    end: u64,
    /// What comes then, if anything.
    found: Option<Found>,
}

fn behind(mut file: &File, number: u32, from: u64, key: &Key, last: Link) -> std::io::Result<Behind> {
    file.seek(SeekFrom::Start(from))?;
    let mut lines = Lines::new(file, from);
    let mut behind = Behind { last, end: from, found: None };
    while let Some(line) = lines.next()? {
        // One that lacks nothing but its end is whole.
        let sealed = Sealed::read(key, number, line.text).filter(|sealed| sealed.follows(behind.last));
        match sealed {
            // It may be the one that names what stands before it.
            Some(sealed) => behind = Behind { last: sealed.link, end: line.at + line.length, found: None },
            None if chain::is_torn(line.text, behind.last.n + 1) => behind.found = behind.found.max(Some(Found::Torn)),
            None => behind.found = Some(Found::Foreign),
        }
    }
    Ok(behind)
}

/// Without a head: the last line that was written under the key, its file, and where it ends.
fn search(folder: &Folder, key: &Key, place: &Place) -> Result<(u32, u64, Link), Error> {
    let numbers = folder.numbers()?;
    for number in numbers.iter().rev() {
        let name = folder::name(*number);
        let path = folder.path(&name);
        let Some(file) = folder.file(&name, How::Read)? else { continue };
        let mut lines = Lines::new(file, 0);
        let mut found = None;
        while let Some(line) = lines.next().map_err(Error::io("reading", &path))? {
            if let Some(sealed) = Sealed::read(key, *number, line.text) {
                found = Some((*number, line.at + line.length, sealed.link));
            }
        }
        if let Some(found) = found {
            return Ok(found);
        }
    }
    if numbers.is_empty() {
        return Ok((1, 0, Link::START));
    }
    Err(Error::OtherKey { key: place.key.clone(), log: place.log.clone() })
}
