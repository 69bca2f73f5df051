//! Redaction inside a JSON document: the secrets change, every other byte stays as it was.
//!
//! The document is searched as a person reads it, with the escapes of its strings decoded, keys and values side by side, so
//! that `"password": "…"` is found as it is in any other text. What is found is replaced in the raw document, inside the
//! strings it stands in; numbers, punctuation and the order of things cannot change.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::judge::placeholder;
use crate::mask::Mask;
use crate::scan::{Finding, ScanError, Scanner};
use crate::settle::{drop_filled, settled};
use crate::view::{View, json_escape};

/// Deepest nesting that is read. The deepest that real tools send is a few dozen.
pub const DEEPEST: usize = 512;

/// Why a document was not redacted. Nothing is known about it then: withhold it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum JsonError {
    /// Not JSON, from this byte on.
    NotJson(usize),
    /// A string with half of a surrogate pair, at this byte.
    LoneSurrogate(usize),
    /// An object with the same key twice, at this byte.
    SameKeyTwice(usize),
    /// Nested deeper than [`DEEPEST`].
    TooDeep,
    /// The scan failed.
    Scan(ScanError),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(at) => write!(f, "not JSON at byte {at}"),
            Self::LoneSurrogate(at) => write!(f, "half of a surrogate pair at byte {at}"),
            Self::SameKeyTwice(at) => write!(f, "the same key twice in one object, at byte {at}"),
            Self::TooDeep => write!(f, "nested deeper than {DEEPEST} levels"),
            Self::Scan(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for JsonError {}

impl From<ScanError> for JsonError {
    fn from(error: ScanError) -> Self {
        Self::Scan(error)
    }
}

/// A document read for redaction.
pub struct Document<'d> {
    raw: &'d str,
    /// The inside of every string, in order.
    strings: Vec<Range<u32>>,
    view: Option<View>,
}

impl<'d> Document<'d> {
    /// Reads a document that a JSON parser has accepted.
    pub fn read(raw: &'d str) -> Result<Self, JsonError> {
        let strings = strings(raw.as_bytes())?;
        let backslashes = memchr::memchr_iter(b'\\', raw.as_bytes()).count();
        let view = (backslashes > 0).then(|| decoded(raw.as_bytes(), &strings, backslashes)).transpose()?;
        Ok(Self { raw, strings, view })
    }

    /// The secrets, as findings in the raw document, each inside one string.
    ///
    /// With plain placeholders in their places, the document holds nothing more to find.
    pub fn findings(&self, scanner: &Scanner<'_>) -> Result<Vec<Finding>, JsonError> {
        self.findings_under(&Mask::new(*scanner.table()), scanner)
    }

    /// The same for the placeholders of `mask`, which may have tags.
    pub fn findings_under(&self, mask: &Mask<'_>, scanner: &Scanner<'_>) -> Result<Vec<Finding>, JsonError> {
        settled(scanner, mask, self.raw.as_bytes(), self.unsettled(scanner)?, |masked| {
            let masked = std::str::from_utf8(masked).map_err(|e| JsonError::NotJson(e.valid_up_to()))?;
            Document::read(masked)?.unsettled(scanner)
        })
    }

    /// What is found in the document as it stands, cut to its strings.
    fn unsettled(&self, scanner: &Scanner<'_>) -> Result<Vec<Finding>, JsonError> {
        let Some(view) = &self.view else {
            return Ok(self.inside_strings(scanner, scanner.unsettled(self.raw.as_bytes())?));
        };
        let mut findings = scanner.unsettled(&view.text)?;
        findings.iter_mut().for_each(|f| f.span = view.raw(f.span.clone()));
        Ok(self.inside_strings(scanner, findings))
    }

    /// The document with placeholders for `findings`.
    pub fn masked(&self, mask: &Mask<'_>, findings: &[Finding]) -> String {
        let mut out = Vec::with_capacity(self.raw.len());
        self.mask_into(mask, findings, &mut out);
        // Findings begin and end at characters or escapes, and a placeholder is ASCII.
        String::from_utf8(out).unwrap_or_default()
    }

    /// Appends the document with placeholders for `findings`.
    pub fn mask_into(&self, mask: &Mask<'_>, findings: &[Finding], out: &mut Vec<u8>) {
        mask.write(self.raw.as_bytes(), findings, out);
    }

    /// Cuts findings to the strings they stand in. An armoured key over several strings (its lines in an array) keeps its
    /// placeholder in the first; any other value ends with its string, whatever quotes it seemed to be in.
    fn inside_strings(&self, scanner: &Scanner<'_>, findings: Vec<Finding>) -> Vec<Finding> {
        let mut cut = Vec::with_capacity(findings.len());
        for finding in findings {
            let first = self.strings.partition_point(|s| s.end as usize <= finding.span.start);
            let goes_on = scanner.table().rule(finding.rule).is_block();
            let mut continued = finding.continued;
            for string in self.strings[first..].iter().take_while(|s| (s.start as usize) < finding.span.end) {
                let span = finding.span.start.max(string.start as usize)..finding.span.end.min(string.end as usize);
                let span = self.raw.floor_char_boundary(span.start)..self.raw.ceil_char_boundary(span.end);
                if !span.is_empty() {
                    cut.push(Finding { span, continued, ..finding.clone() });
                    continued = true;
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        drop_filled(self.raw.as_bytes(), &mut cut);
        cut
    }

    /// Where in the document a byte stands, as a person would say it: `edits[0].new_string`.
    ///
    /// A key that is no plain name is written as `…`: it may hold a secret itself.
    pub fn path(&self, at: usize) -> String {
        path(self.raw.as_bytes(), at)
    }
}

/// A document's shape without its content: `text` in place of everything in its strings.
///
/// Keys stay, and so do the words by which a reader tells shapes apart (`"type": "text"`): a client compares the shape and
/// falls back to the original where it differs. `None` if the shape cannot be read.
pub fn withheld(raw: &str, text: &str) -> Option<String> {
    let text = serde_json::to_string(text).ok()?;
    let bytes = raw.as_bytes();
    let mut out = String::with_capacity(raw.len());
    let (mut at, mut done, mut key) = (0, 0, 0..0);
    while let Some(quote) = memchr::memchr(b'"', &bytes[at..]).map(|i| at + i) {
        let end = string_end(bytes, quote + 1).ok()?;
        if next_is_colon(bytes, end) {
            key = quote + 1..end;
        } else if !tells_shape(&bytes[key.clone()], &bytes[quote + 1..end]) {
            out.push_str(&raw[done..quote]);
            out.push_str(&text);
            done = end + 1;
        }
        at = end + 1;
    }
    out.push_str(&raw[done..]);
    Some(out)
}

/// Keys whose words a client's schema fixes.
const SHAPE_KEYS: &[&[u8]] = &[b"type", b"mode", b"status", b"cellType", b"cell_type", b"mimeType", b"media_type"];

fn tells_shape(key: &[u8], value: &[u8]) -> bool {
    SHAPE_KEYS.contains(&key)
        && value.len() <= 32
        && value.iter().all(|b| b.is_ascii_lowercase() || b"_-/+".contains(b))
}

/// Whether the string that ends at `end` is a key.
fn next_is_colon(raw: &[u8], end: usize) -> bool {
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
fn strings(raw: &[u8]) -> Result<Vec<Range<u32>>, JsonError> {
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
    decode_string(raw, key, &mut view)?;
    Ok(Cow::Owned(view.text))
}

/// The closing quote of the string that begins at `from`.
fn string_end(raw: &[u8], from: usize) -> Result<usize, JsonError> {
    let mut at = from;
    while let Some(i) = memchr::memchr2(b'"', b'\\', raw.get(at..).unwrap_or_default()) {
        if raw[at + i] == b'"' {
            return Ok(at + i);
        }
        at += i + 2;
    }
    Err(JsonError::NotJson(from))
}

fn decoded(raw: &[u8], strings: &[Range<u32>], backslashes: usize) -> Result<View, JsonError> {
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
        decode_string(raw, string.clone(), &mut view)?;
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

fn decode_string(raw: &[u8], string: Range<usize>, view: &mut View) -> Result<(), JsonError> {
    let mut at = string.start;
    while let Some(i) = memchr::memchr(b'\\', &raw[at..string.end]) {
        view.plain(&raw[at..at + i]);
        at += i;
        let (character, length) = json_escape(&raw[at..string.end]).ok_or(JsonError::LoneSurrogate(at))?;
        view.escape(at..at + length, character.encode_utf8(&mut [0; 4]).as_bytes());
        at += length;
    }
    view.plain(&raw[at..string.end]);
    Ok(())
}

fn path(raw: &[u8], target: usize) -> String {
    enum Level<'k> {
        Object(&'k [u8]),
        Array(usize),
    }
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut at = 0;
    while at < target && at < raw.len() {
        match raw[at] {
            b'{' => levels.push(Level::Object(b"")),
            b'[' => levels.push(Level::Array(0)),
            b'}' | b']' => {
                levels.pop();
            }
            b',' => {
                if let Some(Level::Array(index)) = levels.last_mut() {
                    *index += 1;
                }
            }
            b'"' => {
                let Ok(end) = string_end(raw, at + 1) else { break };
                if next_is_colon(raw, end)
                    && let Some(Level::Object(key)) = levels.last_mut()
                {
                    *key = &raw[at + 1..end];
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    let mut said = String::new();
    for level in levels {
        match level {
            Level::Array(index) => said.push_str(&format!("[{index}]")),
            Level::Object(key) => {
                let plain = (1..=32).contains(&key.len()) && key.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
                if !said.is_empty() {
                    said.push('.');
                }
                said.push_str(if plain { std::str::from_utf8(key).unwrap_or("…") } else { "…" });
            }
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(raw: &str) -> String {
        let scanner = Scanner::builtin().expect("the table is whole");
        let document = Document::read(raw).expect("the test's JSON is right");
        let findings = document.findings(&scanner).expect("the scan is short");
        document.masked(&Mask::new(*scanner.table()), &findings)
    }

    /// A value that only this process has seen.
    fn token() -> String {
        format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U")
    }

    #[test]
    fn only_the_secret_changes() {
        let raw = format!("{{ \"n\": 1.0e3 , \"s\":\"a\\n{}\\tb\", \"l\": [true,null,\"\\u00e9\"] }}", token());
        let masked = redacted(&raw);
        assert_eq!(masked, raw.replace(&token(), "stanch_github_pat"));
    }

    #[test]
    fn a_token_spelled_with_escapes_is_found() {
        let raw = format!("{{\"s\":\"{}\"}}", token().replace('h', "\\u0068").replace('_', "\\u005f"));
        assert_eq!(redacted(&raw), "{\"s\":\"stanch_github_pat\"}");
    }

    #[test]
    fn a_value_behind_its_key_is_found_and_a_key_itself_may_be_a_secret() {
        assert_eq!(redacted(r#"{"password":"v7Lq2!xRt8"}"#), r#"{"password":"stanch_password"}"#);
        assert_eq!(redacted(&format!("{{\"{}\":1}}", token())), "{\"stanch_github_pat\":1}");
    }

    #[test]
    fn a_table_that_fills_its_string_is_read_by_column() {
        let value = ["h4Zk9", "pQmW2s"].concat();
        let raw = format!(r#"{{"stdout":"name,password\nbob,{value}\nann,{value}","stderr":""}}"#);
        assert_eq!(redacted(&raw), raw.replace(&value, "stanch_password"));
    }

    /// What is found in a text by its lines is found in a string with these lines, from the first one on.
    #[test]
    fn a_strings_first_line_is_a_line() {
        let value = ["h4Zk9", "pQmW2s"].concat();
        for lines in [
            "PASSWORD   @@\nHOST  h\n",
            "a.yml:1:- name: DB_PASSWORD\na.yml:2:  value: @@\na.yml:3:b: c\n",
            "     1\tpassword: |\n     2\t  @@\n     3\tb: c\n",
            "+password: |\n+  @@\n",
            "password\n  Extra inputs are not permitted [type=x, input_value='@@', input_type=str]\n",
        ] {
            let text = lines.replace("@@", &value);
            let raw =
                serde_json::json!({ "type": "text", "file": { "path": "/a", "content": text, "n": 1 } }).to_string();
            assert_eq!(redacted(&raw), raw.replace(&value, "stanch_password"));
        }
    }

    #[test]
    fn a_value_with_a_line_break_at_its_end_is_still_its_keys() {
        let value = ["h4Zk9", "pQmW,2s"].concat();
        let raw = format!(r#"{{"password":"{value}\n"}}"#);
        assert!(!redacted(&raw).contains(&value));
    }

    #[test]
    fn numbers_are_never_touched() {
        let raw = r#"{"password":1234567890123,"token":8.5}"#;
        assert_eq!(redacted(raw), raw);
    }

    #[test]
    fn a_key_over_several_strings_loses_all_its_lines() {
        let line = "MIIEvQIBADANBgkqhkif8w0BAQEFAASCBKcwggSjAgEAAoIBAQC7v3Zk";
        let raw = format!(r#"["-----BEGIN PRIVATE KEY-----\n","{line}\n","{line}\n","-----END PRIVATE KEY-----"]"#);
        let masked = redacted(&raw);
        assert!(!masked.contains(line), "{masked}");
        assert!(masked.contains("-----END PRIVATE KEY-----"), "{masked}");
    }

    #[test]
    fn hostile_documents_are_refused() {
        let deep = "[".repeat(DEEPEST + 1) + &"]".repeat(DEEPEST + 1);
        assert!(matches!(Document::read(&deep), Err(JsonError::TooDeep)));
        assert!(matches!(Document::read(r#"{"a":1,"\u0061":2}"#), Err(JsonError::SameKeyTwice(7))));
        assert!(matches!(Document::read(r#"["\ud800"]"#), Err(JsonError::LoneSurrogate(2))));
    }

    #[test]
    fn withholding_keeps_keys_and_numbers() {
        let raw = r#"{"type":"text","a":"x\ud800","b":[1,"y"]}"#;
        assert_eq!(withheld(raw, "-").as_deref(), Some(r#"{"type":"text","a":"-","b":[1,"-"]}"#));
    }

    #[test]
    fn a_path_names_the_place_but_no_strange_key() {
        let raw = r#"{"edits":[{"old":"a"},{"new_string":"b"}],"k-1":"c"}"#;
        let document = Document::read(raw).expect("valid");
        assert_eq!(document.path(raw.find("\"b\"").expect("there") + 1), "edits[1].new_string");
        assert_eq!(document.path(raw.find("\"c\"").expect("there") + 1), "…");
    }
}
