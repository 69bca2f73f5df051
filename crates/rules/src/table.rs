//! Joins rules into the table that `scrub` carries: which grams to look for, and each rule's own automata.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use regex_automata::dfa::dense;
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::file::{End, Rule, RuleFile, Start, ValueIs};
use crate::layout::{
    self, BITMAP_BITS, BUCKET_BITS, GRAM_SIZE, HEAD_BITS, HEADER, HEADER_FIELDS, MAGIC, NAME_SIZE, RULE_SIZE,
    WINDOW_SIZE, rule as field, window as at,
};
use crate::{RuleError, Usual, shape};

/// Largest automaton while it is built, in bytes.
const BUILD_LIMIT: usize = 4 << 20;
/// An automaton is stored dense if that is at most so many times as large as sparse: the table is 11 MB then, 6 without any.
const DENSE_FACTOR: usize = 4;
/// Largest automaton in the table, in bytes: a rule above it has a bounded repeat that wants to be open.
const STORE_LIMIT: usize = 128 << 10;

/// Compiles rules into one table; reports every rule that cannot be compiled.
pub fn compile(files: &[RuleFile]) -> Result<Vec<u8>, Vec<RuleError>> {
    compile_with(Usual::measured(), files)
}

/// The same, with windows chosen for texts in which `usual` is usual.
pub fn compile_with(usual: Usual, files: &[RuleFile]) -> Result<Vec<u8>, Vec<RuleError>> {
    let mut builder = Builder::new(usual, files);
    let mut errors = Vec::new();
    for file in files {
        for rule in &file.rules {
            if let Err(message) = builder.add(&file.vendor, rule) {
                let message = format!("rule '{}': {message}", rule.id);
                errors.push(RuleError { file: file.path.clone(), line: rule.line, message });
            }
        }
    }
    if errors.is_empty() { Ok(builder.finish()) } else { Err(errors) }
}

/// The regular expression of a rule's keywords: any case, and any or no separator where the keyword has `_`.
fn keywords_regex(keywords: &[&str]) -> String {
    let spelled: Vec<String> = keywords.iter().map(|k| k.replace('.', r"\.").replace('_', r"[_\-. ]?")).collect();
    format!("(?i:{})", spelled.join("|"))
}

/// A gram of a window.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    folded: u32,
    window: u16,
    token: u8,
    next: u32,
}

struct Builder {
    records: Vec<[u8; RULE_SIZE]>,
    heap: Vec<u8>,
    /// Where a byte string already lies in the heap.
    kept: HashMap<Vec<u8>, (u32, u32)>,
    /// By bucket.
    grams: BTreeMap<usize, BTreeSet<Entry>>,
    windows: Vec<[u8; WINDOW_SIZE]>,
    /// Keywords that are found by a credential word in them, and their rules.
    names: Vec<(Vec<u8>, u16)>,
    words: Words,
    usual: Usual,
}

/// The words by which the generic rules find a credential's name: `key`, `token`, `password`.
///
/// A keyword that contains one (`dd_api_key`) needs no grams of its own: it is looked up where the word is found.
struct Words(Vec<(String, Start)>);

impl Words {
    fn of(files: &[RuleFile]) -> Self {
        let generic = files.iter().flat_map(|f| &f.rules).filter(|r| r.value == ValueIs::Assigned);
        Self(generic.flat_map(|r| r.near.iter().map(|word| (word.clone(), r.start))).collect())
    }

    /// Whether one of the words is sure to be found in the keyword, as long as it begins as a word there: `aai_key`, `aaiKey`.
    /// (`AAIKEY` is not found: grams for it would cost every text a twentieth of its speed.)
    fn are_in(&self, keyword: &str) -> bool {
        self.0.iter().any(|(word, start)| {
            let places = keyword.match_indices(word.as_str());
            places.into_iter().any(|(at, _)| {
                *start == Start::Any || at == 0 || matches!(keyword.as_bytes()[at - 1], b'_' | b'.' | b'-')
            })
        })
    }
}

/// The four bytes behind a window, folded; 0 where the pattern leaves open which.
fn following(window: &shape::Window) -> u32 {
    let (exact, mask) = (window.exact.to_le_bytes(), window.mask.to_le_bytes());
    u32::from_le_bytes(std::array::from_fn(|i| if mask[4 + i] | 0x20 == 0xFF { exact[4 + i] | 0x20 } else { 0 }))
}

/// What is compared of a keyword: its letters and digits.
fn letters(keyword: &str) -> Vec<u8> {
    keyword.bytes().filter(u8::is_ascii_alphanumeric).collect()
}

/// Keywords in the order in which they are tried: the rule's, but none behind one that it begins with.
fn in_order<'k>(keywords: &[&'k String]) -> Vec<&'k str> {
    let mut order: Vec<&str> = Vec::with_capacity(keywords.len());
    for keyword in keywords {
        let shorter = order.iter().position(|other| letters(keyword).starts_with(&letters(other)));
        order.insert(shorter.unwrap_or(order.len()), keyword);
    }
    order
}

impl Builder {
    fn new(usual: Usual, files: &[RuleFile]) -> Self {
        Self {
            records: Vec::new(),
            heap: Vec::new(),
            kept: HashMap::new(),
            grams: BTreeMap::new(),
            windows: Vec::new(),
            names: Vec::new(),
            words: Words::of(files),
            usual,
        }
    }

    fn add(&mut self, vendor: &str, rule: &Rule) -> Result<(), String> {
        let number = self.records.len() as u16;
        let mut record = [0u8; RULE_SIZE];
        let mut put = |at: usize, (offset, length): (u32, u32)| {
            record[at..at + 4].copy_from_slice(&offset.to_le_bytes());
            record[at + 4..at + 8].copy_from_slice(&length.to_le_bytes());
        };
        let before = rule.before.as_deref().unwrap_or_default();
        let found_by_word = |keyword: &&String| rule.value != ValueIs::Assigned && self.words.are_in(keyword);
        let (named, alone): (Vec<_>, Vec<_>) = rule.near.iter().partition(found_by_word);
        self.names.extend(named.into_iter().map(|keyword| (letters(keyword), number)));
        let evidence = if rule.near.is_empty() {
            Some(format!("(?:{before})(?:{})(?:{})", rule.pattern, rule.after.as_deref().unwrap_or_default()))
        } else if alone.is_empty() {
            None
        } else {
            let alone = in_order(&alone);
            let listed: Vec<u8> = alone.iter().flat_map(|k| [&[k.len() as u8], k.as_bytes()].concat()).collect();
            put(field::NEAR, self.keep(&listed));
            Some(keywords_regex(&alone))
        };
        for (at, pattern) in [
            (field::BEFORE, rule.before.as_deref()),
            (field::VALUE, (rule.value != ValueIs::Assigned).then_some(rule.pattern.as_str())),
            (field::AFTER, rule.after.as_deref()),
        ] {
            if let Some(pattern) = pattern {
                put(at, self.automaton(pattern)?);
            }
        }
        for (at, text) in [
            (field::ID, rule.id.as_str()),
            (field::NAME, &rule.name),
            (field::VENDOR, vendor),
            (field::SOURCE, &rule.source),
            (field::REVOKE, &rule.revoke),
        ] {
            put(at, self.keep(text.as_bytes()));
        }
        record[field::VALUE_IS] = match rule.value {
            ValueIs::Pattern => 0,
            ValueIs::Assigned => 1,
            ValueIs::Block => 2,
        };
        let end = match rule.end {
            End::Grow => 0,
            End::Word => 1,
            End::Any => 2,
        };
        record[field::EDGES] = u8::from(rule.start == Start::Any) | end << 1 | u8::from(!rule.near.is_empty()) << 3;
        record[field::PROOF] = rule.proof;
        if rule.value != ValueIs::Assigned {
            let start = parsed(rule.before.as_deref().unwrap_or(&rule.pattern))?;
            record[field::SOLID] = shape::solid_start(&start);
            record[field::FIRST..].copy_from_slice(&shape::first(&start));
        }
        record[field::ENTROPY] = (rule.entropy * 16.0).round().clamp(0.0, 255.0) as u8;

        let places = evidence.map_or(Ok(Vec::new()), |e| shape::places(&parsed(&e)?, &self.usual))?;
        let mut windows: BTreeMap<[u8; WINDOW_SIZE], Vec<shape::Window>> = BTreeMap::new();
        for place in places {
            for window in place.windows() {
                let (least, greatest) = (place.least + window.offset, place.greatest + window.offset);
                let mut of = [0; WINDOW_SIZE];
                of[at::EXACT..][..8].copy_from_slice(&window.exact.to_le_bytes());
                of[at::MASK..][..8].copy_from_slice(&window.mask.to_le_bytes());
                of[at::RULE..][..2].copy_from_slice(&number.to_le_bytes());
                of[at::LEAST] = least as i8 as u8;
                of[at::GREATEST] = greatest as i8 as u8;
                of[at::EDGES] = record[field::EDGES];
                (of[at::FAR], of[at::FAR_BYTE]) = window.far.unwrap_or_default();
                windows.entry(of).or_default().push(window);
            }
        }
        for (record_of, alike) in windows {
            self.add_window(record_of, &alike)?;
        }
        self.records.push(record);
        Ok(())
    }

    /// Adds a window that several spellings of a pattern have.
    fn add_window(&mut self, record: [u8; WINDOW_SIZE], alike: &[shape::Window]) -> Result<(), String> {
        let number = u16::try_from(self.windows.len()).map_err(|_| "one window too many; widen layout::GRAM_SIZE")?;
        let token = alike.iter().map(|w| w.token).min().unwrap_or(0);
        for window in alike {
            let next = following(window);
            for gram in &window.grams {
                let folded = u32::from_le_bytes(*gram);
                let bucket = layout::bucket(layout::hash(folded));
                self.grams.entry(bucket).or_default().insert(Entry { folded, window: number, token, next });
            }
        }
        self.windows.push(record);
        Ok(())
    }

    fn automaton(&mut self, pattern: &str) -> Result<(u32, u32), String> {
        let hir = parsed(pattern)?;
        if matches_line_break(&hir) {
            return Err(format!("'{pattern}' can match a line break; a rule's evidence lies within one line"));
        }
        if hir.properties().minimum_len().unwrap_or(0) == 0 {
            return Err(format!("'{pattern}' can match nothing at all"));
        }
        let too_large = |_| {
            format!("'{pattern}' makes too large an automaton; replace bounded repeats such as {{20,200}} by {{20,}}")
        };
        let dense = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .start_kind(regex_automata::dfa::StartKind::Anchored)
                    .minimize(true)
                    .accelerate(false)
                    .dfa_size_limit(Some(BUILD_LIMIT))
                    .determinize_size_limit(Some(BUILD_LIMIT)),
            )
            .syntax(bytes_syntax())
            .thompson(thompson::Config::new().which_captures(thompson::WhichCaptures::None))
            .build(pattern)
            .map_err(too_large)?;
        let sparse = dense.to_sparse().map_err(too_large)?;
        // Build and run have the same byte order but when cross-compiling; the target's order counts.
        let big = std::env::var("CARGO_CFG_TARGET_ENDIAN").is_ok_and(|endian| endian == "big");
        let bytes = if big { sparse.to_bytes_big_endian() } else { sparse.to_bytes_little_endian() };
        let (padded, padding) = if big { dense.to_bytes_big_endian() } else { dense.to_bytes_little_endian() };
        let plain = &padded[padding..];
        // Steps through a dense automaton are far quicker, but some are twenty times as large.
        if plain.len() <= DENSE_FACTOR * bytes.len() {
            return Ok(self.keep(plain));
        }
        if bytes.len() > STORE_LIMIT {
            return Err(format!(
                "'{pattern}' makes an automaton of {} bytes, more than {STORE_LIMIT}; replace bounded repeats such as \
                 {{20,200}} by {{20,}}",
                bytes.len()
            ));
        }
        Ok(self.keep(&bytes))
    }

    fn keep(&mut self, bytes: &[u8]) -> (u32, u32) {
        let heap = &mut self.heap;
        *self.kept.entry(bytes.to_vec()).or_insert_with(|| {
            heap.resize(heap.len().next_multiple_of(layout::ALIGN), 0);
            let offset = heap.len() as u32;
            heap.extend_from_slice(bytes);
            (offset, bytes.len() as u32)
        })
    }

    fn finish(mut self) -> Vec<u8> {
        let mut bitmap = vec![u64::MAX; 1 << (BITMAP_BITS - 6)];
        let mut starts = vec![0u32; (1 << BUCKET_BITS) + 1];
        for (bucket, grams) in &self.grams {
            starts[bucket + 1] = grams.len() as u32;
            for gram in grams {
                let (word, bits) = layout::bits(layout::hash(gram.folded));
                bitmap[word] &= !bits;
            }
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let (names, heads) = self.names();
        let mut ids: Vec<u16> = (0..self.records.len() as u16).collect();
        ids.sort_by_key(|number| self.id(*number));

        let numbers = |list: &[u32]| -> Vec<u8> { list.iter().flat_map(|n| n.to_le_bytes()).collect() };
        let halves = |list: &[u16]| -> Vec<u8> { list.iter().flat_map(|n| n.to_le_bytes()).collect() };
        let rules = self.records.concat();
        let bitmap: Vec<u8> = bitmap.iter().flat_map(|word| word.to_le_bytes()).collect();
        let buckets = numbers(&starts);
        let entry = |gram: &Entry| {
            let ([a, b, c, d], [low, high]) = (gram.next.to_le_bytes(), gram.window.to_le_bytes());
            [a, b, c, d, layout::tag(layout::hash(gram.folded)), gram.token, low, high]
        };
        let grams: Vec<u8> = self.grams.values().flatten().flat_map(entry).collect();
        let windows = self.windows.concat();
        let mut ids = halves(&ids);

        // What stands before the heap ends where an automaton may begin.
        let before = HEADER + rules.len() + bitmap.len() + buckets.len() + grams.len() + windows.len() + names.len();
        let before = before + 2 * heads.len() + ids.len();
        ids.resize(ids.len() + before.next_multiple_of(layout::ALIGN) - before, 0);

        let mut table = vec![0; HEADER];
        let mut put = |section: &[u8]| {
            let at = table.len() as u32;
            table.extend_from_slice(section);
            at
        };
        let header: [u32; HEADER_FIELDS] = [
            put(&rules),
            (rules.len() / RULE_SIZE) as u32,
            put(&bitmap),
            put(&buckets),
            put(&grams),
            (grams.len() / GRAM_SIZE) as u32,
            put(&windows),
            (windows.len() / WINDOW_SIZE) as u32,
            put(&names),
            (names.len() / NAME_SIZE) as u32,
            put(&halves(&heads)),
            put(&ids),
            put(&self.heap),
            self.heap.len() as u32,
        ];
        table[..4].copy_from_slice(MAGIC);
        table[4..HEADER].copy_from_slice(&numbers(&header));
        table
    }

    /// The names, sorted by how they begin, and where each head's names begin.
    fn names(&mut self) -> (Vec<u8>, Vec<u16>) {
        let mut all = Vec::new();
        for (letters, rule) in std::mem::take(&mut self.names) {
            // A name of three letters may be followed by any fourth, or by none.
            let any = || (b'0'..=b'9').chain(b'a'..=b'z').chain([0]).collect();
            let fourth: Vec<u8> = letters.get(3).map_or_else(any, |b| vec![*b]);
            let head = |fourth| layout::head([letters[0], letters[1], letters[2], fourth]);
            all.extend(fourth.into_iter().map(|b| (head(b), letters.clone(), rule)));
        }
        all.sort();
        all.dedup();
        let mut heads = vec![0u16; (1 << HEAD_BITS) + 1];
        let mut names = Vec::with_capacity(all.len() * NAME_SIZE);
        for (head, letters, rule) in all {
            heads[head + 1] += 1;
            let (offset, length) = self.keep(&letters);
            names.extend_from_slice(&offset.to_le_bytes());
            names.extend_from_slice(&(length as u16).to_le_bytes());
            names.extend_from_slice(&rule.to_le_bytes());
        }
        for i in 1..heads.len() {
            heads[i] += heads[i - 1];
        }
        (names, heads)
    }

    fn id(&self, number: u16) -> &[u8] {
        let record = &self.records[usize::from(number)];
        let half = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| record[at + i])) as usize;
        let (offset, length) = (half(field::ID), half(field::ID + 4));
        &self.heap[offset..offset + length]
    }
}

/// Patterns are over bytes: a log is not always UTF-8, and a Unicode class would make automata large.
fn bytes_syntax() -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false)
}

fn parsed(pattern: &str) -> Result<Hir, String> {
    syntax::parse_with(pattern, &bytes_syntax()).map_err(|e| format!("'{pattern}' is not a regular expression: {e}"))
}

fn matches_line_break(hir: &Hir) -> bool {
    let breaks = |b: u8| b == b'\n' || b == b'\r';
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.iter().any(|b| breaks(*b)),
        HirKind::Class(Class::Bytes(class)) => class.ranges().iter().any(|r| (r.start()..=r.end()).any(breaks)),
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().any(|r| (r.start()..=r.end()).any(|c| c == '\n' || c == '\r'))
        }
        HirKind::Repetition(rep) => matches_line_break(&rep.sub),
        HirKind::Capture(capture) => matches_line_break(&capture.sub),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => subs.iter().any(matches_line_break),
    }
}
