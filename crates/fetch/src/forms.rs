//! The ways in which a value is written: output that holds one of them holds the value.
//!
//! A closed list: as it is, in base64 at each of the three places that bytes have in it, in both alphabets, in hexadecimal digits,
//! in a URL, in a JSON string; and pieces of base64 and hexadecimal digits, which programs break into lines. What is compressed,
//! encrypted or split otherwise is not told.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use scrub::known::{Form, Key, TELLING, is_telling};

/// Letters of a piece: of a line's beginning or end that holds fewer of a value, nothing is told.
const PIECE: usize = 16;
/// No value is known by more than this, since each hook reads them all: first come the whole ones, then as many pieces as that leaves.
pub const MOST: usize = 2048;

/// What a value is known by. A value of several lines (a key file, a configuration with a token) is known by each of its words that
/// looks random. More than [`MOST`], if its words alone are too many.
pub fn of(key: &Key, value: &[u8]) -> Vec<Form> {
    let lines: Vec<&[u8]> =
        value.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).collect();
    let pieces: Vec<&[u8]> = match lines.as_slice() {
        [one] => Some(*one).filter(|one| is_telling(one)).into_iter().collect(),
        lines => {
            lines.iter().flat_map(|line| line.split(u8::is_ascii_whitespace)).filter(|word| is_random(word)).collect()
        }
    };
    let whole = pieces.iter().flat_map(|piece| written(piece));
    let mut forms: Vec<Form> = whole.filter_map(|written| Form::of(key, &written)).collect();
    let lines = pieces.iter().flat_map(|piece| in_lines(piece)).filter_map(|written| Form::of(key, &written));
    forms.extend(lines.take(MOST.saturating_sub(forms.len())));
    forms
}

/// Whether a word of a file that is a credential is a part of the secret: most of such a file is names, addresses and armour.
fn is_random(word: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| word.iter().any(kind);
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    let is_hex = word.len() >= 2 * TELLING && word.iter().all(u8::is_ascii_hexdigit);
    let is_address = word.windows(3).any(|part| part == b"://");
    word.len() >= TELLING && (is_mixed || is_hex) && !is_address
}

fn written(piece: &[u8]) -> Vec<Vec<u8>> {
    let mut ways = vec![piece.to_vec()];
    for before in 0..3 {
        for engine in [&STANDARD, &URL_SAFE] {
            ways.push(in_base64(engine, before, piece));
        }
    }
    let hex: String = piece.iter().map(|b| format!("{b:02x}")).collect();
    ways.push(hex.to_uppercase().into_bytes());
    ways.push(hex.into_bytes());
    ways.extend([in_url(piece, true), in_url(piece, false)]);
    if let Ok(Ok(quoted)) = std::str::from_utf8(piece).map(serde_json::to_string) {
        let quoted = &quoted[1..quoted.len() - 1];
        ways.push(quoted.as_bytes().to_vec());
        // As Go writes them.
        let escaped = quoted.replace('&', r"\u0026").replace('<', r"\u003c").replace('>', r"\u003e");
        ways.push(escaped.into_bytes());
    }
    ways
}

/// What of base64 depends on these bytes alone, where so many stand before them.
fn in_base64(engine: &impl Engine, before: usize, piece: &[u8]) -> Vec<u8> {
    let text = engine.encode([&vec![0; before], piece].concat());
    let begin = [0, 2, 3][before];
    // Each letter holds six bits.
    let end = (before + piece.len()) * 8 / 6;
    text.as_bytes().get(begin..end).unwrap_or_default().to_vec()
}

/// What stands in lines, wherever in it they end: base64 is broken after whole groups of four letters (base64(1), RFC 1421, RFC
/// 2045), digits after whole bytes (xxd(1)).
fn in_lines(piece: &[u8]) -> Vec<Vec<u8>> {
    let mut ways = Vec::new();
    for before in 0..3 {
        let text = STANDARD.encode([&vec![0; before], piece].concat());
        // Of whole groups, those that hold no other bytes.
        let groups = before.div_ceil(3) * 4..(before + piece.len()) / 3 * 4;
        let groups = text.as_bytes().get(groups).unwrap_or_default();
        ways.extend(groups.windows(PIECE).step_by(4).map(<[u8]>::to_vec));
    }
    let hex: String = piece.iter().map(|b| format!("{b:02x}")).collect();
    ways.extend(hex.as_bytes().windows(PIECE).step_by(2).map(<[u8]>::to_vec));
    ways
}

fn in_url(piece: &[u8], upper: bool) -> Vec<u8> {
    let written = |b: &u8| match b {
        b if b.is_ascii_alphanumeric() || b"-._~".contains(b) => vec![*b],
        b if upper => format!("%{b:02X}").into_bytes(),
        b => format!("%{b:02x}").into_bytes(),
    };
    piece.iter().flat_map(written).collect()
}

#[cfg(test)]
mod tests {
    use scrub::known::Known;

    use super::*;

    const VALUE: &str = r#"p?s/ "Wörd"~9"#;

    fn known(value: &str) -> Known {
        let key = || Key::new([7; 32]);
        Known::new(key(), of(&key(), value.as_bytes()))
    }

    /// Passages in which something was found.
    fn passages(known: &Known, text: &str) -> usize {
        let spans = known.search(text.as_bytes());
        let begins = |at: usize| !spans.iter().any(|other| other.start < at && at <= other.end);
        let mut begins: Vec<usize> = spans.iter().map(|span| span.start).filter(|start| begins(*start)).collect();
        begins.dedup();
        begins.len()
    }

    #[test]
    fn a_value_is_told_however_it_is_written() {
        let known = known(VALUE);
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "z", "yz"] {
                let text = STANDARD.encode(format!("{before}{VALUE}{after}"));
                assert_eq!(passages(&known, &text), 1, "{before:?} {after:?} {text}");
                let text = URL_SAFE.encode(format!("{before}{VALUE}{after}"));
                assert_eq!(passages(&known, &text), 1, "{before:?} {after:?} {text}");
            }
        }
        for text in [
            VALUE.to_owned(),
            "703f732f202257c3b67264227e39".to_owned(),
            "703F732F202257C3B67264227E39".to_owned(),
            "x=p%3Fs%2F%20%22W%C3%B6rd%22~9&y".to_owned(),
            "x=p%3fs%2f%20%22W%c3%b6rd%22~9&y".to_owned(),
            serde_json::to_string(&VALUE).expect("a string"),
        ] {
            assert_eq!(passages(&known, &text), 1, "{text}");
        }
    }

    #[test]
    fn what_a_program_breaks_into_lines_is_told_but_for_the_ends_of_lines() {
        let value: String = (0..93).map(|i| char::from(b"aB3-xY9_"[i * i % 8])).collect();
        let known = known(&value);
        let hex = |text: String| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
        let base64 = |text: String| STANDARD.encode(text);
        let check = |encode: &dyn Fn(String) -> String, width: usize| {
            for before in 0..64 {
                let (start, end) =
                    (encode("=".repeat(before)).len(), encode(format!("{}{value}", "=".repeat(before))).len());
                let text = encode(format!("{}{value} and more", "=".repeat(before)));
                for (number, line) in text.as_bytes().chunks(width).enumerate() {
                    let mut shown: Vec<bool> =
                        (0..line.len()).map(|at| (start..end).contains(&(number * width + at))).collect();
                    known.search(line).into_iter().for_each(|span| shown[span].fill(false));
                    let most = shown.split(|shown| !shown).map(<[bool]>::len).max();
                    assert!(most < Some(PIECE + 4), "{most:?} letters of line {number} are shown: {}", text);
                }
            }
        };
        check(&base64, 76);
        check(&base64, 64);
        check(&hex, 60);
    }

    #[test]
    fn of_a_file_what_looks_random_is_told_and_words_are_not() {
        let (one, two) = (format!("{}aB3{}", "x".repeat(9), "y".repeat(9)), "0f".repeat(16));
        let file = format!(
            "-----BEGIN CERTIFICATE-----\r\napiVersion: v1\nserver: https://Host1.example.org/path\ntoken: {one}\n{two}\n"
        );
        let known = known(&file);
        assert_eq!(known.search(format!("a {one}, b {two}").as_bytes()).len(), 2);
        assert!(known.search(file.lines().take(3).collect::<Vec<_>>().join("\n").as_bytes()).is_empty());
        for word in ["password", "PASSWORD", "20261126", "short-1"] {
            assert!(!is_telling(word.as_bytes()), "{word}");
        }
        for value in ["password1", "correct horse", "correcthorsebattery"] {
            assert!(is_telling(value.as_bytes()), "{value}");
        }
    }
}
