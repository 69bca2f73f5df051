//! Armoured keys: from the header line, a state machine over the lines of base64 that follow.
//!
//! A body may be indented, quoted, numbered, marked by a diff, or written on one line with escaped line breaks. It ends at
//! the footer, or where the text stops looking like it (a key cut short by `head` is still a key). The whole body becomes
//! one placeholder. The machine carries over the pieces of a stream.

use std::ops::Range;

/// A body that the text ended in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    /// The rule that matched the header.
    pub rule: u16,
    /// Its placeholder has been written.
    pub begun: bool,
}

/// What was found of a body.
pub(crate) struct Body {
    pub rule: u16,
    pub span: Option<Range<usize>>,
    pub continued: bool,
    pub open: Option<Open>,
}

/// A line of a body is at least this long; only its last may be shorter.
const LINE: usize = 30;
/// The first may be a short one (an Ed25519 key).
const FIRST_LINE: usize = 16;
/// What a footer begins with: five dashes, or the four of SSH2.
const DASHES: &[u8] = b"----";
/// Between a header and its body, and between lines, at most this much that is not body.
const NOISE: usize = 200;

/// Walks over the body that starts at or behind `from`.
pub(crate) fn body(text: &[u8], from: usize, open: Open) -> Body {
    let mut span: Option<Range<usize>> = None;
    let mut at = from;
    let mut more = false;
    loop {
        let (start, end) = match next_run(text, at) {
            Next::Run(start, end) => (start, end),
            Next::Footer => break,
            Next::End => {
                more = true;
                break;
            }
        };
        let begun = open.begun || span.is_some();
        let length = end - start;
        let at_end = end == text.len();
        if !begun && (is_attribute(text, end) || length < FIRST_LINE && !at_end) {
            // `Proc-Type: 4,ENCRYPTED` and its like stand between header and body; anything else is no body.
            let line_end = line_end(text, end);
            match line_end {
                Some(next) if is_attribute(text, end) && next - from < NOISE => {
                    at = next;
                    continue;
                }
                _ => break,
            }
        }
        if begun && length < LINE && !is_last(text, end) {
            break;
        }
        span = Some(span.map_or(start, |s| s.start)..end);
        at = end;
        if at_end {
            more = true;
            break;
        }
        if open.begun && length < LINE {
            break; // what came line by line ended with a short one; nobody knows what comes next
        }
    }
    let begun = open.begun || span.is_some();
    // Without a body yet, the stream waits for it on the next lines only.
    let open_on = more.then_some(Open { rule: open.rule, begun });
    Body { rule: open.rule, span, continued: open.begun, open: open_on }
}

/// A body of several lines as it is found when it comes line by line.
///
/// The placeholder stands in the first line. Of the others nothing is left, the line end included, unless something else
/// stands behind.
pub(crate) fn by_lines(text: &[u8], from: usize, mut open: Open) -> ByLines {
    let mut found = ByLines { spans: Vec::new(), open: None, end: from };
    while found.end < text.len() {
        let start = found.end;
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |i| start + i + 1);
        let body = self::body(&text[..end], start, open);
        if let Some(span) = body.span {
            let span = match body.open {
                Some(_) if body.continued => start..end,
                _ if body.continued => start..span.end,
                _ => span,
            };
            found.spans.push((span, body.continued));
        }
        found.end = end;
        found.open = body.open;
        let Some(next) = body.open else { break };
        open = next;
    }
    found
}

/// A body by its lines.
pub(crate) struct ByLines {
    /// What goes, and whether its placeholder stands in an earlier line.
    pub spans: Vec<(Range<usize>, bool)>,
    /// What the text ended in.
    pub open: Option<Open>,
    /// How far the lines were looked at.
    pub end: usize,
}

/// Where the line that `from` stands in ends, its break escaped or not.
fn line_end(text: &[u8], from: usize) -> Option<usize> {
    let line = &text[from..text.len().min(from + NOISE)];
    let escaped = memchr::memmem::find(line, b"\\n");
    let plain = memchr::memchr(b'\n', line);
    escaped.into_iter().chain(plain).min().map(|i| from + i)
}

enum Next {
    Run(usize, usize),
    Footer,
    End,
}

fn in_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// The next run of base64, past blanks, quotes, escapes, line numbers and the marks of a diff.
fn next_run(text: &[u8], from: usize) -> Next {
    let mut at = from;
    while at < text.len() {
        if text[at..].starts_with(DASHES) {
            return Next::Footer;
        }
        if at - from > NOISE {
            return Next::Footer;
        }
        match text[at] {
            b'\\' => {
                // `\n`, `\\n`, `\r`
                let slashes = text[at..].iter().take_while(|b| **b == b'\\').count();
                at += slashes;
                if text.get(at).is_some_and(|b| matches!(b, b'n' | b'r' | b't')) {
                    at += 1;
                }
            }
            b if in_body(b) => {
                let mut end = at + text[at..].iter().position(|b| !in_body(*b)).unwrap_or(text.len() - at);
                // `+` of a diff, and the `+ "` that joins quoted lines.
                if end - at == 1 && text[at] == b'+' {
                    at = end;
                    continue;
                }
                let number = end - at <= 6 && text[at..end].iter().all(u8::is_ascii_digit);
                if number && end < text.len() {
                    at = end;
                    continue;
                }
                if text[end - 1] == b'=' && text[at] == b'=' && end - at == 1 {
                    end = at + 1;
                }
                return Next::Run(at, end);
            }
            _ => at += 1,
        }
    }
    Next::End
}

/// Whether a run is the name of an armour header: `Version:`, `Proc-Type:`.
fn is_attribute(text: &[u8], end: usize) -> bool {
    matches!(text.get(end), Some(b':' | b'-'))
}

/// Whether only blanks and punctuation stand between a short run and the footer, a checksum line or the end of the text.
fn is_last(text: &[u8], end: usize) -> bool {
    match next_run(text, end) {
        Next::End => true,
        Next::Footer => memchr::memmem::find(&text[end..text.len().min(end + NOISE)], DASHES).is_some(),
        Next::Run(start, stop) => text[start] == b'=' && stop - start <= 5,
    }
}
