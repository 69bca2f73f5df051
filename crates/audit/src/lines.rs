//! Lines of a file in constant memory, whatever is in it, with where they stand.

use std::io::{BufRead, BufReader, Read, Result};

use crate::chain::LONGEST;

/// A line without its end.
pub(crate) struct Line<'l> {
    /// Where it begins, in bytes.
    pub at: u64,
    /// How long it is, with its end.
    pub length: u64,
    /// What stands in it; of a line that is longer than any record, the beginning.
    pub text: &'l [u8],
    /// Whether it has an end.
    pub ended: bool,
}

/// Reads lines.
pub(crate) struct Lines<R> {
    from: BufReader<R>,
    text: Vec<u8>,
    at: u64,
}

impl<R: Read> Lines<R> {
    /// Those of a reader that stands at the byte `at`.
    pub fn new(from: R, at: u64) -> Self {
        Self { from: BufReader::with_capacity(64 << 10, from), text: Vec::new(), at }
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Line<'_>>> {
        self.text.clear();
        let (at, mut length, mut ended) = (self.at, 0, false);
        while !ended {
            let piece = self.from.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            let end = piece.iter().position(|b| *b == b'\n');
            ended = end.is_some();
            let content = &piece[..end.unwrap_or(piece.len())];
            let room = (LONGEST + 1).saturating_sub(self.text.len());
            self.text.extend_from_slice(&content[..content.len().min(room)]);
            let used = content.len() + usize::from(ended);
            length += used as u64;
            self.from.consume(used);
        }
        self.at += length;
        Ok((length > 0).then_some(Line { at, length, text: &self.text, ended }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_where_they_stand_and_a_long_one_is_not_kept() {
        let long = "x".repeat(3 * LONGEST);
        let text = format!("a\n\n{long}\nend");
        let mut lines = Lines::new(text.as_bytes(), 0);
        let mut seen = Vec::new();
        while let Some(line) = lines.next().expect("memory is read") {
            seen.push((line.at, line.length, line.text.len(), line.ended));
        }
        let behind = 3 + long.len() as u64 + 1;
        let long = (3, long.len() as u64 + 1, LONGEST + 1, true);
        assert_eq!(seen, [(0, 2, 1, true), (2, 1, 0, true), long, (behind, 3, 3, false)]);
    }
}
