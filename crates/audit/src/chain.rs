//! One line and its place in the chain.
//!
//! A record is `{"n":…,FIELDS,"prev":"…","hash":"…"}`: its number, what it says, the hash of the record before it, and the
//! hash of its file's number and everything that stands before `,"hash"`, under the key. The bytes are hashed as they stand, so
//! there is no second way to write the same record, nor another file for it.

use std::fmt;
use std::str::FromStr;

use crate::key::Key;

/// No record is longer, in bytes; a longer line is none.
pub(crate) const LONGEST: usize = 32 << 10;

/// The hash of a record, which stands for all records up to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Stands before the first record.
    pub(crate) const START: Self = Self([0; 32]);

    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = (text.len() == 64).then(|| blake3::Hash::from_hex(text).ok()).flatten();
        bytes
            .map(|hash| Self(hash.into()))
            .ok_or("a hash has 64 hexadecimal digits; `stanch audit verify` shows the last")
    }
}

/// Where a record stands: its number, counted from 1, and its hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Link {
    pub n: u64,
    pub hash: Hash,
}

impl Link {
    /// What the first record follows.
    pub const START: Self = Self { n: 0, hash: Hash::START };

    /// Writes the record that follows this one in the file of that number; `fields` is the inside of a JSON object.
    pub fn seal(self, key: &Key, file: u32, fields: &str, line: &mut Vec<u8>) -> Self {
        let n = self.n + 1;
        let start = line.len();
        line.extend_from_slice(format!("{{\"n\":{n},{fields},\"prev\":\"{}\"", self.hash).as_bytes());
        let hash = key.hash_in(file, &line[start..]);
        line.extend_from_slice(format!(",\"hash\":\"{hash}\"}}\n").as_bytes());
        Self { n, hash }
    }
}

/// A line that is whole and was written under the key.
pub(crate) struct Sealed<'l> {
    pub link: Link,
    /// The hash that it gives for the record before it.
    pub prev: Hash,
    /// What it says, the inside of a JSON object.
    pub fields: &'l str,
}

impl<'l> Sealed<'l> {
    /// Reads a line of a file without its end. `None` if it is not as it was written there under the key.
    pub fn read(key: &Key, file: u32, line: &'l [u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok().filter(|line| line.len() < LONGEST)?;
        let (body, hash) = line.strip_suffix("\"}")?.split_at_checked(line.len().checked_sub(2 + 64)?)?;
        let body = body.strip_suffix(",\"hash\":\"")?;
        let sealed = key.hash_in(file, body.as_bytes());
        if sealed.to_string() != hash {
            return None;
        }
        let (fields, prev) = body.strip_suffix('"')?.split_at_checked(body.len().checked_sub(1 + 64)?)?;
        let (n, fields) = fields.strip_suffix(",\"prev\":\"")?.strip_prefix("{\"n\":")?.split_once(',')?;
        Some(Self { link: Link { n: n.parse().ok()?, hash: sealed }, prev: prev.parse().ok()?, fields })
    }

    /// Whether it is the record that follows.
    pub fn follows(&self, last: Link) -> bool {
        self.link.n == last.n + 1 && self.prev == last.hash
    }
}

/// Whether a line reads as the beginning of the record of that number, cut off: what a process leaves that is ended while it
/// writes.
pub(crate) fn is_torn(line: &[u8], n: u64) -> bool {
    let start = format!("{{\"n\":{n},\"time\":\"");
    let both = line.len().min(start.len());
    line.len() < LONGEST && line[..both] == start.as_bytes()[..both] && !line.ends_with(b"\"}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_as_it_was_written_and_under_its_key_alone() {
        let key = Key::of([1; 32]);
        let mut line = Vec::new();
        let first = Link::START.seal(&key, 1, r#""time":"t","did":"x""#, &mut line);
        let text = line.strip_suffix(b"\n").expect("a line");
        let sealed = Sealed::read(&key, 1, text).expect("as it was written");
        assert!(sealed.follows(Link::START) && sealed.link == first);
        assert_eq!(sealed.fields, r#""time":"t","did":"x""#);
        assert!(Sealed::read(&Key::of([2; 32]), 1, text).is_none() && Sealed::read(&key, 2, text).is_none());
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut changed = text.to_vec();
                changed[at] ^= 1 << bit;
                assert!(Sealed::read(&key, 1, &changed).is_none(), "{at}");
            }
            assert!(Sealed::read(&key, 1, &text[..at]).is_none(), "{at}");
            assert!(is_torn(&text[..at], 1), "{at}");
        }
        assert!(!is_torn(text, 1) && !is_torn(&text[..20], 2) && !is_torn(b"something", 1));
    }

    #[test]
    fn a_hash_is_read_as_it_is_shown() {
        let hash = Key::of([1; 32]).hash(b"x");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("".parse::<Hash>().is_err() && "zz".repeat(32).parse::<Hash>().is_err());
    }
}
