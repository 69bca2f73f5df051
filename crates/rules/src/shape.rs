//! Where a few narrow bytes stand in what a pattern matches.
//!
//! A pattern is unrolled into sequences of byte sets with gaps of known length between them. Five successive narrow sets
//! give two 4-byte windows, one byte apart; since the matcher looks at every second position of the text, it is sure to
//! look at one of the two. Of all places, the one that ordinary text hits least is taken.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A set of bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct ByteSet([bool; 256]);

impl ByteSet {
    /// Every byte.
    pub const ANY: Self = Self([true; 256]);

    fn single(byte: u8) -> Self {
        let mut set = [false; 256];
        set[byte as usize] = true;
        Self(set)
    }

    fn add(&mut self, from: u8, to: u8) {
        self.0[from as usize..=to as usize].fill(true);
    }

    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=255u8).filter(|b| self.0[*b as usize])
    }

    /// The set's bytes after case folding.
    fn folded(&self) -> Vec<u8> {
        let mut seen = [false; 256];
        self.bytes().for_each(|b| seen[(b | 0x20) as usize] = true);
        (0..=255u8).filter(|b| seen[*b as usize]).collect()
    }

    /// How often a byte of ordinary source text is in the set (after folding), roughly.
    fn frequency(&self) -> f64 {
        self.folded().into_iter().map(usual).sum()
    }
}

/// Share of a folded byte in ordinary text: measured on source code, rounded.
fn usual(folded: u8) -> f64 {
    match folded {
        b' ' => 0.2,
        b'e' | b't' => 0.07,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 0.045,
        b'c' | b'd' | b'l' | b'm' | b'p' | b'u' | b'f' | b'h' => 0.022,
        b'b' | b'g' | b'k' | b'v' | b'w' | b'x' | b'y' => 0.009,
        b'j' | b'q' | b'z' => 0.0015,
        b'*' => 0.035, // line feed folds to it
        b'(' | b')' | b',' | b'.' | b':' | b';' | b'=' | b'"' | b'/' | b'-' | 0x7f => 0.012,
        b'0'..=b'9' => 0.005,
        0x21..=0x7e => 0.004,
        _ => 0.0002,
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
    /// The five sets.
    pub sets: [ByteSet; 5],
    /// Least distance of the first set from the start of the match; −1 when the first set is the byte before it.
    pub least: i32,
    /// Greatest distance.
    pub greatest: i32,
}

impl Place {
    /// All folded grams of the two windows, each with the window's place (0 or 1).
    pub fn grams(&self) -> Vec<(u32, i32)> {
        let mut grams = Vec::new();
        for window in 0..2 {
            let sets: Vec<Vec<u8>> = self.sets[window..window + 4].iter().map(ByteSet::folded).collect();
            for a in &sets[0] {
                for b in &sets[1] {
                    for c in &sets[2] {
                        grams.extend(sets[3].iter().map(|d| (u32::from_le_bytes([*a, *b, *c, *d]), window as i32)));
                    }
                }
            }
        }
        grams
    }

    fn count(&self) -> usize {
        (0..2).map(|w| self.sets[w..w + 4].iter().map(|s| s.folded().len()).product::<usize>()).sum()
    }

    fn cost(&self) -> f64 {
        let hits: f64 = (0..2).map(|w| self.sets[w..w + 4].iter().map(ByteSet::frequency).product::<f64>()).sum();
        // Every gram also raises the chance that a clean text's hash is taken for one.
        hits + 1e-7 * self.count() as f64 + 1e-7 * f64::from(self.greatest - self.least)
    }
}

/// Most grams that one place may unfold to.
const MOST_GRAMS: usize = 6_000;
/// Most sequences that one pattern may unfold to.
const MOST_SEQUENCES: usize = 512;
/// A window lies at most this far behind the start of its match.
const FARTHEST: usize = 120;

/// The best place for every way the pattern can be spelled, or what is missing.
pub fn places(hir: &Hir) -> Result<Vec<Place>, String> {
    sequences(hir)?.into_iter().map(best_place).collect()
}

fn best_place(steps: Vec<Step>) -> Result<Place, String> {
    let mut best: Option<(f64, Place)> = None;
    for run in runs(&steps) {
        let Some(greatest) = run.greatest else { continue };
        for (index, sets) in run.sets.windows(5).enumerate() {
            let sets: [ByteSet; 5] = std::array::from_fn(|i| sets[i].clone());
            let place = Place { sets, least: run.least + index as i32, greatest: greatest + index as i32 };
            let near_enough = place.greatest <= FARTHEST as i32;
            if near_enough && place.count() <= MOST_GRAMS && best.as_ref().is_none_or(|(cost, _)| place.cost() < *cost)
            {
                best = Some((place.cost(), place));
            }
        }
    }
    match best {
        Some((cost, place)) if cost < 2e-3 => Ok(place),
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
                all.last_mut().expect("starts with one run").sets.push(set.clone());
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
    let mut set = ByteSet([false; 256]);
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
