//! Text as a terminal shows it: without the codes that colour it, and without returns that write over a line.
//!
//! A code may stand in the middle of a secret (`grep --color` marks what it found), so such a text is searched twice: as it
//! is, and without its codes. Twice, because a code also keeps apart what would run together without it. What is found
//! without them covers the codes inside it.

use std::borrow::Cow;

use crate::ScanError;
use crate::block::Open;
use crate::finding::Finding;
use crate::scan::{Scan, Scanner};
use crate::view::View;

const ESCAPE: u8 = 0x1b;
/// A longer code is none; an address in a link is the longest there is.
const LONGEST: usize = 4096;
/// As many bytes of codes become one gap; the last code of them may reach further.
const MOST_TOGETHER: usize = u16::MAX as usize - LONGEST;

/// Adds what is found in the text without its codes.
pub(crate) fn findings(
    scanner: &Scanner<'_>,
    text: &[u8],
    from: usize,
    open: Option<Open>,
    scan: &mut Scan,
) -> Result<(), ScanError> {
    let Some((view, from)) = shown(text, from) else { return Ok(()) };
    let Scan { findings: found, open } = scanner.searched(&view.text, from, open)?;
    let found = scanner.judged(&view.text, found);
    scan.findings.extend(found.into_iter().map(|f| Finding { span: view.raw(f.span), ..f }));
    scan.open = scan.open.or(open);
    Ok(())
}

/// Where the code begins that the text ends in the middle of; or the text's end.
pub(crate) fn whole(text: &[u8]) -> usize {
    let floor = text.len().saturating_sub(LONGEST);
    let last = memchr::memrchr(ESCAPE, &text[floor..]).map(|i| floor + i);
    match last {
        Some(start) if code(&text[start..]) == Code::Unfinished => start,
        _ if text.ends_with(b"\r") => text.len() - 1,
        _ => text.len(),
    }
}

/// The text without its codes.
pub(crate) fn without_codes(text: &[u8]) -> Cow<'_, [u8]> {
    shown(text, 0).map_or(Cow::Borrowed(text), |(view, _)| Cow::Owned(view.text))
}

/// The text without its codes, and where `from` is in it; `None` if it has none.
fn shown(text: &[u8], from: usize) -> Option<(View, usize)> {
    let mut marks = memchr::memchr2_iter(ESCAPE, b'\r', text).filter(|at| length(&text[*at..]) > 0).peekable();
    marks.peek()?;
    let mut view = View::with_capacity(text.len(), text.len() / 32);
    let (mut at, mut view_from) = (0, None);
    for mark in marks {
        if mark < at {
            continue; // in a code
        }
        if mark >= from {
            view_from.get_or_insert(view.text.len() + from.saturating_sub(at));
        }
        view.plain(&text[at..mark]);
        // Codes that stand together go together.
        at = mark + length(&text[mark..]);
        while at - mark < MOST_TOGETHER && length(&text[at..]) > 0 {
            at += length(&text[at..]);
        }
        view.escape(mark..at, b"");
    }
    let view_from = view_from.unwrap_or(view.text.len() + from.saturating_sub(at));
    view.plain(&text[at..]);
    Some((view, view_from))
}

/// How long the code at the start of a text is: 0 if it is none. A return before a line feed ends a line.
fn length(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] => 0,
        [b'\r', ..] => 1,
        [ESCAPE, ..] => match code(text) {
            Code::Whole(length) => length,
            Code::Unfinished | Code::None => 0,
        },
        _ => 0,
    }
}

#[derive(PartialEq, Eq)]
enum Code {
    Whole(usize),
    Unfinished,
    None,
}

/// ECMA-48: a control sequence (`ESC [ 3 1 m`), a string (`ESC ] … BEL`), or a short code (`ESC ( B`, `ESC 7`).
fn code(text: &[u8]) -> Code {
    let text = &text[..text.len().min(LONGEST)];
    let end = |behind: usize, is_last: fn(&u8) -> bool, is_inside: fn(&u8) -> bool| {
        let inside = text[behind..].iter().take_while(|b| is_inside(b)).count();
        match text.get(behind + inside) {
            Some(last) if is_last(last) => Code::Whole(behind + inside + 1),
            Some(_) => Code::None,
            None if text.len() == LONGEST => Code::None,
            None => Code::Unfinished,
        }
    };
    match text.get(1) {
        None => Code::Unfinished,
        Some(b'[') => end(2, |b| (0x40..=0x7e).contains(b), |b| (0x20..=0x3f).contains(b)),
        // Its end is the first escape in it, or there is none: many that begin cost no more than one.
        Some(b']' | b'P' | b'X' | b'^' | b'_') => {
            let inside = text[2..].iter().take_while(|b| !matches!(**b, 7 | b'\n' | ESCAPE)).count();
            match text[2 + inside..] {
                [7, ..] => Code::Whole(inside + 3),
                [ESCAPE, b'\\', ..] => Code::Whole(inside + 4),
                [] | [ESCAPE] if text.len() < LONGEST => Code::Unfinished,
                _ => Code::None,
            }
        }
        Some(_) => end(1, |b| (0x30..=0x7e).contains(b), |b| (0x20..=0x2f).contains(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mask, Stream};

    fn token() -> String {
        ["ghp_", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U"].concat()
    }

    /// Codes that programs write, and what is none.
    #[test]
    fn a_code_goes_and_nothing_else() {
        for (text, wanted) in [
            ("a\x1b[31mb\x1b[0m", "ab"),
            ("\x1b[01;31m\x1b[Kx\x1b[m\x1b[K", "x"),
            ("\x1b[38;2;1;2;3mx\x1b[?25l", "x"),
            ("\x1b]8;;https://a.example/b\x1b\\link\x1b]8;;\x1b\\", "link"),
            ("\x1b]0;title\x07x", "x"),
            ("\x1b(Bx\x1b7", "x"),
            ("10%\r20%\r\ndone\r\n", "10%20%\r\ndone\r\n"),
            ("\x1b[31", "\x1b[31"),
            ("\x1b]0;no end\nx\x1b[m", "\x1b]0;no end\nx"),
            ("\x1b]0;no\x1b[m end\x07", "\x1b]0;no end\x07"),
        ] {
            let seen = without_codes(text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&seen), wanted, "{text:?}");
        }
    }

    #[test]
    fn any_number_of_codes_takes_no_time() {
        for text in ["\x1b]", "\x1b[", "\x1b", "\r", "\x1b[m", "\x1b]0;a", "\x1bP\x1b\\"] {
            let text = text.repeat(4 << 20);
            let started = std::time::Instant::now();
            let (seen, end) = (without_codes(text.as_bytes()), whole(text.as_bytes()));
            assert!(seen.len() <= text.len() && end <= text.len());
            assert!(started.elapsed() < std::time::Duration::from_secs(5));
        }
    }

    #[test]
    fn an_unfinished_code_is_seen() {
        for (text, kept) in [("ab", 2), ("ab\x1b", 2), ("ab\x1b[3", 2), ("ab\x1b[3m", 6), ("a\r", 1), ("a\x1b]0;t", 1)]
        {
            assert_eq!(whole(text.as_bytes()), kept, "{text:?}");
        }
    }

    #[test]
    fn a_place_in_the_text_is_found_without_codes() {
        let text = b"ab\x1b[31mcd\x1b[0mef";
        for (from, wanted) in [(0, 0), (2, 2), (7, 2), (8, 3), (9, 4), (13, 4), (14, 5)] {
            assert_eq!(shown(text, from).map(|(_, from)| from), Some(wanted), "{from}");
        }
    }

    /// A code or a return at any place of a secret, whole or in pieces of any size.
    #[test]
    fn a_secret_is_found_wherever_a_code_stands_in_it() {
        let (scanner, token) = (Scanner::builtin().expect("the table is whole"), token());
        let mask = Mask::new(*scanner.table());
        for code in ["\x1b[31m", "\x1b[m\x1b[K", "\r", "\x1b(B\x1b[m"] {
            for at in 0..=token.len() {
                for text in [
                    format!("see {}{code}{} there\n", &token[..at], &token[at..]),
                    format!("x={code}{}{code}{}{code};\n", &token[..at], &token[at..]),
                ] {
                    for size in [text.len(), 1, 7] {
                        let (mut stream, mut out) = (Stream::new(&scanner, &mask), Vec::new());
                        for piece in text.as_bytes().chunks(size) {
                            stream.push(piece, &mut out, None).expect("the scan is short");
                        }
                        stream.finish(&mut out, None).expect("the scan is short");
                        let out = String::from_utf8_lossy(&out);
                        let seen = without_codes(out.as_bytes());
                        let left = token.as_bytes().windows(8).any(|part| seen.windows(8).any(|seen| seen == part));
                        assert!(out.contains("stanch_github_pat") && !left, "{text:?}: {out:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_assigned_value_and_a_key_are_found_between_codes() {
        let scanner = Scanner::builtin().expect("the table is whole");
        let value = ["h4Zk9", "pQmW2s"].concat();
        for text in [
            format!("DB_PASS\x1b[31mWORD\x1b[0m={}\x1b[31m{}\x1b[0m\n", &value[..4], &value[4..]),
            format!("\rpassword: \x1b[32m{}\x1b[0m{}\r\n", &value[..4], &value[4..]),
        ] {
            let found = scanner.findings(text.as_bytes()).expect("the scan is short");
            assert_eq!(found.len(), 1, "{text:?}");
            assert!(text[found[0].span.clone()].starts_with(&value[..4]), "{text:?}");
            assert!(text[found[0].span.clone()].ends_with(&value[4..]), "{text:?}");
        }
        let body = "MIIEvQIBADANBgkqhkif8w0BAQEFAASCBKcwggSjAgEAAoIBAQC7v3Zk";
        let key = format!("-----BEGIN \x1b[01;31mPRIVATE\x1b[m KEY-----\n{body}\n{body}\n");
        let mask = Mask::new(*scanner.table());
        let (mut stream, mut out) = (Stream::new(&scanner, &mask), Vec::new());
        key.as_bytes().chunks(9).for_each(|p| stream.push(p, &mut out, None).expect("the scan is short"));
        stream.finish(&mut out, None).expect("the scan is short");
        assert!(!String::from_utf8_lossy(&out).contains(&body[..12]));
    }
}
