//! What a value proves about itself: a checksum, a structure. One function a file, its true and false values beside it.

use crate::judge::{self, randomness};

mod crc32;
mod encoded;

/// What a proof says of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The value carries its own proof: a secret, whatever it looks like.
    Proven,
    /// Nothing to say, or a wrong checksum: it may be mistyped, cut or of a newer format, and is a secret unless it is
    /// plainly a placeholder.
    Open,
    /// Something else that only begins alike.
    Refuted,
}

/// Code of the proof that marks a password's keyword, or a place where a password stands.
pub(crate) const PASSWORD: u8 = 6;

/// Runs the proof with this code (the place of its name in `rules::file::PROOFS`).
pub(crate) fn check(code: u8, value: &[u8]) -> Verdict {
    match code {
        1 => crc32::base62(value),
        2 => crc32::hex(value),
        3 => encoded::jwt(value),
        4 => encoded::base64_json(value),
        5 => random(value),
        PASSWORD => password(value),
        7 => encoded::userinfo(value),
        8 => encoded::basic_auth(value),
        _ => Verdict::Open,
    }
}

/// A value that must look made by a machine: where the place alone (a header, a parameter) does not say so.
fn random(value: &[u8]) -> Verdict {
    let looks =
        randomness::against_chance(value) >= 12.0 && randomness::has_mixture(value) || judge::label::is_long_hex(value);
    if looks { Verdict::Open } else { Verdict::Refuted }
}

/// A value that a person may have chosen for a password, and no word of a sentence.
fn password(value: &[u8]) -> Verdict {
    if judge::may_be_password(value) { Verdict::Open } else { Verdict::Refuted }
}
