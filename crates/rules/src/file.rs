//! One vendor's rule file: its schema, and the checks that need nothing but the file.

use std::collections::HashMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::RuleError;

/// The break mark: stands inside every value of a rule file so that scanners stay quiet; removed when read.
pub const BREAK_MARK: char = '¦';

/// Names of the proofs that `scrub` knows, in the order of their codes (code 0 is "none").
pub const PROOFS: &[&str] =
    &["", "crc32_base62", "crc32_hex", "jwt", "base64_json", "random", "password", "userinfo", "basic_auth"];

/// A vendor's file, checked.
#[derive(Clone)]
pub struct RuleFile {
    /// Path as the caller named it.
    pub path: String,
    /// The vendor as it writes itself.
    pub vendor: String,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
}

/// What a rule's secret is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueIs {
    /// What `pattern` matches.
    #[default]
    Pattern,
    /// Whatever is assigned to the keyword, in any syntax; a proof decides. `pattern` is absent.
    Assigned,
    /// The lines of base64 that follow the header matched by `pattern`.
    Block,
}

/// What must stand before a match for it to count.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// No letter or digit.
    #[default]
    Word,
    /// Anything.
    Any,
}

/// How a match ends.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Token characters that follow belong to the secret.
    Grow,
    /// No token character may follow.
    Word,
    /// Where the pattern stops.
    Any,
}

/// One rule, checked.
#[derive(Clone)]
pub struct Rule {
    /// Unique name, also the placeholder's kind.
    pub id: String,
    /// One line for people.
    pub name: String,
    /// Where the format is written down.
    pub source: String,
    /// Where such a key is revoked.
    pub revoke: String,
    /// What the secret is.
    pub value: ValueIs,
    /// The value's shape; empty for [`ValueIs::Assigned`].
    pub pattern: String,
    /// What stands directly before the value and is kept.
    pub before: Option<String>,
    /// What stands directly after the value and is kept.
    pub after: Option<String>,
    /// Keywords, one of which must stand before the value.
    pub near: Vec<String>,
    /// Condition on the left edge.
    pub start: Start,
    /// Condition on the right edge.
    pub end: End,
    /// Least Shannon entropy of the value, bits a character.
    pub entropy: f32,
    /// Index into [`PROOFS`].
    pub proof: u8,
    /// Lines in which exactly the marked part goes.
    pub hits: Vec<Hit>,
    /// Lines in which the rule must not fire.
    pub misses: Vec<String>,
    /// Line of the rule's id in its file.
    pub line: usize,
}

/// A line of example text and the part of it that is the secret.
#[derive(Clone)]
pub struct Hit {
    /// The text without marks.
    pub text: String,
    /// Byte range of the secret in `text`.
    pub secret: Range<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    vendor: String,
    revoke: Option<String>,
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: Spanned<String>,
    name: Spanned<String>,
    source: Spanned<String>,
    revoke: Option<Spanned<String>>,
    #[serde(default)]
    value: ValueIs,
    pattern: Option<Spanned<String>>,
    before: Option<Spanned<String>>,
    after: Option<Spanned<String>>,
    #[serde(default)]
    near: Vec<Spanned<String>>,
    #[serde(default)]
    start: Start,
    end: Option<End>,
    #[serde(default)]
    entropy: f32,
    proof: Option<Spanned<String>>,
    hits: Spanned<Vec<Spanned<String>>>,
    misses: Spanned<Vec<String>>,
}

/// Reads and checks one file; reports every mistake it finds, not the first alone.
pub fn parse(path: &str, text: &str) -> Result<RuleFile, Vec<RuleError>> {
    let at = |offset: usize, message: String| RuleError {
        file: path.to_owned(),
        line: 1 + text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count(),
        message,
    };
    let raw: RawFile =
        toml::from_str(text).map_err(|e| vec![at(e.span().map_or(0, |s| s.start), e.message().to_owned())])?;
    let mut errors = Vec::new();
    if let Some(url) = raw.revoke.as_deref().filter(|url| !url.starts_with("https://")) {
        errors.push(at(0, format!("the file's revoke '{url}' is not an https URL")));
    }
    let rules = raw
        .rule
        .into_iter()
        .filter_map(|rule| check(rule, raw.revoke.as_deref(), &at).map_err(|found| errors.extend(found)).ok())
        .collect();
    if errors.is_empty() { Ok(RuleFile { path: path.to_owned(), vendor: raw.vendor, rules }) } else { Err(errors) }
}

fn check(raw: RawRule, revoke: Option<&str>, at: &dyn Fn(usize, String) -> RuleError) -> Result<Rule, Vec<RuleError>> {
    let mut errors = Vec::new();
    let id = raw.id.get_ref();
    let mut wrong = |offset: usize, message: String| errors.push(at(offset, format!("rule '{id}': {message}")));

    if !(3..=40).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        wrong(raw.id.span().start, "an id is [a-z0-9_]{3,40}".into());
    }
    for url in [Some(&raw.source), raw.revoke.as_ref()].into_iter().flatten() {
        if !url.get_ref().starts_with("https://") {
            wrong(url.span().start, format!("'{}' is not an https URL", url.get_ref()));
        }
    }
    let revoke = match (&raw.revoke, revoke) {
        (Some(own), _) => own.get_ref().clone(),
        (None, Some(file)) => file.to_owned(),
        (None, None) => {
            wrong(raw.id.span().start, "no revoke URL, neither here nor at the top of the file".into());
            String::new()
        }
    };
    match (raw.value, &raw.pattern) {
        (ValueIs::Assigned, Some(p)) => wrong(p.span().start, "value = \"assigned\" takes no pattern".into()),
        (ValueIs::Assigned, None) if raw.near.is_empty() => {
            wrong(raw.id.span().start, "value = \"assigned\" needs near keywords".into());
        }
        (ValueIs::Pattern | ValueIs::Block, None) => wrong(raw.id.span().start, "no pattern".into()),
        _ => {}
    }
    for keyword in &raw.near {
        let k = keyword.get_ref();
        if k.len() < 3 || !k.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_./:-".contains(&b)) {
            wrong(keyword.span().start, format!("near keyword '{k}' is not three or more of [a-z0-9_./:-]"));
        }
    }
    let proof = raw.proof.as_ref().map_or(Some(0), |p| PROOFS.iter().position(|name| name == p.get_ref()));
    if proof.is_none() {
        let (span, known) = (raw.proof.as_ref().map_or(0, |p| p.span().start), PROOFS[1..].join(", "));
        wrong(span, format!("no such proof; there are: {known}"));
    }
    if raw.hits.get_ref().is_empty() {
        wrong(raw.hits.span().start, "a rule needs at least one hit".into());
    }
    if raw.misses.get_ref().is_empty() {
        wrong(raw.misses.span().start, "a rule needs at least one miss".into());
    }
    let mut hits = Vec::new();
    for hit in raw.hits.get_ref() {
        match marked(hit.get_ref()) {
            Some(hit) => hits.push(hit),
            None => wrong(
                hit.span().start,
                "a hit marks its secret as «value», once, and breaks it with ¦ so that scanners stay quiet".into(),
            ),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Rule {
        line: at(raw.id.span().start, String::new()).line,
        end: raw.end.unwrap_or(if raw.near.is_empty() { End::Grow } else { End::Word }),
        name: raw.name.into_inner(),
        source: raw.source.into_inner(),
        revoke,
        value: raw.value,
        pattern: raw.pattern.map(Spanned::into_inner).unwrap_or_default(),
        before: raw.before.map(Spanned::into_inner),
        after: raw.after.map(Spanned::into_inner),
        near: raw.near.into_iter().map(Spanned::into_inner).collect(),
        start: raw.start,
        entropy: raw.entropy,
        proof: proof.unwrap_or_default() as u8,
        hits,
        misses: raw.misses.into_inner().into_iter().map(|m| unbroken(&m)).collect(),
        id: raw.id.into_inner(),
    })
}

/// The text without break marks.
fn unbroken(text: &str) -> String {
    text.replace(BREAK_MARK, "")
}

fn marked(line: &str) -> Option<Hit> {
    let (before, rest) = line.split_once('«')?;
    let (secret, after) = rest.split_once('»')?;
    if secret.is_empty() || !secret.contains(BREAK_MARK) || after.contains(['«', '»']) {
        return None;
    }
    let (before, secret, after) = (unbroken(before), unbroken(secret), unbroken(after));
    let range = before.len()..before.len() + secret.len();
    Some(Hit { text: before + &secret + &after, secret: range })
}

/// Ids that two files (or one) define twice.
pub fn same_id_twice(files: &[RuleFile]) -> Vec<RuleError> {
    let mut seen: HashMap<&str, (&str, usize)> = HashMap::new();
    let mut errors = Vec::new();
    for file in files {
        for rule in &file.rules {
            if let Some((other, line)) = seen.insert(&rule.id, (&file.path, rule.line)) {
                errors.push(RuleError {
                    file: file.path.clone(),
                    line: rule.line,
                    message: format!("rule '{}' is already defined at {other}:{line}; choose another id", rule.id),
                });
            }
        }
    }
    errors
}
