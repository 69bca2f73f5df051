//! The notation for formats of values: literal text with `<class:length>` in it.
//!
//! `glpat-<w:20>` is `glpat-` and twenty letters and digits. A length may be a range (`<h:30-40>`). Classes:
//!
//! | class | characters |
//! | --- | --- |
//! | `d` | digits |
//! | `h`, `H` | hexadecimal digits, lower or upper case |
//! | `l`, `L` | letters, lower or upper case |
//! | `a`, `A` | letters of one case and digits |
//! | `c` | letters of both cases |
//! | `w` | letters of both cases and digits |
//! | `u` | `w` with `-` and `_`: base64 for URLs |
//! | `b` | `w` with `+` and `/`: base64 |
//! | `p` | what password generators draw from |
//! | `uuid` | a random UUID (the length is ignored) |
//! | `jwt` | a signed web token of three parts |
//! | `id64` | base64 of a decimal number of that many digits, unpadded |
//! | `b64` | base64 of that many bytes, padded |
//! | `crc62` | so many letters and digits, then their checksum as GitHub and npm write it: CRC-32 in base 62, six places |

use crate::random::Random;

/// A value of the format.
///
/// # Panics
/// A format of this crate with a mistake in it.
pub fn value(format: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some((literal, behind)) = rest.split_once('<') {
        out.push_str(literal);
        let (class, behind) = behind.split_once('>').unwrap_or_else(|| panic!("no '>' in the format '{format}'"));
        let (class, length) = class.split_once(':').unwrap_or((class, "0"));
        let (least, most) = length.split_once('-').unwrap_or((length, length));
        let number = |n: &str| n.parse().unwrap_or_else(|_| panic!("no length in the format '{format}'"));
        let length = random.between(number(least), number(most));
        out.push_str(&run(class, length, random).unwrap_or_else(|| panic!("unknown class in the format '{format}'")));
        rest = behind;
    }
    out.push_str(rest);
    out
}

const WORD: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

fn run(class: &str, length: usize, random: &mut Random) -> Option<String> {
    let alphabet: &[u8] = match class {
        "d" => b"0123456789",
        "h" => b"0123456789abcdef",
        "H" => b"0123456789ABCDEF",
        "l" => &WORD[..26],
        "L" => &WORD[26..52],
        "c" => &WORD[..52],
        "a" => b"abcdefghijklmnopqrstuvwxyz0123456789",
        "A" => &WORD[26..],
        "w" => WORD,
        "u" => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
        "b" => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
        "p" => b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%*+-.:=?@^_~",
        "uuid" => return Some(random.uuid()),
        "jwt" => return Some(jwt(random)),
        "b64" => return Some(base64(&random.bytes(length))),
        "id64" => return Some(url_base64(random.string(b"123456789", length).as_bytes())),
        "crc62" => return Some(with_checksum(random.string(WORD, length))),
        _ => return None,
    };
    let mut run = random.string(alphabet, length);
    // Prefix and value do not run into each other, and generators of passwords put letters at both ends.
    if matches!(class, "u" | "p" | "b") && length > 2 {
        let (first, last) = (random.string(WORD, 1), random.string(WORD, 1));
        run = format!("{first}{}{last}", &run[1..length - 1]);
    }
    // A random value without a digit is as rare as they come at these lengths; vendors that draw one at a time do not care,
    // generators of passwords do.
    if class == "p" && !run.bytes().any(|b| b.is_ascii_digit()) {
        run.replace_range(1..2, &random.string(b"23456789", 1));
    }
    Some(run)
}

fn jwt(random: &mut Random) -> String {
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    let subject = random.uuid();
    let claims = format!(r#"{{"sub":"{subject}","iat":17{:08},"scope":"read write"}}"#, random.below(100_000_000));
    let signature = random.bytes(32);
    [header.as_bytes(), claims.as_bytes(), &signature].map(url_base64).join(".")
}

fn with_checksum(payload: String) -> String {
    const PLACES: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut crc = payload.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    }) ^ u32::MAX;
    let mut checksum = [b'0'; 6];
    for place in checksum.iter_mut().rev() {
        *place = PLACES[(crc % 62) as usize];
        crc /= 62;
    }
    payload + &String::from_utf8_lossy(&checksum)
}

/// Base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const PLACES: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |n, i| n << 8 | u32::from(three.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let place = if i <= three.len() { PLACES[(bits >> (18 - 6 * i) & 63) as usize] } else { b'=' };
            out.push(char::from(place));
        }
    }
    out
}

/// Base64 for URLs, without padding.
pub fn url_base64(bytes: &[u8]) -> String {
    base64(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (bytes, expected) in cases {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }

    #[test]
    fn a_format_is_filled() {
        let made = value("ab-<d:4>-<h:2-3>.", &mut Random::new(1));
        assert!(made.starts_with("ab-") && made.ends_with('.') && (11..=12).contains(&made.len()), "{made}");
        assert_eq!(made, value("ab-<d:4>-<h:2-3>.", &mut Random::new(1)));
    }

    #[test]
    fn the_checksum_is_crc_32_in_base_62() {
        // The check value of CRC-32 (for "123456789") is 0xcbf43926.
        let made = with_checksum("123456789".into());
        let places = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let number = made[9..].chars().fold(0u64, |n, c| n * 62 + places.find(c).unwrap_or(0) as u64);
        assert_eq!(number, 0xcbf4_3926);
    }
}
