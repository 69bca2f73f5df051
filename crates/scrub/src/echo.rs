//! A value found once is masked wherever it stands again, format or no format.

use std::cmp::Reverse;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use memchr::memmem::Finder;

use crate::finding::Finding;

/// Shorter values would hit words by accident.
const SHORTEST: usize = 8;

/// Adds findings for every other place in `text` where a found value stands.
pub(crate) fn everywhere(text: &[u8], findings: &mut Vec<Finding>) {
    let mut known: Vec<(&[u8], u16)> = findings
        .iter()
        .filter(|f| f.span.len() >= SHORTEST && !f.continued)
        .map(|f| (&text[f.span.clone()], f.rule))
        .collect();
    known.sort_unstable();
    known.dedup_by_key(|(value, _)| *value);
    match known.len() {
        0 => {}
        1..=FEW => add(findings, OneByOne::new(text, &known)),
        _ => {
            let Ok(together) = together(text, &known) else { return };
            let hits = together.find_iter(text);
            add(findings, hits.map(|hit| (hit.range(), known[hit.pattern().as_usize()].1)));
        }
    }
}

/// Adds the hits that lie in no finding and in no other hit.
fn add(findings: &mut Vec<Finding>, hits: impl Iterator<Item = (Range<usize>, u16)>) {
    let mut all: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut found = findings.drain(..).peekable();
    for (span, rule) in hits {
        while let Some(before) = found.next_if(|f| f.span.start < span.end) {
            all.push(before);
        }
        if all.last().is_none_or(|f| f.span.end <= span.start) {
            all.push(Finding { rule, span, proven: false, continued: false });
        }
    }
    all.extend(found);
    *findings = all;
}

/// So many values are searched for one by one: quicker than to build an automaton of them.
const FEW: usize = 8;

/// The places of few values, the first and longest first, none in another: what [`together`] finds too.
struct OneByOne<'t> {
    text: &'t [u8],
    at: usize,
    values: Vec<Value<'t>>,
}

struct Value<'t> {
    finder: Finder<'t>,
    rule: u16,
    /// Where it stands next, at `at` or behind.
    next: Option<usize>,
}

impl<'t> OneByOne<'t> {
    fn new(text: &'t [u8], known: &[(&'t [u8], u16)]) -> Self {
        let value = |(value, rule): &(&'t [u8], u16)| {
            let finder = Finder::new(*value);
            Value { next: finder.find(text), finder, rule: *rule }
        };
        Self { text, at: 0, values: known.iter().map(value).collect() }
    }
}

impl Iterator for OneByOne<'_> {
    type Item = (Range<usize>, u16);

    fn next(&mut self) -> Option<Self::Item> {
        let (text, at) = (self.text, self.at);
        for value in self.values.iter_mut().filter(|value| value.next.is_some_and(|next| next < at)) {
            value.next = value.finder.find(&text[at..]).map(|i| at + i);
        }
        let ahead = self.values.iter().filter_map(|v| Some((v.next?, v.finder.needle().len(), v.rule)));
        let (start, length, rule) = ahead.min_by_key(|(start, length, _)| (*start, Reverse(*length)))?;
        self.at = start + length;
        Some((start..self.at, rule))
    }
}

/// Many values: the quickest to build for a short text, the quickest to search for a long one.
fn together(text: &[u8], known: &[(&[u8], u16)]) -> Result<AhoCorasick, BuildError> {
    let short = text.len() < 64 << 10;
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(short.then_some(AhoCorasickKind::NoncontiguousNFA))
        .prefilter(!short)
        .build(known.iter().map(|(value, _)| value))
}

/// The same within each finding's own line: what a stream can still change when it has found a value.
pub(crate) fn in_lines(text: &[u8], from: usize, findings: &mut Vec<Finding>) {
    let mut more: Vec<Finding> = Vec::new();
    for finding in findings.iter().filter(|f| f.span.len() >= SHORTEST && !f.continued) {
        let (line, length) = (line_of(text, from, &finding.span), finding.span.len());
        if finding.span.start - line.start < length && line.end - finding.span.end < length {
            continue; // no room for it again
        }
        for at in memchr::memmem::find_iter(&text[line.clone()], &text[finding.span.clone()]) {
            let span = line.start + at..line.start + at + finding.span.len();
            if findings.iter().all(|f| f.span.end <= span.start || f.span.start >= span.end) {
                more.push(Finding { span, ..finding.clone() });
            }
        }
    }
    if !more.is_empty() {
        findings.append(&mut more);
        findings.sort_by_key(|f| f.span.start);
        findings.dedup_by(|next, first| next.span.start < first.span.end);
    }
}

fn line_of(text: &[u8], from: usize, span: &Range<usize>) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &text[from..span.start]).map_or(from, |i| from + i + 1);
    let end = memchr::memchr(b'\n', &text[span.end..]).map_or(text.len(), |i| span.end + i);
    start..end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A small alphabet: values lie in one another, overlap, and overlap themselves.
        #[test]
        fn one_by_one_and_together_find_the_same(
            text in "[ab]{0,200}",
            values in proptest::collection::btree_set("[ab]{1,6}", 1..=FEW),
        ) {
            let known: Vec<(&[u8], u16)> = values.iter().zip(0..).map(|(v, rule)| (v.as_bytes(), rule)).collect();
            let searcher = together(text.as_bytes(), &known).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let hits = searcher.find_iter(&text).map(|hit| (hit.range(), known[hit.pattern().as_usize()].1));
            let together: Vec<_> = hits.collect();
            prop_assert_eq!(OneByOne::new(text.as_bytes(), &known).collect::<Vec<_>>(), together);
        }
    }
}
