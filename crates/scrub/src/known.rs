//! Values that are known beforehand, wherever they stand and whatever they look like.
//!
//! Who looks for a value need not have it: a [`Form`] holds its length, a few bits of its beginning and a keyed digest, so that a
//! process that filters output does not become one more place where the values lie. Who has a form and its key can test
//! guesses, as for any digest.

use std::ops::Range;

/// Shorter values are not looked for: too much else is the same.
pub const SHORTEST: usize = 8;
/// A value of letters of one case alone, or of digits alone, may be a word or a date. It is looked for from this length on.
pub const TELLING: usize = 16;

/// Whether a text that holds these bytes is likely to have them from nowhere else.
pub fn is_telling(piece: &[u8]) -> bool {
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    piece.len() >= TELLING || piece.len() >= SHORTEST && !kinds.iter().any(|kind| piece.iter().all(kind))
}

/// Bits of the hash of a beginning.
const HEAD: u32 = 24;
/// Of these, so many choose a bit of the sieve.
const SIEVE: u32 = 12;
/// Bytes of one form, written down.
const WRITTEN: usize = 4 + 4 + DIGEST;
const KEY: usize = 32;
const DIGEST: usize = 16;

/// The key of digests and beginnings: 32 random bytes.
#[derive(Clone)]
pub struct Key([u8; KEY]);

impl Key {
    /// Takes 32 random bytes.
    pub fn new(random: [u8; KEY]) -> Self {
        Self(random)
    }

    /// The 32 bytes.
    pub fn to_bytes(&self) -> [u8; KEY] {
        self.0
    }

    fn head(&self, beginning: [u8; SHORTEST]) -> u32 {
        let factor = self.0.first_chunk().map_or(1, |bytes| u64::from_le_bytes(*bytes) | 1);
        (u64::from_le_bytes(beginning).wrapping_mul(factor) >> (u64::BITS - HEAD)) as u32
    }

    fn digest(&self, value: &[u8]) -> [u8; DIGEST] {
        let hash = blake3::keyed_hash(&self.0, value);
        std::array::from_fn(|i| hash.as_bytes()[i])
    }
}

/// What is known of one way to write a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    head: u32,
    length: u32,
    digest: [u8; DIGEST],
}

impl Form {
    /// Of these bytes; `None` if they are too few to be looked for.
    pub fn of(key: &Key, bytes: &[u8]) -> Option<Self> {
        let head = key.head(*bytes.first_chunk()?);
        Some(Self { head, length: bytes.len().try_into().ok()?, digest: key.digest(bytes) })
    }
}

/// Values that are known.
pub struct Known {
    key: Key,
    /// In the order of their beginnings.
    forms: Vec<Form>,
    /// Most positions of a text are no value's beginning; this tells nearly all of them.
    sieve: Box<[u64; 1 << (SIEVE - 6)]>,
}

impl Known {
    /// Those values, all under that key.
    pub fn new(key: Key, mut forms: Vec<Form>) -> Self {
        forms.sort_unstable();
        forms.dedup();
        let mut sieve = Box::new([0; 1 << (SIEVE - 6)]);
        for form in &forms {
            let bit = form.head >> (HEAD - SIEVE);
            sieve[(bit >> 6) as usize] |= 1 << (bit & 63);
        }
        Self { key, forms, sieve }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// Where they stand in a text; one may reach into the next.
    pub fn search(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.is_empty() {
            return found;
        }
        for (at, beginning) in text.windows(SHORTEST).enumerate() {
            // The compiler knows the length of a window.
            let Some(beginning) = beginning.first_chunk() else { continue };
            let head = self.key.head(*beginning);
            let bit = head >> (HEAD - SIEVE);
            if self.sieve[(bit >> 6) as usize] >> (bit & 63) & 1 == 0 {
                continue;
            }
            if let Some(length) = self.longest(head, &text[at..]) {
                found.push(at..at + length);
            }
        }
        found
    }

    /// The longest value with that beginning that the text begins with.
    fn longest(&self, head: u32, text: &[u8]) -> Option<usize> {
        let first = self.forms.partition_point(|form| form.head < head);
        let alike = self.forms[first..].iter().take_while(|form| form.head == head);
        let fits = |form: &&Form| {
            let bytes = text.get(..form.length as usize);
            bytes.is_some_and(|bytes| self.key.digest(bytes) == form.digest)
        };
        alike.filter(fits).map(|form| form.length as usize).max()
    }

    /// What is known of each way to write each value.
    pub fn into_forms(self) -> Vec<Form> {
        self.forms
    }

    /// In hexadecimal digits, for another process.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(2 * (KEY + WRITTEN * self.forms.len()));
        let mut write = |bytes: &[u8]| {
            for b in bytes {
                text.extend([b >> 4, b & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
            }
        };
        write(&self.key.0);
        for form in &self.forms {
            write(&form.head.to_le_bytes());
            write(&form.length.to_le_bytes());
            write(&form.digest);
        }
        text
    }

    /// From another process; `None` if it is not whole.
    pub fn from_text(text: &str) -> Option<Self> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
        Self::from_bytes(&bytes.collect::<Option<Vec<u8>>>()?)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (key, rest) = bytes.split_first_chunk()?;
        let (forms, left) = rest.as_chunks::<WRITTEN>();
        let form = |bytes: &[u8; WRITTEN]| {
            let (head, rest) = bytes.split_first_chunk()?;
            let (length, digest) = rest.split_first_chunk()?;
            let [head, length] = [head, length].map(|bytes| u32::from_le_bytes(*bytes));
            Some(Form { head, length, digest: digest.try_into().ok()? })
        };
        let forms = forms.iter().map(form).collect::<Option<_>>()?;
        left.is_empty().then(|| Self::new(Key(*key), forms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new(std::array::from_fn(|i| (i * 37 + 11) as u8))
    }

    fn known(values: &[&str]) -> Known {
        Known::new(key(), values.iter().filter_map(|value| Form::of(&key(), value.as_bytes())).collect())
    }

    fn found(known: &Known, text: &str) -> Vec<(usize, usize)> {
        known.search(text.as_bytes()).into_iter().map(|span| (span.start, span.end)).collect()
    }

    #[test]
    fn a_value_is_found_wherever_it_stands() {
        let known = known(&["Kettle 47 boils", "Kettle 47", "other-value", "valuevalue-two"]);
        for (text, spans) in [
            ("Kettle 47 boils", vec![(0, 15)]),
            ("a Kettle 47 boil other-value", vec![(2, 11), (17, 28)]),
            ("other-valuevalue-two", vec![(0, 11), (6, 20)]),
            ("Kettle 4", vec![]),
            ("xother-valueother-value", vec![(1, 12), (12, 23)]),
            ("", vec![]),
        ] {
            assert_eq!(found(&known, text), spans, "{text}");
        }
    }

    #[test]
    fn it_is_the_same_in_another_process() {
        let known = known(&["Kettle 47 boils"]);
        let text = known.to_text();
        let read = Known::from_text(&text).expect("whole");
        assert_eq!(found(&read, "- Kettle 47 boils"), [(2, 17)]);
        for broken in [&text[1..], &text[2..], "", "x"] {
            assert!(Known::from_text(broken).is_none(), "{broken}");
        }
        // The key is 32 bytes, a form 24.
        assert_eq!(text.len(), 2 * (32 + 24));
    }

    #[test]
    fn what_is_short_is_not_looked_for() {
        assert!(Form::of(&key(), b"kettle7").is_none() && known(&[]).search(b"anything at all").is_empty());
    }
}
