//! Where a token may start and end, in text that may be escaped any number of times.

/// Letters and digits: what a token is made of.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// What a token grows over at its end.
#[inline(always)]
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_' || byte as u8 == b'-';
        byte += 1;
    }
    table
};

/// Whether `length` token characters stand at `at`.
#[inline(always)]
pub(crate) fn is_token_run(text: &[u8], at: usize, length: usize) -> bool {
    let Some(run) = text.get(at..at + length) else { return false };
    // Of a long run, four places all over it tell at once, most often, that it is none.
    if length >= 12 {
        let places = [length - 1, length / 2, length / 4 * 3, length / 4].map(|i| is_token(run[i]));
        if !(places[0] & places[1] & places[2] & places[3]) {
            return false;
        }
    }
    run.iter().all(|b| is_token(*b))
}

/// Whether a token may start at `at`: nothing, no letter or digit, or the end of an escape stands before it.
#[inline]
pub(crate) fn starts_word(text: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| text[i]) else { return true };
    if is_word(before) {
        return ends_escape(&text[..at]);
    }
    !(matches!(before, b';' | b'[') && text.get(at).is_some_and(u8::is_ascii_digit) && is_in_colour(&text[..at]))
}

/// Whether the text ends in `\n`, `\u0022`, `\x1b`, `%3D` or a terminal's colour code.
///
/// The mark that each begins with is asked for first: nearly always none is there.
#[inline]
fn ends_escape(text: &[u8]) -> bool {
    let behind = |n: usize| text.len().checked_sub(n).map(|i| text[i]);
    let hex = |n: usize| (1..=n).all(|i| behind(i).is_some_and(|b| b.is_ascii_hexdigit()));
    let last = behind(1).unwrap_or(0);
    behind(2) == Some(b'\\') && matches!(last, b'n' | b't' | b'r' | b'b' | b'f' | b'v' | b'a' | b'0')
        || behind(3) == Some(b'%') && hex(2)
        || behind(4) == Some(b'\\') && behind(3) == Some(b'x') && hex(2)
        || behind(6) == Some(b'\\') && behind(5) == Some(b'u') && hex(4)
        || matches!(last, b'm' | b'K') && ends_colour(text)
}

/// ESC [ 3 1 m, ESC [ K
#[inline(never)]
fn ends_colour(text: &[u8]) -> bool {
    text.iter().rev().skip(1).take(16).find(|b| !(b.is_ascii_digit() || **b == b';')) == Some(&b'[')
        && text.iter().rev().skip(1).take(17).any(|b| *b == 0x1b)
}

/// Whether the text ends within a terminal's colour code: the numbers of one are no part of what it colours.
#[inline(never)]
fn is_in_colour(text: &[u8]) -> bool {
    let numbers = text.iter().rev().take(16).take_while(|b| b.is_ascii_digit() || **b == b';').count();
    text[..text.len() - numbers].ends_with(b"\x1b[")
}

/// Whether a keyword may start at `at`: as a word, or at a change of case (`lookerToken`), or in a shouted name.
pub(crate) fn starts_keyword(text: &[u8], at: usize) -> bool {
    starts_word(text, at)
        || text[at].is_ascii_uppercase() && !text[at - 1].is_ascii_uppercase()
        || text[at].is_ascii_lowercase()
            && text[at - 1].is_ascii_uppercase()
            && at.checked_sub(2).is_none_or(|i| !is_word(text[i]))
}

/// Whether a token that ends before `at` ends there: no token character follows.
pub(crate) fn ends_word(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        None => true,
        Some(b'-') => !text.get(at + 1).copied().is_some_and(is_word),
        Some(b) => !is_word(*b) && *b != b'_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place asked about is where `^` stands.
    fn check(ask: fn(&[u8], usize) -> bool, wanted: bool, table: &[&str]) {
        for marked in table {
            let at = marked.find('^').expect("the case has its mark");
            let text = marked.replacen('^', "", 1);
            assert_eq!(ask(text.as_bytes(), at), wanted, "{marked:?}");
        }
    }

    #[test]
    fn a_token_starts_behind_what_is_no_letter_and_behind_an_escape() {
        #[rustfmt::skip]
        check(starts_word, true, &[
            "^ab", " ^ab", "=^ab", "\"^ab", "_^ab", "-^ab", "é^ab", "\n^ab",
            r"\n^ab", r"\t^ab", r"\r^ab", r"\b^ab", r"\f^ab", r"\v^ab", r"\a^ab", r"\0^ab", r"\\n^ab",
            "%3D^ab", "%3d^ab", "%22^ab", r"\x1b^ab", r"\x1B^ab", r"\u0022^ab", r"\u00AB^ab",
            "[^31mab", "[1;^31mab", "a;^31mab", "\x1b[m^ab", "\x1b[K^ab", "\x1b[01;31m\x1b[K^ab", "\x1b[31m^ab", "\x1b[1;31m^ab", "\x1b[38;5;208;1;4m^ab",
        ]);
        #[rustfmt::skip]
        check(starts_word, false, &[
            "a^b", "1^b", "Z^b", "n^ab", r"\d^ab", r"\na^b", "3D^ab", "%D^ab", "%3G^ab", "x1b^ab", r"\x1^ab",
            "\x1b[^31mab", "\x1b[1;^31mab", "\x1b[38;5;^186mab", "u0022^ab", r"\u022^ab", r"\u002g^ab", "m^ab", "31m^ab", "[31m^ab", "\x1b31m^ab", "\x1b[31^ab", "\x1b[31x;m^ab",
        ]);
    }

    #[test]
    fn a_keyword_starts_also_where_the_case_changes() {
        #[rustfmt::skip]
        check(starts_keyword, true, &[
            "^token", "db_^token", "looker^Token", "v2^Token", "DB_^TOKEN", "x^TOKEN", "X^token", "=X^token",
        ]);
        #[rustfmt::skip]
        check(starts_keyword, false, &[
            "bro^token", "BRO^TOKEN", "v2^token", "DBX^token", "aX^token", "bro^ken",
        ]);
    }

    #[test]
    fn a_token_ends_where_no_more_of_it_follows() {
        check(
            ends_word,
            true,
            &["ab^", "ab^ ", "ab^\"", "ab^.", "ab^=", "ab^é", "ab^-", "ab^- ", "ab^--", "ab^-_", r"ab^\n"],
        );
        check(ends_word, false, &["a^b", "ab^1", "ab^Z", "ab^_", "ab^-c", "ab^-1"]);
    }

    #[test]
    fn a_token_grows_over_letters_digits_and_what_joins_them() {
        assert!(b"azAZ09_-".iter().all(|b| is_token(*b)));
        assert!(!b" .=/+\"'\\~\n\xc3".iter().any(|b| is_token(*b)));
        assert!(b"azAZ09".iter().all(|b| is_word(*b)));
        assert!(!b"_-. \xc3".iter().any(|b| is_word(*b)));
    }
}
