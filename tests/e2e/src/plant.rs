//! Secrets that were never real: made up when a test runs, so that no scanner and no allow list knows them.

use std::hash::{BuildHasher, Hasher, RandomState};

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8] = b"0123456789abcdef";

/// A source of made-up secrets. Not for anything that must be hard to guess.
pub struct Seed(u64);

impl Seed {
    /// Different in every run.
    pub fn fresh() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }

    /// The same row of secrets for the same number: recordings stay comparable.
    pub fn fixed(number: u64) -> Self {
        Self(number)
    }

    /// A GitHub token whose checksum is right: what a scanner must take for real.
    pub fn github_pat(&mut self) -> String {
        let body = self.text(BASE62, 30);
        let sum = base62(crc32(body.as_bytes()));
        format!("ghp_{body}{sum:0>6}")
    }

    /// A GitHub token whose checksum is wrong: fit to be committed.
    pub fn github_pat_with_wrong_checksum(&mut self) -> String {
        let body = self.text(BASE62, 30);
        let sum = base62(!crc32(body.as_bytes()));
        format!("ghp_{body}{sum:0>6}")
    }

    /// A Grafana service account token whose checksum is wrong: fit to be committed.
    pub fn grafana_token_with_wrong_checksum(&mut self) -> String {
        let body = self.text(BASE62, 32);
        format!("glsa_{body}_{:08x}", !crc32(body.as_bytes()))
    }

    /// A password without a format: only the name before it tells what it is.
    pub fn password(&mut self) -> String {
        format!("{}{}", self.text(LETTERS, 1), self.text(BASE62, 23))
    }

    /// Lower-case hex, as many digits as asked for.
    pub fn hex(&mut self, digits: usize) -> String {
        self.text(HEX, digits)
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[(self.next() % alphabet.len() as u64) as usize])).collect()
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// CRC-32 as GitHub and Grafana put it at the end of their tokens.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn base62(mut number: u32) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(BASE62[(number % 62) as usize]);
        number /= 62;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_gives_the_published_check_value() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_token_has_the_length_of_a_real_one() {
        let mut seed = Seed::fresh();
        assert_eq!(seed.github_pat().len(), 40);
        assert_eq!(seed.github_pat_with_wrong_checksum().len(), 40);
    }

    #[test]
    fn a_fixed_seed_repeats_itself_and_a_fresh_one_does_not() {
        assert_eq!(Seed::fixed(7).password(), Seed::fixed(7).password());
        assert_ne!(Seed::fresh().password(), Seed::fresh().password());
    }
}
