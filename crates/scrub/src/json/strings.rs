//! The strings of a document: where they stand, which are keys, and what they say.

use std::borrow::Cow;
use std::ops::Range;

use super::{DEEPEST, JsonError, Reading};
use crate::judge::placeholder;
use crate::view::{View, json_escape};

/// Whether the string that ends at `end` is a key.
pub(super) fn next_is_colon(raw: &[u8], end: usize) -> bool {
    raw[end + 1..].iter().find(|b| !b.is_ascii_whitespace()) == Some(&b':')
}

/// An object or array that is not closed yet.
#[derive(Clone, Copy)]
enum Open {
    /// Its keys begin there in the list of keys.
    Object(usize),
    Array,
}

/// The inside of every string. Checks nesting and keys on the way.
pub(super) fn strings(raw: &[u8]) -> Result<Vec<Range<u32>>, JsonError> {
    let mut found = Vec::with_capacity(32);
    let mut open: Vec<Open> = Vec::with_capacity(8);
    // The keys of all open objects, each with its place.
    let mut keys: Vec<(Cow<'_, [u8]>, u32)> = Vec::with_capacity(16);
    let mut at = 0;
    while at < raw.len() {
        match raw[at] {
            b'{' => open.push(Open::Object(keys.len())),
            b'[' => open.push(Open::Array),
            b'}' | b']' => {
                if let Some(Open::Object(first)) = open.pop() {
                    all_differ(&mut keys[first..])?;
                    keys.truncate(first);
                }
            }
            b'"' => {
                let end = string_end(raw, at + 1)?;
                found.push(at as u32 + 1..end as u32);
                if let Some(Open::Object(_)) = open.last()
                    && next_is_colon(raw, end)
                {
                    keys.push((decoded_key(raw, at + 1..end)?, at as u32));
                }
                at = end;
            }
            _ => {}
        }
        if open.len() > DEEPEST {
            return Err(JsonError::TooDeep);
        }
        at += 1;
    }
    Ok(found)
}

/// The same without the checks.
pub(super) fn strings_alone(raw: &[u8]) -> Result<Vec<Range<u32>>, JsonError> {
    let mut found = Vec::with_capacity(32);
    let mut at = 0;
    while let Some(i) = memchr::memchr(b'"', raw.get(at..).unwrap_or_default()) {
        let start = at + i + 1;
        let end = string_end(raw, start)?;
        found.push(start as u32..end as u32);
        at = end + 1;
    }
    Ok(found)
}

/// Whether no key of an object stands there twice. Sorted, not hashed: a hostile object has a million.
fn all_differ(keys: &mut [(Cow<'_, [u8]>, u32)]) -> Result<(), JsonError> {
    keys.sort_unstable();
    // Two secrets of a kind, both of them keys, have the same placeholder.
    let twice = keys.windows(2).find(|pair| pair[0].0 == pair[1].0 && !placeholder::stands_in(&pair[0].0));
    twice.map_or(Ok(()), |pair| Err(JsonError::SameKeyTwice(pair[1].1 as usize)))
}

fn decoded_key(raw: &[u8], key: Range<usize>) -> Result<Cow<'_, [u8]>, JsonError> {
    if memchr::memchr(b'\\', &raw[key.clone()]).is_none() {
        return Ok(Cow::Borrowed(&raw[key]));
    }
    let mut view = View::default();
    decode_string(raw, key, Reading::Strict, &mut view)?;
    Ok(Cow::Owned(view.text))
}

/// The closing quote of the string that begins at `from`.
pub(super) fn string_end(raw: &[u8], from: usize) -> Result<usize, JsonError> {
    let mut at = from;
    while let Some(i) = memchr::memchr2(b'"', b'\\', raw.get(at..).unwrap_or_default()) {
        if raw[at + i] == b'"' {
            return Ok(at + i);
        }
        at += i + 2;
    }
    Err(JsonError::NotJson(from))
}

/// Half of a surrogate pair: `\ud83d`.
const HALF: usize = 6;

/// The document as a person reads it.
pub(super) fn decoded(
    raw: &[u8],
    strings: &[Range<u32>],
    backslashes: usize,
    reading: Reading,
) -> Result<View, JsonError> {
    let mut view = View::with_capacity(raw.len(), backslashes);
    let mut done = 0;
    for string in strings {
        let string = string.start as usize..string.end as usize;
        view.plain(&raw[done..string.start]);
        // A table's first and last line are lines, though the string's quotes and the next keys stand beside them.
        let table = is_table(&raw[string.clone()]);
        if table {
            view.escape(string.start..string.start, b"\n");
        }
        decode_string(raw, string.clone(), reading, &mut view)?;
        if table {
            view.escape(string.end..string.end, b"\n");
        }
        done = string.end;
    }
    view.plain(&raw[done..]);
    Ok(view)
}

/// Whether a string has several lines, the first of them in cells.
fn is_table(string: &[u8]) -> bool {
    let Some(first) = memchr::memmem::find(string, b"\\n") else { return false };
    let cells = |line: &[u8]| {
        line.iter().any(|b| matches!(b, b',' | b';' | b'|')) || memchr::memmem::find(line, b"\\t").is_some()
    };
    string.len() > first + 2 && cells(&string[..first])
}

fn decode_string(raw: &[u8], string: Range<usize>, reading: Reading, view: &mut View) -> Result<(), JsonError> {
    let mut at = string.start;
    while let Some(i) = memchr::memchr(b'\\', &raw[at..string.end]) {
        view.plain(&raw[at..at + i]);
        at += i;
        let escape = &raw[at..string.end];
        let (character, length) = match json_escape(escape) {
            Some(decoded) => decoded,
            None if reading == Reading::Lenient && escape.starts_with(b"\\u") && escape.len() >= HALF => {
                (char::REPLACEMENT_CHARACTER, HALF)
            }
            None => return Err(JsonError::LoneSurrogate(at)),
        };
        view.escape(at..at + length, character.encode_utf8(&mut [0; 4]).as_bytes());
        at += length;
    }
    view.plain(&raw[at..string.end]);
    Ok(())
}
