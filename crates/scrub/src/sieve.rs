//! Stage one: the places of a text whose four bytes may belong to some rule's evidence.
//!
//! The text is taken in blocks. Of each block the few places that the bitmap lets through are listed first and followed
//! later: the loop over the text has no branch that depends on it, and the lookups behind the list do not wait for one
//! another.

use crate::layout;
use crate::table::Table;

/// Bytes of a block.
const BLOCK: usize = 512;
/// Places of a block: every second position.
const PLACES: usize = BLOCK / 2;

/// The places of one block that may lead to a rule.
pub(crate) struct Sieve {
    places: [u16; PLACES],
    count: usize,
}

impl Sieve {
    pub(crate) fn new() -> Self {
        Self { places: [0; PLACES], count: 0 }
    }

    /// Looks at every second position of the block that begins at `from`; returns where the next block begins.
    pub(crate) fn sift(&mut self, table: &Table<'_>, text: &[u8], from: usize) -> usize {
        self.count = 0;
        // The last gram of a block reaches two bytes into the next.
        let Some(block) = text.get(from..from + BLOCK + 2) else {
            return self.sift_end(table, text, from);
        };
        let mut count = 0;
        for turn in 0..BLOCK / 8 {
            for (i, gram) in grams(block, 8 * turn).into_iter().enumerate() {
                self.places[count & (PLACES - 1)] = (8 * turn + 2 * i) as u16;
                count += usize::from(table.may_lead(gram));
            }
        }
        self.count = count;
        from + BLOCK
    }

    /// The rest, padded: what a gram takes for padding the automaton will not find in the text.
    fn sift_end(&mut self, table: &Table<'_>, text: &[u8], from: usize) -> usize {
        for at in (from..text.len()).step_by(2) {
            if table.may_lead(gram(text, at)) {
                self.places[self.count] = (at - from) as u16;
                self.count += 1;
            }
            if at + 2 - from == BLOCK {
                return at + 2;
            }
        }
        text.len()
    }

    /// The places of the block that began at `from`, each with its gram.
    pub(crate) fn places<'s>(&'s self, text: &'s [u8], from: usize) -> impl Iterator<Item = (usize, u32)> + 's {
        self.places[..self.count].iter().map(move |place| {
            let at = from + usize::from(*place);
            (at, gram(text, at))
        })
    }
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

/// The four grams at the even positions of eight bytes, folded.
#[inline(always)]
fn grams(block: &[u8], at: usize) -> [u32; 4] {
    let first = layout::fold_eight(block[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b)));
    let last = layout::fold(block[at + 6..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b)));
    [first as u32, (first >> 16) as u32, (first >> 32) as u32, last]
}
