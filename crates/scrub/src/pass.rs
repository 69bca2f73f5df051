//! One pass over a text: from the places that stage one lets through to what each fired rule finds there.

use std::ops::Range;

use crate::assign::{self, Name};
use crate::automaton::Fuel;
use crate::block;
use crate::boundary::{ends_word, is_token, starts_keyword, starts_word};
use crate::finding::Finding;
use crate::judge::{self, Promise, placeholder, randomness};
use crate::layout;
use crate::proof::{self, Verdict};
use crate::scan::{Scan, ScanError, Scanner};
use crate::sieve::Sieve;
use crate::table::{End, Lead, Part, Rule, ValueIs};

/// Work that a header line is counted as.
const HEADER: usize = 512;
/// A value that is `near` its keyword starts at most this many bytes behind it.
const WINDOW: usize = 48;

/// No name is longer: what stands before its keyword, the keyword, what stands after it.
const LONGEST_NAME: usize = 192;

/// What the rules find in `text` at or behind `from`, each for itself; `open` says what the text was in the middle of.
pub(crate) fn over(
    scanner: &Scanner<'_>,
    text: &[u8],
    from: usize,
    open: Option<block::Open>,
) -> Result<Scan, ScanError> {
    let mut pass = Pass {
        scanner,
        text,
        from,
        fuel: Fuel::for_text(text.len()),
        findings: Vec::new(),
        open: None,
        named: None,
        tried: (0, usize::MAX),
        judged: (0..0, true),
    };
    if let Some(open) = open {
        pass.go_on(open);
    }
    pass.run()?;
    Ok(Scan { findings: pass.findings, open: pass.open })
}

/// One pass over one text.
struct Pass<'s, 't> {
    scanner: &'s Scanner<'t>,
    text: &'s [u8],
    from: usize,
    fuel: Fuel,
    findings: Vec<Finding>,
    open: Option<block::Open>,
    /// Where the name that was last looked up begins.
    named: Option<usize>,
    /// The rule that was last tried, and where.
    tried: (u16, usize),
    /// The value that was last judged, and whether it is none.
    judged: (Range<usize>, bool),
}

impl<'t> Pass<'_, 't> {
    /// Follows every place that stage one lets through.
    fn run(&mut self) -> Result<(), ScanError> {
        let (table, text) = (*self.scanner.table(), self.text);
        let mut sieve = Sieve::new(table, text);
        while let Some(places) = sieve.next() {
            for (place, grams) in places {
                for lead in table.leads(*grams, text, *place) {
                    self.try_rule(lead, *place as isize)?;
                }
            }
            if self.fuel.is_spent() {
                return Err(ScanError::TooCostly);
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn try_rule(&mut self, lead: Lead, gram: isize) -> Result<(), ScanError> {
        let first = (gram - isize::from(lead.greatest)).max(0) as usize;
        let last = gram - isize::from(lead.least);
        for start in first..(last + 1).clamp(0, self.text.len() as isize) as usize {
            // Both windows of a place, or those of two spellings, lead to the same.
            if self.tried == (lead.rule, start) {
                continue;
            }
            if lead.anywhere || starts_word(self.text, start) || lead.keyword && starts_keyword(self.text, start) {
                self.tried = (lead.rule, start);
                self.try_at(lead.rule, start)?;
            }
        }
        Ok(())
    }

    fn try_at(&mut self, number: u16, start: usize) -> Result<(), ScanError> {
        let rule = self.scanner.table().rule(number);
        if rule.has_keywords() {
            let Some(end) = keyword_end(self.text, start, rule.keywords()) else { return Ok(()) };
            if placeholder::is_around(self.text, start) {
                return Ok(()); // `stanch_secret` is a value's place, not a name
            }
            return match rule.value_is() {
                ValueIs::Assigned => self.assigned(number, &rule, start..end),
                _ => self.near(number, &rule, end),
            };
        }
        if !rule.may_begin(self.text[start]) {
            return Ok(());
        }
        let Some(span) = self.value_at(number, start)? else { return Ok(()) };
        if rule.value_is() == ValueIs::Block {
            self.block(number, span.end);
        } else {
            self.accept(number, &rule, span);
        }
        Ok(())
    }

    /// The value span of a match whose `before` (or value) starts at `start`.
    fn value_at(&mut self, number: u16, start: usize) -> Result<Option<Range<usize>>, ScanError> {
        let mut value = start;
        if let Some(before) = self.scanner.automaton(number, Part::Before)? {
            let Some(end) = before.end(self.text, start, &mut self.fuel) else { return Ok(None) };
            value = end;
        }
        let Some(pattern) = self.scanner.automaton(number, Part::Value)? else { return Ok(None) };
        let Some(end) = pattern.end(self.text, value, &mut self.fuel) else { return Ok(None) };
        if let Some(after) = self.scanner.automaton(number, Part::After)?
            && after.end(self.text, end, &mut self.fuel).is_none()
        {
            return Ok(None);
        }
        Ok(Some(value..end))
    }

    /// The first value of the right shape behind a keyword, on its line or the next.
    fn near(&mut self, number: u16, rule: &Rule<'_>, keyword_end: usize) -> Result<(), ScanError> {
        let (text, stop) = (self.text, self.text.len().min(keyword_end + WINDOW));
        let mut breaks = 0;
        // Where the solid bytes end that have been counted; a value begins with enough of them.
        let mut run_end = keyword_end;
        for at in keyword_end..stop {
            match text[at] {
                b'\n' if breaks == 1 => break,
                b'\n' => breaks += 1,
                // The value's place is taken: what follows belongs to something else.
                b's' if placeholder::begins(&text[at..]) => break,
                _ => {}
            }
            let enough = at + rule.solid();
            if run_end < enough {
                let from = run_end.max(at);
                let rest = text.get(from..enough).unwrap_or(&text[from..]);
                run_end = from + rest.iter().take_while(|b| layout::is_solid(**b)).count();
            }
            if run_end >= enough
                && at > keyword_end
                && !is_blank(text[at])
                && rule.may_begin(text[at])
                && starts_word(text, at)
                && let Some(span) = self.value_at(number, at)?
                && self.accept(number, rule, span)
            {
                break;
            }
        }
        Ok(())
    }

    /// The values that are assigned to a keyword.
    fn assigned(&mut self, number: u16, rule: &Rule<'_>, keyword: Range<usize>) -> Result<(), ScanError> {
        let promise = if rule.proof() == proof::PASSWORD { Promise::Password } else { Promise::Random };
        let name = Name::around(self.text, keyword.clone());
        self.named(&name, keyword.end)?;
        let slots = assign::slots(self.text, &name);
        // A name before a separator may head a table, whose header and rows have been read.
        let heads = matches!(self.text.get(name.span().end), Some(b',' | b';' | b'\t' | b'|'));
        let reach = slots.last().map_or(0, |slot| slot.span.end.saturating_sub(name.span().end));
        self.fuel.burn(16 + reach + if heads { HEADER } else { 0 });
        for slot in slots {
            if !self.is_named(number, &slot.span) && judge::is_secret(self.text, &name, &slot, promise) {
                self.add(number, slot.span, false);
            }
        }
        Ok(())
    }

    /// Whether a finding just before covers the span and keeps its name if this rule finds it too (see [`crate::finding::united`]): a name
    /// holds several credential words, and a vendor's rule tells more than any of them.
    fn is_named(&self, number: u16, span: &Range<usize>) -> bool {
        self.findings.iter().rev().take(4).any(|f| {
            let covers = f.span.start <= span.start && span.end <= f.span.end;
            covers && (f.rule <= number || self.scanner.table().rule(f.rule).value_is() != ValueIs::Assigned)
        })
    }

    /// The vendors' rules that the name calls for: `DD_API_KEY`.
    fn named(&mut self, name: &Name<'_>, keyword_end: usize) -> Result<(), ScanError> {
        let span = name.span();
        // A name holds several credential words (`api_key`, `key`).
        if self.named == Some(span.start) {
            return Ok(());
        }
        // Something joins it to its value, most often.
        let window = &self.text[keyword_end..self.text.len().min(keyword_end + WINDOW)];
        let joined = window.iter().take(24).any(|b| matches!(b, b'=' | b':' | b'"' | b'\'' | b'>'));
        if !joined && !window.iter().any(u8::is_ascii_digit) {
            return Ok(());
        }
        self.named = Some(span.start);
        // Its letters and digits, in lower case, and where each stands.
        let (mut letters, mut places, mut count) = ([0u8; LONGEST_NAME], [0u8; LONGEST_NAME], 0);
        for (i, byte) in self.text[span.clone()].iter().enumerate().take(LONGEST_NAME) {
            if byte.is_ascii_alphanumeric() {
                (letters[count], places[count]) = (byte.to_ascii_lowercase(), i as u8);
                count += 1;
            }
        }
        for i in 0..count {
            if starts_keyword(self.text, span.start + usize::from(places[i])) {
                for (number, length) in self.scanner.table().named(&letters[i..count]) {
                    let rule = self.scanner.table().rule(number);
                    self.near(number, &rule, span.start + usize::from(places[i + length - 1]) + 1)?;
                }
            }
        }
        Ok(())
    }

    fn accept(&mut self, number: u16, rule: &Rule<'_>, mut span: Range<usize>) -> bool {
        match rule.end() {
            End::Grow => {
                let tail = &self.text[span.end..];
                let more = tail.iter().position(|b| !is_token(*b)).unwrap_or(tail.len());
                self.fuel.burn(more);
                span.end += more;
            }
            End::Word if !ends_word(self.text, span.end) => return false,
            End::Word | End::Any => {}
        }
        let value = &self.text[span.clone()];
        let verdict = proof::check(rule.proof(), value);
        let harmless = verdict == Verdict::Refuted
            || verdict != Verdict::Proven
                && (self.stands_for_none(&span)
                    || rule.least_entropy() > 0.0 && randomness::entropy(value) < rule.least_entropy()
                    || rule.has_keywords() && judge::label::is_camel(value));
        if !harmless {
            self.add(number, span, verdict == Verdict::Proven);
        }
        !harmless
    }

    /// Whether the value is a placeholder or a piece of something else. Several rules ask in turn about one value.
    fn stands_for_none(&mut self, span: &Range<usize>) -> bool {
        if self.judged.0 != *span {
            let is_none =
                placeholder::is_placeholder(&self.text[span.clone()]) || judge::piece::is_piece(self.text, span);
            self.judged = (span.clone(), is_none);
        }
        self.judged.1
    }

    fn block(&mut self, number: u16, header_end: usize) {
        if header_end <= self.from && self.from > 0 {
            return; // in the context: its body has been released, or goes on as `open`
        }
        let body = block::body(self.text, header_end, block::Open { rule: number, begun: false });
        self.take(body);
    }

    fn go_on(&mut self, open: block::Open) {
        let body = block::body(self.text, self.from, open);
        self.take(body);
    }

    fn take(&mut self, body: block::Body) {
        if let Some(span) = body.span {
            self.findings.push(Finding { rule: body.rule, span, proven: false, continued: body.continued });
        }
        if body.open.is_some() {
            self.open = body.open;
        }
    }

    fn add(&mut self, rule: u16, span: Range<usize>, proven: bool) {
        if span.start >= self.from {
            self.findings.push(Finding { rule, span, proven, continued: false });
        }
    }
}

/// Where the longest of the keywords that stands at `start` ends: in any case, with one or no separator for each `_`.
fn keyword_end<'k>(text: &[u8], start: usize, mut keywords: impl Iterator<Item = &'k [u8]>) -> Option<usize> {
    keywords.find_map(|keyword| {
        keyword.iter().try_fold(start, |at, wanted| {
            let found = text.get(at).copied();
            match wanted {
                b'_' => Some(at + usize::from(matches!(found, Some(b'_' | b'-' | b'.' | b' ')))),
                _ => found.filter(|f| f.eq_ignore_ascii_case(wanted)).map(|_| at + 1),
            }
        })
    })
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}
