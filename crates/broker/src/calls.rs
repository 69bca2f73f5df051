//! The tool calls of a client, and which processes run them.
//!
//! A call is told by the client to a hook before it runs; the process that runs it says its text. The text is all that ties
//! the two together (the environment of a subagent's command is the main thread's), so a process may be any of the calls
//! that have it, and is treated as all of them: it may have what each of them may.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wire::{Call, Process};

use crate::text;

/// A person may take this long to allow a call.
const PATIENCE: Duration = Duration::from_secs(3600);
/// More calls at a time than any client makes.
const MOST: usize = 16 << 10;

/// A call and what was lent to it.
pub struct Registered {
    /// As the client told it.
    pub call: Call,
    since: Instant,
    uses: Mutex<HashMap<String, u32>>,
}

impl Registered {
    /// How often a credential was lent to it.
    pub fn uses(&self, credential: &str) -> u32 {
        lock(&self.uses).get(credential).copied().unwrap_or(0)
    }

    /// Counts one more.
    pub fn used(&self, credential: &str) {
        *lock(&self.uses).entry(credential.to_owned()).or_default() += 1;
    }
}

/// All of them.
#[derive(Default)]
pub struct Calls(Mutex<State>);

#[derive(Default)]
struct State {
    open: HashMap<String, Arc<Registered>>,
    bound: HashMap<Process, Vec<Arc<Registered>>>,
}

/// Whose process it is.
pub enum Owner {
    /// One of these calls.
    Calls(Vec<Arc<Registered>>),
    /// The person's: it was started through the prefix without a call.
    Person,
    /// Nobody's that is known.
    Unknown,
}

impl Calls {
    /// A call is about to run.
    pub fn open(&self, call: Call) {
        let mut state = lock(&self.0);
        state.open.retain(|_, call| call.since.elapsed() < PATIENCE);
        if state.open.len() < MOST {
            let registered = Registered { call, since: Instant::now(), uses: Mutex::default() };
            state.open.insert(registered.call.id.clone(), Arc::new(registered));
        }
    }

    /// A call has run, or was started in the background: no further process is it.
    pub fn close(&self, call: &str) {
        lock(&self.0).open.remove(call);
    }

    /// The process runs that text from now on. How many calls that may be.
    pub fn bind(&self, process: Process, said: &str) -> usize {
        let mut state = lock(&self.0);
        state.bound.retain(|process, _| process.is_alive());
        let calls: Vec<_> =
            state.open.values().filter(|registered| text::runs(said, &registered.call.command)).cloned().collect();
        let count = calls.len();
        state.bound.insert(process, calls);
        count
    }

    /// Whose the process is, by those that started it.
    pub fn owner(&self, process: Process) -> Owner {
        let state = lock(&self.0);
        match process.line().find_map(|above| state.bound.get(&above)) {
            None => Owner::Unknown,
            Some(calls) if calls.is_empty() => Owner::Person,
            Some(calls) => Owner::Calls(calls.clone()),
        }
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        lock(&self.0).open.len()
    }
}

/// What is in it is whole at any time: a panic elsewhere does not make it wrong.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, command: &str) -> Call {
        Call {
            id: id.to_owned(),
            session: "s".to_owned(),
            agent: None,
            agent_type: None,
            command: command.to_owned(),
            folder: "/".into(),
        }
    }

    fn ids(owner: Owner) -> Vec<String> {
        match owner {
            Owner::Calls(calls) => {
                let mut ids: Vec<_> = calls.iter().map(|registered| registered.call.id.clone()).collect();
                ids.sort();
                ids
            }
            Owner::Person => vec!["person".to_owned()],
            Owner::Unknown => Vec::new(),
        }
    }

    #[test]
    fn a_process_is_every_call_that_has_its_text() {
        let (calls, own) = (Calls::default(), Process::own().expect("this is Linux"));
        assert!(ids(calls.owner(own)).is_empty());
        for (id, command) in [("a", "git push"), ("b", "git pull"), ("c", "git push")] {
            calls.open(call(id, command));
        }
        assert_eq!(calls.bind(own, "source /s && eval 'git push' < /dev/null && pwd -P >| /tmp/x"), 2);
        assert_eq!(ids(calls.owner(own)), ["a", "c"]);
        calls.close("a");
        assert_eq!((ids(calls.owner(own)), calls.count()), (vec!["a".to_owned(), "c".to_owned()], 2));
        assert_eq!(calls.bind(own, "eval 'git push' && pwd -P >| /tmp/x"), 1);
        assert_eq!(calls.bind(own, "eval ls && pwd -P >| /tmp/x"), 0);
        assert_eq!(ids(calls.owner(own)), ["person"]);
    }

    #[test]
    fn a_child_is_its_parents_call() {
        let (calls, own) = (Calls::default(), Process::own().expect("this is Linux"));
        calls.open(call("a", "sleep 9"));
        calls.bind(own, "eval 'sleep 9' && pwd -P >| /tmp/x");
        let mut child = std::process::Command::new("sleep").arg("9").spawn().expect("sleep");
        let process = Process::of(i32::try_from(child.id()).expect("a pid")).expect("runs");
        assert_eq!(ids(calls.owner(process)), ["a"]);
        let _ = child.kill().and_then(|()| child.wait());
        assert!(ids(calls.owner(process)).is_empty(), "a process that is gone is nobody's");
    }
}
