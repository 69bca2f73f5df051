//! Which filters know which values: what a command shows must be looked through for a value before the command can have it.

use std::collections::HashMap;
use std::sync::Mutex;

use wire::Process;

use crate::calls::lock;

/// By the prefix that starts the filter.
#[derive(Default)]
pub struct Told(Mutex<HashMap<Process, Vec<String>>>);

impl Told {
    /// The process has been told of the values of those sources.
    pub fn note(&self, process: Process, sources: Vec<String>) {
        let mut told = lock(&self.0);
        told.retain(|process, _| process.is_alive());
        told.insert(process, sources);
    }

    /// Whether the output of a process goes through a filter that knows the value of a source.
    pub fn knows(&self, process: Process, source: &str) -> bool {
        let told = lock(&self.0);
        let filtered = process.line().find_map(|above| told.get(&above));
        filtered.is_some_and(|sources| sources.iter().any(|told| told == source))
    }
}
