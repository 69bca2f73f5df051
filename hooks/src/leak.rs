//! A leak that has happened: one message that says what, where it went and what to do now, and its entries in the log.

use scrub::{Finding, Scanner};

use crate::event::Event;
use crate::history::Place;
use crate::log::{Deed, Entry, Source};
use crate::notice;

/// The message and the entries about what has been sent, if anything has.
pub fn report(event: &'static str, of: &Event<'_>, scanner: &Scanner<'_>, sent: &[Place]) -> Option<String> {
    let mut all: Vec<Finding> = Vec::new();
    for Place { what, call, findings } in sent.iter().filter(|place| !place.findings.is_empty()) {
        let mut entry = Entry::new(event, of, Deed::Leaked, Source::History, scanner, findings);
        (entry.tool, entry.call, entry.place) = (Some(what.as_str()), call.as_deref(), Some("history".to_owned()));
        entry.append(scanner);
        all.extend(findings.iter().cloned());
    }
    let sent: Vec<&Place> = sent.iter().filter(|place| !place.findings.is_empty()).collect();
    (!all.is_empty()).then(|| {
        let left: Vec<String> = sent.iter().map(|p| notice::left(&p.what, scanner, &p.findings)).collect();
        notice::leaked(&left.join("; "), &notice::revoke(scanner.table(), &all))
    })
}
