//! Searching a text that is a file's: where a secret is, a person wants to know by line.

use scrub::{Finding, Mask, Scanner, Stream};

use crate::Refusal;

/// The secrets of a text, each with its line.
pub fn findings(text: &[u8], scanner: &Scanner<'_>) -> Result<Vec<(usize, Finding)>, Refusal> {
    let mask = Mask::new(*scanner.table());
    let (mut stream, mut unused, mut found) = (Stream::new(scanner, &mask), Vec::new(), Vec::new());
    let mut note = |sighting: scrub::Sighting<'_>| found.push((sighting.line, sighting.finding.clone()));
    for piece in text.chunks(128 << 10) {
        stream.push(piece, &mut unused, Some(&mut note))?;
        unused.clear();
    }
    stream.finish(&mut unused, Some(&mut note))?;
    Ok(found)
}
