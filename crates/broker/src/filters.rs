//! Which filters know which values: what a command shows must be looked through for a value before the command can have it.
//!
//! A prefix asks for what is known, has its filter take it in, and says so. What it was answered does not count alone: it may
//! have had no patience left for the answer.

use std::collections::HashMap;
use std::sync::Mutex;

use wire::Process;

use crate::lock::lock;

/// By the prefix that starts the filter.
#[derive(Default)]
pub struct Filters(Mutex<HashMap<Process, Sources>>);

struct Sources {
    names: Vec<String>,
    is_taken_in: bool,
}

impl Filters {
    /// The process is answered by what the values of those sources are known.
    pub fn offer(&self, process: Process, names: Vec<String>) {
        let mut filters = lock(&self.0);
        filters.retain(|process, _| process.is_alive());
        filters.insert(process, Sources { names, is_taken_in: false });
    }

    /// The process says that its filter knows them.
    pub fn confirm(&self, process: Process) {
        if let Some(sources) = lock(&self.0).get_mut(&process) {
            sources.is_taken_in = true;
        }
    }

    /// Whether the output of a process goes through a filter that knows the value of a source.
    pub fn know(&self, process: Process, source: &str) -> bool {
        let filters = lock(&self.0);
        let filtered = process.line().find_map(|above| filters.get(&above));
        filtered.is_some_and(|sources| sources.is_taken_in && sources.names.iter().any(|name| name == source))
    }
}
