//! Whether a session is still running: its files are left alone then.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, test_kill_process};
use serde::Deserialize;

use crate::command::scan::agents::{Store, claude_sessions};
use crate::command::scan::source::Source;

/// What is running now.
pub struct Live {
    /// Device and inode of every file that a process has open, as far as we may see them.
    open: HashSet<(u64, u64)>,
    /// Sessions that Claude Code says are running.
    sessions: Vec<String>,
    /// Whether it says so at all.
    listed: bool,
    /// A file that was changed more recently may belong to a session that runs.
    idle: Duration,
}

/// An entry of Claude Code's list: `sessions/<pid>.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    pid: i32,
    session_id: String,
}

impl Live {
    /// Looks around.
    pub fn now(idle: Duration) -> Self {
        let folder = claude_sessions().and_then(|folder| fs::read_dir(folder).ok());
        let listed = folder.is_some();
        let mut sessions: Vec<String> = folder
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| serde_json::from_slice::<Session>(&fs::read(entry.path()).ok()?).ok())
            .filter(|session| is_running(session.pid))
            .map(|session| session.session_id)
            .collect();
        // A session that runs this command is running.
        sessions.extend(std::env::var("CLAUDE_CODE_SESSION_ID").ok());
        // An id that is too short would stand in any path.
        sessions.retain(|id| id.len() >= 8);
        Self { open: open_files(), sessions, listed, idle }
    }

    /// Why a file may belong to a session that runs.
    pub fn reason(&self, source: &Source, store: &Store) -> Option<String> {
        let file = fs::symlink_metadata(&source.path).ok()?;
        if self.open.contains(&(file.dev(), file.ino())) {
            return Some("a process has it open; end that session first".to_owned());
        }
        let path = source.path.to_string_lossy();
        if self.sessions.iter().any(|id| path.contains(id.as_str())) {
            return Some("its session is running; end it first".to_owned());
        }
        // An agent that keeps a list tells better than the clock.
        if store.agent == "Claude Code" && self.listed {
            return None;
        }
        let age = SystemTime::now().duration_since(file.modified().ok()?).unwrap_or_default();
        (age < self.idle)
            .then(|| format!("changed {} s ago, its session may be running; later, or with --idle 0", age.as_secs()))
    }
}

fn is_running(pid: i32) -> bool {
    // EPERM: it runs, under another user.
    Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// From /proc; where there is none, nothing is known.
fn open_files() -> HashSet<(u64, u64)> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = std::process::id().to_string();
    processes
        .filter(|process| process.file_name().to_str().is_some_and(|name| name.parse::<u32>().is_ok() && name != own))
        .flat_map(|process| fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten())
        .filter_map(|open| fs::metadata(open.path()).ok())
        .filter(|file| file.is_file())
        .map(|file| (file.dev(), file.ino()))
        .collect()
}
