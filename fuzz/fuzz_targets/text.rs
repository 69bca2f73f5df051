//! Any bytes as text: no panic, findings in order, characters whole, and redacting twice changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scrub::{Mask, Scanner};

thread_local! {
    static SCANNER: Scanner<'static> = {
        let scanner = Scanner::builtin().expect("the table is whole");
        let found = scanner.findings(b"DB_PASSWORD=v7Lq2!xRt8").expect("a short text");
        assert!(!found.is_empty(), "a scanner that finds nothing keeps every promise");
        scanner
    };
}

fn masked(scanner: &Scanner<'_>, text: &[u8]) -> Option<Vec<u8>> {
    let findings = scanner.findings(text).ok()?;
    assert!(findings.iter().all(|f| f.span.start < f.span.end && f.span.end <= text.len()));
    assert!(findings.windows(2).all(|two| two[0].span.end <= two[1].span.start));
    let mut out = Vec::new();
    Mask::new(*scanner.table()).write(text, &findings, &mut out);
    Some(out)
}

fuzz_target!(|text: &[u8]| {
    SCANNER.with(|scanner| {
        let Some(once) = masked(scanner, text) else { return };
        if std::str::from_utf8(text).is_ok() {
            assert!(std::str::from_utf8(&once).is_ok(), "a character is cut: {}", String::from_utf8_lossy(&once));
        }
        let Some(twice) = masked(scanner, &once) else { return };
        assert!(once == twice, "\nonce  {}\ntwice {}", String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
    });
});
