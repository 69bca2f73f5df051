//! Where the broker itself has failed: a place in its source, for the record. What a panic says could quote what is in memory.

use std::sync::Mutex;

use crate::lock::lock;

static LAST: Mutex<Option<String>> = Mutex::new(None);

/// From here on a panic says nothing, and its place is kept.
pub fn remember_where() {
    std::panic::set_hook(Box::new(|panic| {
        *lock(&LAST) = panic.location().map(|at| format!("{}:{}", at.file(), at.line()));
    }));
}

/// The place of the last one.
pub fn last() -> String {
    lock(&LAST).take().unwrap_or_else(|| "a place that is not known".to_owned())
}
