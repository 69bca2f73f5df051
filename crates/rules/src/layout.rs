//! The compiled table's byte layout, written by [`crate::table`] and read by `scrub` without any decoding at start.
//!
//! Everything is little-endian. Offsets count from the start of the table. `scrub` compiles this file too (by path), so
//! writer and reader cannot disagree.
//!
//! ```text
//! header    magic, then ten u32: rules, rule count, bitmap, buckets, grams, gram count, heap, heap length, names, name count
//! bitmap    2^BITMAP_BITS bits in words of 64, two bits of one word for each folded gram of the table
//! buckets   2^BUCKET_BITS + 1 u32: for the top bits of the hash, where its grams begin
//! grams     24 bytes each: these eight bytes of the text u64, which of their bits are fixed u64, folded gram u32,
//!           rule u16, least distance i8, greatest distance i8
//! rules     RULE_SIZE bytes each, see `rule`
//! names     8 bytes each, sorted: offset of a keyword's letters and digits u32, length u16, rule u16
//! heap      automata and strings
//! ```

/// First bytes of a table; the digit counts layouts.
pub const MAGIC: &[u8; 4] = b"STN3";
/// Length of the header.
pub const HEADER: usize = 4 + 10 * 4;
/// log2 of the bitmap's bits: 128 KiB, which stays in the second-level cache.
pub const BITMAP_BITS: u32 = 20;
/// log2 of the number of buckets.
pub const BUCKET_BITS: u32 = 15;
/// Bytes of one gram entry.
pub const GRAM_SIZE: usize = 24;
/// Bytes of one name.
pub const NAME_SIZE: usize = 8;
/// Bytes of one rule record.
pub const RULE_SIZE: usize = 76;

/// Field offsets inside a rule record. A (offset, length) pair is two u32; length 0 means absent.
pub mod rule {
    /// The keywords, one a line, no keyword behind one that it begins with.
    pub const NEAR: usize = 0;
    /// Automaton of what stands before the value.
    pub const BEFORE: usize = 8;
    /// Automaton of the value.
    pub const VALUE: usize = 16;
    /// Automaton of what stands after it.
    pub const AFTER: usize = 24;
    /// Strings.
    pub const ID: usize = 32;
    /// One line for people.
    pub const NAME: usize = 40;
    /// Vendor.
    pub const VENDOR: usize = 48;
    /// Where the format is documented.
    pub const SOURCE: usize = 56;
    /// Where to revoke.
    pub const REVOKE: usize = 64;
    /// u8: 0 pattern, 1 assigned, 2 block.
    pub const VALUE_IS: usize = 72;
    /// u8: bit 0 start "any"; bits 1–2 end: 0 grow, 1 word, 2 any; bit 3: needs one of its keywords.
    pub const EDGES: usize = 73;
    /// u8: code of the proof.
    pub const PROOF: usize = 74;
    /// u8: least entropy, in sixteenths of a bit.
    pub const ENTROPY: usize = 75;
}

/// Folds ASCII case (and a few punctuation marks, which the exact automaton tells apart later).
#[inline(always)]
pub const fn fold(gram: u32) -> u32 {
    gram | 0x2020_2020
}

/// Spreads a folded gram over 64 bits; the upper bits are used.
#[inline(always)]
pub const fn hash(folded: u32) -> u64 {
    (folded as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Where the bitmap tells of a gram: a word of 64 bits, and the two of them that it sets. One word, one load.
#[inline(always)]
pub const fn bits(folded: u32) -> (usize, u64) {
    let hash = hash(folded);
    let word = hash >> (64 - (BITMAP_BITS - 6));
    (word as usize, 1 << (hash >> 26 & 63) | 1 << (hash >> 32 & 63))
}

/// The bucket of a gram.
#[inline(always)]
pub const fn bucket(folded: u32) -> usize {
    (hash(folded) >> (64 - BUCKET_BITS)) as usize
}
