//! What ordinary text looks like: how often characters follow one another in the names that people write.
//!
//! Used twice when stanch is built: to choose the windows that clean text hits least, and to tell a name from a value that
//! a machine made (the table that `scrub` carries).

use std::collections::HashMap;

/// Names with the number of files each stands in.
const NAMES: &str = include_str!("usual_names.txt");
/// Three and four bytes of text, folded, with how many of a million places they stand in.
const GRAMS: &str = include_str!("usual_grams.txt");
/// Those that are not listed stand in fewer; what is taken for their share.
const RARE: f64 = 1e-6;
/// Printable ASCII; row 0, the blank, stands for the start of a name.
const N: usize = 96;

/// Shares of character pairs and of grams.
pub struct Usual {
    /// Share of the column's character behind the row's, case kept.
    pairs: Vec<f64>,
    /// Share of the places in text where two, three or four folded bytes stand.
    grams: HashMap<Vec<u8>, f64>,
}

impl Usual {
    /// Counts what comes with the crate.
    pub fn measured() -> Self {
        let mut count = vec![0f64; N * N];
        for line in NAMES.lines().filter(|l| !l.starts_with('#')) {
            let (name, files) =
                line.split_once(' ').map_or((line, 1.0), |(n, files)| (n, files.parse().unwrap_or(1.0)));
            let mut last = b' ';
            for byte in name.bytes().filter(u8::is_ascii_graphic) {
                count[usize::from(last - 0x20) * N + usize::from(byte - 0x20)] += f64::ln_1p(files);
                last = byte;
            }
        }
        shares(&mut count, N, 0.05);
        Self { pairs: count, grams: counted() }
    }

    /// Where nothing is known to be more usual than anything else: for a few rules, whose windows cost little in any text.
    pub fn unknown() -> Self {
        Self { pairs: vec![1.0 / 64.0; N * N], grams: HashMap::new() }
    }

    /// For each pair, log2 of its share against chance (one of 64), in eighths of a bit: 96 rows of 96 bytes.
    pub fn against_chance(&self) -> Vec<u8> {
        self.pairs.iter().map(|share| ((share * 64.0).log2() * 8.0).clamp(-64.0, 48.0) as i8 as u8).collect()
    }

    /// Share of the places in ordinary text where one of these (folded) sequences of four bytes stands.
    pub fn share(&self, grams: impl Iterator<Item = [u8; 4]>) -> f64 {
        grams.map(|gram| self.share_of(gram)).sum()
    }

    /// Counted, or estimated from the two sequences of three that it consists of.
    fn share_of(&self, gram: [u8; 4]) -> f64 {
        let counted = |part: &[u8]| self.grams.get(part).copied();
        counted(&gram).unwrap_or_else(|| {
            let three = |part: &[u8]| counted(part).unwrap_or(RARE);
            // What both have in common stands in no fewer places than either.
            let (first, last) = (three(&gram[..3]), three(&gram[1..]));
            let middle = counted(&gram[1..3]).unwrap_or(RARE).max(first).max(last);
            (first * last / middle).min(RARE * 4.0)
        })
    }
}

fn counted() -> HashMap<Vec<u8>, f64> {
    let mut grams: HashMap<Vec<u8>, f64> = HashMap::new();
    for line in GRAMS.lines().filter(|l| !l.starts_with('#')) {
        let Some((hex, Ok(count))) = line.split_once(' ').map(|(hex, count)| (hex, count.parse::<f64>())) else {
            continue;
        };
        let byte = |i: usize| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok();
        let gram: Vec<u8> = (0..hex.len()).step_by(2).filter_map(byte).collect();
        if gram.len() == 3 {
            *grams.entry(gram[..2].to_vec()).or_default() += count * 1e-6;
        }
        grams.insert(gram, count * 1e-6);
    }
    grams
}

/// Turns each row of counts into shares, with a little of everything so that nothing is impossible.
fn shares(counts: &mut [f64], width: usize, little: f64) {
    for row in counts.chunks_mut(width) {
        let sum: f64 = row.iter().sum::<f64>() + little * width as f64;
        row.iter_mut().for_each(|n| *n = (*n + little) / sum);
    }
}
