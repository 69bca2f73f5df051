//! From a keyword to the value that is assigned to it, in any syntax.
//!
//! `KEY=v`, `key: v`, `"key": "v"` (quotes escaped any number of times), `key => 'v'`, `--key v`, `<key>v</key>`,
//! `set("KEY", "v")`, `name: KEY` + `value: v`, a CSV row: the parser walks over what joins a name to its value and
//! yields the places where a value stands, with how tightly each is tied to the keyword. Whether a value is a secret is
//! not its business (see [`crate::judge`]). It looks at the keyword's line and the next, never further.

use std::ops::Range;

/// How a value is tied to its keyword.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tie {
    /// By an operator: `=`, `:`, `=>`, or as a tag's content.
    Assigned,
    /// By an operator, the value in quotes.
    Quoted,
    /// As an argument of the same call, or in a later cell of the same row.
    Listed,
    /// By a blank after a flag: `--password v`.
    Flag,
    /// By a blank alone.
    Beside,
}

/// A place where a value stands.
#[derive(Clone)]
pub(crate) struct Slot {
    pub span: Range<usize>,
    pub tie: Tie,
}

/// A name that contains a keyword.
pub(crate) struct Name<'t> {
    /// What stands before the keyword in the same name: `public_` of `public_key`.
    pub head: &'t [u8],
    /// What stands after it: `_file` of `password_file`.
    pub tail: &'t [u8],
    start: usize,
    end: usize,
}

/// No more places than this are looked at for one keyword.
const MOST_SLOTS: usize = 8;
/// No value is longer.
const LONGEST: usize = 2048;

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'.'
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

impl<'t> Name<'t> {
    /// The name around a keyword.
    pub fn around(text: &'t [u8], keyword: Range<usize>) -> Self {
        let floor = keyword.start.saturating_sub(64);
        let mut start = keyword.start;
        while start > floor && is_name(text[start - 1]) {
            start -= 1;
        }
        // The letter of an escape (`\n`) is not part of the name.
        if start > 0 && text[start - 1] == b'\\' && start < keyword.start {
            start += 1;
        }
        let mut end = keyword.end;
        while end < text.len() && end < keyword.end + 48 && is_name(text[end]) {
            // `token-` or `key.` at the end of a word is punctuation.
            let joins = text[end] == b'-' || text[end] == b'.';
            if joins && !text.get(end + 1).copied().is_some_and(|b| b.is_ascii_alphanumeric()) {
                break;
            }
            end += 1;
        }
        Self { head: &text[start..keyword.start], tail: &text[keyword.end..end], start, end }
    }
}

/// The places where a value for `name` may stand, nearest first.
pub(crate) fn slots(text: &[u8], name: &Name<'_>) -> Vec<Slot> {
    Walk { text, at: name.end, lines: 0 }.slots(name)
}

struct Walk<'t> {
    text: &'t [u8],
    at: usize,
    /// Line breaks passed.
    lines: u8,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).map(|i| self.text[i])
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool, most: usize) -> usize {
        let from = self.at;
        while self.at - from < most && self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.at - from
    }

    fn eat(&mut self, word: &[u8]) -> bool {
        let found = self.text[self.at..].starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Blanks, and the line break that may stand between a name and its value, escaped or not.
    fn skip_space(&mut self, breaks: bool) {
        loop {
            self.skip(is_blank, 128);
            let broke = breaks && self.lines == 0 && (self.eat(b"\r\n") || self.eat(b"\n") || self.eat(b"\\n"));
            if !broke {
                return;
            }
            self.lines += 1;
        }
    }

    fn slots(mut self, name: &Name<'_>) -> Vec<Slot> {
        let in_tag = self.before(name.start) == Some(b'<');
        if in_tag && self.peek() == Some(b'>') {
            self.at += 1;
            return self.tag_content();
        }
        let bare = self.at;
        self.skip(|b| matches!(b, b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'}' | b'*'), 8);
        let closed = self.at > bare;
        if self.bridge(name) {
            return self.value(Tie::Assigned).into_iter().collect();
        }
        let gap = self.skip(is_blank, 16) > 0;
        match self.operator() {
            Operator::Assign => {
                self.type_annotation();
                self.skip_space(true);
                self.value(Tie::Assigned).into_iter().collect()
            }
            Operator::Compare => {
                self.skip_space(false);
                self.value(Tie::Listed).filter(|_| true).into_iter().collect()
            }
            Operator::Dash => {
                self.skip_space(false);
                self.value(Tie::Beside).into_iter().collect()
            }
            Operator::Comma if closed => self.arguments(),
            Operator::Comma => self.cells(),
            Operator::None if gap => {
                let flag = name.head.starts_with(b"-") || self.before(name.start) == Some(b'-');
                if self.type_annotation() {
                    self.skip_space(false);
                    return self.value(Tie::Assigned).into_iter().collect();
                }
                if self.eat(b"is ") || self.eat(b"of ") || self.eat(b"was ") {
                    self.skip_space(false);
                    self.eat(b"now ");
                }
                // `password v` as the whole line (a netrc), `PASSWORD 'v'` (SQL).
                let flag = flag || self.alone_with_value(name) || matches!(self.peek(), Some(b'\'' | b'"'));
                self.value(if flag { Tie::Flag } else { Tie::Beside }).into_iter().collect()
            }
            Operator::None => Vec::new(),
        }
    }

    /// `name: KEY` and, next, `value: v`: moves to the value.
    fn bridge(&mut self, name: &Name<'_>) -> bool {
        let before = &self.text[name.start.saturating_sub(24)..name.start];
        let lead = before.iter().rposition(|b| *b == b'\n').map_or(before, |i| &before[i + 1..]);
        let called = lead.to_ascii_lowercase();
        let called = [&b"name"[..], b"key", b"id", b"param"].iter().any(|w| {
            memchr::memmem::rfind(&called, w).is_some_and(|i| {
                let joint = &called[i + w.len()..];
                joint.iter().all(|b| matches!(b, b'"' | b'\'' | b'\\' | b':' | b'=' | b' ' | b'>'))
                    && joint.iter().any(|b| matches!(b, b':' | b'=' | b'>'))
            })
        });
        if !called {
            return false;
        }
        let (from, lines) = (self.at, self.lines);
        for _ in 0..3 {
            self.skip(|b| matches!(b, b',' | b';' | b'"' | b'\'' | b'\\' | b'}' | b'/' | b'<' | b'>' | b'-'), 12);
            self.skip_space(true);
            // Up to one word such as `secretValue`, then what joins it to its value.
            let word = self.at;
            self.skip(|b| b.is_ascii_alphanumeric() || b == b'_', 24);
            if self.text[word..self.at].to_ascii_lowercase().ends_with(b"value") {
                self.skip(|b| matches!(b, b'"' | b'\'' | b'\\'), 4);
                self.skip_space(false);
                if !matches!(self.operator(), Operator::None) || self.eat(b">") {
                    self.skip_space(false);
                    return true;
                }
            }
            if self.at == word {
                break;
            }
        }
        (self.at, self.lines) = (from, lines);
        false
    }

    fn operator(&mut self) -> Operator {
        let from = self.at;
        self.skip(
            |b| matches!(b, b'=' | b':' | b'>' | b'~' | b'|' | b'+' | b'.' | b'?' | b'!' | b'-' | b',' | b'*'),
            4,
        );
        let found = &self.text[from..self.at];
        match found {
            b"" => Operator::None,
            b"," => Operator::Comma,
            b"-" | b"->" | b"|" | b"--" if self.peek().is_some_and(is_blank) => Operator::Dash,
            b"==" | b"===" | b"!=" | b"!==" => Operator::Compare,
            b"->" => Operator::Assign,
            _ if found.contains(&b'=') || found[0] == b':' && !found.ends_with(b"::") || found == b"::=" => {
                // `key=-v`: what follows the operator belongs to the value.
                let operator = 1 + found.iter().rposition(|b| matches!(b, b'=' | b':' | b'>')).unwrap_or(0);
                self.at = from + operator;
                Operator::Assign
            }
            _ => {
                self.at = from;
                Operator::None
            }
        }
    }

    /// `: String =`, ` string =`: a type between the name and the operator.
    fn type_annotation(&mut self) -> bool {
        let from = self.at;
        self.skip(is_blank, 4);
        let word = self.at;
        self.skip(
            |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'<' | b'>' | b'[' | b']' | b'?' | b'&' | b'*' | b':'),
            32,
        );
        let typed = self.at > word;
        self.skip(is_blank, 4);
        if typed && self.peek() == Some(b'=') && self.text.get(self.at + 1) != Some(&b'=') {
            let what = self.text[word..self.at].trim_ascii_end();
            // `a: b=c` has a value `b=c`; a type is a plain word or has brackets.
            let plain = what.len() <= 16 && what.iter().all(u8::is_ascii_alphabetic);
            if plain || what.iter().any(|b| matches!(b, b'<' | b'[' | b'&' | b'?')) {
                self.at += 1;
                return true;
            }
        }
        self.at = from;
        false
    }

    /// The value at the cursor, quoted or bare.
    fn value(&mut self, tie: Tie) -> Option<Slot> {
        self.skip(|b| matches!(b, b'(' | b'[' | b'{'), 2);
        self.skip(is_blank, 4);
        // String prefixes: b"", f'', @"", &"", String::from("").
        if self.text.get(self.at + 1).is_some_and(|q| matches!(q, b'"' | b'\''))
            && matches!(self.peek(), Some(b'b' | b'r' | b'f' | b'u' | b'@' | b'$' | b'&' | b'L'))
        {
            self.at += 1;
        }
        if let Some(span) = self.quoted() {
            return self.slot(span, if tie == Tie::Assigned { Tie::Quoted } else { tie });
        }
        let call = self.at;
        self.skip(|b| is_name(b) || b == b':', 48);
        if self.at > call && self.peek() == Some(b'(') {
            self.at += 1;
            return self.arguments().into_iter().next();
        }
        self.at = call;
        if self.lines > 0 && !self.alone_on_line() {
            return None;
        }
        let span = self.bare();
        self.slot(span, tie)
    }

    fn slot(&self, span: Range<usize>, tie: Tie) -> Option<Slot> {
        let mut span = span;
        // `Authorization: Bearer v`: the scheme is not the secret.
        for scheme in [&b"bearer "[..], b"basic ", b"token ", b"apikey "] {
            let head = self.text[span.clone()].get(..scheme.len());
            if head.is_some_and(|h| h.eq_ignore_ascii_case(scheme)) {
                span.start += scheme.len();
            }
        }
        (!span.is_empty() && span.len() <= LONGEST).then_some(Slot { span, tie })
    }

    /// What stands between a quote and its partner on the same line; the cursor moves behind it.
    fn quoted(&mut self) -> Option<Range<usize>> {
        let from = self.at;
        let escapes = self.skip(|b| b == b'\\', 16);
        let quote = self.peek().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        let Some(quote) = quote else {
            self.at = from;
            return None;
        };
        // Triple quotes.
        let width = self.skip(|b| b == quote, 3);
        if width == 2 {
            return None; // an empty string
        }
        let start = self.at;
        let mut i = start;
        while i < self.text.len() && i - start <= LONGEST {
            match self.text[i] {
                b'\n' => break,
                b if b == quote => {
                    let slashes = self.text[start..i].iter().rev().take_while(|b| **b == b'\\').count();
                    // The partner is escaped as often as the opening quote; one escaped more is part of the value.
                    if slashes <= escapes {
                        self.at = i + 1;
                        return Some(start..i - slashes);
                    }
                }
                _ => {}
            }
            i += 1;
        }
        // A quote without its partner: the value ends with the line, or was cut.
        let end = start + self.text[start..i].iter().position(|b| b.is_ascii_whitespace()).unwrap_or(i - start);
        self.at = end;
        Some(start..end)
    }

    /// Up to a blank, a quote, or punctuation that ends a value; brackets only if opened inside.
    fn bare(&mut self) -> Range<usize> {
        let start = self.at;
        let mut depth = 0i32;
        while let Some(b) = self.peek() {
            if self.at - start > LONGEST {
                break;
            }
            match b {
                b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b';' | b'&' | b'|' => break,
                b'\\'
                    if self
                        .text
                        .get(self.at + 1)
                        .is_some_and(|n| matches!(n, b'n' | b'r' | b't' | b'"' | b'\'' | b'\\' | b'u')) =>
                {
                    break;
                }
                b if b.is_ascii_whitespace() || b < 0x20 => break,
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => {
                    depth -= 1;
                    if depth < 0 {
                        break;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        // A sentence's full stop or a colon is not part of a value.
        let mut end = self.at;
        while end > start && matches!(self.text[end - 1], b'.' | b':' | b'?') {
            end -= 1;
        }
        start..end
    }

    /// Whether the rest of the line is one word that is no key of its own.
    fn alone_on_line(&self) -> bool {
        let rest = &self.text[self.at..];
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        let line = line.trim_ascii();
        !line.is_empty() && !line.iter().any(|b| b.is_ascii_whitespace() || matches!(b, b':' | b'=' | b'<' | b'{'))
    }

    /// Whether the line holds the name, one word behind it, and nothing else.
    fn alone_with_value(&self, name: &Name<'_>) -> bool {
        let line = self.text[..name.start].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        self.text[line..name.start].iter().all(|b| is_blank(*b)) && self.alone_on_line()
    }

    /// The quoted arguments that follow in the same call.
    fn arguments(&mut self) -> Vec<Slot> {
        let mut found = Vec::new();
        for _ in 0..4 {
            self.skip_space(true);
            let from = self.at;
            if let Some(span) = self.quoted() {
                found.extend(self.slot(span, Tie::Listed));
            } else {
                self.skip(|b| !matches!(b, b',' | b')' | b'\n' | b'"' | b'\'' | b';'), 64);
            }
            self.skip_space(false);
            if !self.eat(b",") || self.at == from {
                break;
            }
        }
        found
    }

    /// The cells that follow in the same row.
    fn cells(&mut self) -> Vec<Slot> {
        let mut found = Vec::new();
        while found.len() < MOST_SLOTS {
            self.skip(is_blank, 8);
            let span = self.quoted().unwrap_or_else(|| {
                let start = self.at;
                self.skip(|b| !matches!(b, b',' | b'\n' | b'\r' | b'"' | b'\\'), LONGEST);
                start..self.at
            });
            found.extend(self.slot(span, Tie::Listed));
            self.skip(is_blank, 8);
            if !self.eat(b",") {
                break;
            }
        }
        found
    }

    /// The words of a tag's content.
    fn tag_content(&mut self) -> Vec<Slot> {
        self.skip_space(true);
        let mut found = Vec::new();
        while found.len() < MOST_SLOTS {
            let start = self.at;
            self.skip(|b| !b.is_ascii_whitespace() && !matches!(b, b'<' | b'{' | b'}'), LONGEST);
            found.extend(self.slot(start..self.at, Tie::Assigned));
            let between = self.skip(|b| is_blank(b) || matches!(b, b'{' | b'}'), 16);
            if between == 0 {
                break;
            }
        }
        found
    }
}

enum Operator {
    /// Ties the value that follows.
    Assign,
    /// Compares with it.
    Compare,
    /// ` - `, ` | `.
    Dash,
    Comma,
    None,
}
