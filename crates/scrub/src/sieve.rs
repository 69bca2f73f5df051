//! Stage one: the places of a text whose four bytes may belong to some rule's evidence.
//!
//! The text is taken in blocks of 64 places, every second position. Where the bitmap may have a gram, the place's bit of
//! the block is set; the loop that does so has no branch and nothing to store. The few places that are left of some blocks
//! are listed, then sifted once more by the table's grams, before any is followed: so the lookups that they need do not wait
//! for one another.

use crate::layout;
use crate::table::{Bucket, Fitting, Table};

/// Places of a block.
const PLACES: usize = 64;
/// Bytes of a block.
const BLOCK: usize = 2 * PLACES;
/// Places that are listed at once: those of a block at least.
const LISTED: usize = 2 * PLACES;

/// Goes over a text and lists places that may lead to a rule.
pub(crate) struct Sieve<'t, 'x> {
    table: Table<'t>,
    text: &'x [u8],
    /// Where the next block begins.
    at: usize,
    places: [(usize, Bucket); LISTED],
    fitting: [(usize, Fitting); LISTED],
}

impl<'t, 'x> Sieve<'t, 'x> {
    pub(crate) fn new(table: Table<'t>, text: &'x [u8]) -> Self {
        Self { table, text, at: 0, places: [Default::default(); LISTED], fitting: [Default::default(); LISTED] }
    }

    /// The next places, each with the grams of the table that may stand there; `None` at the end of the text.
    pub(crate) fn next(&mut self) -> Option<&[(usize, Fitting)]> {
        if self.at >= self.text.len() {
            return None;
        }
        let mut count = 0;
        while self.at < self.text.len() && count <= LISTED - PLACES {
            let mut places = self.block();
            while places != 0 {
                let at = self.at + 2 * places.trailing_zeros() as usize;
                places &= places - 1;
                self.places[count] = (at, self.table.bucket(layout::hash(gram(self.text, at))));
                count += 1;
            }
            self.at += BLOCK;
        }
        let mut kept = 0;
        for (at, bucket) in &self.places[..count] {
            let fitting = self.table.fitting(*bucket, self.text, *at);
            self.fitting[kept] = (*at, fitting);
            kept += usize::from(!fitting.is_empty());
        }
        Some(&self.fitting[..kept])
    }

    /// The places of the block that begins here, the first as the lowest bit.
    fn block(&self) -> u64 {
        let rest = &self.text[self.at..];
        // The last gram of a block reaches two bytes into the next.
        match rest.first_chunk() {
            Some(block) => sift(&self.table, block),
            None => {
                // Padded: what a gram takes for padding the automaton will not find in the text.
                let mut block = [0; BLOCK + 2];
                block[..rest.len()].copy_from_slice(rest);
                sift(&self.table, &block)
            }
        }
    }
}

fn sift(table: &Table<'_>, block: &[u8; BLOCK + 2]) -> u64 {
    let mut places = 0;
    // By fours: so the compiler writes out four and counts once.
    for turn in 0..PLACES / 4 {
        for place in 4 * turn..4 * (turn + 1) {
            let gram = block[2 * place..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b));
            places = places << 1 | table.may_lead(layout::hash(layout::fold(gram)));
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
