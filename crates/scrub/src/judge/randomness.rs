//! How much a value looks made by a machine rather than named by a person.

/// Pairs of characters in names that people write (build.rs): log2 against chance, in eighths.
static PAIRS: &[u8; 96 * 96] = include_bytes!(concat!(env!("OUT_DIR"), "/pairs.bin"));

/// Bits of evidence that a value is random: the sum over its pairs of characters, negative for words and names.
///
/// A long value gathers evidence; what is spelled like the names that people write loses it. A shouted value is read in
/// lower case: `NL80211_ATTR_KEY_DATA` is as much a name as its lower half.
pub(crate) fn against_chance(value: &[u8]) -> f32 {
    let shouted = !value.iter().any(u8::is_ascii_lowercase);
    let mut last = 0;
    let mut eighths = 0i32;
    for byte in value {
        let byte = if shouted { byte.to_ascii_lowercase() } else { *byte };
        let column = usize::from(byte.saturating_sub(0x20)).min(95);
        eighths -= i32::from(PAIRS[last * 96 + column] as i8);
        last = column;
    }
    eighths as f32 / 8.0
}

/// The same for a value read as words that punctuation joins: the joints themselves are no evidence.
pub(crate) fn against_chance_in_parts(value: &[u8]) -> f32 {
    value.split(|b| !b.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).map(against_chance).sum()
}

/// Whether a part of a name reads like one.
pub(crate) fn is_wordy(part: &[u8]) -> bool {
    part.len() <= 2 || against_chance(part) < 1.0
}

/// Shannon entropy, bits a character.
pub(crate) fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    value.iter().for_each(|b| counts[*b as usize] += 1);
    let n = value.len() as f32;
    counts.iter().filter(|c| **c > 0).map(|c| *c as f32 / n).map(|p| -p * p.log2()).sum()
}

/// Letters and digits, or both cases inside, as a machine mixes them.
pub(crate) fn has_mixture(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let upper = value.iter().filter(|b| b.is_ascii_uppercase()).count();
    let lower = value.iter().filter(|b| b.is_ascii_lowercase()).count();
    let kinds = [digits, upper, lower].iter().filter(|n| **n > 0).count();
    kinds >= 2 && (digits > 0 || value.len() >= 16) || value.len() >= 20 && kinds >= 1
}
