//! The tool calls of a client, and which processes run them.
//!
//! A call is told by the client to a hook before it runs; the process that runs it says its text. The text is all that ties
//! the two together (the environment of a subagent's command is the main thread's), so a process may be any of the calls
//! that have it, and is treated as all of them: it may have what each of them may. Each call is run by one process: where
//! more processes have a text than calls do, one of them is a call that was not told, and the last comer has nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wire::{Call, Process};

use crate::text;

/// A person may take this long to allow a call.
const PATIENCE: Duration = Duration::from_secs(3600);
/// What was started in the background says its text within this time after the client said that it was started.
const LATE: Duration = Duration::from_secs(10);
/// More calls at a time than any client makes.
const MOST: usize = 16 << 10;

/// All of them.
pub struct Calls(Mutex<State>);

struct State {
    client: Process,
    /// Calls of which no process is known for certain, by id.
    waiting: HashMap<String, Waiting>,
    /// Those of which it is.
    running: HashMap<String, (Arc<Call>, Process)>,
    /// Processes that run one of several waiting calls, nobody knows which.
    undecided: Vec<(Process, Vec<Arc<Call>>)>,
    bound: HashMap<Process, Bound>,
    /// How often which credential was lent to what a process has started.
    uses: HashMap<(Process, String), u32>,
}

struct Waiting {
    call: Arc<Call>,
    since: Instant,
    /// When a hook said that it has run, although nothing was known to run it.
    ended: Option<Instant>,
}

/// What a process was found to run when it said its text.
#[derive(Clone)]
enum Bound {
    /// One of these calls.
    Calls(Vec<Arc<Call>>),
    /// No call's text.
    Person,
    /// A text that as many processes run already as there are calls with it.
    TooMany,
}

/// Whose process it is.
pub enum Owner {
    /// One of these calls.
    Calls(Vec<Arc<Call>>),
    /// The person's: it was started through the prefix without a call.
    Person,
    /// A call's that was not told, or that ran already.
    TooMany,
    /// Nobody's that is known.
    Unknown,
}

impl Calls {
    /// Of that client, none yet.
    pub fn of(client: Process) -> Self {
        Self(Mutex::new(State {
            client,
            waiting: HashMap::new(),
            running: HashMap::new(),
            undecided: Vec::new(),
            bound: HashMap::new(),
            uses: HashMap::new(),
        }))
    }

    /// A call is about to run.
    pub fn open(&self, call: Call) {
        let mut state = lock(&self.0);
        // A hook waits for this, and for nobody's process to be looked at.
        if state.waiting.len() >= MOST {
            state.sweep();
        }
        if state.waiting.len() < MOST {
            let id = call.id.clone();
            state.waiting.insert(id, Waiting { call: Arc::new(call), since: Instant::now(), ended: None });
        }
    }

    /// A call has run, or was started in the background: no further process is it.
    pub fn close(&self, id: &str) {
        let mut state = lock(&self.0);
        state.running.remove(id);
        // One of the processes that may be it was it, and none of the others: the one that has ended, if one has.
        let may_be: Vec<_> = state.undecided.iter().filter(|(_, calls)| is_among(id, calls)).map(|(p, _)| *p).collect();
        let Some(own) = may_be.iter().find(|process| !process.is_alive()).or(may_be.first()) else {
            // What is started in the background may say so before its process says its text.
            if let Some(waiting) = state.waiting.get_mut(id) {
                waiting.ended = Some(Instant::now());
            }
            return;
        };
        state.undecided.retain(|(process, _)| process != own);
        state.waiting.remove(id);
    }

    /// How often a credential was lent to the process, to those that started it, or to what those have started: each call
    /// is run by one of them.
    pub fn uses(&self, process: Process, credential: &str) -> u32 {
        let state = lock(&self.0);
        let run = state.bound_above(process).map(|run| (run, credential.to_owned()));
        run.and_then(|run| state.uses.get(&run)).copied().unwrap_or(0)
    }

    /// Counts one more.
    pub fn used(&self, process: Process, credential: &str) {
        let mut state = lock(&self.0);
        if let Some(run) = state.bound_above(process) {
            *state.uses.entry((run, credential.to_owned())).or_default() += 1;
        }
    }

    /// The process runs that text from now on. How many calls that may be.
    pub fn bind(&self, process: Process, said: &str) -> usize {
        let mut state = lock(&self.0);
        state.sweep();
        let bound = state.found(process, said);
        let count = if let Bound::Calls(calls) = &bound { calls.len() } else { 0 };
        state.bound.insert(process, bound);
        count
    }

    /// Whose the process is, by those that started it.
    pub fn owner(&self, process: Process) -> Owner {
        match lock(&self.0).of(process) {
            None => Owner::Unknown,
            Some(Bound::Person) => Owner::Person,
            Some(Bound::TooMany) => Owner::TooMany,
            Some(Bound::Calls(calls)) => Owner::Calls(calls.clone()),
        }
    }

    /// These processes of the client are not its hooks: it had started them before there was a broker.
    pub fn were_there(&self, processes: impl Iterator<Item = Process>) {
        lock(&self.0).bound.extend(processes.map(|process| (process, Bound::Person)));
    }

    /// Whether the process is a command that the client ran, or was started by one.
    pub fn is_command(&self, process: Process) -> bool {
        lock(&self.0).of(process).is_some()
    }

    /// Whether the process can be an MCP server. The prefix may have said already that it runs something that is no call's.
    pub fn may_be_server(&self, process: Process) -> bool {
        let state = lock(&self.0);
        matches!(state.bound.get(&process), None | Some(Bound::Person))
            && process.parent().is_none_or(|parent| state.of(parent).is_none())
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        let state = lock(&self.0);
        state.waiting.len() + state.running.len()
    }
}

impl State {
    /// Forgets what is over.
    fn sweep(&mut self) {
        self.bound.retain(|process, _| process.is_alive());
        self.uses.retain(|(process, _), _| process.is_alive());
        self.running.retain(|_, (_, process)| process.is_alive());
        self.waiting.retain(|_, waiting| {
            waiting.since.elapsed() < PATIENCE && waiting.ended.is_none_or(|since| since.elapsed() < LATE)
        });
        let waiting = &self.waiting;
        self.undecided.retain(|(_, calls)| calls.iter().any(|call| waiting.contains_key(&call.id)));
    }

    /// What a process runs that says this text.
    fn found(&mut self, process: Process, said: &str) -> Bound {
        let has_text = |call: &Call| text::runs(said, &call.command);
        let calls = self.waiting.values().map(|waiting| &waiting.call).filter(|call| has_text(call));
        let calls: Vec<_> = calls.cloned().collect();
        let others =
            self.undecided.iter().filter(|(_, other)| calls.iter().any(|call| is_among(&call.id, other))).count();
        if calls.is_empty() && !self.running.values().any(|(call, _)| has_text(call)) {
            return Bound::Person;
        }
        if others >= calls.len() {
            return Bound::TooMany;
        }
        if let [call] = calls.as_slice() {
            self.waiting.remove(&call.id);
            self.running.insert(call.id.clone(), (Arc::clone(call), process));
        } else {
            self.undecided.push((process, calls.clone()));
        }
        Bound::Calls(calls)
    }

    fn of(&self, process: Process) -> Option<&Bound> {
        self.bound_above(process).and_then(|bound| self.bound.get(&bound))
    }

    fn bound_above(&self, process: Process) -> Option<Process> {
        // Nothing above the client is a command of its.
        process.line().take_while(|above| *above != self.client).find(|above| self.bound.contains_key(above))
    }
}

fn is_among(id: &str, calls: &[Arc<Call>]) -> bool {
    calls.iter().any(|call| call.id == id)
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

    /// Of the client that started this process.
    fn calls() -> Calls {
        Calls::of(Process::own_parent().expect("this is Linux"))
    }

    fn ids(owner: Owner) -> Vec<String> {
        match owner {
            Owner::Calls(calls) => {
                let mut ids: Vec<_> = calls.iter().map(|call| call.id.clone()).collect();
                ids.sort();
                ids
            }
            Owner::Person => vec!["person".to_owned()],
            Owner::TooMany => vec!["one too many".to_owned()],
            Owner::Unknown => Vec::new(),
        }
    }

    /// A process of its own for each command.
    struct Run(std::process::Child);

    impl Run {
        fn start() -> Self {
            Self(std::process::Command::new("sleep").arg("60").spawn().expect("sleep"))
        }

        fn process(&self) -> Process {
            Process::of(i32::try_from(self.0.id()).expect("a pid")).expect("runs")
        }
    }

    impl Drop for Run {
        fn drop(&mut self) {
            let _ = self.0.kill().and_then(|()| self.0.wait());
        }
    }

    const PUSH: &str = "source /s && eval 'git push' < /dev/null && pwd -P >| /tmp/x";

    #[test]
    fn a_process_is_every_call_that_has_its_text() {
        let (calls, one, two) = (calls(), Run::start(), Run::start());
        assert!(ids(calls.owner(one.process())).is_empty());
        for (id, command) in [("a", "git push"), ("b", "git pull"), ("c", "git push")] {
            calls.open(call(id, command));
        }
        assert_eq!((calls.bind(one.process(), PUSH), calls.bind(two.process(), PUSH)), (2, 2));
        assert_eq!(ids(calls.owner(one.process())), ["a", "c"]);
        calls.close("a");
        assert_eq!(
            ids(calls.owner(two.process())),
            ["a", "c"],
            "that a call is closed changes nothing about its process"
        );
        let third = Run::start();
        assert_eq!(calls.bind(third.process(), "eval ls && pwd -P >| /tmp/x"), 0);
        assert_eq!(ids(calls.owner(third.process())), ["person"]);
        assert!(calls.is_command(third.process()) && !calls.is_command(Process::own().expect("this is Linux")));
    }

    #[test]
    fn a_call_is_run_by_one_process() {
        let (calls, one, two, three) = (calls(), Run::start(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        assert_eq!((calls.bind(one.process(), PUSH), calls.bind(two.process(), PUSH)), (1, 0));
        assert_eq!(ids(calls.owner(two.process())), ["one too many"]);
        // One that is told later is not taken for one that runs.
        calls.open(call("b", "git push"));
        assert_eq!((calls.bind(three.process(), PUSH), ids(calls.owner(three.process()))), (1, vec!["b".to_owned()]));
    }

    #[test]
    fn of_two_calls_with_one_text_no_third_process_is_either() {
        let (calls, one, two, three) = (calls(), Run::start(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        calls.open(call("b", "git push"));
        assert_eq!(calls.bind(one.process(), PUSH), 2);
        drop(one);
        assert_eq!((calls.bind(two.process(), PUSH), calls.bind(three.process(), PUSH)), (2, 0));
        assert_eq!(ids(calls.owner(three.process())), ["one too many"]);
    }

    #[test]
    fn of_two_calls_with_one_text_the_second_runs_when_the_first_is_over() {
        let (calls, one, two) = (calls(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        calls.open(call("b", "git push"));
        assert_eq!(calls.bind(one.process(), PUSH), 2);
        drop(one);
        calls.close("a");
        assert_eq!((calls.bind(two.process(), PUSH), ids(calls.owner(two.process()))), (1, vec!["b".to_owned()]));
    }

    #[test]
    fn a_call_that_has_ended_takes_no_process_away() {
        let (calls, one, two, three) = (calls(), Run::start(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        assert_eq!(calls.bind(one.process(), PUSH), 1);
        calls.close("a");
        // It went on in the background, and a person types the same.
        assert_eq!((calls.bind(two.process(), PUSH), ids(calls.owner(two.process()))), (0, vec!["person".to_owned()]));
        calls.open(call("b", "git push"));
        assert_eq!((calls.bind(three.process(), PUSH), ids(calls.owner(three.process()))), (1, vec!["b".to_owned()]));
    }

    #[test]
    fn a_call_that_is_closed_before_its_process_says_its_text_is_run_by_it() {
        let (calls, one, two) = (calls(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        calls.close("a");
        assert_eq!((calls.bind(one.process(), PUSH), calls.bind(two.process(), PUSH)), (1, 0));
    }

    #[test]
    fn uses_are_those_of_one_process() {
        let (calls, one, two) = (calls(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        calls.open(call("b", "git push"));
        assert_eq!((calls.bind(one.process(), PUSH), calls.bind(two.process(), PUSH)), (2, 2));
        calls.used(one.process(), "x");
        assert_eq!((calls.uses(one.process(), "x"), calls.uses(two.process(), "x")), (1, 0));
    }

    #[test]
    fn a_call_whose_process_is_gone_is_over_without_a_hook() {
        let (calls, one, two) = (calls(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        assert_eq!(calls.bind(one.process(), PUSH), 1);
        drop(one);
        calls.open(call("b", "git push"));
        assert_eq!((calls.bind(two.process(), PUSH), ids(calls.owner(two.process()))), (1, vec!["b".to_owned()]));
        assert_eq!(calls.count(), 1);
    }

    #[test]
    fn a_child_is_its_parents_call() {
        let (calls, own) = (calls(), Process::own().expect("this is Linux"));
        calls.open(call("a", "sleep 9"));
        calls.bind(own, "eval 'sleep 9' && pwd -P >| /tmp/x");
        let child = Run::start();
        let process = child.process();
        assert_eq!(ids(calls.owner(process)), ["a"]);
        drop(child);
        assert!(ids(calls.owner(process)).is_empty(), "a process that is gone is nobody's");
    }
}
