//! One piece: what is found in it, and what it is with placeholders.

use std::ops::Range;

use scrub::json::{Document, Places};
use scrub::{Finding, Mask, ScanError, Scanner, Stream};
use serde::de::IgnoredAny;

use super::pieces::{Form, Piece, characters};

/// What a stream is given at once: it stays in the second-level cache with what is held and what is written.
const STEP: usize = 64 << 10;

/// A secret in a piece.
pub struct Sight {
    /// Line and column of the text, from 1; the column in characters.
    pub place: (usize, usize),
    /// Number of the rule.
    pub rule: u16,
    /// The value carries its own proof, which holds.
    pub proven: bool,
    /// Where it stands in its JSON.
    pub json_path: Option<String>,
}

/// What was seen in a piece.
#[derive(Default)]
pub struct Seen {
    /// The secrets, in order.
    pub sights: Vec<Sight>,
    /// Lines from which on, or which, could not be searched, and why.
    pub unsearched: Vec<(usize, ScanError)>,
}

/// Searches a piece.
pub fn search<'t>(scanner: &Scanner<'t>, mask: &Mask<'t>, piece: &Piece) -> Seen {
    let mut look = Look {
        scanner,
        mask,
        piece,
        counted: piece.own.start,
        place: (piece.line, piece.column),
        seen: Seen::default(),
    };
    for part in parts(piece) {
        match part {
            Part::Text(range) => look.text(range),
            Part::Json(range, document) => look.json(range, &document),
        }
    }
    look.seen
}

/// A part of a piece that is read in one way.
pub enum Part<'p> {
    /// Text.
    Text(Range<usize>),
    /// JSON.
    Json(Range<usize>, Document<'p>),
}

/// The parts of a piece, in order, blank lines left out.
pub fn parts(piece: &Piece) -> Vec<Part<'_>> {
    match piece.form {
        Form::Text => vec![Part::Text(piece.own.clone())],
        Form::Document => {
            vec![json(piece, piece.own.clone()).unwrap_or_else(|| Part::Text(piece.own.clone()))]
        }
        Form::Records => {
            let mut parts: Vec<Part<'_>> = Vec::new();
            let mut at = piece.own.start;
            while at < piece.own.end {
                let end = memchr::memchr(b'\n', &piece.text[at..piece.own.end]).map_or(piece.own.end, |i| at + i + 1);
                let line = at..end;
                at = end;
                match (json(piece, line.clone()), parts.last_mut()) {
                    (Some(part), _) => parts.push(part),
                    // What stands on lines beside each other may belong together.
                    (None, Some(Part::Text(before))) => before.end = line.end,
                    (None, _) if piece.text[line.clone()].trim_ascii().is_empty() => {}
                    (None, _) => parts.push(Part::Text(line)),
                }
            }
            parts
        }
    }
}

/// The range as JSON, if it is.
fn json(piece: &Piece, range: Range<usize>) -> Option<Part<'_>> {
    let bytes = &piece.text[range.clone()];
    if !bytes.trim_ascii_start().starts_with(b"{") && !bytes.trim_ascii_start().starts_with(b"[") {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    Some(Part::Json(range, Document::read_lenient(text).ok()?))
}

struct Look<'l, 't> {
    scanner: &'l Scanner<'t>,
    mask: &'l Mask<'t>,
    piece: &'l Piece,
    /// How far lines and columns have been counted, and the line and the characters before that place.
    counted: usize,
    place: (usize, usize),
    seen: Seen,
}

impl Look<'_, '_> {
    fn json(&mut self, range: Range<usize>, document: &Document<'_>) {
        match document.findings(self.scanner) {
            Ok(findings) if findings.is_empty() => {}
            Ok(findings) => {
                let mut places = document.places();
                for finding in findings.iter().filter(|finding| !finding.is_continued()) {
                    let path = path(&mut places, finding);
                    self.add(range.start + finding.span.start, finding, Some(path));
                }
            }
            // A document fails for no other reason once it has been read.
            Err(error) => {
                let error = if let scrub::json::JsonError::Scan(error) = error { error } else { ScanError::TooCostly };
                let line = self.place_of(range.start).0;
                self.seen.unsearched.push((line, error));
            }
        }
    }

    /// A text with what stands before and behind it.
    fn text(&mut self, range: Range<usize>) {
        let piece = self.piece;
        let is_whole = range == piece.own;
        let visible = if is_whole { 0..piece.text.len() } else { range.clone() };
        let text = &piece.text[visible.clone()];
        let mut stream = Stream::new(self.scanner, self.mask);
        let mut released = Vec::with_capacity(STEP + STEP / 4);
        let mut told: Vec<(usize, Finding)> = Vec::new();
        let mut tell =
            |sighting: scrub::Sighting<'_>| told.push((visible.start + sighting.at, sighting.finding.clone()));
        let mut done = 0;
        let mut failed = None;
        for step in text.chunks(STEP) {
            released.clear();
            if let Err(error) = stream.push(step, &mut released, Some(&mut tell)) {
                failed = Some(error);
                break;
            }
            done += step.len();
        }
        if failed.is_none() {
            failed = stream.finish(&mut released, Some(&mut tell)).err();
        }
        for (at, finding) in told.into_iter().filter(|(at, _)| range.contains(at)) {
            self.add(at, &finding, None);
        }
        if let Some(error) = failed {
            let from = (visible.start + done).clamp(range.start, range.end);
            let line = self.place_of(from).0;
            self.seen.unsearched.push((line, error));
        }
    }

    fn add(&mut self, at: usize, finding: &Finding, json_path: Option<String>) {
        let (line, before) = self.place_of(at);
        let place = (line, before + 1);
        self.seen.sights.push(Sight { place, rule: finding.rule, proven: finding.proven, json_path });
    }

    /// The line of a place of the piece, and the characters before it in that line.
    fn place_of(&mut self, at: usize) -> (usize, usize) {
        let passed = &self.piece.text[self.counted.min(at)..at];
        self.place.0 += memchr::memchr_iter(b'\n', passed).count();
        match memchr::memrchr(b'\n', passed) {
            Some(last) => self.place.1 = characters(&passed[last + 1..]),
            None => self.place.1 += characters(passed),
        }
        self.counted = self.counted.max(at);
        self.place
    }
}

fn path(places: &mut Places<'_>, finding: &Finding) -> String {
    places.path(finding.span.start)
}
