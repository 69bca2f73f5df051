//! A text with its escapes decoded, and the way back to the raw bytes.

use std::ops::Range;

/// Decoded text and where its bytes came from.
#[derive(Default)]
pub(crate) struct View {
    pub text: Vec<u8>,
    escapes: Vec<Escape>,
}

/// One decoded escape: where it lies in the view and in the raw text, and how long it is in each.
struct Escape {
    at: u32,
    raw: u32,
    length: u8,
    raw_length: u16,
}

impl View {
    /// With room for a text and its escapes.
    pub fn with_capacity(text: usize, escapes: usize) -> Self {
        Self { text: Vec::with_capacity(text), escapes: Vec::with_capacity(escapes) }
    }

    /// Appends bytes that stand for themselves.
    pub fn plain(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
    }

    /// Appends what the escape at `raw` decodes to.
    pub fn escape(&mut self, raw: Range<usize>, decoded: &[u8]) {
        self.escapes.push(Escape {
            at: self.text.len() as u32,
            raw: raw.start as u32,
            length: decoded.len() as u8,
            raw_length: raw.len() as u16,
        });
        self.text.extend_from_slice(decoded);
    }

    /// The raw bytes behind a range of the view. An escape goes whole.
    pub fn raw(&self, span: Range<usize>) -> Range<usize> {
        self.raw_start(span.start)..self.raw_end(span.end)
    }

    fn last_before(&self, at: usize, including: bool) -> Option<&Escape> {
        let before = self.escapes.partition_point(|e| (e.at as usize) < at || including && e.at as usize == at);
        before.checked_sub(1).map(|i| &self.escapes[i])
    }

    fn raw_start(&self, at: usize) -> usize {
        match self.last_before(at, true) {
            None => at,
            Some(e) if at < e.at as usize + usize::from(e.length) => e.raw as usize,
            Some(e) => at - e.at as usize - usize::from(e.length) + e.raw as usize + usize::from(e.raw_length),
        }
    }

    fn raw_end(&self, at: usize) -> usize {
        match self.last_before(at, false) {
            None => at,
            Some(e) => {
                let behind = at.saturating_sub(e.at as usize + usize::from(e.length));
                e.raw as usize + usize::from(e.raw_length) + behind
            }
        }
    }
}

/// Decodes one JSON escape at the start of `raw`: what it stands for, and its length.
///
/// `None` if there is none, or half of a surrogate pair alone.
pub(crate) fn json_escape(raw: &[u8]) -> Option<(char, usize)> {
    let simple = match raw.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = |at: usize| {
                let hex = raw.get(at..at + 4)?;
                u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
            };
            let first = unit(2)?;
            if let Some(alone) = char::from_u32(u32::from(first)) {
                return Some((alone, 6));
            }
            let second = unit(8).filter(|_| raw.get(6..8) == Some(b"\\u"))?;
            return char::decode_utf16([first, second]).next()?.ok().map(|c| (c, 12));
        }
        _ => return None,
    };
    Some((simple, 2))
}
