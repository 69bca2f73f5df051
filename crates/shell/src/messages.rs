//! Messages in JSON, one a line, as an MCP server writes them and a hook its answer: a message goes out whole or not at all.
//!
//! A line that is a document is searched as one and stays one. Any other line is text. A message that cannot be searched is
//! answered in its place, so that nobody waits for it.

use std::collections::BTreeMap;

use scrub::json::{Document, JsonError};
use scrub::{ScanError, Stream};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::redaction::Redaction;

/// A longer line is text, and comes in parts.
const LONGEST: usize = 64 << 20;

/// The lines of one stream.
pub struct Messages<'r, 'c> {
    redaction: &'r Redaction<'c>,
    /// The unfinished line, if it may be a message.
    line: Vec<u8>,
    /// The unfinished line is text, and a part of it is on its way.
    in_text: bool,
    /// What has been replaced in messages: numbers of rules, and how often each.
    replaced: BTreeMap<u16, u64>,
}

impl<'r, 'c> Messages<'r, 'c> {
    /// At the start of a stream.
    pub fn new(redaction: &'r Redaction<'c>) -> Self {
        Self { redaction, line: Vec::new(), in_text: false, replaced: BTreeMap::new() }
    }

    /// Takes the next bytes; lines of text go through `text`.
    pub fn push(&mut self, bytes: &[u8], text: &mut Stream<'r, 'c>, out: &mut Vec<u8>) -> Result<(), ScanError> {
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            let ends = part.ends_with(b"\n");
            if self.in_text {
                text.push(part, out, None)?;
                self.in_text = !ends;
                continue;
            }
            self.line.extend_from_slice(part);
            if ends {
                self.end(text, out)?;
            } else if self.line.len() > LONGEST || !may_be_message(&self.line) {
                text.push(&self.line, out, None)?;
                self.line.clear();
                self.in_text = true;
            }
        }
        Ok(())
    }

    /// The line is finished.
    pub fn end(&mut self, text: &mut Stream<'r, 'c>, out: &mut Vec<u8>) -> Result<(), ScanError> {
        let line = std::mem::take(&mut self.line);
        self.in_text = false;
        match document(&line) {
            Some(message) => self.message(message, out),
            None if line.is_empty() => Ok(()),
            None => text.push(&line, out, None),
        }
    }

    /// What has been replaced in messages since this was last asked.
    pub fn take_replaced(&mut self) -> BTreeMap<u16, u64> {
        std::mem::take(&mut self.replaced)
    }

    fn message(&mut self, message: &str, out: &mut Vec<u8>) -> Result<(), ScanError> {
        match self.masked(message, out) {
            Err(JsonError::LoneSurrogate(_)) => {
                // Other parsers take it; what it stands for is no character.
                let mended = without_lone_surrogates(message);
                self.masked(&mended, out).or_else(|error| self.withhold(&mended, &error, out))
            }
            masked => masked.or_else(|error| self.withhold(message, &error, out)),
        }
    }

    fn masked(&mut self, message: &str, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let Redaction { scanner, mask } = self.redaction;
        let document = Document::read(message)?;
        let findings = document.findings_under(mask, scanner)?;
        document.mask_into(mask, &findings, out);
        for finding in findings.iter().filter(|finding| !finding.is_continued()) {
            *self.replaced.entry(finding.rule).or_default() += 1;
        }
        Ok(())
    }

    /// Answers in a message's place if it is an answer itself.
    fn withhold(&self, message: &str, reason: &JsonError, out: &mut Vec<u8>) -> Result<(), ScanError> {
        let envelope: Option<Envelope<'_>> = serde_json::from_str(message).ok();
        let id = envelope.filter(|envelope| envelope.method.is_none()).and_then(|envelope| envelope.id);
        if let Some(id) = id.map(RawValue::get).filter(|id| id.len() <= 20 && id.bytes().all(|b| b.is_ascii_digit())) {
            let why = format!("stanch-shell withheld the answer: {reason}");
            let error = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32603,"message":"{why}"}}}}"#);
            out.extend_from_slice(error.as_bytes());
            out.push(b'\n');
        }
        crate::say(&format!("a message on standard output was withheld: {reason}"));
        Ok(())
    }
}

/// What is read of a message to answer in its place.
#[derive(Deserialize)]
struct Envelope<'m> {
    #[serde(borrow)]
    id: Option<&'m RawValue>,
    method: Option<IgnoredAny>,
}

/// Whether a line may still become a message: an object, or a list of some. `[1/3] building` is a person's.
fn may_be_message(line: &[u8]) -> bool {
    let mut solid = line.iter().filter(|b| !b.is_ascii_whitespace());
    match solid.next() {
        None => true,
        Some(b'{') => solid.next().is_none_or(|b| matches!(b, b'"' | b'}')),
        Some(b'[') => solid.next().is_none_or(|b| *b == b'{'),
        Some(_) => false,
    }
}

/// The line, if it is a document.
fn document(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok().filter(|_| may_be_message(line))?;
    serde_json::from_str::<IgnoredAny>(text).is_ok().then_some(text)
}

/// Half surrogate pairs as the character that stands for what is none.
fn without_lone_surrogates(message: &str) -> String {
    let unit = |at: usize| {
        let hex = message.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut mended = String::with_capacity(message.len());
    let (mut at, mut done) = (0, 0);
    while let Some(next) = next_escape(message, at) {
        let length = match (unit(next), unit(next + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.push_str(&message[done..next]);
                mended.push_str("\\ufffd");
                done = next + 6;
                6
            }
            (Some(_), _) => 6,
            _ => 2,
        };
        at = next + length;
    }
    mended.push_str(&message[done..]);
    mended
}

/// The next escape.
fn next_escape(message: &str, from: usize) -> Option<usize> {
    message.get(from..)?.find('\\').map(|i| from + i)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(pieces: &[&[u8]]) -> String {
        let config = config::Config::default();
        let redaction = Redaction::new(&config).unwrap_or_else(|reason| panic!("{reason}"));
        let mut text = Stream::new(&redaction.scanner, &redaction.mask);
        let (mut messages, mut out) = (Messages::new(&redaction), Vec::new());
        for piece in pieces {
            messages.push(piece, &mut text, &mut out).expect("the scan is short");
        }
        messages.end(&mut text, &mut out).and_then(|()| text.flush(&mut out)).expect("the scan is short");
        String::from_utf8_lossy(&out).into_owned()
    }

    fn token() -> String {
        ["ghp_", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U"].concat()
    }

    #[test]
    fn a_message_keeps_its_shape_however_it_comes() {
        let message = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"text\":\"a\\n{}\\\"b\"}}}}\n", token());
        let text = format!("starting\n{message}token: {}\n{{ no message\n{message}", token());
        let wanted = text.replace(&token(), "stanch_github_pat");
        for size in [1, 7, text.len()] {
            assert_eq!(filtered(&text.as_bytes().chunks(size).collect::<Vec<_>>()), wanted, "{size}");
        }
    }

    #[test]
    fn a_list_of_messages_is_one_and_a_persons_bracket_is_none() {
        let list = format!("[{{\"id\":1,\"result\":\"{}\"}},\n", token());
        assert_eq!(filtered(&[list.as_bytes()]), list.replace(&token(), "stanch_github_pat"));
        for line in ["", " [ ", "[{", "{", "{ \"", "{}"] {
            assert!(may_be_message(line.as_bytes()), "{line}");
        }
        for line in ["[1/3] building", "[y/N]", "{ echo", "text"] {
            assert!(!may_be_message(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn an_error_without_a_line_end_is_a_message_too() {
        let message = format!("{{\"id\":1,\"error\":{{\"message\":\"{}\"}}}}", token().replace('h', "\\u0068"));
        assert_eq!(filtered(&[message.as_bytes()]), r#"{"id":1,"error":{"message":"stanch_github_pat"}}"#);
    }

    #[test]
    fn half_a_surrogate_pair_is_mended_and_the_rest_is_searched() {
        let message = format!("{{\"a\":\"\\ud800 \\ud83d\\ude00 \\\\ud800 {}\"}}\n", token());
        assert_eq!(filtered(&[message.as_bytes()]), "{\"a\":\"\\ufffd \\ud83d\\ude00 \\\\ud800 stanch_github_pat\"}\n");
    }

    #[test]
    fn an_answer_that_cannot_be_searched_is_answered_and_a_notice_is_dropped() {
        let answer = format!("{{\"id\":7,\"result\":{{\"a\":1,\"a\":\"{}\"}}}}\n", token());
        let out = filtered(&[answer.as_bytes()]);
        assert!(out.starts_with(r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"#), "{out}");
        assert!(serde_json::from_str::<IgnoredAny>(&out).is_ok(), "{out}");
        assert_eq!(filtered(&[b"{\"method\":\"a\",\"id\":7,\"params\":{\"a\":1,\"a\":2}}\n"]), "");
    }
}
