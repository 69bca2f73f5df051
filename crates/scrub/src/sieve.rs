//! Stage one: the places of a text whose four bytes may belong to some rule's evidence.
//!
//! The text is taken in blocks of 64 places, every second position. Where the bitmap has a gram's first bit, the place's
//! bit of the block is set; the loop that does so has no branch and nothing to store. The few places that are left are
//! looked at more closely, one after the other.

use crate::layout;
use crate::table::Table;

/// Places of a block.
const PLACES: usize = 64;
/// Bytes of a block.
const BLOCK: usize = 2 * PLACES;

/// The places of one block that may lead to a rule.
pub(crate) struct Sieve<'x> {
    text: &'x [u8],
    from: usize,
    /// The first place is the lowest bit.
    places: u64,
}

impl<'x> Sieve<'x> {
    /// Sifts the block of `text` that begins at `from`; `None` behind the end.
    #[inline(always)]
    pub(crate) fn new(table: &Table<'_>, text: &'x [u8], from: usize) -> Option<Self> {
        let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
        // The last gram of a block reaches two bytes into the next.
        let places = match rest.first_chunk() {
            Some(block) => sift(table, block),
            None => {
                // Padded: what a gram takes for padding the automaton will not find in the text.
                let mut block = [0; BLOCK + 2];
                let length = rest.len().min(BLOCK + 2);
                block[..length].copy_from_slice(&rest[..length]);
                sift(table, &block)
            }
        };
        Some(Self { text, from, places })
    }

    /// Where the next block begins.
    pub(crate) fn end(&self) -> usize {
        self.from + BLOCK
    }
}

/// Places, each with its hashed gram.
impl Iterator for Sieve<'_> {
    type Item = (usize, u64);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.places == 0 {
            return None;
        }
        let at = self.from + 2 * self.places.trailing_zeros() as usize;
        self.places &= self.places - 1;
        Some((at, layout::hash(gram(self.text, at))))
    }
}

fn sift(table: &Table<'_>, block: &[u8; BLOCK + 2]) -> u64 {
    let mut places = 0;
    for turn in 0..PLACES / 4 {
        let at = 8 * turn;
        let first = layout::fold_eight(block[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b)));
        let last = layout::fold(block[at + 6..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b)));
        for gram in [first as u32, (first >> 16) as u32, (first >> 32) as u32, last] {
            places = places << 1 | table.may_lead(layout::hash(gram));
        }
    }
    places.reverse_bits()
}

/// The gram at a place, folded; padded at the text's end.
#[inline(always)]
fn gram(text: &[u8], at: usize) -> u32 {
    let rest = text.get(at..).unwrap_or_default();
    layout::fold(u32::from_le_bytes(rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 4];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes
    })))
}
