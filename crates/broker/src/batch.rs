//! Calls with one command, of which nobody can tell which process runs which.
//!
//! When as many processes have come as there are calls, the batch is full: which calls these are does not change any more, and a
//! call that is told later is none of theirs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wire::{Call, Process};

/// A person may take this long to allow a call.
const PATIENCE: Duration = Duration::from_secs(3600);
/// What was started in the background says its text within this time after the client said that it was started.
const LATE: Duration = Duration::from_secs(10);

/// The calls, and the processes that are among them.
#[derive(Default)]
pub struct Batch {
    calls: Vec<Told>,
    /// No more than calls.
    processes: Vec<Process>,
}

/// A call that a hook has told of.
struct Told {
    call: Arc<Call>,
    since: Instant,
    /// When a hook said that it has run, although nobody could say which process was it.
    ended: Option<Instant>,
}

impl Batch {
    /// Whether there is a process for each call.
    pub fn is_full(&self) -> bool {
        self.processes.len() == self.calls.len()
    }

    /// Whether the call with that id is one of them.
    pub fn holds(&self, id: &str) -> bool {
        self.calls.iter().any(|told| told.call.id == id)
    }

    /// How many calls are not known to be over.
    pub fn count(&self) -> usize {
        self.calls.len()
    }

    /// One more call.
    pub fn open(&mut self, call: Call) {
        self.calls.push(Told { call: Arc::new(call), since: Instant::now(), ended: None });
    }

    /// One more process, if it is not full: it runs one of the calls that this gives.
    pub fn run_by(&mut self, process: Process) -> Vec<Arc<Call>> {
        self.processes.push(process);
        self.calls.iter().map(|told| Arc::clone(&told.call)).collect()
    }

    /// A call has run, or was started in the background.
    pub fn close(&mut self, id: &str) {
        if self.is_full() || self.ended_process().is_some() {
            self.retire(id);
        } else if let Some(told) = self.calls.iter_mut().find(|told| told.call.id == id) {
            // The process of a call that was started in the background may be still to come.
            told.ended = Some(Instant::now());
        }
    }

    /// Forgets what is over and was not said to be: no hook is told of a call that was interrupted or refused.
    pub fn sweep(&mut self) {
        if self.is_full() {
            if self.processes.iter().all(|process| !process.is_alive()) {
                *self = Self::default();
            }
            return;
        }
        let is_late = |told: &&Told| told.ended.is_some_and(|ended| ended.elapsed() > LATE);
        while let Some(id) = self.calls.iter().find(is_late).map(|told| told.call.id.clone()) {
            self.retire(&id);
        }
        let is_old = |told: &Told| told.since.elapsed() > PATIENCE;
        while let Some(old) = self.calls.iter().position(is_old).filter(|_| !self.is_full()) {
            self.calls.remove(old);
        }
    }

    /// A call is over. One of the processes was it and none of the other calls: one that has ended, if one has.
    fn retire(&mut self, id: &str) {
        self.calls.retain(|told| told.call.id != id);
        if !self.processes.is_empty() {
            let own = self.ended_process().unwrap_or(0);
            self.processes.remove(own);
        }
    }

    fn ended_process(&self) -> Option<usize> {
        self.processes.iter().position(|process| !process.is_alive())
    }
}
