//! Every example of every rule, against the table that is built in.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::sync::LazyLock;

use common::{RULES, masked, scanner};
use regex::Regex;
use scrub::Mask;
use scrub::json::Document;

/// Shorter parts of a value are in many texts by accident; a prefix may stand in the placeholder's kind.
fn run_of(secret: &str) -> usize {
    (secret.len() / 5 + 1).max(10)
}

/// A part of the secret that stands in the masked text, and did not stand in the rest of the text before.
fn left(text: &str, secret: &str, masked: &str) -> Option<String> {
    let rest = text.replace(secret, "\n");
    // Placeholders name the vendor, and so do many secrets.
    let masked = without_placeholders(masked);
    let runs =
        secret.as_bytes().windows(run_of(secret).min(secret.len())).filter_map(|run| std::str::from_utf8(run).ok());
    runs.filter(|run| masked.contains(run) && !rest.contains(run)).map(str::to_owned).next()
}

fn without_placeholders(text: &str) -> String {
    static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| Regex::new("stanch_[a-z0-9_]+").unwrap());
    PLACEHOLDER.replace_all(text, "\n").into_owned()
}

fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{}:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_hit_is_covered_and_nothing_of_its_secret_is_left() {
    let scanner = scanner();
    let mut problems = Vec::new();
    for rule in &*RULES {
        for (number, hit) in (1..).zip(&rule.hits) {
            let mut open = hit.secret.clone();
            for finding in scanner.findings(hit.text.as_bytes()).unwrap() {
                if finding.span.start <= open.start {
                    open.start = open.start.max(finding.span.end);
                }
            }
            if !open.is_empty() {
                problems.push(format!("{} hit {number}: bytes {open:?} of {:?} stay", rule.id, hit.secret));
            }
            let masked = String::from_utf8(masked(&scanner, hit.text.as_bytes())).unwrap();
            if let Some(run) = left(&hit.text, &hit.text[hit.secret.clone()], &masked) {
                problems.push(format!("{} hit {number}: {run:?} is left", rule.id));
            }
        }
    }
    none(&problems);
}

#[test]
fn every_hit_is_covered_inside_a_json_string() {
    let scanner = scanner();
    let mask = Mask::new(*scanner.table());
    let mut problems = Vec::new();
    for rule in &*RULES {
        for (number, hit) in (1..).zip(&rule.hits) {
            let raw =
                serde_json::json!({ "stdout": format!("a line\n{}\nanother\n", hit.text), "code": 0 }).to_string();
            let document = Document::read(&raw).unwrap();
            let masked = document.masked(&mask, &document.findings(&scanner).unwrap());
            let Ok(value) = serde_json::from_str::<serde_json::Value>(&masked) else {
                problems.push(format!("{} hit {number}: not JSON any more", rule.id));
                continue;
            };
            let stdout = value["stdout"].as_str().unwrap_or_default();
            if !stdout.starts_with("a line\n") || !stdout.ends_with("\nanother\n") || value["code"] != 0 {
                problems.push(format!("{} hit {number}: what stands around it changed", rule.id));
            }
            if let Some(run) = left(&hit.text, &hit.text[hit.secret.clone()], stdout) {
                problems.push(format!("{} hit {number}: {run:?} is left", rule.id));
            }
        }
    }
    none(&problems);
}

#[test]
fn no_miss_fires_its_own_rule() {
    let scanner = scanner();
    let mut problems = Vec::new();
    for rule in &*RULES {
        for (number, miss) in (1..).zip(&rule.misses) {
            let findings = scanner.findings(miss.as_bytes()).unwrap();
            if findings.iter().any(|f| scanner.table().rule(f.rule).id() == rule.id) {
                problems.push(format!("{} miss {number}: the rule fires", rule.id));
            }
        }
    }
    none(&problems);
}

#[test]
fn the_built_in_table_holds_every_rule() {
    let table = *scanner().table();
    let built_in: Vec<&str> = (0..table.count()).map(|n| table.rule(n as u16).id()).collect();
    let written: Vec<&str> = RULES.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(built_in, written);
}
