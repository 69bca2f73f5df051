//! Several values at once: each is fetched once, in parallel, and what goes wrong with one is no matter to the others.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use secret::Secret;

use crate::{Failure, FetchError, Reference, Vault};

/// So many at a time: managers of passwords are slow, not idle.
const AT_ONCE: usize = 16;
/// How often a person is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// What came of each reference.
pub type Fetched = BTreeMap<Reference, Result<Secret, FetchError>>;

/// What is to be said of one of them.
pub enum News {
    /// It has taken so long by now; a person may have to unlock something.
    Waits(Duration),
    /// This came of it, and no more will.
    Came(Result<Secret, FetchError>),
}

enum Event {
    Began(usize),
    Ended(usize, Result<Secret, FetchError>),
}

impl Vault {
    /// Fetches each of the references once. `waits` is told, in this thread, every other second of what takes longer.
    pub fn fetch_all(&self, references: &[Reference], mut waits: impl FnMut(&Reference, Duration)) -> Fetched {
        let mut fetched = Fetched::new();
        self.fetch_each(references, |reference, news| match news {
            News::Waits(since) => waits(reference, since),
            News::Came(result) => drop(fetched.insert(reference.clone(), result)),
        });
        fetched
    }

    /// The same for who wants each as soon as it is there: `tell` is told of all that happens, in this thread.
    pub fn fetch_each(&self, references: &[Reference], mut tell: impl FnMut(&Reference, News)) {
        let mut once: Vec<&Reference> = references.iter().collect();
        once.sort();
        once.dedup();
        let next = AtomicUsize::new(0);
        let mut left: BTreeSet<usize> = (0..once.len()).collect();
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
                    Ok(Event::Began(number)) => drop(waiting.insert(number, Instant::now())),
                    Ok(Event::Ended(number, result)) => {
                        waiting.remove(&number);
                        left.remove(&number);
                        tell(once[number], News::Came(result));
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        told = Instant::now();
                        for (number, since) in waiting.iter().filter(|(_, since)| since.elapsed() >= PATIENCE) {
                            tell(once[*number], News::Waits(since.elapsed()));
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        });
        // No thread could be started for these.
        for number in left {
            tell(once[number], News::Came(self.fetch_guarded(once[number])));
        }
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
    fn what_is_larger_than_a_credential_is_none() {
        let text = "x".repeat(crate::LARGEST + 1);
        let vault = Vault::new(Environment::of([("A", text.as_str()), ("B", &text[1..])]), &Sources::default());
        let vault = vault.expect("no sources");
        let fetched = |text| vault.fetch(&Reference::parse(text).expect("a reference"));
        let error = fetched("env:A").map(|_| ()).expect_err("too large").to_string();
        assert!(error.contains("more than 65536 bytes"), "{error}");
        assert_eq!(fetched("env:B").expect("fits").len(), crate::LARGEST);
    }

    #[test]
    fn each_comes_once_and_one_that_fails_spoils_no_other() {
        let vault =
            Vault::new(Environment::of([("A", "one"), ("B", "three")]), &Sources::default()).expect("no sources");
        let parse = |text| Reference::parse(text).expect("a reference");
        let references = ["env:A", "env:B", "env:A", "env:C"].map(parse);
        let mut said = Vec::new();
        vault.fetch_each(&references, |reference, news| match news {
            News::Came(result) => said.push((reference.to_string(), result.ok().map(|value| value.len()))),
            News::Waits(_) => panic!("nothing to wait for"),
        });
        said.sort();
        let expected = [("env:A".to_owned(), Some(3)), ("env:B".to_owned(), Some(5)), ("env:C".to_owned(), None)];
        assert_eq!(said, expected);
        let fetched = vault.fetch_all(&references, |_, _| ());
        assert_eq!(fetched.len(), 3);
        let value = fetched[&references[0]].as_ref().expect("is set");
        assert!(value.expose(|bytes| bytes == b"one"));
        let error = fetched[&references[3]].as_ref().map(|_| ()).expect_err("is not set").to_string();
        assert!(error.starts_with("env:C: the variable is not set"), "{error}");
        let error = fetched[&references[3]].as_ref().map(|_| ()).expect_err("is not set").for_agents();
        assert!(error.starts_with("env:…: the variable is not set"), "{error}");
    }
}
