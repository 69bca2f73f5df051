//! A rehearsal (`stanch hook-test`): the answer alone is wanted, and nothing on disk is changed, neither a file that an event
//! names nor the log.
//!
//! For the whole process: what writes to disk lies deep below the hooks, and none of it may be forgotten.

use std::sync::atomic::{AtomicBool, Ordering};

static ON: AtomicBool = AtomicBool::new(false);

/// From now on, this process only rehearses.
pub fn begin() {
    ON.store(true, Ordering::Relaxed);
}

/// Whether nothing may be changed.
pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}
