//! The cursor that walks from a name to its value: operators, brackets, escapes, colours.

use super::{Slot, Tie, is_blank, is_name, lead, line_start};

/// The quote that a text begins with, as HTML spells it.
pub(super) fn entity(text: &[u8]) -> Option<&'static [u8]> {
    const QUOTES: [&[u8]; 6] = [b"&quot;", b"&#34;", b"&#x22;", b"&apos;", b"&#39;", b"&#x27;"];
    if text.first() != Some(&b'&') {
        return None;
    }
    QUOTES.into_iter().find(|quote| text.starts_with(quote))
}

/// What joins a name to what follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// Ties the value that follows.
    Assign,
    /// Gives a value for the case that there is none: `process.env.KEY || "v"`.
    Or,
    /// Compares with it.
    Compare,
    /// ` - `, ` | `.
    Dash,
    Comma,
    None,
}

pub(super) struct Walk<'t> {
    pub text: &'t [u8],
    pub at: usize,
    /// Line breaks passed on the way to a value that stands on the next line.
    pub lines: u8,
}

impl<'t> Walk<'t> {
    pub fn new(text: &'t [u8], at: usize) -> Self {
        Self { text, at, lines: 0 }
    }

    pub fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    pub fn text_before(&self, at: usize, most: usize) -> &'t [u8] {
        &self.text[line_start(self.text, at).max(at.saturating_sub(most))..at]
    }

    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub fn skip(&mut self, wanted: impl Fn(u8) -> bool, most: usize) -> usize {
        let from = self.at;
        while self.at - from < most && self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.at - from
    }

    pub fn eat(&mut self, word: &[u8]) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Blanks and a terminal's codes.
    pub fn skip_blanks(&mut self, most: usize) -> usize {
        let from = self.at;
        while self.at - from < most {
            if self.skip(is_blank, most) == 0 && !self.colour() {
                break;
            }
        }
        self.at - from
    }

    /// `ESC [ 3 1 m`, and the `ESC [ K` that grep puts behind; the escape itself escaped or not.
    fn colour(&mut self) -> bool {
        const ESCAPES: [&[u8]; 5] = [b"\x1b[", b"\\u001b[", b"\\x1b[", b"\\033[", b"\\e["];
        let from = self.at;
        if ESCAPES.iter().any(|e| self.eat(e)) {
            self.skip(|b| b.is_ascii_digit() || b == b';', 16);
            if self.eat(b"m") || self.eat(b"K") {
                return true;
            }
        }
        self.at = from;
        false
    }

    /// A line break, escaped any number of times or not at all, and what a tool puts before each line.
    pub fn line_break(&mut self) -> bool {
        let line = line_start(self.text, self.at)..self.at;
        if self.eat(b"\r\n") || self.eat(b"\n") {
            self.at += lead::of_next(&self.text[line], self.rest());
            return true;
        }
        let returned = self.escape(b'r');
        self.escape(b'n') || returned
    }

    /// `\n`, `\\n`: the letter behind backslashes.
    fn escape(&mut self, letter: u8) -> bool {
        let from = self.at;
        let escaped = self.skip(|b| b == b'\\', 8) > 0 && self.eat(&[letter]);
        if !escaped {
            self.at = from;
        }
        escaped
    }

    /// Walks over the rest of an opening tag, attributes included, if the name that starts at `name` is a tag's:
    /// `<password>`, `<wsse:Password Type="…">`.
    pub fn opening_tag(&mut self, name: usize) -> bool {
        let before = self.text_before(name, 24);
        let space = before.iter().rposition(|b| *b == b'<').map(|i| &before[i + 1..]);
        let named =
            space.is_some_and(|s| s.is_empty() || s.ends_with(b":") && s[..s.len() - 1].iter().all(|b| is_name(*b)));
        if !named {
            return false;
        }
        let from = self.at;
        if self.skip(is_blank, 4) > 0 {
            self.skip(|b| !matches!(b, b'<' | b'>' | b'\n'), 160);
            if self.text[..self.at].ends_with(b"/") {
                self.at = from;
                return false;
            }
        }
        let opens = self.eat(b">");
        if !opens {
            self.at = from;
        }
        opens
    }

    /// What closes a name: quotes, escapes, brackets, `[]` of an array.
    pub fn close(&mut self) -> bool {
        let from = self.at;
        if entity(self.rest()).is_some_and(|quote| self.eat(quote)) {
            return true;
        }
        self.skip(|b| matches!(b, b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'}' | b'*'), 8);
        let closed = self.at > from;
        if self.peek() == Some(b'[') {
            let bracket = self.at;
            self.at += 1;
            self.skip(is_name, 24);
            if !self.eat(b"]") {
                self.at = bracket;
            }
        }
        closed
    }

    /// `{ get; set; }` between a property and its value.
    pub fn accessors(&mut self) {
        if self.rest().starts_with(b"{ get;")
            && let Some(end) = self.rest().iter().take(40).position(|b| *b == b'}')
        {
            self.at += end + 1;
            self.skip_blanks(4);
        }
    }

    /// `Secret Key [None]: `: what a prompt takes if nothing is typed.
    pub fn default_in_brackets(&mut self) {
        let from = self.at;
        let found = self.eat(b"[") && self.skip(|b| !matches!(b, b'[' | b']' | b'\n'), 32) > 0 && self.eat(b"]");
        if !found || self.peek() != Some(b':') {
            self.at = from;
        }
    }

    pub fn operator(&mut self) -> Operator {
        let from = self.at;
        // `=` in an address that is a parameter of another.
        if self.eat(b"%3D") || self.eat(b"%3d") {
            return Operator::Assign;
        }
        self.skip(
            |b| matches!(b, b'=' | b':' | b'<' | b'>' | b'~' | b'|' | b'+' | b'.' | b'?' | b'!' | b'-' | b',' | b'*'),
            4,
        );
        let found = &self.text[from..self.at];
        // The lines of a drawn table.
        if found.is_empty() && ["│ ", "┃ ", "║ "].iter().any(|line| self.eat(line.as_bytes())) {
            self.at -= 1;
            return Operator::Dash;
        }
        let spaced = self.peek().is_some_and(is_blank);
        match found {
            b"" => Operator::None,
            b"," => Operator::Comma,
            b"-" | b"->" | b"|" | b"--" if spaced => Operator::Dash,
            b"==" | b"===" | b"!=" | b"!==" | b"=~" | b"<=" | b">=" => Operator::Compare,
            b"||" | b"??" if spaced => Operator::Or,
            // `key->slot`: a member, but for a quoted value.
            b"->" if !matches!(self.peek(), Some(b'"' | b'\'')) => Operator::None,
            b"->" => Operator::Assign,
            b"<-" if spaced => Operator::Assign,
            // `**Password:** v`
            b":**" => Operator::Assign,
            // LDIF: the value in base64.
            b"::" if spaced => Operator::Assign,
            _ if found.contains(&b'=') || found[0] == b':' && !found.ends_with(b"::") || found == b"::=" => {
                // `key=-v`: what follows the operator belongs to the value; so do the marks of a YAML block.
                let operator = 1 + found.iter().rposition(|b| matches!(b, b'=' | b':')).unwrap_or(0);
                self.at = from + operator + usize::from(found.get(operator) == Some(&b'>'));
                Operator::Assign
            }
            _ => {
                self.at = from;
                Operator::None
            }
        }
    }

    /// What an assignment assigns.
    pub fn assigned(&mut self) -> Vec<Slot> {
        self.type_annotation();
        self.skip_blanks(128);
        self.block_mark();
        if super::bridge::into_object(self) {
            return self.values(Tie::Assigned);
        }
        if self.lines == 0 && self.line_break() {
            self.lines = 1;
            super::bridge::into_block(self);
        }
        self.skip_blanks(128);
        self.values(Tie::Assigned)
    }

    /// `|`, `>-`: a YAML block begins on the next line; so does the text behind `<<EOF`, and any behind a backslash.
    fn block_mark(&mut self) {
        let from = self.at;
        if self.eat(b"\\") && self.line_break() {
            self.lines = 1;
            return;
        }
        self.at = from;
        if self.eat(b"<<") {
            self.skip(|b| matches!(b, b'-' | b'~' | b'"' | b'\''), 2);
            let word = self.skip(|b| b.is_ascii_uppercase() || b == b'_', 24);
            self.skip(|b| matches!(b, b'"' | b'\''), 1);
            if word > 0 && self.line_break() {
                self.lines = 1;
                return;
            }
            self.at = from;
        }
        if self.eat(b"|") || self.eat(b">") {
            self.skip(|b| matches!(b, b'+' | b'-') || b.is_ascii_digit(), 2);
            self.skip_blanks(4);
            if self.line_break() {
                self.lines = 1;
                return;
            }
        }
        self.at = from;
    }

    /// `: String =`, `: &'static str =`: a type between the name and the value.
    fn type_annotation(&mut self) {
        let from = self.at;
        self.skip_blanks(4);
        let word = self.at;
        if self.eat(b"&'") {
            self.skip(|b| b.is_ascii_alphabetic(), 12);
        }
        self.skip(|b| matches!(b, b'&' | b'*' | b' '), 4);
        self.skip(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'<' | b'>' | b'[' | b']' | b'?' | b':'), 32);
        let what = &self.text[word..self.at];
        self.skip_blanks(4);
        // `a: b=c` has a value `b=c`; a type is a plain word or has brackets.
        let plain = what.len() <= 16 && what.iter().all(u8::is_ascii_alphabetic);
        let typed = !what.is_empty() && (plain || what.iter().any(|b| matches!(b, b'<' | b'[' | b'&' | b'?')));
        if typed && self.peek() == Some(b'=') && self.text.get(self.at + 1) != Some(&b'=') {
            self.at += 1;
        } else {
            self.at = from;
        }
    }

    /// ` string = "`: a type behind the name, as Go writes it.
    pub fn type_before_equals(&mut self) -> bool {
        let from = self.at;
        let word = self.skip(|b| b.is_ascii_alphanumeric() || matches!(b, b'[' | b']' | b'*' | b'.'), 24);
        if word > 0 && self.eat(b" = ") && matches!(self.peek(), Some(b'"' | b'`' | b'\'' | b'\\')) {
            return true;
        }
        self.at = from;
        false
    }

    /// Whether the rest of the line is one word that is no key of its own.
    pub fn is_alone(&self) -> bool {
        let rest = self.rest();
        let end = rest.iter().enumerate().position(|(i, b)| *b == b'\n' || rest[i..].starts_with(b"\\n"));
        let line = rest[..end.unwrap_or(rest.len())].trim_ascii();
        let word = &line[..line.iter().rposition(|b| *b != b'=').map_or(0, |i| i + 1)];
        !word.is_empty() && !word.iter().any(|b| b.is_ascii_whitespace() || matches!(b, b':' | b'=' | b'<' | b'{'))
    }

    /// Whether the line holds the name that starts at `name`, one word behind it, and nothing else; the line may be the first
    /// of a string in a document.
    pub fn is_alone_with(&self, name: usize) -> bool {
        let before = &self.text[line_start(self.text, name)..name];
        (before.iter().all(|b| is_blank(*b)) || before.ends_with(b"\"")) && self.is_alone()
    }
}
