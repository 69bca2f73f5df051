//! The matcher against a slow oracle: each rule's pattern tried at every place with the `regex` crate.
//!
//! Each rule that speaks for itself is compiled alone and without its proof, so that what is compared is the search: which
//! windows are looked at, where a match may start, how far it goes.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../src/boundary.rs"]
#[allow(dead_code, reason = "the oracle needs a part of it")]
mod boundary;
mod common;
#[path = "../src/judge/piece.rs"]
mod piece;
#[path = "../src/judge/placeholder.rs"]
#[allow(dead_code, reason = "the oracle needs a part of it")]
mod placeholder;
#[path = "../src/judge/randomness.rs"]
#[allow(dead_code, reason = "the oracle needs a part of it")]
mod randomness;
/// What `placeholder` asks; the texts here hold no placeholders of stanch.
mod mask {
    pub(crate) fn is_kind(_: &[u8]) -> bool {
        false
    }
}

use std::ops::Range;

use common::{RULES, piece, shown};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use proptest::test_runner::{TestError, TestRunner};
use regex::bytes::{Regex, RegexBuilder};
use rules::file::{End, Start};
use rules::{Rule, RuleFile, ValueIs};
use scrub::{Scanner, Table};

/// One rule as the oracle sees it.
struct Oracle<'r> {
    rule: &'r Rule,
    before: Option<Regex>,
    value: Regex,
    after: Option<Regex>,
}

impl<'r> Oracle<'r> {
    fn new(rule: &'r Rule) -> Self {
        let anchored = |p: &str| RegexBuilder::new(&format!(r"\A(?:{p})")).unicode(false).build().unwrap();
        let anchored_too = |p: &Option<String>| p.as_deref().map(anchored);
        let (before, after) = (anchored_too(&rule.before), anchored_too(&rule.after));
        Self { rule, before, value: anchored(&rule.pattern), after }
    }

    /// Every match, overlapping ones joined.
    fn findings(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = (0..text.len()).filter_map(|start| self.at(text, start)).collect();
        found.sort_by_key(|span| span.start);
        let mut joined: Vec<Range<usize>> = Vec::new();
        for span in found {
            match joined.last_mut() {
                Some(last) if span.start < last.end => last.end = last.end.max(span.end),
                _ => joined.push(span),
            }
        }
        joined
    }

    fn at(&self, text: &[u8], start: usize) -> Option<Range<usize>> {
        if self.rule.start == Start::Word && !boundary::starts_word(text, start) {
            return None;
        }
        let end = |regex: &Regex, from: usize| regex.find(&text[from..]).map(|m| from + m.end());
        let value = self.before.as_ref().map_or(Some(start), |before| end(before, start))?;
        let mut value = value..end(&self.value, value)?;
        if let Some(after) = &self.after {
            end(after, value.end)?;
        }
        match self.rule.end {
            End::Grow => value.end += text[value.end..].iter().take_while(|b| boundary::is_token(**b)).count(),
            End::Word if !boundary::ends_word(text, value.end) => return None,
            End::Word | End::Any => {}
        }
        let secret = &text[value.clone()];
        // Stored in sixteenths of a bit.
        let least = (self.rule.entropy * 16.0).round() / 16.0;
        let harmless = placeholder::is_placeholder(secret) || piece::is_piece(text, &value);
        (!harmless && entropy(secret) >= least).then_some(value)
    }
}

/// Shannon entropy, bits a character.
fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    value.iter().for_each(|b| counts[usize::from(*b)] += 1);
    let n = value.len() as f32;
    counts.iter().filter(|c| **c > 0).map(|c| *c as f32 / n).map(|p| -p * p.log2()).sum()
}

/// Texts in which the rule has much to do: its own examples, whole, cut and changed, among all sorts.
fn haystack(rule: &Rule) -> impl Strategy<Value = Vec<u8>> + use<> {
    let hits: Vec<Vec<u8>> = rule.hits.iter().map(|h| h.text.clone().into_bytes()).collect();
    let secrets: Vec<Vec<u8>> = rule.hits.iter().map(|h| h.text.as_bytes()[h.secret.clone()].to_vec()).collect();
    let own = prop_oneof![proptest::sample::select(hits), proptest::sample::select(secrets)].boxed();
    let part = (own.clone(), any::<prop::sample::Index>(), any::<bool>()).prop_map(|(hit, at, head)| {
        let at = at.index(hit.len() + 1);
        if head { hit[..at].to_vec() } else { hit[at..].to_vec() }
    });
    let changed = (own.clone(), any::<prop::sample::Index>(), 1u8..127).prop_map(|(mut hit, at, byte)| {
        let at = at.index(hit.len());
        hit[at] = byte;
        hit
    });
    let any_piece = prop_oneof![4 => own, 2 => part, 2 => changed, 4 => piece().prop_map(String::into_bytes)];
    prop::collection::vec(any_piece, 1..6).prop_map(|pieces| pieces.concat())
}

fn try_rule(rule: &Rule) -> Result<(), String> {
    let unproven = Rule { proof: 0, ..rule.clone() };
    let file = RuleFile { path: String::new(), vendor: String::new(), rules: vec![unproven] };
    let table = rules::compile(&[file]).map_err(|e| format!("{}: {e:?}", rule.id))?;
    let scanner = Scanner::new(Table::new(&table).unwrap());
    let oracle = Oracle::new(rule);
    let config = ProptestConfig {
        cases: 12,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2026),
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&haystack(rule), |text| {
        let wanted = oracle.findings(&text);
        let found: Vec<Range<usize>> = scanner.unsettled(&text).unwrap().into_iter().map(|f| f.span).collect();
        for span in &wanted {
            prop_assert!(found.contains(span), "{span:?} is not found; {found:?} are");
        }
        // A value found once is found again wherever it stands.
        let again = |span: &Range<usize>| wanted.iter().any(|w| text[w.clone()] == text[span.clone()]);
        let more = found.iter().find(|span| !again(span));
        prop_assert!(more.is_none(), "{more:?} is found; it should be {wanted:?}");
        Ok(())
    });
    outcome.map_err(|error| match error {
        TestError::Fail(reason, text) => format!("{}: {reason}\n    in {}", rule.id, shown(&text)),
        TestError::Abort(reason) => format!("{}: {reason}", rule.id),
    })
}

#[test]
fn the_matcher_finds_what_the_slow_oracle_finds() {
    let rules: Vec<&Rule> = RULES.iter().filter(|r| r.value == ValueIs::Pattern && r.near.is_empty()).collect();
    assert!(rules.len() > 50, "only {} rules", rules.len());
    let halves = rules.chunks(rules.len().div_ceil(2));
    let problems: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = halves
            .map(|half| scope.spawn(|| half.iter().filter_map(|rule| try_rule(rule).err()).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|w| w.join().unwrap()).collect()
    });
    assert!(problems.is_empty(), "{} of {} rules:\n{}", problems.len(), rules.len(), problems.join("\n"));
}
