//! What a stream has shown: the lines it has released, with their placeholders, and what a reader makes of them.
//!
//! The stream that comes out is to hold nothing that a second stream would find. A second one sees each line behind lines
//! with placeholders, so each line near a placeholder is searched so before it is released, and settled as whole texts are
//! (see [`crate::settle`]). What is far from any placeholder reads the same in both, and is not searched again.

use crate::block::Open;
use crate::finding::Finding;
use crate::mask::Mask;
use crate::scan::{ScanError, Scanner};
use crate::settle::{MOST_ROUNDS, Outcome};
use crate::stream::search;
use crate::{context, echo};

/// Lines behind a placeholder that are searched at once. Evidence reaches that far, but in tables.
const LINES: usize = 5;
/// No more is searched at once.
const MOST: usize = 8 << 10;

/// The lines before, as they have been released.
#[derive(Default)]
pub(crate) struct Shown {
    /// `None` if they are as they came.
    context: Option<Vec<u8>>,
    /// The armoured key that a reader of them is in.
    open: Option<Open>,
}

impl Shown {
    /// Settles the findings of `text` from `from` on, whole lines, what stands before having been released. `opens` says
    /// what `text` was in the middle of at `from`, and is at its end.
    pub fn settle(
        &mut self,
        scanner: &Scanner<'_>,
        mask: &Mask<'_>,
        text: &[u8],
        from: usize,
        found: Vec<Finding>,
        opens: (Option<Open>, Option<Open>),
    ) -> Result<Vec<Finding>, ScanError> {
        let mut near = self.context.is_some() || self.open != opens.0;
        if found.is_empty() && !near {
            self.open = opens.1;
            return Ok(found);
        }
        let mut lines = Lines {
            scanner,
            mask,
            text,
            shown: self.context.take().unwrap_or_else(|| text[..from].to_vec()),
            at: from,
            open: self.open,
            done: Vec::new(),
            changed: 0,
            no_table: 0,
        };
        lines.changed = lines.shown.len();
        let mut found = found.into_iter().peekable();
        while lines.at < text.len() {
            if !near {
                let Some(next) = found.peek() else { break };
                let line = memchr::memrchr(b'\n', &text[..next.span.start]).map_or(0, |i| i + 1);
                // The lines before read as they did, but the header of a key may be among them.
                let is_key = scanner.table().rule(next.rule).is_block();
                lines.skip(if is_key { context::near(&text[..line]) } else { line });
            }
            lines.settle(&mut found)?;
            near = lines.evidence() < lines.changed;
        }
        self.open = if lines.at < text.len() { opens.1 } else { lines.open };
        lines.skip(text.len());
        let evidence = lines.evidence();
        let (shown, context) = (&lines.shown[evidence..], &text[context::start(text)..]);
        self.context = (shown != context).then(|| shown.to_vec());
        Ok(lines.done)
    }
}

/// The lines of one piece on their way out.
struct Lines<'a, 's, 't> {
    scanner: &'s Scanner<'t>,
    mask: &'a Mask<'a>,
    text: &'a [u8],
    /// The lines before, and those of the piece that are settled, as they will be.
    shown: Vec<u8>,
    /// How far in the text that is.
    at: usize,
    open: Option<Open>,
    /// Their findings.
    done: Vec<Finding>,
    /// Where in `shown` the last placeholder ends.
    changed: usize,
    /// Where in `shown` no table was open that began before.
    no_table: usize,
}

impl Lines<'_, '_, '_> {
    /// Takes lines as they are, up to `to`.
    fn skip(&mut self, to: usize) {
        if to > self.at {
            self.shown.extend_from_slice(&self.text[self.at..to]);
            self.at = to;
            self.open = None;
        }
    }

    /// Where in `shown` the evidence for what comes next begins: [`context::start`], which need not look far again.
    fn evidence(&mut self) -> usize {
        let near = context::near(&self.shown);
        let table = context::table(&self.shown, self.no_table);
        if table.is_none() {
            // A table that is open later begins behind this place: were its rows here rows of a table, that would be open
            // now. From the line break on, so that the line behind it is seen to begin.
            self.no_table = self.shown.len().saturating_sub(1);
        }
        table.map_or(near, |table| table.min(near))
    }

    /// Settles the next lines: some behind the last finding among them, or as many as are searched at once.
    fn settle(&mut self, found: &mut std::iter::Peekable<std::vec::IntoIter<Finding>>) -> Result<(), ScanError> {
        let mut inside: Vec<Finding> = Vec::new();
        let mut end = self.at;
        for _ in 0..MOST_ROUNDS {
            let last = inside.last().map_or(self.at, |f| self.at + f.span.end);
            end = end.max(self.behind(last));
            while let Some(f) = found.next_if(|f| f.span.start < end) {
                if end - self.at < MOST || f.span.end > end {
                    end = end.max(self.behind(f.span.end));
                }
                inside.push(Finding { span: f.span.start - self.at..f.span.end - self.at, ..f });
            }
            let outcome = Outcome::of(self.mask, &self.text[self.at..end], &inside);
            let back = self.evidence();
            let from = self.shown.len() - back;
            let seen = [&self.shown[back..], &outcome.text].concat();
            let scan = search(self.scanner, &seen, from, self.open)?;
            let mut more = scan.findings;
            echo::in_lines(&seen, from, &mut more);
            more.iter_mut().for_each(|f| f.span = f.span.start - from..f.span.end - from);
            // What is found behind the first line may look otherwise once that is settled.
            if let Some(first) = more.first().map(|f| f.span.start) {
                let line_end = memchr::memchr(b'\n', &outcome.text[first..]).map_or(outcome.text.len(), |i| first + i);
                more.retain(|f| f.span.start <= line_end);
            }
            match (!more.is_empty()).then(|| outcome.grown(self.scanner, &inside, more)).flatten() {
                Some(grown) => inside = grown,
                None => {
                    self.take(end, &outcome, inside);
                    self.open = scan.open;
                    return Ok(());
                }
            }
        }
        Err(ScanError::TooCostly)
    }

    fn take(&mut self, end: usize, outcome: &Outcome, inside: Vec<Finding>) {
        if let Some(place) = outcome.last_place() {
            self.changed = self.shown.len() + place + 1;
        }
        self.shown.extend_from_slice(&outcome.text);
        let at = self.at;
        self.done.extend(inside.into_iter().map(|f| Finding { span: at + f.span.start..at + f.span.end, ..f }));
        self.at = end;
    }

    /// The end of some lines behind `place`, or of the line by which as much is reached as is searched at once.
    fn behind(&self, place: usize) -> usize {
        let mut at = place.max(self.at);
        // A span may end with its line.
        if at > self.at && self.text[at - 1] == b'\n' {
            at -= 1;
        }
        for _ in 0..=LINES {
            at = memchr::memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |i| at + i + 1);
            if at - self.at > MOST {
                break;
            }
        }
        at
    }
}
