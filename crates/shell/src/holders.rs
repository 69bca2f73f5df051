//! Who still holds a pipe of the command: its processes, whatever group or session they are in.

use rustix::fs::fstat;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::os::fd::AsFd;

/// A command to be stopped: its group, if it has one to itself, and everyone who can still write to its output.
pub struct Command {
    group: Option<Pid>,
    /// The pipes by their names in `/proc`.
    pipes: Vec<String>,
}

/// Processes may start others while they are looked for.
const ROUNDS: usize = 8;

impl Command {
    /// The command that writes to these pipes.
    pub fn new<F: AsFd>(group: Option<Pid>, pipes: &[F]) -> Self {
        let name = |pipe: &F| fstat(pipe).ok().map(|stat| format!("pipe:[{}]", stat.st_ino));
        Self { group, pipes: pipes.iter().filter_map(name).collect() }
    }

    /// Signals all of them, this process apart unless it is in the group.
    pub fn signal(&self, signal: Signal) {
        for _ in 0..ROUNDS {
            let holders = self.holders();
            for holder in &holders {
                let _ = kill_process(*holder, signal);
            }
            if holders.is_empty() || signal != Signal::KILL {
                break;
            }
        }
        if let Some(group) = self.group {
            let _ = kill_process_group(group, signal);
        }
    }

    /// Those who hold a pipe; none where the system does not tell.
    fn holders(&self) -> Vec<Pid> {
        let own = rustix::process::getpid();
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?));
        pids.filter(|pid| *pid != own && self.is_held_by(*pid)).collect()
    }

    fn is_held_by(&self, pid: Pid) -> bool {
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        let mut places = descriptors.filter_map(|entry| std::fs::read_link(entry.path()).ok());
        places.any(|place| place.to_str().is_some_and(|place| self.pipes.iter().any(|pipe| pipe == place)))
    }
}
