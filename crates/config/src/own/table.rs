//! Rules in the built-in format: compiled into a table and searched for by the matcher itself.

use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use rules::{RuleError, RuleFile, Usual, ValueIs};
use scrub::{Label, Scanner, Table};

use super::{kind, literals};
use crate::ConfigError;

/// The rules of one file.
pub(super) struct Rules {
    file: RuleFile,
    table: OnceLock<Result<Vec<u8>, String>>,
}

/// Reads a rule file: how its rules are called, what they need, and they themselves.
pub(super) fn parse(path: &Path, text: &str) -> Result<(Vec<Label>, Vec<String>, Rules), ConfigError> {
    let file = rules::file::parse(&path.display().to_string(), text).map_err(|errors| first(path, &errors))?;
    if let Some(rule) = file.rules.iter().find(|rule| rule.value == ValueIs::Block) {
        let message = "value = \"block\" is for the built-in rules; write a pattern for one line";
        return Err(ConfigError { file: path.to_owned(), place: Some((rule.line, 1)), message: message.to_owned() });
    }
    let labels = file.rules.iter().map(|rule| Label {
        id: kind(&rule.id),
        name: rule.name.clone(),
        vendor: file.vendor.clone(),
        source: rule.source.clone(),
        revoke: rule.revoke.clone(),
    });
    let needed: Vec<Vec<String>> = file.rules.iter().map(needed).collect();
    let any_free = needed.iter().any(Vec::is_empty);
    let needed = if any_free { Vec::new() } else { needed.concat() };
    Ok((labels.collect(), needed, Rules { table: OnceLock::new(), file }))
}

/// The literals of one rule: a piece of each keyword, since keywords are spelled with any separator; or the pattern's.
fn needed(rule: &rules::Rule) -> Vec<String> {
    if rule.near.is_empty() {
        return literals::of(&format!("(?:{})(?:{})", rule.before.as_deref().unwrap_or_default(), rule.pattern));
    }
    let longest = |keyword: &String| keyword.split('_').max_by_key(|piece| piece.len()).unwrap_or_default().to_owned();
    rule.near.iter().map(longest).collect()
}

fn first(path: &Path, errors: &[RuleError]) -> ConfigError {
    let (line, message) = errors.first().map_or((1, ""), |error| (error.line, error.message.as_str()));
    let more = errors.len().saturating_sub(1);
    let more = if more == 0 { String::new() } else { format!(" (and {more} more; `stanch rules check` lists them)") };
    ConfigError { file: path.to_owned(), place: Some((line, 1)), message: format!("{message}{more}") }
}

impl Rules {
    /// What the rules find: the rule's number in the file and the span.
    pub(super) fn search(&self, text: &[u8]) -> Result<Vec<(usize, Range<usize>)>, String> {
        let compile = || {
            let compiled = rules::compile_with(Usual::unknown(), std::slice::from_ref(&self.file));
            compiled.map_err(|errors| {
                errors.first().map_or_else(String::new, |e| format!("line {}: {}", e.line, e.message))
            })
        };
        let table = self.table.get_or_init(compile).as_ref().map_err(Clone::clone)?;
        let table = Table::new(table).ok_or("the compiled rules are damaged")?;
        let findings = Scanner::new(table).unsettled(text).map_err(|error| error.to_string())?;
        Ok(findings.into_iter().map(|f| (usize::from(f.rule), f.span)).collect())
    }
}
