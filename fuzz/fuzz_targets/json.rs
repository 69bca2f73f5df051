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

fn same_but_strings(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(_), Value::String(_)) => true,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_but_strings(a, b))
        }
        // A key may be a secret: its value is still there, though a parser keeps one of two with the same placeholder.
        (Value::Object(a), Value::Object(b)) => a.len() >= b.len() && a.is_empty() == b.is_empty(),
        _ => a == b,
    }
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
        if let Ok(before) = parsed {
            let after = serde_json::from_str(&masked).expect("JSON stays JSON");
            assert!(same_but_strings(&before, &after), "{masked}");
            let again = Document::read(&masked).expect("a document stays one");
            let Ok(findings) = again.findings(scanner) else { return };
            assert!(findings.is_empty(), "\nonce  {masked}\ntwice {}", again.masked(&Mask::new(*scanner.table()), &findings));
        }
    });
});
