//! Values that name a thing: identifiers of code, resources, algorithms, and hashes with what they are a hash of.

use super::randomness::{against_chance, is_wordy};

/// Words that stand in the name of a secret and not in the secret.
const SAID: [&[u8]; 8] =
    [b"password", b"passwd", b"secret", b"token", b"credential", b"apikey", b"api_key", b"api-key"];

/// Whether the value is made of words and numbers that a person joined, like `db-password-x5n07`, `IDENT_64`.
///
/// What a machine adds to a name (`-x5n07`, `v2`) is short; a token's random part is not.
pub(crate) fn is_label(value: &[u8]) -> bool {
    let odd: usize = parts(value).filter(|p| !is_wordy(p)).map(<[u8]>::len).sum();
    parts(value).count() >= 2 && odd <= 8 && against_chance_of_words(value) < 0.0 || is_camel(value)
}

/// `xmlSecGnuTLSAppKeyLoad`, `Utf8SuffixKey`: humps of letters, three characters each on the whole, which a random value
/// does not have, and not much chance in them.
pub(crate) fn is_camel(value: &[u8]) -> bool {
    let humps = || value.chunk_by(|a, b| a.is_ascii_uppercase() || !b.is_ascii_uppercase());
    let is_hump = |hump: &[u8]| {
        let letters = hump.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        letters >= 2 && hump.len() - letters <= 2 && hump[letters..].iter().all(u8::is_ascii_digit)
    };
    value.len() >= 8.max(3 * humps().count())
        && humps().all(is_hump)
        && against_chance(&value.to_ascii_lowercase()) < 10.0
}

/// `OBJ_pkcs9`, `pkcs11Slot`, `xmlSecGCryptAppPkcs12Load`: what may be an identifier of code, with a number in it at most.
///
/// Letters and digits drawn at random have some four bits a character.
pub(crate) fn is_identifier(value: &[u8]) -> bool {
    let numbers = value.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).filter(|c| c[0].is_ascii_digit());
    let least = if value.contains(&b'_') { 64.0 } else { 2.5 * value.len() as f32 };
    !value[0].is_ascii_digit()
        && value.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
        && numbers.count() <= 1
        && against_chance(value) < least
}

/// Whether the value only says its name again: `api_key: "api-key"`, `SN_kdf_scheme "kdf-scheme"`.
pub(crate) fn repeats(value: &[u8], name: &[u8]) -> bool {
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let (value, name) = (plain(value), plain(name));
    value.len() >= 6 && memchr::memmem::find(&name, &value).is_some()
}

fn against_chance_of_words(value: &[u8]) -> f32 {
    parts(value).filter(|p| is_wordy(p)).map(against_chance).sum()
}

/// Whether the value says what it is the name of.
pub(crate) fn speaks_of_secrets(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    SAID.iter().any(|w| memchr::memmem::find(&lower, w).is_some())
}

/// Hex digits, a UUID, numbers, words and then such, a path: as likely a checksum, an id or a cache's key as a secret.
pub(crate) fn is_id(value: &[u8]) -> bool {
    let pure = |p: &[u8]| p.iter().all(u8::is_ascii_hexdigit) || p.iter().all(u8::is_ascii_alphabetic) && p.len() <= 16;
    // `videos/4be1…/master.m3u8`: the key of an object in a store.
    let folder =
        value.iter().position(|b| *b == b'/').filter(|i| *i >= 3 && value[..*i].iter().all(u8::is_ascii_lowercase));
    folder.is_some()
        || parts(value).any(|p| p.iter().all(u8::is_ascii_hexdigit))
            && parts(value).all(|p| p.len() <= 3 || pure(p) || is_wordy(p))
}

/// A hash's worth of hex digits, with the dashes of a UUID or without: no person writes that, however usual its pairs are.
pub(crate) fn is_long_hex(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_hexdigit()).count();
    digits >= 24 && value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}

/// The short id or the fingerprint of an OpenPGP key: `signingkey = 4AEE18F83AFDEB23`.
pub(crate) fn is_key_id(value: &[u8]) -> bool {
    matches!(value.len(), 8 | 16 | 40) && value.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'))
}

fn parts(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| matches!(b, b'-' | b'_' | b'.' | b':' | b'/')).filter(|p| !p.is_empty())
}
