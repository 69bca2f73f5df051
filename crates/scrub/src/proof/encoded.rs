//! Structures: what a value decodes to.

use super::Verdict;
use crate::base64;

/// Parts joined by dots, the first a JSON object that names an algorithm or a type, as RFC 7515 demands.
///
/// Other JSON in base64 begins alike (a cursor, a page's state) and is no token; nor is a header alone.
pub(super) fn jwt(value: &[u8]) -> Verdict {
    let mut parts = value.split(|b| *b == b'.');
    let header = parts.next().and_then(base64::decode).unwrap_or_default();
    let says = [&b"\"alg\""[..], b"\"enc\"", b"\"typ\""].iter().any(|word| contains(&header, word));
    if says && parts.any(|p| p.len() >= 8) { Verdict::Proven } else { Verdict::Refuted }
}

/// Behind the prefix's last `_`, base64 of a JSON object.
pub(super) fn base64_json(value: &[u8]) -> Verdict {
    let at = memchr::memmem::find(value, b"_eyJ").map_or(0, |i| i + 1);
    let body: Vec<u8> =
        value[at..].iter().copied().take_while(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(b)).collect();
    let whole = &body[..body.len() / 4 * 4];
    match base64::decode(whole) {
        Some(json) if json.starts_with(b"{\"") => Verdict::Proven,
        _ => Verdict::Open,
    }
}

/// `user:password` in base64.
pub(super) fn basic_auth(value: &[u8]) -> Verdict {
    match base64::decode(value) {
        Some(text) if text.contains(&b':') && text.iter().all(|b| b.is_ascii_graphic() || *b == b' ') => {
            Verdict::Proven
        }
        _ => Verdict::Refuted,
    }
}

/// The password part of a URL's user information: not a reference, not a word for one.
pub(super) fn userinfo(value: &[u8]) -> Verdict {
    const SAID: &[&[u8]] = &[
        b"password",
        b"pass",
        b"passwd",
        b"pwd",
        b"secret",
        b"token",
        b"pw",
        b"p",
        b"apikey",
        b"api_key",
        b"key",
        b"x-oauth-basic",
        b"user",
        b"username",
        b"port",
        b"host",
    ];
    let reference = matches!(value.first(), Some(b'$' | b'<' | b'{' | b'%' | b'[' | b'*')) && !escaped(value)
        || value.windows(2).any(|w| w == b"${" || w == b"{{" || w == b"#{" || w == b"%s");
    // `secret123` is as much a word for one as `secret`.
    let digits = value.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let word = if digits <= 3 { &value[..value.len() - digits] } else { value };
    let said = SAID.iter().any(|s| word.eq_ignore_ascii_case(s)) || !value.iter().any(u8::is_ascii_alphanumeric);
    if reference || said || value.iter().all(u8::is_ascii_digit) && value.len() < 5 {
        Verdict::Refuted
    } else {
        Verdict::Open
    }
}

/// `%41…`: percent-encoding, not a template.
fn escaped(value: &[u8]) -> bool {
    value[0] == b'%' && value.get(1..3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}
