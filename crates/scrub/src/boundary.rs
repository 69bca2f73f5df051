//! Where a token may start and end, in text that may be escaped any number of times.

/// Letters and digits: what a token is made of.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// What a token grows over at its end.
#[inline(always)]
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Whether a token may start at `at`: nothing, no letter or digit, or the end of an escape stands before it.
pub(crate) fn starts_word(text: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| text[i]) else { return true };
    !is_word(before) || ends_escape(&text[..at])
}

/// Whether the text ends in `\n`, `\u0022`, `\x1b`, `%3D` or a terminal's colour code.
fn ends_escape(text: &[u8]) -> bool {
    let behind = |n: usize| text.len().checked_sub(n).map(|i| text[i]);
    let hex = |n: usize| (1..=n).all(|i| behind(i).is_some_and(|b| b.is_ascii_hexdigit()));
    let last = behind(1).unwrap_or(0);
    if behind(2) == Some(b'\\') && matches!(last, b'n' | b't' | b'r' | b'b' | b'f' | b'v' | b'a' | b'0') {
        return true;
    }
    if hex(2) && (behind(3) == Some(b'%') || behind(3) == Some(b'x') && behind(4) == Some(b'\\')) {
        return true;
    }
    if hex(4) && behind(5) == Some(b'u') && behind(6) == Some(b'\\') {
        return true;
    }
    // ESC [ 3 1 m
    last == b'm'
        && text.iter().rev().skip(1).take(16).find(|b| !(b.is_ascii_digit() || **b == b';')) == Some(&b'[')
        && text.iter().rev().skip(1).take(17).any(|b| *b == 0x1b)
}

/// Whether a keyword may start at `at`: as a word, or at a change of case (`lookerToken`), or in a shouted name.
pub(crate) fn starts_keyword(text: &[u8], at: usize) -> bool {
    starts_word(text, at)
        || text[at].is_ascii_uppercase() && !text[at - 1].is_ascii_uppercase()
        || text[at].is_ascii_lowercase() && text[at - 1].is_ascii_uppercase() && at >= 2 && !is_word(text[at - 2])
}

/// Whether a token that ends before `at` ends there: no token character follows.
pub(crate) fn ends_word(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        None => true,
        Some(b'-') => !text.get(at + 1).copied().is_some_and(is_word),
        Some(b) => !is_word(*b) && *b != b'_',
    }
}
