//! Redaction of text of any length in bounded memory, released line by line.
//!
//! A complete line is released as soon as it is pushed; the lines before it stay as context, since a keyword may stand on
//! one line and its value on another. A line without end is cut at a blank or a quote, or, inside one endless word, where
//! no secret is in the making. Who cannot wait for the line's end asks for what may be shown of it ([`Stream::pause`]).

use std::collections::BTreeMap;

use crate::block::{self, Open};
use crate::boundary::is_token;
use crate::finding::Finding;
use crate::mask::Mask;
use crate::scan::{Scan, ScanError, Scanner};
use crate::shown::Shown;
use crate::{context, echo, pause};

/// An unfinished line of this length is cut.
const LONGEST_LINE: usize = 1 << 20;
/// Where a line is cut at a blank, the blank stands in this much of its end; where none does, this much is held back.
const HELD_BACK: usize = 32 << 10;

/// Where a stream found a secret. Lines and columns (in bytes) count from 1.
pub struct Sighting<'a> {
    /// The finding; of its span only the length means anything here.
    pub finding: &'a Finding,
    /// The first byte of the secret in the stream, from 0.
    pub at: usize,
    /// The line.
    pub line: usize,
    /// The first byte of the secret in its line.
    pub column: usize,
}

/// How far lines have been counted.
#[derive(Clone, Copy, Default)]
struct Told {
    /// Line breaks.
    lines: usize,
    /// Where in the stream the last line begins.
    line_start: usize,
}

impl Told {
    /// Goes on over a text that stands at `at` in the stream.
    fn pass(&mut self, text: &[u8], at: usize) {
        self.lines += memchr::memchr_iter(b'\n', text).count();
        if let Some(last) = memchr::memrchr(b'\n', text) {
            self.line_start = at + last + 1;
        }
    }
}

/// Told of each finding when it is released.
pub type Witness<'w> = &'w mut dyn FnMut(Sighting<'_>);

/// Redacts a stream of bytes.
pub struct Stream<'s, 't> {
    scanner: &'s Scanner<'t>,
    mask: &'s Mask<'t>,
    /// The lines before, then what is not released yet.
    held: Vec<u8>,
    /// Length of the lines before.
    context: usize,
    open: Option<Open>,
    /// The lines before as they have been released.
    shown: Shown,
    /// Where in the stream what is held begins.
    start: usize,
    /// Where the next line or its rest is released from; kept for a witness only.
    told: Told,
    /// The last placeholder stands for a word that goes on.
    swallowing: bool,
    /// Where the unfinished line begins of which a part has been shown. What begins there and reaches into the rest is
    /// taken out of the rest.
    torn: Option<usize>,
    /// What has been replaced: numbers of rules, and how often each.
    replaced: BTreeMap<u16, u64>,
}

impl<'s, 't> Stream<'s, 't> {
    /// A stream at its start.
    pub fn new(scanner: &'s Scanner<'t>, mask: &'s Mask<'t>) -> Self {
        Self {
            scanner,
            mask,
            held: Vec::new(),
            context: 0,
            open: None,
            shown: Shown::default(),
            start: 0,
            told: Told::default(),
            swallowing: false,
            torn: None,
            replaced: BTreeMap::new(),
        }
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

    /// Whether bytes are held back.
    pub fn is_holding(&self) -> bool {
        self.held.len() > self.context
    }

    /// What has been replaced since this was last asked: numbers of rules, and how often each.
    pub fn take_replaced(&mut self) -> BTreeMap<u16, u64> {
        std::mem::take(&mut self.replaced)
    }

    /// Releases as much of the unfinished line as may be shown before it ends: all but its last word, and that too if no
    /// secret can be starting in it (`Password: `, `Continue? [y/N]`, dots).
    ///
    /// After an error nothing has been released; go no further.
    pub fn pause(&mut self, out: &mut Vec<u8>) -> Result<(), ScanError> {
        if !self.is_holding() {
            return Ok(());
        }
        let from = self.torn.unwrap_or(self.context);
        match pause::cut(self.scanner, &self.held, from, self.context, self.open)? {
            Some(end) => self.tear(end, out),
            None => Ok(()),
        }
    }

    /// Releases all there is, as if it were the end, and goes on.
    ///
    /// What is cut in two so is not recognised in its first part; its second part is taken out if it can be told by both.
    pub fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), ScanError> {
        if !self.is_holding() {
            return Ok(());
        }
        self.tear(self.held.len(), out)
    }

    /// Releases a part of the unfinished line.
    fn tear(&mut self, end: usize, out: &mut Vec<u8>) -> Result<(), ScanError> {
        self.release(end, out, &mut None)?;
        // A body that goes on is known by its own state.
        if self.open.is_none() {
            self.torn = Some(memchr::memrchr(b'\n', &self.held[..self.context]).map_or(0, |i| i + 1));
        }
        self.shown = Shown::default();
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
        let swallowed = end.unwrap_or(piece.len());
        self.start += swallowed;
        &piece[swallowed..]
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
        let from = self.torn.take().unwrap_or(self.context);
        let scan = search(self.scanner, &self.held[..visible], from, self.open)?;
        let mut findings = scan.findings;
        if from < self.context {
            findings.retain(|f| f.span.end > self.context);
            findings.iter_mut().for_each(|f| f.span.start = f.span.start.max(self.context));
        }
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
        let open = if whole_line { scan.open } else { None };
        if whole_line {
            let opens = (self.open, open);
            findings = self.shown.settle(self.scanner, self.mask, text, self.context, findings, opens)?;
        } else {
            // Of a line that is cut, no more than this is known.
            self.shown = Shown::default();
        }
        for finding in findings.iter().filter(|finding| !finding.is_continued()) {
            *self.replaced.entry(finding.rule).or_default() += 1;
        }
        if let Some(witness) = witness {
            report(text, self.context, self.start, &mut self.told, &findings, witness);
        }
        let shifted: Vec<Finding> = findings
            .into_iter()
            .map(|f| Finding { span: f.span.start - self.context..f.span.end - self.context, ..f })
            .collect();
        self.mask.write(&text[self.context..], &shifted, out);
        self.open = open;

        let keep = context::start(text);
        self.held.drain(..keep);
        self.start += keep;
        self.context = end - keep;
        Ok(())
    }
}

/// A scan that finds the same in many lines as in one line after the other.
pub(crate) fn search(scanner: &Scanner<'_>, text: &[u8], from: usize, open: Option<Open>) -> Result<Scan, ScanError> {
    let mut scan = scanner.scan(text, from, open)?;
    if !scan.findings.iter().any(|f| scanner.table().rule(f.rule).is_block()) {
        return Ok(scan);
    }
    let mut findings = Vec::with_capacity(scan.findings.len());
    let mut done = 0;
    for finding in scan.findings {
        let start = finding.span.start.max(done);
        if !scanner.table().rule(finding.rule).is_block() || start >= finding.span.end {
            findings.extend((start < finding.span.end).then_some(Finding { span: start..finding.span.end, ..finding }));
            continue;
        }
        let first = if finding.continued { from } else { start };
        let open = Open { rule: finding.rule, begun: finding.continued };
        let body = block::by_lines(text, first, open);
        if body.spans.is_empty() {
            findings.push(finding);
            continue;
        }
        if body.end == text.len() {
            scan.open = body.open;
        }
        for (span, continued) in body.spans {
            done = span.end;
            findings.push(Finding { span, continued, ..finding.clone() });
        }
    }
    Ok(Scan { findings, open: scan.open })
}

/// Tells of each finding of a text that stands at `start` in the stream.
fn report(text: &[u8], from: usize, start: usize, told: &mut Told, findings: &[Finding], witness: &mut Witness<'_>) {
    let mut done = from;
    for finding in findings {
        told.pass(&text[done..finding.span.start], start + done);
        done = finding.span.start;
        if !finding.is_continued() {
            let at = start + done;
            witness(Sighting { finding, at, line: told.lines + 1, column: at - told.line_start + 1 });
        }
    }
    told.pass(&text[done..], start + done);
}
