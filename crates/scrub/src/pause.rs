//! How much of an unfinished line may be shown: a prompt, the dots of a progress bar, but no secret's beginning.
//!
//! Shown is what stands before the cut; it stays as context, so a name that was shown still names the value behind it. The
//! cut is at the line's end if the line may end there, else before its last word. It moves back to where a value begins
//! that would reach over it, whatever comes: some words and ends are tried. In an armoured key there is no cut.

use crate::ScanError;
use crate::block::Open;
use crate::scan::Scanner;
use crate::stream::search;
use crate::terminal;

/// What may come next: nothing, a value, a value that closes a quote.
const NEXT: [&[u8]; 4] = [b"", b"Zk3vQ9xT2mWbR7dYp5Hs\n", b"Zk3vQ9xT2mWbR7dYp5Hs\"\n", b"Zk3vQ9xT2mWbR7dYp5Hs'\n"];
/// Or the other words of a value of several words, where its last one is not shown: a wallet's phrase, a password in groups.
const NEXT_WORDS: [&[u8]; 2] = [
    b"qzxv kwjp mbtd ghfr zvqk wpjx tbdm rfgh kqzv jwxp dtmb hgfr vzkq pxwj bmtd frhg qkvz wjpx mdbt ghrf zqvk xpwj tmdb\n",
    b"x7Kq 2Vbn R4wz 9Tjm Lp3s c8Hd\n",
];
/// A longer word with letters in it may be a token, whatever it ends with.
const LONGEST_WORD: usize = 32;

/// Where to cut the unfinished line that `text` ends with, of which the bytes from `context` on have not been shown; `from`
/// is where the line begins that the findings may begin in. `None` if nothing more may be shown.
pub(crate) fn cut(
    scanner: &Scanner<'_>,
    text: &[u8],
    from: usize,
    context: usize,
    open: Option<Open>,
) -> Result<Option<usize>, ScanError> {
    let mut end = whole_characters(&text[..terminal::whole(text)]).max(context);
    let word = text[from..end].iter().rposition(u8::is_ascii_whitespace).map_or(from, |i| from + i + 1);
    if !may_end(&text[word..end]) {
        end = word;
    }
    end = numbers(&text[..end], from).unwrap_or(end);
    let mut tried = text.to_vec();
    for next in NEXT.iter().chain(&NEXT_WORDS) {
        if end <= context {
            return Ok(None);
        }
        let several = next.contains(&b' ');
        tried.clear();
        tried.extend_from_slice(if several { &text[..end] } else { text });
        tried.extend_from_slice(next);
        let scan = search(scanner, &tried, from, open)?;
        if next.is_empty() && scan.open.is_some() {
            return Ok(None);
        }
        let astride = scan.findings.iter().find(|f| f.span.start < end && f.span.end > end);
        end = astride.map_or(end, |f| f.span.start);
    }
    Ok((end > context).then_some(end))
}

/// Where a list of numbers begins that the text ends in the middle of: a key may be written so.
fn numbers(text: &[u8], from: usize) -> Option<usize> {
    let open = memchr::memrchr(b'[', &text[from..]).map(|i| from + i)?;
    let inside = &text[open + 1..];
    let numbers = inside.iter().all(|b| b.is_ascii_digit() || matches!(b, b',' | b' '));
    (numbers && inside.contains(&b',')).then_some(open)
}

/// Whether a word is whole, for all that a reader can tell, and no token's beginning.
fn may_end(word: &[u8]) -> bool {
    let plain = terminal::without_codes(word);
    if !plain.iter().any(u8::is_ascii_alphanumeric) {
        return true; // dots, a bar, a bracket
    }
    let digits = plain.iter().filter(|b| b.is_ascii_digit()).count();
    let closed = matches!(plain.last(), Some(b':' | b'?' | b'!' | b')' | b']' | b'}' | b'>'))
        || plain.ends_with(b"..")
        || plain.ends_with("…".as_bytes());
    closed && digits < 2 && plain.len() <= LONGEST_WORD && memchr::memmem::find(&plain, b"//").is_none()
}

/// Without a character that is cut at the end.
fn whole_characters(text: &[u8]) -> usize {
    let tail = text.iter().rev().take(3).take_while(|b| **b & 0xc0 == 0x80).count();
    let Some(first) = text.len().checked_sub(tail + 1) else { return text.len() };
    let length = match text[first] {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => return text.len(),
    };
    if tail + 1 < length { first } else { text.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of a line stands before `^`.
    #[test]
    fn prompts_and_progress_are_shown_and_no_value_is() {
        let scanner = Scanner::builtin().expect("the table is whole");
        for marked in [
            "Password: ^",
            "Password:^",
            "\x1b[1mPassword:\x1b[0m ^",
            "[sudo] password for bob: ^",
            "Continue? [y/N]^",
            "Continue? [y/N] ^",
            "Loading...^",
            "....^",
            "[####    ]^",
            "████^",
            ">>> ^",
            "10% 20% ^30",
            "one two ^thr",
            "see ^ghp_k3V9",
            "^ghp_",
            "password=^Abc:",
            "password=^Abc!",
            "Authorization: Bearer ^abc",
            "a\x1b[0m ^\x1b[3",
            "x ^-----BEGIN",
            "mnemonic: \"^acquire velvet ",
            "a ^[15, 44, 249, ",
            "https:^",
            "^https://a.example/b?",
            "^-----BEGIN PRIVATE KEY-----\\n",
        ] {
            let at = marked.find('^').expect("the case has its mark");
            let text = marked.replacen('^', "", 1).into_bytes();
            let cut = cut(&scanner, &text, 0, 0, None).expect("the scan is short").unwrap_or(0);
            assert_eq!(cut, at, "{marked:?}");
        }
    }

    #[test]
    fn no_character_is_cut() {
        let text = "# █".as_bytes();
        assert_eq!([5, 4, 3, 2].map(|end| whole_characters(&text[..end])), [5, 2, 2, 2]);
        assert_eq!(whole_characters(b"\xff\xbf\xbf\xbf"), 4);
    }
}
