//! Redacting twice changes nothing: findings are settled before anybody sees them.
//!
//! A placeholder is not what it replaces. A quote may have gone with the secret, a name may now stand beside another value:
//! what is left may read as a secret that was none before. No rule about values prevents that, so the text as it will be is
//! searched too, and what is found there is traced back to the text as it is, until nothing more is found. Then the text
//! with its placeholders holds nothing to find, whatever the rules are; that is the promise, checked on the very text.
//!
//! It ends: a finding inside a placeholder does not count, so each round covers more of the text or joins two findings. A
//! text without findings pays nothing.

use std::ops::Range;

use crate::finding::{Finding, united};
use crate::judge::placeholder;
use crate::mask::Mask;
use crate::scan::{ScanError, Scanner};

/// Rounds until a text counts as built to go on for ever: each takes as long as a scan. In 30,000 texts of nothing but
/// cut-up examples none needed more than four; source with a secret here and there needs one, which finds nothing.
pub(crate) const MOST_ROUNDS: usize = 64;

/// The findings of `text` under `search`, and all that its placeholders would bring about.
pub(crate) fn settled<E: From<ScanError>>(
    scanner: &Scanner<'_>,
    mask: &Mask<'_>,
    text: &[u8],
    mut findings: Vec<Finding>,
    mut search: impl FnMut(&[u8]) -> Result<Vec<Finding>, E>,
) -> Result<Vec<Finding>, E> {
    for _ in 0..MOST_ROUNDS {
        if findings.is_empty() {
            return Ok(findings);
        }
        let outcome = Outcome::of(mask, text, &findings);
        let more = search(&outcome.text)?;
        if more.is_empty() {
            return Ok(findings);
        }
        let Some(grown) = outcome.grown(scanner, &findings, more) else { return Ok(findings) };
        findings = grown;
    }
    // All found so far is known, but not what else is there once it is gone.
    Err(ScanError::TooCostly.into())
}

/// Drops what is nothing but a placeholder: there is nothing left to take.
pub(crate) fn drop_filled(text: &[u8], findings: &mut Vec<Finding>) {
    findings.retain(|f| !placeholder::fills(text, &f.span));
}

/// A text as it will be, and the way back.
pub(crate) struct Outcome {
    pub text: Vec<u8>,
    /// Where each placeholder stands, and what it stands for.
    places: Vec<(Range<usize>, Range<usize>)>,
}

impl Outcome {
    pub fn of(mask: &Mask<'_>, original: &[u8], findings: &[Finding]) -> Self {
        let mut text = Vec::with_capacity(original.len());
        let mut places = Vec::with_capacity(findings.len());
        let mut done = 0;
        for finding in findings {
            text.extend_from_slice(&original[done..finding.span.start]);
            let start = text.len();
            if !finding.continued {
                mask.placeholder(finding, &original[finding.span.clone()], &mut text);
            }
            places.push((start..text.len(), finding.span.clone()));
            done = finding.span.end;
        }
        text.extend_from_slice(&original[done..]);
        Self { text, places }
    }

    /// The findings with more that was found in the outcome; `None` if that is nothing new.
    pub fn grown(&self, scanner: &Scanner<'_>, findings: &[Finding], more: Vec<Finding>) -> Option<Vec<Finding>> {
        let with = |more: &[Finding]| {
            let traced = more.iter().map(|f| Finding { span: self.origin(&f.span), ..f.clone() });
            let grown = united(scanner, findings.iter().cloned().chain(traced).collect());
            (!grown.iter().map(|f| &f.span).eq(findings.iter().map(|f| &f.span))).then_some(grown)
        };
        with(&more).or_else(|| {
            // What was found is a part of placeholders. Nobody can tell so, because letters follow: they go too.
            let mut more = more;
            for finding in &mut more {
                let place = self.places.partition_point(|(place, _)| place.end < finding.span.end);
                let end = self.places.get(place).map_or(finding.span.end, |(place, _)| place.end.max(finding.span.end));
                finding.span.end = end + placeholder::runs_into(&self.text[end..]);
            }
            with(&more)
        })
    }

    /// Where the last placeholder ends.
    pub fn last_place(&self) -> Option<usize> {
        self.places.last().map(|(place, _)| place.end)
    }

    /// What a span of the outcome stands for: a placeholder that it touches inside goes whole.
    fn origin(&self, span: &Range<usize>) -> Range<usize> {
        self.start(span.start)..self.end(span.end)
    }

    fn start(&self, at: usize) -> usize {
        let before = self.places.partition_point(|(place, _)| place.start <= at);
        match before.checked_sub(1).map(|i| &self.places[i]) {
            None => at,
            Some((place, origin)) if at < place.end => origin.start,
            Some((place, origin)) => origin.end + (at - place.end),
        }
    }

    fn end(&self, at: usize) -> usize {
        let before = self.places.partition_point(|(place, _)| place.start < at);
        match before.checked_sub(1).map(|i| &self.places[i]) {
            None => at,
            Some((place, origin)) => origin.end + at.saturating_sub(place.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ab«cdef»g` with two findings beside each other in the middle.
    #[test]
    fn a_span_of_the_outcome_leads_back_to_what_it_stands_for() {
        let scanner = Scanner::builtin().expect("the table is whole");
        let finding = |span, continued| Finding { rule: 0, span, proven: false, continued };
        let outcome =
            Outcome::of(&Mask::new(*scanner.table()), b"abcdefg", &[finding(2..4, false), finding(5..6, true)]);
        let placeholder = outcome.places[0].0.clone();
        let (start, end) = (placeholder.start, placeholder.end);
        assert_eq!((start, &outcome.text[end..]), (2, &b"eg"[..]));
        for (span, origin) in [
            (0..1, 0..1),
            (1..2, 1..2),
            (1..start + 1, 1..4),
            (start..end, 2..4),
            (end - 1..end + 1, 2..5),
            (end..end + 1, 4..5),
            // The one that left nothing behind: beside it, and around it.
            (end + 1..end + 2, 6..7),
            (end..end + 2, 4..7),
        ] {
            assert_eq!(outcome.origin(&span), origin, "{span:?}");
        }
    }
}
