//! What the session's broker is told of what was taken out, for the audit log: kinds and how often each, in steps and at the end.
//!
//! It was taken out whatever the broker says. What is found before there is a broker (MCP servers start first) is told later.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use scrub::Table;
use wire::{Ask, By, Client, Process, Redacted};

/// A broker is waited for no longer, and once it has let somebody wait not asked again: the output waits meanwhile.
const PATIENCE: Duration = Duration::from_millis(500);
/// What goes on for long is told of no more often than this.
const STEP: Duration = Duration::from_secs(10);

/// What is to be told.
pub struct Telling<'t> {
    table: &'t Table<'t>,
    /// The prefix, and the client, which started it; `None` if nobody is told anything.
    whose: Option<(Process, Process)>,
    /// Where, which rule, how often.
    found: BTreeMap<(&'static str, u16), u64>,
    /// Since when something is to be told that was not tried to be told yet.
    since: Option<Instant>,
}

impl<'t> Telling<'t> {
    /// About the output of what that prefix has started. It must be running.
    pub fn of(prefix: u32, table: &'t Table<'t>) -> Self {
        let process = i32::try_from(prefix).ok().and_then(Process::of);
        let whose = process.and_then(|process| Some((process, process.parent()?)));
        Self { table, whose, found: BTreeMap::new(), since: None }
    }

    /// Notes what was taken out.
    pub fn note(&mut self, place: &'static str, replaced: &BTreeMap<u16, u64>) {
        for (rule, count) in replaced {
            *self.found.entry((place, *rule)).or_default() += count;
            self.since.get_or_insert_with(Instant::now);
        }
    }

    /// When [`Telling::tell_if_due`] has something to do.
    pub fn due(&self) -> Option<Instant> {
        self.since.map(|since| since + STEP)
    }

    /// Tells what has waited long enough.
    pub fn tell_if_due(&mut self) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.tell();
        }
    }

    /// Tells all that was not told yet.
    pub fn tell(&mut self) {
        self.since = None;
        for place in ["output", "message"] {
            let kinds: Vec<(String, u64)> =
                self.found.iter().filter(|((found, _), _)| *found == place).map(kind(self.table)).collect();
            let Some((prefix, client)) = self.whose.filter(|_| !kinds.is_empty()) else { continue };
            // Most sessions have no broker: one look for its socket and no more.
            let mut broker = match Client::of(client, PATIENCE) {
                Ok(broker) => broker,
                Err(error) => {
                    let is_none = wire::is_none(error.kind());
                    self.whose = self.whose.filter(|_| is_none);
                    return;
                }
            };
            let redacted = Redacted {
                by: By::Filter(prefix),
                kinds,
                place: place.to_owned(),
                how: "redacted".to_owned(),
                kept: true,
            };
            if broker.ask(&Ask::Redacted(redacted)).is_err() {
                self.whose = None;
            }
            self.found.retain(|(found, _), _| *found != place);
        }
    }
}

fn kind<'t>(table: &'t Table<'t>) -> impl Fn((&(&str, u16), &u64)) -> (String, u64) + 't {
    |((_, rule), count)| (table.rule(*rule).id().to_owned(), *count)
}
