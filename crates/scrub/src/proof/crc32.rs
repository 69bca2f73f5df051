//! CRC-32 at the end of a token.

use super::Verdict;

/// GitHub and npm: the last six characters are the CRC-32 of those between prefix and checksum, in base 62.
///
/// <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
pub(super) fn base62(value: &[u8]) -> Verdict {
    let Some(body) = value.iter().rposition(|b| *b == b'_').map(|i| &value[i + 1..]) else { return Verdict::Open };
    let Some((random, sum)) = body.len().checked_sub(6).map(|i| body.split_at(i)) else { return Verdict::Open };
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'A'..=b'Z' => Some(b - b'A' + 10),
        b'a'..=b'z' => Some(b - b'a' + 36),
        _ => None,
    };
    let said = sum.iter().try_fold(0u64, |n, b| Some(n * 62 + u64::from(digit(*b)?)));
    proven(said == Some(u64::from(crc32(random))))
}

/// Grafana: eight hex digits behind the last `_` are the CRC-32 of what stands before it.
pub(super) fn hex(value: &[u8]) -> Verdict {
    let Some(at) = value.iter().rposition(|b| *b == b'_') else { return Verdict::Open };
    let said = std::str::from_utf8(&value[at + 1..]).ok().and_then(|sum| u32::from_str_radix(sum, 16).ok());
    let body = value[..at].iter().position(|b| *b == b'_').map_or(&value[..at], |i| &value[i + 1..at]);
    proven(said == Some(crc32(body)) || said == Some(crc32(&value[..at])))
}

fn proven(holds: bool) -> Verdict {
    if holds { Verdict::Proven } else { Verdict::Open }
}

/// IEEE 802.3, bit by bit: a token is forty bytes long.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_of_the_standard_check_value() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_token_with_its_own_checksum_is_proven_and_one_with_another_is_open() {
        let random = b"Qm4Xz7LkT2vB9nRs5WcY8pJdF3hGaE";
        let mut sum = u64::from(crc32(random));
        let mut tail = [b'0'; 6];
        for place in tail.iter_mut().rev() {
            *place = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(sum % 62) as usize];
            sum /= 62;
        }
        let token = [b"ghp_".as_slice(), random, &tail].concat();
        assert_eq!(base62(&token), Verdict::Proven);
        let other = [b"ghp_".as_slice(), random, b"000000"].concat();
        assert_eq!(base62(&other), Verdict::Open);
    }
}
