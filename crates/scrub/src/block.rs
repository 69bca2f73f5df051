//! Armoured keys: from the header line, a state machine over the lines of base64 that follow.
//!
//! A body may be indented, quoted, numbered, marked by a diff, coloured, or written on one line with escaped line breaks;
//! something may stand before each of its lines (`web-1  | `, `id_rsa:7:`, a time), as before its header. It ends at the
//! footer, or where the text stops looking like it (a key cut short by `head` is still a key). The whole body becomes
//! one placeholder. The machine carries over the pieces of a stream.

use std::ops::Range;

use crate::judge::placeholder::OURS;

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
        if !begun && (is_attribute(text, end) || own(text, start, end) < FIRST_LINE && !at_end) {
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

/// The next run of base64, past blanks, quotes, escapes, colours, line numbers, the marks of a diff, and what stands before
/// each line.
fn next_run(text: &[u8], from: usize) -> Next {
    let mut at = from;
    if from > 0 && text[from - 1] == b'\n' {
        at += lead(text, from);
    }
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
                let escape = [&b"u001b"[..], b"u001B", b"x1b", b"x1B", b"033", b"e"];
                if let Some(escape) = escape.iter().find(|e| text[at..].starts_with(e)) {
                    at += colour(&text[at + escape.len()..]).map_or(0, |length| escape.len() + length);
                }
            }
            0x1b => at += 1 + colour(&text[at + 1..]).unwrap_or(0),
            b'\n' => {
                at += 1;
                at += lead(text, at);
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

/// How long a terminal's code is behind its escape: `[32m`.
fn colour(text: &[u8]) -> Option<usize> {
    let parameters = text.strip_prefix(b"[")?.iter().take(24).take_while(|b| b.is_ascii_digit() || **b == b';').count();
    matches!(text.get(1 + parameters), Some(b'm' | b'K')).then_some(2 + parameters)
}

/// How much stands before the body in the line that begins at `at`, going by what stands before it in the lines above.
fn lead(text: &[u8], at: usize) -> usize {
    let next = &text[at..];
    let mut end = at;
    for _ in 0..LINES_ABOVE {
        let Some(line_end) = end.checked_sub(1) else { break };
        let floor = line_end.saturating_sub(LONGEST_LINE);
        let Some(start) =
            memchr::memrchr(b'\n', &text[floor..line_end]).map(|i| floor + i + 1).or((floor == 0).then_some(0))
        else {
            break;
        };
        let line = &text[start..line_end];
        let before = &line[..body_start(line)];
        // The line may be the first of a string in a document: `{"stdout":"web-1  | `.
        let in_string = memchr::memrchr(b'"', before).map(|quote| &before[quote + 1..]);
        let length = alike(before, next).or_else(|| alike(in_string?, next));
        if let Some(length) = length.filter(|length| *length > 0) {
            return length;
        }
        end = start;
    }
    0
}

/// So many lines above are asked what stands before a body: attributes may stand between its header and it.
const LINES_ABOVE: usize = 4;
/// No line of a body is longer, with what stands before it.
const LONGEST_LINE: usize = 1024;

/// Where the header or the body begins in a line: its last run of base64.
fn body_start(line: &[u8]) -> usize {
    if let Some(header) = memchr::memmem::find(line, DASHES) {
        return header;
    }
    let mut end = line.len();
    loop {
        // The end of a colour is letters and digits too.
        let code = memchr::memrchr(0x1b, &line[..end]).filter(|i| colour(&line[i + 1..end]) == Some(end - i - 1));
        match (code, line[..end].last()) {
            (Some(start), _) => end = start,
            (None, Some(last)) if !in_body(*last) => end -= 1,
            _ => break,
        }
    }
    let run = line[..end].iter().rposition(|b| !in_body(*b)).map_or(0, |i| i + 1);
    let code = line[..end].iter().rposition(|b| *b == 0x1b).and_then(|i| Some(i + 1 + colour(&line[i + 1..])?));
    run.max(code.unwrap_or(0))
}

/// How much of `next` is like `lead`: the same but for the digits of its numbers and the number of blanks.
fn alike(lead: &[u8], next: &[u8]) -> Option<usize> {
    let (mut from, mut to) = (0, 0);
    while let Some(byte) = lead.get(from) {
        let sort = [u8::is_ascii_digit, |b: &u8| *b == b' '].into_iter().find(|is| is(byte));
        if let Some(is) = sort {
            from += lead[from..].iter().take_while(|b| is(b)).count();
            let count = next[to..].iter().take(32).take_while(|b| is(b)).count();
            // Blanks before a number give way to it: `  9` and ` 10`.
            if count == 0 && *byte != b' ' {
                return None;
            }
            to += count;
        } else {
            let same = next.get(to)? == byte || matches!((byte, next[to]), (b':', b'-') | (b'-', b':'));
            if !same {
                return None;
            }
            (from, to) = (from + 1, to + 1);
        }
    }
    Some(to)
}

/// How much of a run is the text's own: the letters that a placeholder begins with make no body of what stands before them.
fn own(text: &[u8], start: usize, end: usize) -> usize {
    let letters = OURS.len() - 1;
    let is_ours = text[..end].ends_with(&OURS[..letters]) && text.get(end) == OURS.last();
    if is_ours { (end - start).saturating_sub(letters) } else { end - start }
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

#[cfg(test)]
mod tests {
    use crate::{Mask, Scanner, Stream};

    /// A key of random lines, each line of the text written by `line`.
    fn key(line: impl Fn(usize, &str) -> String) -> (String, Vec<String>) {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut random = |length: usize| -> String {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(alphabet[(state >> 58) as usize])
            };
            (0..length).map(|_| next()).collect()
        };
        let mut lines: Vec<String> = (0..12).map(|_| random(64)).collect();
        lines.push(random(22) + "==");
        let header = ["-----BEGIN RSA ", "PRIVATE KEY-----"].concat();
        let footer = ["-----END RSA ", "PRIVATE KEY-----"].concat();
        let all = [header].into_iter().chain(lines.iter().cloned()).chain([footer, "more".to_owned()]);
        (all.enumerate().map(|(i, text)| line(i + 7, &text) + "\n").collect(), lines)
    }

    #[test]
    fn what_stands_before_each_line_does_not_hide_a_key() {
        type Line = fn(usize, &str) -> String;
        let written: [(&str, Line); 12] = [
            ("plain", |_, line| line.to_owned()),
            ("indented", |_, line| format!("    {line}")),
            ("cat -n", |n, line| format!("{n:6}\t{line}")),
            ("grep -n", |n, line| format!("keys/id_rsa:{n}:{line}")),
            ("grep -A", |n, line| {
                format!("keys/id_rsa{}{n}{}{line}", if n == 7 { ':' } else { '-' }, if n == 7 { ':' } else { '-' })
            }),
            ("compose", |_, line| format!("web-1  | {line}")),
            ("a time", |n, line| format!("2026-01-02T03:04:{:02}.{:06}Z {line}", n, n * 7919)),
            ("a log", |n, line| format!("Jan  2 03:04:{n:02} host app[12]: {line}")),
            ("colour", |_, line| format!("\u{1b}[32m{line}\u{1b}[0m")),
            ("colour, escaped", |_, line| format!("\\u001b[38;5;2m{line}\\u001b[0m")),
            ("a diff in colour", |_, line| format!("\u{1b}[31m-{line}\u{1b}[m")),
            ("quoted mail", |_, line| format!("> {line}")),
        ];
        let scanner = Scanner::builtin().expect("the table is whole");
        let mask = Mask::new(*scanner.table());
        for (how, line) in written {
            let (text, lines) = key(line);
            let findings = scanner.findings(text.as_bytes()).expect("the scan is short");
            let mut whole = Vec::new();
            mask.write(text.as_bytes(), &findings, &mut whole);
            let mut streamed = Vec::new();
            let mut stream = Stream::new(&scanner, &mask);
            for piece in text.as_bytes().chunks(50) {
                stream.push(piece, &mut streamed, None).expect("the scan is short");
            }
            stream.finish(&mut streamed, None).expect("the scan is short");
            // As a hook sees it.
            let document = serde_json::json!({ "stdout": &text, "stderr": "" }).to_string();
            let document = crate::json::Document::read(&document).expect("it is JSON");
            let inside = document.masked(&mask, &document.findings(&scanner).expect("the scan is short")).into_bytes();
            for out in [whole, streamed, inside] {
                let out = String::from_utf8(out).expect("a placeholder is ASCII");
                let left: Vec<_> = lines.iter().filter(|line| out.contains(&line[..8])).collect();
                assert!(left.is_empty(), "{how}: {left:?} left in\n{out}");
                assert!(out.contains("END RSA") && out.contains("more"), "{how}:\n{out}");
            }
        }
    }

    #[test]
    fn attributes_may_stand_between_header_and_body() {
        let (text, lines) = key(|_, line| format!("web-1  | {line}"));
        let with = text.replacen("-----\n", "-----\nweb-1  | Proc-Type: 4,ENCRYPTED\nweb-1  | \n", 1);
        let findings = Scanner::builtin().and_then(|s| s.findings(with.as_bytes())).expect("the scan is short");
        let at = with.find(&lines[0]).expect("it is there");
        assert!(findings.iter().any(|f| f.span.contains(&at)));
    }

    /// With what stood there the line was too short for a body; its placeholder's first letters must not make it one.
    #[test]
    fn a_placeholder_makes_no_body_of_what_stands_before_it() {
        let text = format!("-----BEGIN PRIVATE KEY-----\n0AAaTOKEN=ory_st_{},password,name\n1,", "ZjkevZFEkRid");
        let scanner = Scanner::builtin().expect("the table is whole");
        let mask = Mask::new(*scanner.table());
        for size in [1, text.len()] {
            let (mut out, mut stream) = (Vec::new(), Stream::new(&scanner, &mask));
            for piece in text.as_bytes().chunks(size) {
                stream.push(piece, &mut out, None).expect("the scan is short");
            }
            stream.finish(&mut out, None).expect("the scan is short");
            let wanted = "-----BEGIN PRIVATE KEY-----\n0AAaTOKEN=stanch_secret,password,name\n1,";
            assert_eq!(String::from_utf8_lossy(&out), wanted, "in pieces of {size}");
        }
    }
}
