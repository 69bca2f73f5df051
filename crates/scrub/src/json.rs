//! Redaction inside a JSON document: the secrets change, every other byte stays as it was.
//!
//! The document is searched as a person reads it, with the escapes of its strings decoded, keys and values side by side, so
//! that `"password": "…"` is found as it is in any other text. What is found is replaced in the raw document, inside the
//! strings it stands in; numbers, punctuation and the order of things cannot change.

use std::fmt;
use std::ops::Range;

use crate::finding::Finding;
use crate::mask::Mask;
use crate::scan::{ScanError, Scanner};
use crate::settle::{drop_filled, settled};
use crate::view::View;

mod shape;
mod strings;

pub use shape::Places;
pub use shape::withheld;
use strings::{decoded, strings, strings_alone};

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
    reading: Reading,
}

/// How much of a document must be as any other parser would read it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Somebody acts on it: what two parsers may read in two ways is refused.
    Strict,
    /// It lies in a file: whatever a parser has accepted is searched.
    Lenient,
}

impl<'d> Document<'d> {
    /// Reads a document that a JSON parser has accepted.
    pub fn read(raw: &'d str) -> Result<Self, JsonError> {
        Self::read_as(raw, Reading::Strict)
    }

    /// Reads a document that a JSON parser has accepted and that is only to be searched, or redacted where it lies: keys may
    /// stand there twice, nesting has no limit, and half of a surrogate pair reads as U+FFFD. Clients write such records.
    pub fn read_lenient(raw: &'d str) -> Result<Self, JsonError> {
        Self::read_as(raw, Reading::Lenient)
    }

    fn read_as(raw: &'d str, reading: Reading) -> Result<Self, JsonError> {
        let bytes = raw.as_bytes();
        let strings = match reading {
            Reading::Strict => strings(bytes)?,
            Reading::Lenient => strings_alone(bytes)?,
        };
        let backslashes = memchr::memchr_iter(b'\\', bytes).count();
        let view = (backslashes > 0).then(|| decoded(bytes, &strings, backslashes, reading)).transpose()?;
        Ok(Self { raw, strings, view, reading })
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
            Document::read_as(masked, self.reading)?.unsettled(scanner)
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
        self.places().path(at)
    }

    /// The same for many places, asked for in their order: one walk over the document for all of them.
    pub fn places(&self) -> Places<'d> {
        Places::of(self.raw.as_bytes())
    }
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
    fn a_record_that_only_lies_in_a_file_is_searched_whatever_a_parser_accepts() {
        let scanner = Scanner::builtin().expect("the table is whole");
        let deep = format!("{}\"{}\"{}", "[".repeat(DEEPEST + 9), token(), "]".repeat(DEEPEST + 9));
        let half = format!("{{\"a\":\"\\ud83d{}\\n\",\"b\":\"{0}\\udc00\\ud83d\"}}", token());
        for raw in [deep, half, format!("{{\"a\":1,\"a\":\"{}\"}}", token())] {
            let document = Document::read_lenient(&raw).expect("a parser accepts it");
            let findings = document.findings(&scanner).expect("the scan is short");
            let masked = document.masked(&Mask::new(*scanner.table()), &findings);
            assert_eq!(masked, raw.replace(&token(), "stanch_github_pat"));
        }
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
        let mut places = document.places();
        let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(Document::read(&deep).expect("valid").path(40), format!("…{}", "[0]".repeat(32)));
        let asked = ["\"a\"", "\"b\"", "\"c\""].map(|value| places.path(raw.find(value).expect("there") + 1));
        assert_eq!(asked, ["edits[0].old", "edits[1].new_string", "…"]);
    }
}
