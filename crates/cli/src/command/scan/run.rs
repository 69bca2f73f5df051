//! The search itself: texts are handed out piece by piece to all threads, and what they find comes back in order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use config::Config;
use scrub::Mask;

use super::found::{Fault, Found};
use super::look::{self, Seen};
use super::pieces::{Piece, Pieces};
use super::progress::Progress;
use super::source::{Origin, Source, open};
use super::staged::Blobs;

/// A file of at most this size is read by the thread that searches it.
const SMALL: u64 = 1 << 20;

/// Told of what was found and what could not be searched, in the order of the texts.
pub trait Report: Send {
    /// A secret.
    fn found(&mut self, found: Found);
    /// Something that was not searched.
    fn fault(&mut self, fault: Fault);
}

/// How much was searched.
#[derive(Default, Clone, Copy)]
pub struct Searched {
    /// Texts.
    pub texts: usize,
    /// Bytes.
    pub bytes: u64,
    /// Packed files: what is in them was not seen.
    pub packed: usize,
    /// Documents and records that were too long to be read as JSON.
    pub too_long: usize,
}

impl Searched {
    /// A text has been read to its end.
    fn ended(&mut self, pieces: &Pieces<'_>) {
        self.packed += usize::from(pieces.packed);
        self.too_long += pieces.long;
    }
}

/// Searches all sources with `threads` threads.
///
/// # Errors
/// The compiled rules are damaged, or git does not start.
pub fn run(
    config: &Config,
    sources: &[Source],
    threads: usize,
    report: &mut dyn Report,
    progress: &Progress,
) -> anyhow::Result<Searched> {
    let staged = sources.iter().any(|source| matches!(source.origin, Origin::Blob(_)));
    let blobs = staged.then(Blobs::start).transpose()?;
    let feed = Mutex::new(Feed { sources, next: 0, open: None, number: 0, blobs, searched: Searched::default() });
    let order = Mutex::new(Order { report, next: 0, waiting: BTreeMap::new() });
    config.scanner()?;
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| work(config, &feed, &order, progress));
        }
    });
    let searched = lock(&feed).searched;
    Ok(searched)
}

/// One thread.
fn work(config: &Config, feed: &Mutex<Feed<'_>>, order: &Mutex<Order<'_>>, progress: &Progress) {
    // Another thread has seen that the rules are whole.
    let Ok(scanner) = config.scanner() else { return };
    let mask = Mask::new(*scanner.table());
    loop {
        let Some(job) = lock(feed).next() else { return };
        let source = job.source;
        let sources = lock(feed).sources;
        let place = || sources[source].path.display().to_string();
        let mut outcome = Outcome::default();
        let mut take = |piece: &Piece| {
            match catch_unwind(AssertUnwindSafe(|| look::search(&scanner, &mask, piece))) {
                Ok(seen) => outcome.add(source, seen, place),
                Err(_) => {
                    let reason = "the search failed here; please report it".to_owned();
                    outcome.faults.push(Fault { place: place(), line: Some(piece.line), reason });
                }
            }
            progress.add(piece.own.len() as u64);
        };
        let done = match job.text {
            Ok(Text::Piece(piece)) => {
                take(&piece);
                Ok(())
            }
            Ok(Text::Small(file)) => Pieces::of(&sources[source].path, Box::new(file)).and_then(|mut pieces| {
                while let Some(piece) = pieces.next()? {
                    take(&piece);
                }
                lock(feed).searched.ended(&pieces);
                Ok(())
            }),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            outcome.faults.push(Fault::of(place(), error));
        }
        lock(order).put(job.number, outcome);
    }
}

/// A thread that panicked has left nothing half done that another would see.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands out what is to be searched.
struct Feed<'s> {
    sources: &'s [Source],
    next: usize,
    /// The large text that is being cut.
    open: Option<(usize, Pieces<'static>)>,
    number: u64,
    blobs: Option<Blobs>,
    searched: Searched,
}

struct Job {
    number: u64,
    source: usize,
    text: io::Result<Text>,
}

enum Text {
    /// A file to be read whole.
    Small(File),
    /// A piece of a large one.
    Piece(Piece),
}

impl Feed<'_> {
    fn next(&mut self) -> Option<Job> {
        loop {
            if let Some((source, pieces)) = &mut self.open {
                let source = *source;
                match pieces.next() {
                    Ok(Some(piece)) => {
                        self.searched.bytes += piece.own.len() as u64;
                        return Some(self.job(source, Ok(Text::Piece(piece))));
                    }
                    Ok(None) => {
                        self.searched.ended(pieces);
                        self.open = None;
                    }
                    Err(error) => {
                        self.open = None;
                        return Some(self.job(source, Err(error)));
                    }
                }
                continue;
            }
            let number = self.next;
            let source = self.sources.get(number)?;
            self.next += 1;
            self.searched.texts += 1;
            let opened = match &source.origin {
                Origin::File => match open(&source.path).and_then(|file| Ok((file.metadata()?.len(), file))) {
                    Ok((size, file)) if size <= SMALL => {
                        self.searched.bytes += size;
                        return Some(self.job(number, Ok(Text::Small(file))));
                    }
                    Ok((_, file)) => Pieces::of(&source.path, Box::new(file)),
                    Err(error) => Err(error),
                },
                Origin::Stdin => Pieces::of(&source.path, Box::new(io::stdin())),
                Origin::Blob(name) => match &mut self.blobs {
                    Some(blobs) => blobs
                        .read(name)
                        .and_then(|content| Pieces::of(&source.path, Box::new(io::Cursor::new(content)))),
                    None => Err(io::Error::other("git is not running")),
                },
            };
            match opened {
                Ok(pieces) => self.open = Some((number, pieces)),
                Err(error) => {
                    self.searched.texts -= 1;
                    return Some(self.job(number, Err(error)));
                }
            }
        }
    }

    fn job(&mut self, source: usize, text: io::Result<Text>) -> Job {
        let number = self.number;
        self.number += 1;
        Job { number, source, text }
    }
}

/// What came of one job.
#[derive(Default)]
struct Outcome {
    found: Vec<Found>,
    faults: Vec<Fault>,
}

impl Outcome {
    fn add(&mut self, source: usize, seen: Seen, place: impl Fn() -> String) {
        self.found.extend(seen.sights.into_iter().map(|sight| Found {
            source,
            line: sight.place.0,
            column: sight.place.1,
            rule: sight.rule,
            proven: sight.proven,
            json_path: sight.json_path.filter(|path| !path.is_empty()),
        }));
        self.faults.extend(seen.unsearched.into_iter().map(|(line, error)| Fault {
            place: place(),
            line: Some(line),
            reason: error.to_string(),
        }));
    }
}

/// Brings what comes out of threads into the order of the texts.
struct Order<'r> {
    report: &'r mut dyn Report,
    next: u64,
    waiting: BTreeMap<u64, Outcome>,
}

impl Order<'_> {
    fn put(&mut self, number: u64, outcome: Outcome) {
        self.waiting.insert(number, outcome);
        while let Some(outcome) = self.waiting.remove(&self.next) {
            self.next += 1;
            outcome.found.into_iter().for_each(|found| self.report.found(found));
            outcome.faults.into_iter().for_each(|fault| self.report.fault(fault));
        }
    }
}
