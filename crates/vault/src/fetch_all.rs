//! Several values at once: each is fetched once, in parallel, and what goes wrong with one is no matter to the others.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use secret::Secret;

use crate::{Failure, FetchError, Reference, Vault};

/// So many at a time: managers of passwords are slow, not idle.
const AT_ONCE: usize = 8;
/// How often a person is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// What came of each reference.
pub type Fetched = BTreeMap<Reference, Result<Secret, FetchError>>;

/// How far it is. Nothing of a value, but how long it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress<'p> {
    /// It has begun.
    Began(&'p Reference),
    /// It has taken so long by now; a person may have to unlock something.
    Waits(&'p Reference, Duration),
    /// It is here, so many bytes; `None` if it could not be fetched.
    Ended(&'p Reference, Option<usize>),
}

enum Event {
    Began(usize),
    Ended(usize, Result<Secret, FetchError>),
}

impl Vault {
    /// Fetches each of the references once. `progress` is told, in this thread, and every other second for what takes longer.
    pub fn fetch_all(&self, references: &[Reference], mut progress: impl FnMut(Progress<'_>)) -> Fetched {
        let mut once: Vec<&Reference> = references.iter().collect();
        once.sort();
        once.dedup();
        let next = AtomicUsize::new(0);
        let mut fetched = Fetched::new();
        thread::scope(|scope| {
            let (sender, events) = mpsc::channel();
            for _ in 0..once.len().min(AT_ONCE) {
                let sender = sender.clone();
                let work = || self.work(&once, &next, sender);
                // Fewer threads are only slower.
                if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            drop(sender);
            let mut waiting: BTreeMap<usize, Instant> = BTreeMap::new();
            let mut told = Instant::now();
            loop {
                match events.recv_timeout((told + PATIENCE).saturating_duration_since(Instant::now())) {
                    Ok(Event::Began(number)) => {
                        waiting.insert(number, Instant::now());
                        progress(Progress::Began(once[number]));
                    }
                    Ok(Event::Ended(number, result)) => {
                        waiting.remove(&number);
                        progress(Progress::Ended(once[number], result.as_ref().ok().map(Secret::len)));
                        fetched.insert(once[number].clone(), result);
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        told = Instant::now();
                        for (number, since) in waiting.iter().filter(|(_, since)| since.elapsed() >= PATIENCE) {
                            progress(Progress::Waits(once[*number], since.elapsed()));
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        });
        // No thread could be started for these.
        for reference in once {
            if !fetched.contains_key(reference) {
                fetched.insert(reference.clone(), self.fetch_guarded(reference));
            }
        }
        fetched
    }

    fn work(&self, references: &[&Reference], next: &AtomicUsize, events: Sender<Event>) {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(reference) = references.get(number) else { return };
            let _ = events.send(Event::Began(number));
            let _ = events.send(Event::Ended(number, self.fetch_guarded(reference)));
        }
    }

    fn fetch_guarded(&self, reference: &Reference) -> Result<Secret, FetchError> {
        catch_unwind(AssertUnwindSafe(|| self.fetch(reference))).unwrap_or_else(|_| {
            let failure = Failure::new("stanch has failed in fetching it", "please report it, with the kind of source");
            Err(FetchError { reference: reference.clone(), failure: Box::new(failure) })
        })
    }
}

#[cfg(test)]
mod tests {
    use config::source::Sources;

    use super::*;
    use crate::Environment;

    #[test]
    fn each_comes_once_and_one_that_fails_spoils_no_other() {
        let vault =
            Vault::new(Environment::of([("A", "one"), ("B", "three")]), &Sources::default()).expect("no sources");
        let parse = |text| Reference::parse(text).expect("a reference");
        let references = ["env:A", "env:B", "env:A", "env:C"].map(parse);
        let mut said = Vec::new();
        let fetched = vault.fetch_all(&references, |progress| {
            if let Progress::Ended(reference, length) = progress {
                said.push((reference.to_string(), length));
            }
        });
        said.sort();
        let expected = [("env:A".to_owned(), Some(3)), ("env:B".to_owned(), Some(5)), ("env:C".to_owned(), None)];
        assert_eq!(said, expected);
        assert_eq!(fetched.len(), 3);
        let value = fetched[&references[0]].as_ref().expect("is set");
        assert!(value.expose(|bytes| bytes == b"one"));
        let error = fetched[&references[3]].as_ref().map(|_| ()).expect_err("is not set").to_string();
        assert!(error.starts_with("env:C: the variable is not set"), "{error}");
    }
}
