//! Any text as a JSON document: no panic, what was JSON is JSON of the same shape afterwards, and redacting that changes
//! nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scrub::json::{Document, withheld};
use scrub::{Mask, Scanner};
use serde_json::Value;

thread_local! {
    static SCANNER: Scanner<'static> = {
        let scanner = Scanner::builtin().expect("the table is whole");
        let found = scanner.findings(b"DB_PASSWORD=v7Lq2!xRt8").expect("a short text");
        assert!(!found.is_empty(), "a scanner that finds nothing keeps every promise");
        scanner
    };
}

/// What stands outside the strings of a document.
fn outside(raw: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for c in raw.chars() {
        if c == '"' && !escaped {
            inside = !inside;
        }
        escaped = inside && c == '\\' && !escaped;
        if !inside {
            out.push(c);
        }
    }
    out
}

fuzz_target!(|raw: &str| {
    SCANNER.with(|scanner| {
        let parsed = serde_json::from_str::<Value>(raw);
        if let Some(text) = withheld(raw, "withheld") {
            assert!(parsed.is_err() || serde_json::from_str::<Value>(&text).is_ok(), "withheld: {text}");
        }
        let Ok(document) = Document::read(raw) else { return };
        let Ok(findings) = document.findings(scanner) else { return };
        for finding in &findings {
            document.path(finding.span.start);
        }
        let masked = document.masked(&Mask::new(*scanner.table()), &findings);
        if parsed.is_ok() {
            assert!(serde_json::from_str::<Value>(&masked).is_ok(), "JSON stays JSON: {masked}");
            assert_eq!(outside(raw), outside(&masked));
            let again = Document::read(&masked).expect("a document stays one");
            let Ok(findings) = again.findings(scanner) else { return };
            assert!(
                findings.is_empty(),
                "\nonce  {masked}\ntwice {}",
                again.masked(&Mask::new(*scanner.table()), &findings)
            );
        }
    });
});
