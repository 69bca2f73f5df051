//! The ways in which a value is written: output that holds one of them holds the value.
//!
//! A closed list: as it is, in base64 at each of the three places that bytes have in it, in both alphabets, in hexadecimal digits,
//! in a URL, in a JSON string. What is compressed, encrypted or split is not told.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use scrub::known::{Form, Key, SHORTEST};

/// A value of letters of one case alone, or of digits alone, may be a word or a date. It is looked for from this length on.
const TELLING: usize = 16;

/// What a value is known by. A value of several lines is known by each of them.
pub fn of(key: &Key, value: &[u8]) -> Vec<Form> {
    let pieces = value.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|piece| is_telling(piece));
    pieces.flat_map(written).filter_map(|written| Form::of(key, &written)).collect()
}

/// Whether a text that holds these bytes is likely to have them from nowhere else.
pub fn is_telling(piece: &[u8]) -> bool {
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    piece.len() >= TELLING || piece.len() >= SHORTEST && !kinds.iter().any(|kind| piece.iter().all(kind))
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
    ways.push(in_url(piece));
    if let Ok(Ok(quoted)) = std::str::from_utf8(piece).map(serde_json::to_string) {
        ways.push(quoted.as_bytes()[1..quoted.len() - 1].to_vec());
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

fn in_url(piece: &[u8]) -> Vec<u8> {
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let written = |b: &u8| if is_kept(*b) { vec![*b] } else { format!("%{b:02X}").into_bytes() };
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

    #[test]
    fn a_value_is_told_however_it_is_written() {
        let known = known(VALUE);
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "z", "yz"] {
                let text = STANDARD.encode(format!("{before}{VALUE}{after}"));
                assert_eq!(known.search(text.as_bytes()).len(), 1, "{before:?} {after:?} {text}");
                let text = URL_SAFE.encode(format!("{before}{VALUE}{after}"));
                assert_eq!(known.search(text.as_bytes()).len(), 1, "{before:?} {after:?} {text}");
            }
        }
        for text in [
            VALUE.to_owned(),
            "703f732f202257c3b67264227e39".to_owned(),
            "703F732F202257C3B67264227E39".to_owned(),
            "x=p%3Fs%2F%20%22W%C3%B6rd%22~9&y".to_owned(),
            serde_json::to_string(&VALUE).expect("a string"),
        ] {
            assert_eq!(known.search(text.as_bytes()).len(), 1, "{text}");
        }
    }

    #[test]
    fn each_line_is_told_and_words_are_not() {
        let known = known("first line 1\r\n\nsecond line 2\n");
        assert_eq!(known.search(b"> first line 1 <\n> second line 2 <").len(), 2);
        for word in ["password", "PASSWORD", "20261126", "short-1"] {
            assert!(!is_telling(word.as_bytes()), "{word}");
        }
        for value in ["password1", "correct horse", "correcthorsebattery"] {
            assert!(is_telling(value.as_bytes()), "{value}");
        }
    }
}
