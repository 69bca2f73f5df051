//! A process by pid and start time.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read, Result};
use std::str::FromStr;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// One process, and no other that has its number later.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// When it started, in clock ticks since the machine did (proc(5), `/proc/PID/stat`, field 22). It stays when the process
    /// becomes another program.
    pub start: u64,
}

impl Process {
    /// The process with that number, if there is one.
    pub fn of(pid: i32) -> Option<Self> {
        Self::read(pid).map(|(process, _)| process)
    }

    /// This process.
    pub fn own() -> Option<Self> {
        Self::of(i32::try_from(std::process::id()).ok()?)
    }

    /// The one that started it, or that took it over; `None` when it is gone, or has none.
    pub fn parent(self) -> Option<Self> {
        self.above().map(|(process, _)| process)
    }

    /// The one that started this process.
    pub fn own_parent() -> Option<Self> {
        Self::of(rustix::process::getppid()?.as_raw_pid())
    }

    /// It and those above it, the nearest first.
    pub fn line(self) -> impl Iterator<Item = Self> {
        let above = std::iter::successors(self.above(), |(process, parent)| process.started_by(*parent));
        // Nobody nests that deep; a loop cannot be, but must not hang either.
        std::iter::once(self).chain(above.map(|(process, _)| process)).take(128)
    }

    /// Those that it started, or took over, and that run.
    pub fn children(self) -> impl Iterator<Item = Self> {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter_map(Self::of).filter(move |process| process.parent() == Some(self))
    }

    /// Whether it still runs. A dead one whose parent has not looked at it yet does not. Where the system does not say (it has no
    /// more descriptors, for one), it runs: what is known of a process is not forgotten for that.
    pub fn is_alive(self) -> bool {
        let is_it = |stat: &str| fields(stat).is_some_and(|(_, state, start)| start == self.start && state != "Z");
        match stat(self.pid, is_it) {
            Ok(is_it) => is_it,
            // ESRCH: it ended between the opening and the reading.
            Err(error) => {
                error.kind() != ErrorKind::NotFound && error.raw_os_error() != Some(Errno::SRCH.raw_os_error())
            }
        }
    }

    /// Its parent, and the number of that one's.
    fn above(self) -> Option<(Self, i32)> {
        let (_, parent) = Self::read(self.pid).filter(|(now, _)| *now == self)?;
        self.started_by(parent)
    }

    fn started_by(self, parent: i32) -> Option<(Self, i32)> {
        // A number that was given away again is a younger process's.
        Self::read(parent).filter(|(parent, _)| parent.start <= self.start)
    }

    fn read(pid: i32) -> Option<(Self, i32)> {
        let (parent, start) = stat(pid, |stat| fields(stat).map(|(parent, _, start)| (parent, start))).ok()??;
        Some((Self { pid, start }, parent))
    }
}

/// What a process's line in `/proc` says, in one read: it is looked up for each ancestor of each command.
fn stat<T>(pid: i32, look: impl FnOnce(&str) -> T) -> Result<T> {
    // A name of 64 bytes and 51 numbers of at most 20 digits.
    let mut line = [0; 1280];
    let length = File::open(format!("/proc/{pid}/stat")).and_then(|mut file| file.read(&mut line))?;
    Ok(look(&String::from_utf8_lossy(&line[..length])))
}

/// Parent, state and start time. The name, in parentheses, may hold anything.
fn fields(stat: &str) -> Option<(i32, &str, u64)> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let (state, parent) = (fields.next()?, fields.next()?.parse().ok()?);
    Some((parent, state, fields.nth(17)?.parse().ok()?))
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.pid, self.start)
    }
}

impl FromStr for Process {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let (pid, start) = text.split_once('-').ok_or(())?;
        Ok(Self { pid: pid.parse().map_err(|_| ())?, start: start.parse().map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_anything_in_it_is_passed_over() {
        let rest = "S 7 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1";
        assert_eq!(fields(&format!("42 (a) b (c) {rest}")), Some((7, "S", 4711)));
        assert_eq!(fields("42 (a"), None);
    }

    #[test]
    fn this_process_has_a_line_of_ancestors() {
        let own = Process::own().expect("this is Linux");
        assert!(own.is_alive() && own.line().count() > 1);
        assert_eq!(own.to_string().parse(), Ok(own));
        let other = Process { start: own.start + 1, ..own };
        assert!(!other.is_alive() && other.parent().is_none());
    }
}
