//! Redaction of text of any length in bounded memory, released line by line.
//!
//! A complete line is released as soon as it is pushed; the line before it stays as context, since a keyword may stand on
//! one line and its value on the next. A line without end is cut at a blank or a quote, or, inside one endless word, where
//! no secret is in the making.

use crate::block::Open;
use crate::boundary::is_token;
use crate::echo;
use crate::mask::Mask;
use crate::scan::{Finding, ScanError, Scanner};

/// An unfinished line of this length is cut.
const LONGEST_LINE: usize = 1 << 20;
/// Where a line is cut at a blank, the blank stands in this much of its end; where none does, this much is held back.
const HELD_BACK: usize = 32 << 10;
/// What is kept of the line before.
const CONTEXT: usize = 4 << 10;

/// Where a stream found a secret. Lines and columns (in bytes) count from 1.
pub struct Sighting<'a> {
    /// The finding; its span is within the line.
    pub finding: &'a Finding,
    /// The line.
    pub line: usize,
    /// The first byte of the secret in its line.
    pub column: usize,
}

/// Told of each finding when it is released.
pub type Witness<'w> = &'w mut dyn FnMut(Sighting<'_>);

/// Redacts a stream of bytes.
pub struct Stream<'s, 't> {
    scanner: &'s Scanner<'t>,
    mask: &'s Mask<'t>,
    /// The line before, then what is not released yet.
    held: Vec<u8>,
    /// Length of the line before.
    context: usize,
    open: Option<Open>,
    /// Line breaks released; counted for a witness only.
    lines: usize,
    /// The last placeholder stands for a word that goes on.
    swallowing: bool,
}

impl<'s, 't> Stream<'s, 't> {
    /// A stream at its start.
    pub fn new(scanner: &'s Scanner<'t>, mask: &'s Mask<'t>) -> Self {
        Self { scanner, mask, held: Vec::new(), context: 0, open: None, lines: 0, swallowing: false }
    }

    /// Takes the next piece and appends to `out` what can be released.
    ///
    /// After an error nothing of the piece has been released; go no further.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>, witness: Option<Witness<'_>>) -> Result<(), ScanError> {
        let mut witness = witness;
        let piece = self.swallow(piece);
        let unseen = self.held.len();
        self.held.extend_from_slice(piece);
        if let Some(line_end) = memchr::memrchr(b'\n', &self.held[unseen..]) {
            self.release(unseen + line_end + 1, out, &mut witness)?;
        }
        while self.held.len() - self.context > LONGEST_LINE {
            let cut = self.cut();
            self.release(cut, out, &mut witness)?;
        }
        Ok(())
    }

    /// Releases the rest.
    pub fn finish(mut self, out: &mut Vec<u8>, witness: Option<Witness<'_>>) -> Result<(), ScanError> {
        let (end, mut witness) = (self.held.len(), witness);
        self.release(end, out, &mut witness)
    }

    /// The rest of a word whose beginning has been replaced.
    fn swallow<'p>(&mut self, piece: &'p [u8]) -> &'p [u8] {
        if !self.swallowing {
            return piece;
        }
        let end = piece.iter().position(|b| !is_token(*b));
        self.swallowing = end.is_none();
        &piece[end.unwrap_or(piece.len())..]
    }

    fn cut(&self) -> usize {
        let end = self.held.len();
        let tail = &self.held[end - HELD_BACK..];
        let blank =
            tail.iter().rposition(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b',' | b';' | b'<' | b'>'));
        blank.map_or(end - HELD_BACK, |i| end - HELD_BACK + i + 1)
    }

    fn release(
        &mut self,
        mut end: usize,
        out: &mut Vec<u8>,
        witness: &mut Option<Witness<'_>>,
    ) -> Result<(), ScanError> {
        let whole_line = end == self.held.len() || self.held[end - 1] == b'\n';
        // Where a line is cut, look at all that is there, and hold back what begins before the cut and ends behind it.
        let visible = if whole_line { end } else { self.held.len() };
        let scan = self.scanner.scan(&self.held[..visible], self.context, self.open)?;
        let mut findings = scan.findings;
        if let Some(astride) = findings.iter().find(|f| f.span.start < end && f.span.end > end) {
            if astride.span.start > self.context {
                end = astride.span.start;
            } else {
                end = astride.span.end;
                self.swallowing = end == self.held.len();
            }
        }
        findings.retain(|f| f.span.start < end);
        let text = &self.held[..end];
        echo::in_lines(text, self.context, &mut findings);
        if let Some(witness) = witness {
            self.lines = report(text, self.context, self.lines, &findings, witness);
        }
        let shifted: Vec<Finding> = findings
            .into_iter()
            .map(|f| Finding { span: f.span.start - self.context..f.span.end - self.context, ..f })
            .collect();
        self.mask.write(&text[self.context..], &shifted, out);
        self.open = if whole_line { scan.open } else { None };

        let line_end = if self.held[..end].ends_with(b"\n") { end.saturating_sub(1) } else { end };
        let line = memchr::memrchr(b'\n', &self.held[..line_end]).map_or(0, |i| i + 1);
        let keep = line.max(end.saturating_sub(CONTEXT));
        self.held.drain(..keep);
        self.context = end - keep;
        Ok(())
    }
}

/// Tells of each finding; returns the number of line breaks up to the end of the text.
fn report(text: &[u8], from: usize, mut lines: usize, findings: &[Finding], witness: &mut Witness<'_>) -> usize {
    let mut at = from;
    for finding in findings {
        lines += memchr::memchr_iter(b'\n', &text[at..finding.span.start]).count();
        at = finding.span.start;
        let line = memchr::memrchr(b'\n', &text[..at]).map_or(0, |i| i + 1);
        witness(Sighting { finding, line: lines + 1, column: at - line + 1 });
    }
    lines + memchr::memchr_iter(b'\n', &text[at..]).count()
}
