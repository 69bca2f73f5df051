//! Before a history is summarised: the summary is made from all of it, and the files that were worked on last are read again,
//! raw, without a tool's hooks.
//!
//! Measured with the client 2.1.330: of the files that a tool read or wrote or a prompt mentioned, the last five come back
//! after the summary. When the model has refused a request for its length, the client compacts whatever this hook says.

use std::path::Path;

use config::plain::{self, Content};
use scrub::Finding;

use crate::event::Event;
use crate::history::{self, Place, Reach};
use crate::log::{Deed, Entry, Source};
use crate::{Context, Hook, Refusal, Reply, notice, text};

/// The hook. Its closed answer is exit status 2: the history stays as it is.
pub const HOOK: Hook = Hook {
    name: "pre-compact",
    event: "PreCompact",
    reads_files: true,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

/// So many files are looked at: twice as many as come back.
const LAST: usize = 10;
/// A larger file is not searched; the client reads no more than a part of a file of a quarter of a megabyte.
const LARGEST: u64 = 64 << 20;

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let scanner = context.scanner()?;
    if !context.agent.keeps_what_was_stopped() {
        return Ok(Reply::Silent);
    }
    let transcript = event.transcript()?;
    let mut reasons = Vec::new();
    let blocked = |source: Source, findings: &[Finding], place: String, call: Option<&str>| {
        let mut entry = Entry::new(HOOK.event, &event, Deed::Blocked, source, &scanner, findings);
        (entry.place, entry.call) = (Some(place), call);
        entry.append(&scanner);
    };
    let unsent = history::read(transcript, Reach::Turn, &scanner)?.unsent;
    for Place { call, findings, .. } in &unsent {
        blocked(Source::History, findings, "history".to_owned(), call.as_deref());
    }
    if !unsent.is_empty() {
        reasons.push(notice::history_blocked(&history::said(&unsent, &scanner)));
    }
    for file in history::files(transcript)?.iter().take(LAST) {
        // What cannot be read by us the client reads no better.
        let Content::Whole(content) = plain::read_up_to(Path::new(file), LARGEST) else { continue };
        let findings = text::findings(&plain::text(content), &scanner)?;
        let Some((line, _)) = findings.first() else { continue };
        let place = format!("{file}:{line}");
        let findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
        reasons.push(notice::read_again(&place, &notice::kinds(scanner.table(), &findings)));
        blocked(Source::File, &findings, place, None);
    }
    if reasons.is_empty() {
        return Ok(Reply::Silent);
    }
    Ok(Reply::Block { reason: scanner.redacted(&reasons.join("\n"))? })
}
