//! What only looks like a token: a piece of a checksum or of a file in base64.

use std::ops::Range;

/// How far a run of base64 is followed back.
const BACK: usize = 128;
/// A run this long before a value makes the value a piece of it.
const BLOB: usize = 64;

/// Whether the span lies in a checksum (`sha512-…`, `h1:…`) or in a long run of base64.
pub(crate) fn is_piece(text: &[u8], span: &Range<usize>) -> bool {
    let floor = span.start.saturating_sub(BACK);
    let before = &text[floor..span.start];
    let run = before.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_'));
    let (ahead, run) = before.split_at(before.len() - run.count());
    let named = [&b"sha1-"[..], b"sha256-", b"sha384-", b"sha512-"].iter().any(|name| run.starts_with(name))
        || [&b"sha256="[..], b"sha512=", b"sha256:", b" h1:"].iter().any(|name| ahead.ends_with(name));
    let in_blob = run.ends_with(b"/") || run.ends_with(b"+");
    named || in_blob && run.iter().rev().take_while(|b| !matches!(b, b'-' | b'_')).count() >= BLOB
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_a_checksum_is_no_token() {
        let inside = |text: &str| is_piece(text.as_bytes(), &(text.find("fw_").unwrap_or(0)..text.len()));
        assert!(inside("x.py,sha256=qaN-fw_htIgKUVXoAuAEVgKxQu3tZ9qE2eiKkWIS7LA,160"));
        assert!(inside("\"integrity\": \"sha512-qaN/fw_htIgKUVXo\""));
        assert!(!inside("key=fw_htIgKUVXoAuAEVgKxQu3tZ9"));
        assert!(!inside("https://api.acme.io/v1/keys/fw_htIgKUVXoAuAEVgKxQu3tZ9"));
    }
}
