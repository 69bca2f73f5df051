//! Text as tools print it, made from a seed: logs, base64, JSON in JSON.

use std::fmt::Write;

use crate::format;
use crate::random::Random;

/// Log lines of a server, at least `length` bytes.
pub fn log(length: usize) -> String {
    let mut random = Random::named("log", 0);
    let mut out = String::new();
    let mut millis = 0;
    while out.len() < length {
        millis += random.below(900);
        let (seconds, rest) = (millis / 1000, millis % 1000);
        let (minute, second) = (seconds / 60 % 60, seconds % 60);
        let level = random.pick(&["INFO ", "INFO ", "DEBUG", "WARN "]);
        let (module, part, what) = (random.word(), random.word(), random.word());
        let (id, status, took) = (random.uuid(), random.pick(&["200", "201", "304", "404"]), random.below(800));
        let _ = writeln!(
            out,
            "2026-01-12T09:{minute:02}:{second:02}.{rest:03}Z {level} {module}::{part}: GET /api/v1/{what}/{took} \
             status={status} duration={took}ms request_id={id}"
        );
    }
    out
}

/// Lines of base64 as in mails, certificates and data URIs, at least `length` bytes.
pub fn base64(length: usize) -> String {
    let mut random = Random::named("base64", 0);
    let mut out = String::new();
    while out.len() < length {
        out.push_str(&format::base64(&random.bytes(57)));
        out.push('\n');
    }
    out
}

/// A JSON text whose strings are JSON texts with log lines in them, at least `length` bytes.
pub fn json_in_json(length: usize) -> String {
    let mut records = Vec::new();
    let mut total = 0;
    for line in log(length).lines() {
        let inner = serde_json::json!({ "message": line, "labels": { "app": "web", "tier": "front" } }).to_string();
        total += inner.len();
        records.push(inner);
        if total >= length {
            break;
        }
    }
    serde_json::json!({ "type": "text", "records": records }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use scrub::Scanner;

    #[test]
    fn none_of_it_holds_a_secret() -> anyhow::Result<()> {
        let scanner = Scanner::builtin()?;
        for text in [log(50_000), base64(50_000), json_in_json(50_000)] {
            assert!(text.len() >= 50_000);
            assert!(scanner.findings(text.as_bytes())?.is_empty());
        }
        Ok(())
    }
}
