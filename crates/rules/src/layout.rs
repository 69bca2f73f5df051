//! The compiled table's byte layout, written by [`crate::table`] and read by `scrub` without any decoding at start.
//!
//! Everything is little-endian. Offsets count from the start of the table. `scrub` compiles this file too (by path), so
//! writer and reader cannot disagree.
//!
//! ```text
//! header    magic, then HEADER_FIELDS u32: rules, rule count, bitmap, buckets, grams, gram count, windows, window count,
//!           names, name count, heads, ids, heap, heap length
//! rules     RULE_SIZE bytes each, see `rule`
//! bitmap    2^BITMAP_BITS bits in words of 64, two bits of one word missing for each folded gram of the table
//! buckets   2^BUCKET_BITS + 1 u32: for the top bits of the hash, where its grams begin
//! grams     GRAM_SIZE bytes each: the four bytes that follow the gram, folded, 0 for any; tag u8; token bytes of its
//!           window u8; number of its window u16
//! windows   WINDOW_SIZE bytes each, see `window`
//! names     8 bytes each, sorted by head: offset of a keyword's letters and digits u32, length u16, rule u16
//! heads     2^HEAD_BITS + 1 u16: for the hash of a name's first four letters, where such names begin, see `head`
//! ids       u16 each: the rules, sorted by id
//! heap      automata and strings
//! ```

/// First bytes of a table; the digit counts layouts.
pub const MAGIC: &[u8; 4] = b"STN5";
/// Numbers of the header.
pub const HEADER_FIELDS: usize = 14;
/// The table and each piece of its heap begin at a multiple of this: dense automata are read as numbers of that size.
pub const ALIGN: usize = 4;
/// Length of the header.
pub const HEADER: usize = 4 + HEADER_FIELDS * 4;
/// log2 of the bitmap's bits: 128 KiB, which stays in the second-level cache.
pub const BITMAP_BITS: u32 = 20;
/// log2 of the number of buckets: some more than there are grams, so that most hold one or none.
pub const BUCKET_BITS: u32 = 17;
/// Bytes of one gram entry.
pub const GRAM_SIZE: usize = 8;
/// Bytes of one window.
pub const WINDOW_SIZE: usize = 24;
/// Bytes of one name.
pub const NAME_SIZE: usize = 8;
/// Bytes of one rule record.
pub const RULE_SIZE: usize = 109;

/// Field offsets inside a window: what stands around a gram in a match of its rule.
pub mod window {
    /// u64: the eight bytes of the text from the gram on.
    pub const EXACT: usize = 0;
    /// u64: which of their bits the pattern fixes.
    pub const MASK: usize = 8;
    /// u16: the rule.
    pub const RULE: usize = 16;
    /// i8: the match starts at least this far before the gram.
    pub const LEAST: usize = 18;
    /// i8: and at most this far.
    pub const GREATEST: usize = 19;
    /// u8: the rule's edges.
    pub const EDGES: usize = 20;
    /// u8: how far behind the gram one more byte is fixed; 0 if none is.
    pub const FAR: usize = 21;
    /// u8: that byte, folded; 0 stands for any token character.
    pub const FAR_BYTE: usize = 22;
}

/// Field offsets inside a rule record. A (offset, length) pair is two u32; length 0 means absent.
pub mod rule {
    /// The keywords, each behind a byte that says its length, no keyword behind one that it begins with.
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
    /// u8: a match begins with so many bytes at least that [`super::is_solid`].
    pub const SOLID: usize = 76;
    /// 256 bits: the bytes that a match may begin with.
    pub const FIRST: usize = 77;
}

/// Folds ASCII case (and a few punctuation marks, which the exact automaton tells apart later).
#[inline(always)]
pub const fn fold(gram: u32) -> u32 {
    gram | 0x2020_2020
}

/// Spreads a folded gram over 64 bits.
#[inline(always)]
pub const fn hash(folded: u32) -> u64 {
    (folded as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Where the bitmap tells of a hashed gram: a word of 64 bits, and the two of them that the table's grams clear.
#[inline(always)]
pub fn bits(hash: u64) -> (usize, u64) {
    ((hash >> (64 - (BITMAP_BITS - 6))) as usize, PAIRS[(hash >> 32) as usize % PAIRS.len()])
}

/// Two bits of a word: looked up, for of all that is done for a gram shifts are what a processor does the fewest of at once.
static PAIRS: [u64; 1024] = {
    let mut pairs = [0; 1024];
    let mut i = 0;
    while i < pairs.len() {
        let (first, apart) = (i % 64, 1 + 3 * (i / 64));
        pairs[i] = 1 << first | 1 << ((first + apart) % 64);
        i += 1;
    }
    pairs
};

/// Whether four folded bytes of a text are those that follow a gram. A folded byte has bit 5, so 0 stands for any.
#[inline(always)]
pub const fn follows(wanted: u32, folded: u32) -> bool {
    let fixed = (wanted >> 5 & 0x0101_0101) * 0xFF;
    (wanted ^ folded) & fixed == 0
}

/// Whether a byte is neither blank nor quote nor backslash: what values are made of, and most of what stands between them
/// is not.
#[inline(always)]
pub fn is_solid(byte: u8) -> bool {
    SOLID[usize::from(byte)]
}

static SOLID: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'\\');
        byte += 1;
    }
    table
};

/// log2 of the number of heads.
pub const HEAD_BITS: u32 = 12;

/// The head of a name that begins with these letters (0 where it has fewer).
#[inline]
pub const fn head(letters: [u8; 4]) -> usize {
    (hash(u32::from_le_bytes(letters)) >> (64 - HEAD_BITS)) as usize
}

/// The bucket of a hashed gram.
#[inline(always)]
pub const fn bucket(hash: u64) -> usize {
    (hash >> (64 - BUCKET_BITS)) as usize
}

/// What tells the grams of a bucket apart, most often; the window tells for sure.
#[inline(always)]
pub const fn tag(hash: u64) -> u8 {
    (hash >> 40) as u8
}
