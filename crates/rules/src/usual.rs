//! What ordinary text looks like: how often characters follow one another in the names that people write.
//!
//! Used twice when stanch is built: to choose the windows that clean text hits least, and to tell a name from a value that
//! a machine made (the table that `scrub` carries).

/// Names with the number of files each stands in.
const NAMES: &str = include_str!("usual_names.txt");
/// Printable ASCII; row 0, the blank, stands for the start of a name.
const N: usize = 96;

/// Counts of character pairs.
pub struct Usual {
    /// Share of the column's character behind the row's, case kept.
    pairs: Vec<f64>,
    /// Share of a folded byte behind another, in text.
    folded: Vec<f64>,
}

impl Default for Usual {
    fn default() -> Self {
        Self::new()
    }
}

impl Usual {
    /// Counts the names that come with the crate.
    pub fn new() -> Self {
        let mut count = vec![0f64; N * N];
        let mut folded = vec![0f64; 256 * 256];
        // Text is full of addresses; lists of names are not.
        let addresses = ["https:// 20000", "http:// 5000"];
        for line in NAMES.lines().filter(|l| !l.starts_with('#')).chain(addresses) {
            let (name, files) =
                line.split_once(' ').map_or((line, 1.0), |(n, files)| (n, files.parse().unwrap_or(1.0)));
            let mut last = b' ';
            for byte in name.bytes().filter(u8::is_ascii_graphic) {
                count[usize::from(last - 0x20) * N + usize::from(byte - 0x20)] += f64::ln_1p(files);
                folded[usize::from(last | 0x20) * 256 + usize::from(byte | 0x20)] += files;
                last = byte;
            }
        }
        shares(&mut count, N, 0.05);
        shares(&mut folded, 256, 1.0);
        Self { pairs: count, folded }
    }

    /// For each pair, log2 of its share against chance (one of 64), in eighths of a bit: 96 rows of 96 bytes.
    pub fn against_chance(&self) -> Vec<u8> {
        self.pairs.iter().map(|share| ((share * 64.0).log2() * 8.0).clamp(-64.0, 48.0) as i8 as u8).collect()
    }

    /// Share of the places in ordinary text where four bytes of these (folded) sets stand.
    pub fn share(&self, sets: &[Vec<u8>]) -> f64 {
        let mut ways: Vec<(u8, f64)> = sets[0].iter().map(|b| (*b, alone(*b))).collect();
        for set in &sets[1..] {
            ways = set.iter().map(|b| (*b, ways.iter().map(|(a, share)| share * self.behind(*a, *b)).sum())).collect();
        }
        ways.iter().map(|(_, share)| share).sum()
    }

    /// Text is names with other things between: three parts to one.
    fn behind(&self, a: u8, b: u8) -> f64 {
        match b {
            b' ' => 0.2, // names hold no blanks, text does
            _ => 0.75 * self.folded[usize::from(a) * 256 + usize::from(b)] + 0.25 * alone(b),
        }
    }
}

/// Turns each row of counts into shares, with a little of everything so that nothing is impossible.
fn shares(counts: &mut [f64], width: usize, little: f64) {
    for row in counts.chunks_mut(width) {
        let sum: f64 = row.iter().sum::<f64>() + little * width as f64;
        row.iter_mut().for_each(|n| *n = (*n + little) / sum);
    }
}

/// Share of a folded byte in ordinary text: measured on source code, rounded.
fn alone(folded: u8) -> f64 {
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
