//! Rules in gitleaks' format, read as gitleaks reads them:
//! <https://github.com/gitleaks/gitleaks#configuration>, version 8.
//!
//! A text has no path and no commit here. So a rule holds in every text, whatever path it names; what is allowed by path or
//! commit alone is not allowed; and the format's own set of rules (`useDefault`) is what the built-in rules are for.

use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};
use scrub::Label;
use serde::Deserialize;
use toml::Spanned;

use super::{kind, literals};
use crate::ConfigError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawFile {
    #[serde(default)]
    rules: Vec<RawRule>,
    allowlist: Option<RawAllow>,
    #[serde(default)]
    allowlists: Vec<RawAllow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRule {
    id: Spanned<String>,
    #[serde(default)]
    description: String,
    regex: Option<String>,
    path: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    secret_group: usize,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    keywords: Vec<String>,
    allowlist: Option<RawAllow>,
    #[serde(default)]
    allowlists: Vec<RawAllow>,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
struct RawAllow {
    #[serde(default)]
    condition: Condition,
    #[serde(default)]
    regex_target: Target,
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    commits: Vec<String>,
    /// The rules it is for; all, if none is named.
    #[serde(default)]
    target_rules: Vec<String>,
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
enum Condition {
    #[default]
    #[serde(rename = "OR", alias = "or", alias = "||")]
    Or,
    #[serde(rename = "AND", alias = "and", alias = "&&")]
    And,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
enum Target {
    #[default]
    Secret,
    Match,
    Line,
}

/// One rule.
pub(super) struct Rule {
    regex: String,
    secret_group: usize,
    least_entropy: f64,
    allow: Vec<RawAllow>,
    compiled: OnceLock<Result<Compiled, String>>,
    id: String,
}

struct Compiled {
    regex: Regex,
    allow: Vec<Allow>,
}

struct Allow {
    raw: RawAllow,
    regexes: Vec<Regex>,
}

/// Whether a rule file is in this format: it lists `rules`, where the built-in format has a vendor.
pub fn is_one(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        vendor: Option<serde::de::IgnoredAny>,
    }
    // What cannot be read at all is told apart by how it looks.
    toml::from_str::<Probe>(text).map_or_else(|_| text.contains("[[rules]]"), |probe| probe.vendor.is_none())
}

/// Reads a file: for each rule how it is called, what it needs, and it itself. Rules about paths alone are left out.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<(Label, Vec<String>, Rule)>, ConfigError> {
    let raw: RawFile = toml::from_str(text).map_err(|e| crate::file::mistake(path, text, &e))?;
    let of_all: Vec<RawAllow> = raw.allowlist.into_iter().chain(raw.allowlists).collect();
    let mut parsed = Vec::new();
    for rule in raw.rules {
        let id = rule.id.get_ref();
        let offset = rule.id.span().start;
        let Some(regex) = rule.regex else {
            if rule.path.is_none() {
                let message = "the rule has neither a regex nor a path; mend its spelling";
                return Err(ConfigError::at(path, text, offset, message));
            }
            continue;
        };
        if id.is_empty() {
            return Err(ConfigError::at(path, text, offset, "a rule needs an id"));
        }
        let keywords = rule.keywords.iter().filter(|word| !word.is_empty()).map(|word| word.to_lowercase());
        let needed: Vec<String> = if rule.keywords.is_empty() { literals::of(&regex) } else { keywords.collect() };
        let label = Label {
            id: kind(id),
            name: if rule.description.is_empty() { id.clone() } else { rule.description },
            vendor: "(own)".to_owned(),
            source: path.display().to_string(),
            revoke: String::new(),
        };
        let global = of_all.iter().filter(|allow| allow.target_rules.is_empty() || allow.target_rules.contains(id));
        let allow = rule.allowlist.into_iter().chain(rule.allowlists).chain(global.cloned()).collect();
        let rule = Rule {
            id: id.clone(),
            regex,
            secret_group: rule.secret_group,
            least_entropy: rule.entropy,
            allow,
            compiled: OnceLock::new(),
        };
        parsed.push((label, needed, rule));
    }
    Ok(parsed)
}

impl Rule {
    /// The secrets it finds.
    pub(super) fn search(&self, text: &[u8]) -> Result<Vec<Range<usize>>, String> {
        let compiled = self.compiled.get_or_init(|| self.compile()).as_ref().map_err(Clone::clone)?;
        let secrets = compiled.regex.captures_iter(text).filter_map(|found| {
            let secret = self.secret(&found);
            let value = &text[secret.clone()];
            let random = self.least_entropy == 0.0 || entropy(value) > self.least_entropy;
            let whole = found.get(0).map_or(secret.clone(), |m| m.range());
            let allowed = compiled.allow.iter().any(|allow| allow.holds(text, &whole, value));
            (random && !allowed && !secret.is_empty()).then_some(secret)
        });
        Ok(secrets.collect())
    }

    /// The group that is named; else the first that holds something; else the whole match.
    fn secret(&self, found: &Captures<'_>) -> Range<usize> {
        let whole = found.get(0).map_or(0..0, |m| m.range());
        if self.secret_group > 0 {
            return found.get(self.secret_group).map_or(whole, |m| m.range());
        }
        let first = (1..found.len()).filter_map(|i| found.get(i)).find(|m| !m.is_empty());
        first.map_or(whole, |m| m.range())
    }

    fn compile(&self) -> Result<Compiled, String> {
        let compiled = |regex: &String| {
            RegexBuilder::new(regex).unicode(false).build().map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => format!("rule '{}': its regex is too large", self.id),
                _ => format!("rule '{}': its regex cannot be read: {}", self.id, why(regex)),
            })
        };
        let regex = compiled(&self.regex)?;
        if self.secret_group >= regex.captures_len() {
            return Err(format!("rule '{}': its regex has no group {}", self.id, self.secret_group));
        }
        let allow = self.allow.iter().map(|raw| {
            Ok(Allow { regexes: raw.regexes.iter().map(compiled).collect::<Result<_, _>>()?, raw: raw.clone() })
        });
        Ok(Compiled { regex, allow: allow.collect::<Result<_, String>>()? })
    }
}

impl Allow {
    fn holds(&self, text: &[u8], whole: &Range<usize>, secret: &[u8]) -> bool {
        let target = match self.raw.regex_target {
            Target::Secret => secret,
            Target::Match => &text[whole.clone()],
            Target::Line => line(text, whole),
        };
        let by_regex = || self.regexes.iter().any(|regex| regex.is_match(target));
        let by_word = || {
            let secret = String::from_utf8_lossy(secret).to_lowercase();
            self.raw.stopwords.iter().any(|word| secret.contains(&word.to_lowercase()))
        };
        match self.raw.condition {
            Condition::Or => by_regex() || by_word(),
            // What cannot be asked here does not hold.
            Condition::And if !self.raw.paths.is_empty() || !self.raw.commits.is_empty() => false,
            Condition::And => {
                let (regexes, words) = (!self.regexes.is_empty(), !self.raw.stopwords.is_empty());
                (regexes || words) && (!regexes || by_regex()) && (!words || by_word())
            }
        }
    }
}

/// What is wrong with a regex, without the regex.
fn why(regex: &str) -> String {
    match regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex) {
        Err(regex_syntax::Error::Parse(error)) => format!("{} at byte {}", error.kind(), error.span().start.offset),
        Err(regex_syntax::Error::Translate(error)) => {
            format!("{} at byte {}", error.kind(), error.span().start.offset)
        }
        _ => "it is not supported here".to_owned(),
    }
}

fn line<'t>(text: &'t [u8], span: &Range<usize>) -> &'t [u8] {
    let start = text[..span.start].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let end = text[span.end..].iter().position(|b| *b == b'\n').map_or(text.len(), |i| span.end + i);
    &text[start..end]
}

/// Shannon's, in bits a byte.
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    value.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let share = |count: &u32| f64::from(*count) / value.len() as f64;
    counts.iter().filter(|count| **count > 0).map(share).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, file: &str) -> Vec<String> {
        let rules = parse(Path::new("gitleaks.toml"), file).expect("a file");
        let spans = rules.iter().flat_map(|(_, _, rule)| rule.search(text.as_bytes()).expect("rules"));
        spans.map(|span| text[span].to_owned()).collect()
    }

    const FILE: &str = r#"
[extend]
useDefault = true

[[rules]]
id = "acme-token"
description = "ACME token"
regex = '''(?i)acme[\w.-]{0,10}\s*=\s*"?([a-z0-9]{16})\b'''
entropy = 3
keywords = ["acme"]
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''# fixture''']
[[rules.allowlists]]
condition = "AND"
paths = ['''test/''']
stopwords = ["q7w8"]

[allowlist]
stopwords = ["example"]
"#;

    #[test]
    fn a_rule_finds_its_group_where_nothing_allows_it() {
        let value = ["q7w8e9r1", "t2y3u4i5"].concat();
        assert_eq!(found(&format!("ACME_key = \"{value}\"\n"), FILE), std::slice::from_ref(&value));
        assert!(found(&format!("ACME_key = \"{value}\" # fixture\n"), FILE).is_empty());
        assert!(found("acme = example123456789\n", FILE).is_empty());
        assert!(found("acme = aaaaaaaaaaaaaaab\n", FILE).is_empty(), "no entropy");
    }

    #[test]
    fn a_regex_that_cannot_be_used_is_named() {
        let file = "[[rules]]\nid = \"a\"\nregex = '(?<!x)abc'\n";
        let rules = parse(Path::new("g.toml"), file).expect("a file");
        assert!(rules[0].2.search(b"abc").is_err_and(|why| why.contains("rule 'a'") && why.contains("at byte 0")));
        let misspelled =
            parse(Path::new("g.toml"), "[[rules]]\nid = \"a\"\nregx = 'abc'\n").err().map(|e| e.to_string());
        assert!(misspelled.is_some_and(|why| why.starts_with("g.toml:2:6: ")));
        assert!(is_one("[[ rules ]]\nid = 'a'\n") && !is_one("vendor = 'V'\n"));
    }
}
