//! A file, told from others.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What tells a file from another, and from itself before it was written.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    device: u64,
    number: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl File {
    /// What a path leads to now; nothing, if nobody can tell.
    pub fn of(path: &Path) -> Option<Self> {
        let data = path.metadata().ok()?;
        Some(Self {
            device: data.dev(),
            number: data.ino(),
            size: data.size(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        })
    }
}
