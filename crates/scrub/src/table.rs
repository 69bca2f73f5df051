//! The compiled rules as they lie in the binary: read in place, nothing built at start, checked where touched.

use crate::automaton::Automaton;
use crate::boundary::{is_token, is_token_run};
use crate::layout::{
    self, BITMAP_BITS, BUCKET_BITS, GRAM_SIZE, HEAD_BITS, HEADER, MAGIC, NAME_SIZE, RULE_SIZE, WINDOW_SIZE,
    rule as field, window,
};
use crate::own::Label;

/// The rules compiled by this crate's build script.
static BUILTIN: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin")));

#[repr(C, align(4))]
struct Aligned<B: ?Sized>(B);
const _: () = assert!(align_of::<Aligned<[u8; 1]>>() == layout::ALIGN);

/// Bytes of the bitmap.
const BITMAP: usize = 1 << (BITMAP_BITS - 3);

/// A table of compiled rules.
#[derive(Clone, Copy)]
pub struct Table<'t> {
    bytes: &'t [u8],
    bitmap: &'t [[u8; 8]; BITMAP / 8],
    buckets: usize,
    grams: usize,
    windows: usize,
    rules: usize,
    count: usize,
    names: usize,
    heads: usize,
    ids: usize,
    heap: usize,
    /// The rules behind the last: a user's own.
    own: &'t [Label],
}

/// Grams of the table, among which a gram of the text may be.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bucket {
    start: u32,
    end: u32,
    tag: u8,
}

/// The grams of a bucket that may stand at a place: their tag and what follows them are the text's.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fitting {
    start: u32,
    end: u32,
    /// The lowest bit stands for the first; the highest for all from there on, not compared yet.
    which: u64,
}

impl Fitting {
    pub(crate) fn is_empty(self) -> bool {
        self.which == 0
    }

    /// Takes the next of them.
    #[inline(always)]
    fn next(&mut self) -> Option<u32> {
        let nth = (self.which != 0).then(|| self.which.trailing_zeros())?;
        if nth < LAST {
            self.which &= self.which - 1;
            return Some(self.start + nth);
        }
        self.start += 1;
        self.which = if self.start + LAST < self.end { 1 << LAST } else { 0 };
        Some(self.start + LAST - 1)
    }
}

/// The bit for the rest.
const LAST: u32 = u64::BITS - 1;

/// A window of a rule that stands in the text: which rule to try, and where.
#[derive(Clone, Copy)]
pub(crate) struct Lead {
    /// The rule's number.
    pub rule: u16,
    /// The rule's evidence starts at least this far before the window.
    pub least: i8,
    /// And at most this far.
    pub greatest: i8,
    /// It may start in the middle of a word.
    pub anywhere: bool,
    /// It starts with a keyword.
    pub keyword: bool,
}

impl Table<'static> {
    /// The built-in rules.
    pub fn builtin() -> Option<Self> {
        Self::new(&BUILTIN.0)
    }
}

impl<'t> Table<'t> {
    /// Reads the header; `None` if the bytes are no table of this layout, or do not begin at a multiple of four.
    pub fn new(bytes: &'t [u8]) -> Option<Self> {
        let aligned = bytes.as_ptr().cast::<u32>().is_aligned();
        if !aligned || !bytes.starts_with(MAGIC) || bytes.len() < HEADER {
            return None;
        }
        let number = |i: usize| read(bytes, 4 + 4 * i).map(|n| n as usize);
        let bitmap = number(2)?;
        let table = Self {
            bytes,
            bitmap: bytes.get(bitmap..bitmap + BITMAP)?.as_chunks().0.try_into().ok()?,
            rules: number(0)?,
            count: number(1)?,
            buckets: number(3)?,
            grams: number(4)?,
            windows: number(6)?,
            names: number(8)?,
            heads: number(10)?,
            ids: number(11)?,
            heap: number(12)?,
            own: &[],
        };
        let whole = table.heap.checked_add(number(13)?)? == bytes.len()
            && table.rules + table.count * RULE_SIZE == bitmap
            && bitmap + BITMAP == table.buckets
            && table.buckets + ((1 << BUCKET_BITS) + 1) * 4 == table.grams
            && table.grams + number(5)? * GRAM_SIZE == table.windows
            && table.windows + number(7)? * WINDOW_SIZE == table.names
            && table.names + number(9)? * NAME_SIZE == table.heads
            && table.heads + ((1 << HEAD_BITS) + 1) * 2 == table.ids
            && (table.ids + table.count * 2).next_multiple_of(layout::ALIGN) == table.heap;
        whole.then_some(table)
    }

    /// The table with the names of a user's own rules behind it.
    pub(crate) fn with(self, own: &'t [Label]) -> Self {
        Self { own, ..self }
    }

    /// The user's own rules.
    pub fn own(&self) -> &'t [Label] {
        self.own
    }

    /// Number of rules, the user's own not counted.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether a hashed gram may be one of the table's: wrong for one in eighty. 1 or 0.
    #[inline(always)]
    pub(crate) fn may_lead(&self, hash: u64) -> u64 {
        let (word, bits) = layout::bits(hash);
        u64::from(u64::from_le_bytes(self.bitmap[word]) & bits == 0)
    }

    /// Where the windows of a hashed gram lie.
    #[inline(always)]
    pub(crate) fn bucket(&self, hash: u64) -> Bucket {
        let bucket = layout::bucket(hash);
        let edge = |i: usize| read(self.bytes, self.buckets + 4 * i).unwrap_or(0);
        Bucket { start: edge(bucket), end: edge(bucket + 1), tag: layout::tag(hash) }
    }

    /// Compares a bucket's grams with what stands at `at` in the text.
    ///
    /// The first few without a branch, for a bucket rarely has more.
    #[inline(always)]
    pub(crate) fn fitting(&self, bucket: Bucket, text: &[u8], at: usize) -> Fitting {
        const FEW: u32 = 4;
        let Bucket { start, end, tag } = bucket;
        let grams = self.bytes.get(self.grams + start as usize * GRAM_SIZE..).unwrap_or_default();
        let Some(few) = grams.first_chunk::<{ FEW as usize * GRAM_SIZE }>() else { return Fitting::default() };
        let (next, count) = (following(text, at), end - start);
        let mut which = fitting(few.as_chunks().0, tag, next) & !(u64::MAX << count.min(FEW));
        if count > FEW {
            let (more, _) = grams[FEW as usize * GRAM_SIZE..count.min(LAST) as usize * GRAM_SIZE].as_chunks();
            which |= fitting(more, tag, next) << FEW | u64::from(count > LAST) << LAST;
        }
        Fitting { start, end, which }
    }

    /// The windows of the grams that stand at `at` in the text.
    #[inline(always)]
    pub(crate) fn leads<'x>(
        &self,
        mut grams: Fitting,
        text: &'x [u8],
        at: usize,
    ) -> impl Iterator<Item = Lead> + use<'t, 'x> {
        let table = *self;
        std::iter::from_fn(move || {
            while let Some(gram) = grams.next() {
                let gram = table.bytes.get(table.grams + gram as usize * GRAM_SIZE..)?.first_chunk::<GRAM_SIZE>()?;
                let [.., token, low, high] = *gram;
                if is_token_run(text, at, usize::from(token)) {
                    let from = table.windows + usize::from(u16::from_le_bytes([low, high])) * WINDOW_SIZE;
                    let lead = lead(table.bytes.get(from..from + WINDOW_SIZE)?, text, at);
                    if lead.is_some() {
                        return lead;
                    }
                }
            }
            None
        })
    }

    /// The keywords (letters and digits alone, in lower case) that `letters` begins with, each with its rule and length.
    pub(crate) fn named<'x>(&self, letters: &'x [u8]) -> impl Iterator<Item = (u16, usize)> + use<'t, 'x> {
        let table = *self;
        let head = layout::head([0, 1, 2, 3].map(|i| letters.get(i).copied().unwrap_or(0)));
        let first = |head: usize| usize::from(table.half(table.heads + 2 * head));
        (first(head)..first(head + 1)).filter_map(move |i| {
            let at = table.names + i * NAME_SIZE;
            let (offset, length) = (read(table.bytes, at)? as usize, usize::from(table.half(at + 4)));
            let name = table.bytes.get(table.heap + offset..table.heap + offset + length)?;
            letters.starts_with(name).then(|| (table.half(at + 6), length))
        })
    }

    /// The rule of this id.
    pub fn find(&self, id: &[u8]) -> Option<Rule<'t>> {
        let nth = |i: usize| self.rule(self.half(self.ids + 2 * i));
        let spelled = |rule: &Rule<'t>| self.slice(rule.record, field::ID);
        let at = partition(0, self.count, |i| spelled(&nth(i)) < id);
        (at < self.count).then(|| nth(at)).filter(|rule| spelled(rule) == id)
    }

    fn half(&self, at: usize) -> u16 {
        self.bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
    }

    /// A rule by number.
    pub fn rule(&self, number: u16) -> Rule<'t> {
        let number = usize::from(number);
        if let Some(label) = number.checked_sub(self.count).map(|own| &self.own[own]) {
            return Rule { table: *self, record: &OWN, label: Some(label) };
        }
        let at = self.rules + number * RULE_SIZE;
        Rule { table: *self, record: &self.bytes[at..at + RULE_SIZE], label: None }
    }

    fn slice(&self, record: &[u8], at: usize) -> &'t [u8] {
        let (offset, length) = (read(record, at).unwrap_or(0) as usize, read(record, at + 4).unwrap_or(0) as usize);
        self.bytes.get(self.heap + offset..self.heap + offset + length).unwrap_or_default()
    }
}

/// Which grams have the tag, and behind them the folded bytes, of one of the text: a bit for each.
#[inline(always)]
fn fitting(grams: &[[u8; GRAM_SIZE]], wanted: u8, next: u32) -> u64 {
    grams.iter().enumerate().fold(0, |which, (i, [a, b, c, d, tag, ..])| {
        let fits = (*tag == wanted) & layout::follows(u32::from_le_bytes([*a, *b, *c, *d]), next);
        which | u64::from(fits) << i
    })
}

/// The four bytes behind a gram, folded.
#[inline(always)]
fn following(text: &[u8], at: usize) -> u32 {
    layout::fold((eight(text, at) >> 32) as u32)
}

/// What a window leads to, if the text at `at` is spelled as the pattern is.
fn lead(record: &[u8], text: &[u8], at: usize) -> Option<Lead> {
    let long = |from: usize| record[from..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
    if (eight(text, at) ^ long(window::EXACT)) & long(window::MASK) != 0 {
        return None;
    }
    let far = usize::from(record[window::FAR]);
    if far > 0 {
        let byte = *text.get(at + far)?;
        let fits = match record[window::FAR_BYTE] {
            0 => is_token(byte),
            wanted => byte | 0x20 == wanted,
        };
        if !fits {
            return None;
        }
    }
    let edges = record[window::EDGES];
    Some(Lead {
        rule: u16::from_le_bytes([record[window::RULE], record[window::RULE + 1]]),
        least: record[window::LEAST] as i8,
        greatest: record[window::GREATEST] as i8,
        anywhere: edges & 1 != 0,
        keyword: edges & 8 != 0,
    })
}

/// Eight bytes of the text, padded at its end.
#[inline(always)]
fn eight(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    u64::from_le_bytes(rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 8];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes
    }))
}

/// The first of `low..high` for which `before` does not hold, all for which it holds standing first.
fn partition(mut low: usize, mut high: usize, before: impl Fn(usize) -> bool) -> usize {
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

fn read(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// One rule's record.
#[derive(Clone, Copy)]
pub struct Rule<'t> {
    table: Table<'t>,
    record: &'t [u8],
    label: Option<&'t Label>,
}

/// The record of every rule of a user's own: a pattern, as far as the matcher is concerned.
static OWN: [u8; RULE_SIZE] = [0; RULE_SIZE];

/// What a rule's secret is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueIs {
    Pattern,
    Assigned,
    Block,
}

/// How a match ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Grow,
    Word,
    Any,
}

impl<'t> Rule<'t> {
    /// The id: the placeholder's kind.
    pub fn id(&self) -> &'t str {
        self.label.map_or_else(|| self.text(field::ID), |own| &own.id)
    }

    /// One line for people.
    pub fn name(&self) -> &'t str {
        self.label.map_or_else(|| self.text(field::NAME), |own| &own.name)
    }

    /// The vendor as it writes itself.
    pub fn vendor(&self) -> &'t str {
        self.label.map_or_else(|| self.text(field::VENDOR), |own| &own.vendor)
    }

    /// Where the format is written down.
    pub fn source(&self) -> &'t str {
        self.label.map_or_else(|| self.text(field::SOURCE), |own| &own.source)
    }

    /// Where such a key is revoked.
    pub fn revoke(&self) -> &'t str {
        self.label.map_or_else(|| self.text(field::REVOKE), |own| &own.revoke)
    }

    pub(crate) fn value_is(&self) -> ValueIs {
        match self.record[field::VALUE_IS] {
            0 => ValueIs::Pattern,
            1 => ValueIs::Assigned,
            _ => ValueIs::Block,
        }
    }

    /// Whether the secret is a block of lines behind a header.
    pub(crate) fn is_block(&self) -> bool {
        self.value_is() == ValueIs::Block
    }

    pub(crate) fn end(&self) -> End {
        match self.record[field::EDGES] >> 1 & 3 {
            0 => End::Grow,
            1 => End::Word,
            _ => End::Any,
        }
    }

    /// Whether the rule's value counts only behind one of its keywords.
    pub fn has_keywords(&self) -> bool {
        self.record[field::EDGES] & 8 != 0
    }

    pub(crate) fn proof(&self) -> u8 {
        self.record[field::PROOF]
    }

    pub(crate) fn least_entropy(&self) -> f32 {
        f32::from(self.record[field::ENTROPY]) / 16.0
    }

    /// A match begins with so many solid bytes at least.
    pub(crate) fn solid(&self) -> usize {
        usize::from(self.record[field::SOLID])
    }

    /// Whether a match may begin with this byte.
    pub(crate) fn may_begin(&self, byte: u8) -> bool {
        self.record[field::FIRST + usize::from(byte >> 3)] >> (byte & 7) & 1 != 0
    }

    /// The rule's own keywords, without those that are looked up by name; none behind one that it begins with.
    pub(crate) fn keywords(&self) -> impl Iterator<Item = &'t [u8]> {
        let mut rest = self.table.slice(self.record, field::NEAR);
        std::iter::from_fn(move || {
            let (length, behind) = rest.split_first()?;
            let (keyword, behind) = behind.split_at_checked(usize::from(*length))?;
            rest = behind;
            Some(keyword)
        })
    }

    /// Loads and verifies one of the rule's automata: `None` if it is damaged, `Some(None)` if the rule has none.
    #[allow(clippy::option_option, reason = "damaged and absent are two things")]
    pub(crate) fn automaton(&self, part: Part) -> Option<Option<Automaton<'t>>> {
        match self.table.slice(self.record, [field::BEFORE, field::VALUE, field::AFTER][part as usize]) {
            [] => Some(None),
            bytes => Automaton::new(bytes).map(Some),
        }
    }

    fn text(&self, at: usize) -> &'t str {
        std::str::from_utf8(self.table.slice(self.record, at)).unwrap_or_default()
    }
}

/// The parts of a rule that have an automaton of their own.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Before,
    Value,
    After,
}
