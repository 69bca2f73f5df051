//! Where a few narrow bytes stand in what a pattern matches.
//!
//! A pattern is unrolled into sequences of byte sets with gaps of known length between them. Five successive narrow sets
//! give two 4-byte windows, one byte apart; since the matcher looks at every second position of the text, it is sure to
//! look at one of the two. Of all places, the one that ordinary text hits least is taken.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::layout;
use crate::usual::Usual;

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// Every byte.
    pub const ANY: Self = Self([u64::MAX; 4]);
    const NONE: Self = Self([0; 4]);

    fn single(byte: u8) -> Self {
        let mut set = Self::NONE;
        set.add(byte, byte);
        set
    }

    fn add(&mut self, from: u8, to: u8) {
        (from..=to).for_each(|b| self.0[usize::from(b >> 6)] |= 1 << (b & 63));
    }

    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=255u8).filter(|b| self.0[usize::from(b >> 6)] >> (b & 63) & 1 != 0)
    }

    fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    fn is_token(self) -> bool {
        self.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    }

    /// The bits that all bytes of the set have, and which bits those are.
    fn common(self) -> (u8, u8) {
        let (ones, any) = self.bytes().fold((0xFF, 0), |(ones, any), byte| (ones & byte, any | byte));
        (ones, ones | !any)
    }

    /// The set's bytes after case folding.
    fn folded(&self) -> Vec<u8> {
        let mut seen = [false; 256];
        self.bytes().for_each(|b| seen[(b | 0x20) as usize] = true);
        (0..=255u8).filter(|b| seen[*b as usize]).collect()
    }
}

/// One step of a sequence.
#[derive(Clone)]
enum Step {
    /// Exactly one byte of the set.
    One(ByteSet),
    /// Between `min` and `max` bytes of whatever; `None` is unbounded.
    Gap(usize, Option<usize>),
}

/// Two 4-byte windows over five successive sets, and how far behind the start of the match the first of them lies.
pub struct Place {
    /// The five sets, and those that follow them without a gap.
    sets: Vec<ByteSet>,
    /// Least distance of the first set from the start of the match; −1 when the first set is the byte before it.
    pub least: i32,
    /// Greatest distance.
    pub greatest: i32,
}

/// One of a place's two windows.
pub struct Window {
    /// How far behind the place's first set it lies: 0 or 1.
    pub offset: i32,
    /// What may stand in it, folded.
    pub grams: Vec<[u8; 4]>,
    /// Its four bytes and the four that follow, as the pattern spells them.
    pub exact: u64,
    /// Which bits of `exact` the pattern fixes: all but one where it takes both cases, four where it takes digits.
    pub mask: u64,
    /// So many bytes, from the window on, are token characters.
    pub token: u8,
    /// The last byte behind those eight that says something: how far it is from the window, and the byte, folded, or 0 for
    /// any token character.
    pub far: Option<(u8, u8)>,
}

impl Place {
    /// Its two windows.
    pub fn windows(&self) -> [Window; 2] {
        [0, 1].map(|at| {
            let (exact, mask) = self.exact(at);
            let (grams, token, far) = (self.grams(at), self.token(at), self.far(at));
            Window { offset: at as i32, grams, exact, mask, token, far }
        })
    }

    /// What may stand in one of the windows, folded.
    fn grams(&self, window: usize) -> Vec<[u8; 4]> {
        let sets: Vec<Vec<u8>> = self.sets[window..window + 4].iter().map(ByteSet::folded).collect();
        let mut all = vec![[0; 4]];
        for (at, set) in sets.iter().enumerate() {
            let with = |mut gram: [u8; 4], byte: u8| {
                gram[at] = byte;
                gram
            };
            all = all.into_iter().flat_map(|gram| set.iter().map(move |b| with(gram, *b))).collect();
        }
        all
    }

    fn exact(&self, from: usize) -> (u64, u64) {
        let fixed: [(u8, u8); 8] = std::array::from_fn(|i| self.sets.get(from + i).map_or((0, 0), |set| set.common()));
        (u64::from_le_bytes(fixed.map(|(byte, _)| byte)), u64::from_le_bytes(fixed.map(|(_, mask)| mask)))
    }

    fn token(&self, from: usize) -> u8 {
        self.sets[from..].iter().take_while(|set| set.is_token()).count() as u8
    }

    fn far(&self, from: usize) -> Option<(u8, u8)> {
        let behind = || self.sets[from..].iter().enumerate().skip(8).rev();
        let fixed = behind().find_map(|(at, set)| match set.folded()[..] {
            [byte] => Some((at as u8, byte)),
            _ => None,
        });
        fixed.or_else(|| behind().find(|(_, set)| set.is_token()).map(|(at, _)| (at as u8, 0)))
    }

    fn count(&self) -> usize {
        (0..2).map(|w| self.sets[w..w + 4].iter().map(|s| s.folded().len()).product::<usize>()).sum()
    }

    /// Share of the places in ordinary text where one of the windows stands.
    fn hits(&self, usual: &Usual) -> f64 {
        (0..2).map(|w| usual.share(self.grams(w).into_iter())).sum()
    }

    fn cost(&self, usual: &Usual) -> f64 {
        // Every start that is possible is tried; and every gram sets bits by which another may be taken for one.
        let starts = f64::from(self.greatest - self.least + 1);
        self.hits(usual) * (1.0 + 0.2 * starts) + 5e-7 * self.count() as f64
    }
}

/// A place that more of ordinary text hits is no good.
const TOO_COMMON: f64 = 4e-3;
/// Most grams that one place may unfold to.
const MOST_GRAMS: usize = 4_100;
/// Most sequences that one pattern may unfold to.
const MOST_SEQUENCES: usize = 512;
/// Most sets of a place that are looked at.
const MOST_SETS: usize = 64;
/// A window lies at most this far behind the start of its match.
const FARTHEST: usize = 120;

/// The best place for every way the pattern can be spelled, or what is missing.
pub fn places(hir: &Hir, usual: &Usual) -> Result<Vec<Place>, String> {
    sequences(hir)?.into_iter().map(|steps| best_place(&steps, usual)).collect()
}

/// A match begins with so many solid bytes at least.
pub fn solid_start(hir: &Hir) -> u8 {
    let solid = |step: &&Step| matches!(step, Step::One(set) if set.bytes().all(layout::is_solid));
    let spellings = sequences(hir).unwrap_or_default();
    spellings.iter().map(|steps| steps.iter().take_while(solid).count()).min().unwrap_or(0).min(MOST_SETS) as u8
}

/// What a match may begin with: a bit for each byte.
pub fn first(hir: &Hir) -> [u8; 32] {
    let spellings = sequences(hir).unwrap_or_else(|_| vec![vec![]]);
    let first = |steps: &Vec<Step>| match steps.first() {
        Some(Step::One(set)) => *set,
        _ => ByteSet::ANY,
    };
    let all = spellings.iter().map(first).fold(ByteSet::NONE, ByteSet::or);
    let mut bytes = [0; 32];
    bytes.as_chunks_mut().0.iter_mut().zip(all.0).for_each(|(part, bits)| *part = bits.to_le_bytes());
    bytes
}

fn best_place(steps: &[Step], usual: &Usual) -> Result<Place, String> {
    let mut best: Option<(f64, Place)> = None;
    for run in runs(steps) {
        let Some(greatest) = run.greatest else { continue };
        for index in 0..run.sets.len().saturating_sub(4) {
            let sets = run.sets[index..].iter().take(MOST_SETS).copied().collect();
            let place = Place { sets, least: run.least + index as i32, greatest: greatest + index as i32 };
            if place.greatest > FARTHEST as i32 || place.count() > MOST_GRAMS {
                continue;
            }
            let cost = place.cost(usual);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, place));
            }
        }
    }
    match best {
        Some((_, place)) if place.hits(usual) < TOO_COMMON => Ok(place),
        Some(_) => Err("the narrowest five successive characters are too common in ordinary text; add a keyword with \
                        near, or a longer prefix"
            .into()),
        None => {
            Err("no five successive characters are narrow enough for the first pass; a pattern needs a prefix (or \
                     some fixed characters at a bounded distance), or near keywords"
                .into())
        }
    }
}

/// Successive byte sets without a gap between them.
struct Run {
    sets: Vec<ByteSet>,
    /// Distance of the first from the start of the match, least and greatest; unbounded behind an open repeat.
    least: i32,
    greatest: Option<i32>,
}

/// The runs of a sequence. A run borrows its neighbours, whatever they are: a keyword of three letters has four bytes
/// with the one before it and four with the one behind it.
fn runs(steps: &[Step]) -> Vec<Run> {
    let fresh = |least: i32, greatest: Option<i32>| Run {
        sets: vec![ByteSet::ANY],
        least: least - 1,
        greatest: greatest.map(|g| g - 1),
    };
    let (mut least, mut greatest) = (0i32, Some(0i32));
    let mut all = vec![fresh(least, greatest)];
    for step in steps {
        match step {
            Step::One(set) => {
                all.last_mut().expect("starts with one run").sets.push(*set);
                least += 1;
                greatest = greatest.map(|g| g + 1);
            }
            Step::Gap(min, max) => {
                least += *min as i32;
                greatest = greatest.zip(*max).map(|(g, m)| g + m as i32);
                all.push(fresh(least, greatest));
            }
        }
    }
    all.iter_mut().for_each(|run| run.sets.push(ByteSet::ANY));
    all
}

fn sequences(hir: &Hir) -> Result<Vec<Vec<Step>>, String> {
    let too_many = || format!("the pattern unfolds to more than {MOST_SEQUENCES} spellings; use fewer alternatives");
    let found = match hir.kind() {
        HirKind::Empty => vec![vec![]],
        HirKind::Literal(literal) => vec![literal.0.iter().map(|b| Step::One(ByteSet::single(*b))).collect()],
        HirKind::Class(class) => vec![vec![Step::One(byte_set(class)?)]],
        HirKind::Look(_) => return Err("anchors, word boundaries and look-around are not allowed".into()),
        HirKind::Capture(capture) => sequences(&capture.sub)?,
        HirKind::Alternation(subs) => {
            let mut all = Vec::new();
            for sub in subs {
                all.extend(sequences(sub)?);
            }
            all
        }
        HirKind::Concat(subs) => {
            let mut all = vec![vec![]];
            for sub in subs {
                all = joined(&all, &sequences(sub)?).ok_or_else(too_many)?;
            }
            all
        }
        HirKind::Repetition(rep) => repeated(rep.min as usize, rep.max.map(|m| m as usize), &rep.sub)?,
    };
    if found.len() > MOST_SEQUENCES { Err(too_many()) } else { Ok(found) }
}

/// `sub{min,max}`: the first `min` times spelled out while that stays small, the rest a gap.
fn repeated(min: usize, max: Option<usize>, sub: &Hir) -> Result<Vec<Vec<Step>>, String> {
    let once = sequences(sub)?;
    if min == 0 && max == Some(1) {
        return Ok([vec![vec![]], once].concat());
    }
    let shortest = sub.properties().minimum_len().unwrap_or(0);
    let longest = sub.properties().maximum_len();
    let rest = |times: usize| {
        Step::Gap(shortest * (min - times), max.zip(longest).map(|(most, longest)| longest * (most - times)))
    };
    let mut all = vec![vec![]];
    let mut times = 0;
    while times < min && once.len() == 1 && times < FARTHEST {
        all = joined(&all, &once).unwrap_or(all);
        times += 1;
    }
    if max != Some(times) {
        all.iter_mut().for_each(|s| s.push(rest(times)));
    }
    Ok(all)
}

fn joined(heads: &[Vec<Step>], tails: &[Vec<Step>]) -> Option<Vec<Vec<Step>>> {
    (heads.len() * tails.len() <= MOST_SEQUENCES)
        .then(|| heads.iter().flat_map(|h| tails.iter().map(move |t| [h.as_slice(), t.as_slice()].concat())).collect())
}

fn byte_set(class: &Class) -> Result<ByteSet, String> {
    let mut set = ByteSet::NONE;
    match class {
        Class::Bytes(bytes) => bytes.ranges().iter().for_each(|r| set.add(r.start(), r.end())),
        Class::Unicode(chars) => {
            for range in chars.ranges() {
                if range.end() > '\u{7f}' {
                    return Err("the pattern names a character outside ASCII".into());
                }
                set.add(range.start() as u8, range.end() as u8);
            }
        }
    }
    Ok(set)
}
