//! The tool calls of a client, and which processes run them.
//!
//! A call is told by the client to a hook before it runs; the process that runs it says its text. The text is all that ties
//! the two together (the environment of a subagent's command is the main thread's), so a process may be any of the calls
//! that have it, and is treated as all of them: it may have what each of them may. Each call is run by one process: where
//! more processes have a text than calls do, one of them is a call that was not told, and the last comer has nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use wire::{Call, Process};

use crate::batch::Batch;
use crate::lock::lock;
use crate::text;

/// More calls at a time than any client makes.
const MOST: usize = 16 << 10;

/// All of them.
pub struct Calls(Mutex<State>);

struct State {
    client: Process,
    /// By their command. A call that is told when the last of them is full begins another.
    batches: HashMap<String, Vec<Batch>>,
    /// How many calls they hold.
    count: usize,
    runs: HashMap<Process, Run>,
}

/// A process that has said its text.
struct Run {
    owner: Owner,
    /// How often which credential was lent to it and to what it has started.
    uses: HashMap<String, u32>,
}

/// Whose process it is.
#[derive(Clone)]
pub enum Owner {
    /// One of these calls.
    Calls(Vec<Arc<Call>>),
    /// Nobody's call: what a person typed, and MCP servers.
    NoCall,
    /// A call's that was not told, or that ran already: as many processes run that text as there are calls with it.
    TooMany,
}

impl Calls {
    /// Of that client, none yet.
    pub fn of(client: Process) -> Self {
        Self(Mutex::new(State { client, batches: HashMap::new(), count: 0, runs: HashMap::new() }))
    }

    /// A call is about to run.
    pub fn open(&self, call: Call) {
        let mut state = lock(&self.0);
        // A hook waits for this; nobody's process is looked at meanwhile, unless there is no room.
        if state.count >= MOST {
            state.sweep();
        }
        if state.count >= MOST {
            return;
        }
        let batches = state.batches.entry(call.command.clone()).or_default();
        // A client that runs a hook twice tells of each call twice.
        if batches.iter().any(|batch| batch.holds(&call.id)) {
            return;
        }
        if batches.last().is_none_or(Batch::is_full) {
            batches.push(Batch::default());
        }
        if let Some(batch) = batches.last_mut() {
            batch.open(call);
            state.count += 1;
        }
    }

    /// A call has run, or was started in the background.
    pub fn close(&self, id: &str) {
        let mut state = lock(&self.0);
        if let Some(batch) = state.batches.values_mut().flatten().find(|batch| batch.holds(id)) {
            batch.close(id);
            state.tidy();
        }
    }

    /// The process runs that text from now on. How many calls that may be.
    pub fn bind(&self, process: Process, said: &str) -> usize {
        let mut state = lock(&self.0);
        state.sweep();
        let alike = state.batches.iter_mut().filter(|(command, _)| text::runs(said, command));
        let mut alike: Vec<&mut Batch> = alike.flat_map(|(_, batches)| batches).collect();
        let none = if alike.is_empty() { Owner::NoCall } else { Owner::TooMany };
        // Commands that are written otherwise may have the same text: it may be any of theirs.
        let may_be: Vec<Arc<Call>> =
            alike.iter_mut().filter(|batch| !batch.is_full()).flat_map(|batch| batch.run_by(process)).collect();
        let owner = if may_be.is_empty() { none } else { Owner::Calls(may_be) };
        let count = if let Owner::Calls(calls) = &owner { calls.len() } else { 0 };
        state.runs.insert(process, Run { owner, uses: HashMap::new() });
        count
    }

    /// Takes one of so many uses of a credential that the call has: that the process has, those that started it, and what those
    /// have started. Whether there was one left.
    pub fn use_up(&self, process: Process, credential: &str, most: u32) -> bool {
        let mut state = lock(&self.0);
        let Some(run) = state.run(process) else { return false };
        let uses = run.uses.entry(credential.to_owned()).or_default();
        let is_left = *uses < most;
        *uses += u32::from(is_left);
        is_left
    }

    /// It was not lent after all.
    pub fn give_back(&self, process: Process, credential: &str) {
        if let Some(uses) = lock(&self.0).run(process).and_then(|run| run.uses.get_mut(credential)) {
            *uses = uses.saturating_sub(1);
        }
    }

    /// Whose the process is, by those that started it; `None` if nothing is known of them.
    pub fn owner(&self, process: Process) -> Option<Owner> {
        lock(&self.0).run(process).map(|run| run.owner.clone())
    }

    /// These processes of the client are not its hooks: it had started them before there was a broker.
    pub fn were_there(&self, processes: impl Iterator<Item = Process>) {
        let run = || Run { owner: Owner::NoCall, uses: HashMap::new() };
        lock(&self.0).runs.extend(processes.map(|process| (process, run())));
    }

    /// Whether the process is a command that the client ran, or was started by one.
    pub fn is_command(&self, process: Process) -> bool {
        lock(&self.0).run(process).is_some()
    }

    /// Whether the process is one of an agent's command, told or not.
    pub fn is_of_call(&self, process: Process) -> bool {
        self.owner(process).is_some_and(|owner| !matches!(owner, Owner::NoCall))
    }

    /// Whether the process can be an MCP server. The prefix may have said already that it runs something that is no call's.
    pub fn may_be_server(&self, process: Process) -> bool {
        let mut state = lock(&self.0);
        let of_a_call = state.runs.get(&process).is_some_and(|run| !matches!(run.owner, Owner::NoCall));
        !of_a_call && process.parent().is_none_or(|parent| state.run(parent).is_none())
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        let mut state = lock(&self.0);
        state.sweep();
        state.count
    }
}

impl State {
    fn sweep(&mut self) {
        self.runs.retain(|process, _| process.is_alive());
        self.batches.values_mut().flatten().for_each(Batch::sweep);
        self.tidy();
    }

    fn tidy(&mut self) {
        self.batches.retain(|_, batches| {
            batches.retain(|batch| batch.count() > 0);
            !batches.is_empty()
        });
        self.count = self.batches.values().flatten().map(Batch::count).sum();
    }

    /// What is known of the process, or of the nearest one that started it.
    fn run(&mut self, process: Process) -> Option<&mut Run> {
        // Nothing above the client is a command of its.
        let mut line = process.line().take_while(|above| *above != self.client);
        let known = line.find(|above| self.runs.contains_key(above))?;
        self.runs.get_mut(&known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, command: &str) -> Call {
        Call { id: id.to_owned(), session: "s".to_owned(), agent: None, agent_type: None, command: command.to_owned() }
    }

    /// Of the client that started this process.
    fn calls() -> Calls {
        Calls::of(Process::own_parent().expect("this is Linux"))
    }

    fn ids(owner: Option<Owner>) -> Vec<String> {
        match owner {
            Some(Owner::Calls(calls)) => {
                let mut ids: Vec<_> = calls.iter().map(|call| call.id.clone()).collect();
                ids.sort();
                ids
            }
            Some(Owner::NoCall) => vec!["person".to_owned()],
            Some(Owner::TooMany) => vec!["one too many".to_owned()],
            None => Vec::new(),
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

    /// One of the main thread and one of a subagent, say: what the subagent's is must not be taken for the main thread's.
    #[test]
    fn that_a_call_has_been_started_does_not_say_which_process_is_another() {
        let (calls, one, two) = (calls(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        calls.open(call("b", "git push"));
        assert_eq!(calls.bind(one.process(), PUSH), 2);
        // In the background: its process may still be to come.
        calls.close("a");
        assert_eq!(
            (calls.bind(two.process(), PUSH), ids(calls.owner(two.process()))),
            (2, vec!["a".to_owned(), "b".to_owned()])
        );
    }

    #[test]
    fn commands_that_are_written_otherwise_may_have_one_text() {
        for order in [["a", "b"], ["b", "a"]] {
            let (calls, one) = (calls(), Run::start());
            for id in order {
                calls.open(call(id, if id == "a" { "git push 2>nul" } else { "git push 2>/dev/null" }));
            }
            assert_eq!(calls.bind(one.process(), "eval 'git push 2>/dev/null' && pwd -P >| /tmp/x"), 2);
            let mut owners = ids(calls.owner(one.process()));
            owners.sort();
            assert_eq!(owners, ["a", "b"]);
        }
    }

    #[test]
    fn a_hook_that_runs_twice_says_nothing_new() {
        let (calls, one, two, three) = (calls(), Run::start(), Run::start(), Run::start());
        for id in ["a", "b", "a"] {
            calls.open(call(id, "git push"));
        }
        assert_eq!((calls.bind(one.process(), PUSH), calls.bind(two.process(), PUSH)), (2, 2));
        calls.close("a");
        calls.close("a");
        assert_eq!((calls.count(), calls.bind(three.process(), PUSH)), (1, 0));
    }

    #[test]
    fn calls_that_are_interrupted_are_over_with_their_processes() {
        let (calls, one, two, three) = (calls(), Run::start(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        calls.open(call("b", "git push"));
        assert_eq!((calls.bind(one.process(), PUSH), calls.bind(two.process(), PUSH)), (2, 2));
        drop((one, two));
        calls.open(call("c", "git push"));
        assert_eq!((calls.bind(three.process(), PUSH), ids(calls.owner(three.process()))), (1, vec!["c".to_owned()]));
        assert_eq!(calls.count(), 1);
    }

    #[test]
    fn uses_are_those_of_one_process() {
        let (calls, one, two) = (calls(), Run::start(), Run::start());
        calls.open(call("a", "git push"));
        calls.open(call("b", "git push"));
        assert_eq!((calls.bind(one.process(), PUSH), calls.bind(two.process(), PUSH)), (2, 2));
        let takes = |run: &Run| calls.use_up(run.process(), "x", 1);
        assert_eq!((takes(&one), takes(&one), takes(&two)), (true, false, true));
        calls.give_back(one.process(), "x");
        assert_eq!((takes(&one), takes(&two)), (true, false));
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
