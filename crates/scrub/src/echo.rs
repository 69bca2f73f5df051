//! A value found once is masked wherever it stands again, format or no format.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::scan::Finding;

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
    if known.is_empty() {
        return;
    }
    let Ok(searcher) = searcher(text, &known) else { return };
    let mut all: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut found = findings.drain(..).peekable();
    for hit in searcher.find_iter(text) {
        while let Some(before) = found.next_if(|f| f.span.start < hit.end()) {
            all.push(before);
        }
        if all.last().is_none_or(|f| f.span.end <= hit.start()) {
            let rule = known[hit.pattern().as_usize()].1;
            all.push(Finding { rule, span: hit.range(), proven: false, continued: false });
        }
    }
    all.extend(found);
    *findings = all;
}

/// The quickest to build for a short text, the quickest to search for a long one.
fn searcher(text: &[u8], known: &[(&[u8], u16)]) -> Result<AhoCorasick, aho_corasick::BuildError> {
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
        let line = line_of(text, from, &finding.span);
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
