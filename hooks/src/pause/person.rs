//! Whether a process is a person's `stanch pause`, as far as /proc shows it: this very program, at a terminal, holding the
//! pause's lock, with no agent above it.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::time::{ClockId, clock_gettime};

use super::record::Record;
use super::{Doubt, LONGEST, PATIENCE, mark};

/// Nobody nests that deep.
const DEEPEST: usize = 256;
/// The agents' own executables, and the prefix that stands before their commands.
const AGENTS: [&str; 4] = ["claude", "codex", "qwen", "stanch-shell"];
/// What runs an agent that is a script.
const RUNTIMES: [&str; 3] = ["node", "bun", "deno"];

/// Whether the record's process is one.
pub(super) fn check(record: &Record, file: &File) -> Result<(), Doubt> {
    let process = Process::of(record.pid)?.ok_or(Doubt::Gone(record.pid))?;
    if process.start != record.start {
        return Err(Doubt::Other(record.pid));
    }
    process.is_at_a_terminal()?;
    process.is_young(record.until)?;
    process.is_pausing()?;
    process.holds(file)?;
    process.is_no_agents()
}

/// Whether this process may begin a pause.
///
/// # Errors
/// It has no terminal, or an agent is above it.
pub fn check_self() -> Result<(), Doubt> {
    let pid = std::process::id();
    let process = Process::of(pid)?.ok_or(Doubt::Gone(pid))?;
    process.is_at_a_terminal()?;
    process.is_no_agents()
}

/// When this process began.
pub(super) fn own_start() -> u64 {
    Process::of(std::process::id()).ok().flatten().map_or(0, |process| process.start)
}

struct Process {
    pid: u32,
    state: u8,
    parent: u32,
    terminal: i64,
    /// In clock ticks since the machine began.
    start: u64,
}

impl Process {
    fn of(pid: u32) -> Result<Option<Self>, Doubt> {
        match fs::read(place(pid, "stat")) {
            Ok(stat) => read(pid, &String::from_utf8_lossy(&stat)).map(Some).ok_or(UNREADABLE),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            // ESRCH: it ended between opening and reading.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => Ok(None),
            Err(_) => Err(UNREADABLE),
        }
    }

    fn is_at_a_terminal(&self) -> Result<(), Doubt> {
        match (self.state, self.terminal) {
            (b'T' | b't' | b'Z' | b'X' | b'x', _) => Err(Doubt::Stopped(self.pid)),
            (_, 0) => Err(Doubt::NoTerminal(self.pid)),
            _ => Ok(()),
        }
    }

    /// However the file was changed since: a process pauses no longer than an hour.
    fn is_young(&self, until: u64) -> Result<(), Doubt> {
        let began = Duration::from_secs(self.start / rustix::param::clock_ticks_per_second().max(1));
        let now = clock_gettime(ClockId::Boottime);
        let age = Duration::from_secs(now.tv_sec.unsigned_abs()).saturating_sub(began);
        let left = (LONGEST + PATIENCE + Duration::from_secs(2)).saturating_sub(age);
        let latest = SystemTime::now() + left;
        let until = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(until));
        if until.is_some_and(|until| until <= latest) { Ok(()) } else { Err(Doubt::TooLong) }
    }

    /// It runs the `stanch` that lies beside this executable, or the same program from elsewhere, and that to pause.
    fn is_pausing(&self) -> Result<(), Doubt> {
        let own = std::env::current_exe().map_err(|_| Doubt::Unsure("this executable's folder cannot be told"))?;
        let same = is_same(&place(self.pid, "exe"), &own.with_file_name("stanch"));
        if !same.unwrap_or_default() || self.words()?.get(1).map(Vec::as_slice) != Some(b"pause") {
            return Err(Doubt::NotPausing(self.pid));
        }
        Ok(())
    }

    /// That the lock is held has been seen; here, that nobody else holds it.
    fn holds(&self, file: &File) -> Result<(), Doubt> {
        let not = |_| Doubt::NotHolding(self.pid);
        let own = file.metadata().map_err(not)?;
        for entry in fs::read_dir(place(self.pid, "fd")).map_err(not)?.flatten() {
            let is_it = fs::metadata(entry.path()).is_ok_and(|data| (data.dev(), data.ino()) == (own.dev(), own.ino()));
            let said = || fs::read_to_string(place(self.pid, "fdinfo").join(entry.file_name())).unwrap_or_default();
            if is_it && said().lines().any(|l| l.starts_with("lock:") && l.contains("FLOCK") && l.contains("WRITE")) {
                return Ok(());
            }
        }
        Err(Doubt::NotHolding(self.pid))
    }

    /// Neither it nor a process above it is an agent or was started by one.
    fn is_no_agents(&self) -> Result<(), Doubt> {
        let mut above = Self { ..*self };
        for depth in 0..DEEPEST {
            if let Some(mark) = above.mark(depth == 0)? {
                return Err(Doubt::Agent(above.pid, mark));
            }
            match above.parent()? {
                Some(parent) => above = parent,
                None => return Ok(()),
            }
        }
        Err(Doubt::Unsure("it stands below more processes than are looked at"))
    }

    /// The process above; none above the first, and none above one whose parent the system hides: that is another user's.
    fn parent(&self) -> Result<Option<Self>, Doubt> {
        let mut parent = self.parent;
        while parent != 0 {
            if let Some(found) = Self::of(parent)? {
                return Ok(Some(found));
            }
            let now = Self::of(self.pid)?.ok_or(Doubt::Gone(self.pid))?.parent;
            if now == parent {
                return Ok(None);
            }
            parent = now; // it ended meanwhile
        }
        Ok(None)
    }

    /// What tells that the process is an agent's, or was started by one.
    fn mark(&self, is_itself: bool) -> Result<Option<&'static str>, Doubt> {
        let words = self.words()?;
        let name = |word: Option<&Vec<u8>>| word.map(|word| file_name(word)).unwrap_or_default();
        let program = fs::read_link(place(self.pid, "exe")).unwrap_or_default();
        let program = program.to_string_lossy();
        let script = if RUNTIMES.contains(&&*name(words.first())) { name(words.get(1)) } else { String::new() };
        let names = [name(words.first()), file_name(program.trim_end_matches(" (deleted)").as_bytes()), script];
        if let Some(agent) = AGENTS.into_iter().find(|agent| names.iter().any(|name| name == agent)) {
            return Ok(Some(agent));
        }
        match fs::read(place(self.pid, "environ")) {
            Ok(all) => Ok(mark::among(all.split(|b| *b == 0).filter_map(|entry| entry.split(|b| *b == b'=').next()))),
            // Another user's, or one that lets nobody look (sshd): no agent's.
            Err(error) if error.kind() == ErrorKind::PermissionDenied && !is_itself => Ok(None),
            Err(_) => Err(UNREADABLE),
        }
    }

    /// The words that it was started with.
    fn words(&self) -> Result<Vec<Vec<u8>>, Doubt> {
        let line = fs::read(place(self.pid, "cmdline")).map_err(|_| UNREADABLE)?;
        Ok(line.split(|b| *b == 0).map(<[u8]>::to_vec).collect())
    }
}

const UNREADABLE: Doubt = Doubt::Unsure("a process at or above it cannot be looked at");

fn place(pid: u32, of: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{of}"))
}

fn file_name(path: &[u8]) -> String {
    let path = String::from_utf8_lossy(path);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A process by its line in /proc; its name, in parentheses, may hold anything.
fn read(pid: u32, stat: &str) -> Option<Process> {
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<i64>().ok();
    Some(Process {
        pid,
        state: *fields.first()?.as_bytes().first()?,
        parent: u32::try_from(number(1)?).ok()?,
        terminal: number(4)?,
        start: fields.get(19)?.parse().ok()?,
    })
}

/// Whether two executables are one, or hold the same.
fn is_same(a: &Path, b: &Path) -> std::io::Result<bool> {
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    let (of_a, of_b) = (a.metadata()?, b.metadata()?);
    if (of_a.dev(), of_a.ino()) == (of_b.dev(), of_b.ino()) {
        return Ok(true);
    }
    if of_a.len() != of_b.len() {
        return Ok(false);
    }
    let (mut piece, mut other) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let read = a.read(&mut piece)?;
        if read == 0 {
            return Ok(true);
        }
        b.read_exact(&mut other[..read])?;
        if piece[..read] != other[..read] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_name_is() {
        let rest = "S 7 1 1 34816 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1";
        let process = read(42, &format!("42 (a) b (c) {rest}")).expect("a process");
        assert_eq!((process.parent, process.terminal, process.start, process.state), (7, 34816, 4711, b'S'));
        assert!(read(42, "42 (a").is_none() && read(42, "42 (a) S 7").is_none());
    }

    #[test]
    fn a_program_is_the_same_by_what_it_holds() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            path
        };
        let (one, copy, other) = (at("a", "abc"), at("b", "abc"), at("c", "abd"));
        assert!(is_same(&one, &one).is_ok_and(|same| same) && is_same(&one, &copy).is_ok_and(|same| same));
        assert!(is_same(&one, &other).is_ok_and(|same| !same) && is_same(&one, &folder.path().join("d")).is_err());
    }

    /// A shell that has a child, which has become `sleep`.
    struct Tree(Child, u32);

    impl Tree {
        fn start(command: &mut Command) -> Self {
            let mut tree = Self(command.spawn().expect("a process"), 0);
            let own = tree.0.id();
            let sleeps = |pid: &u32| fs::read(place(*pid, "cmdline")).is_ok_and(|line| line.starts_with(b"sleep"));
            while tree.1 == 0 {
                std::thread::yield_now();
                let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children")).expect("children");
                let first = children.split_whitespace().next().map(|first| first.parse().expect("a number"));
                tree.1 = first.filter(sleeps).unwrap_or_default();
            }
            tree
        }

        fn doubt(&self) -> Option<Doubt> {
            Process::of(self.1).ok().flatten().expect("a process").is_no_agents().err()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            if self.1 != 0 {
                let _ = Command::new("kill").arg(self.1.to_string()).status();
            }
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    fn an_agent_above_is_seen_though_the_process_itself_has_no_mark() {
        let text = "env -i sleep 100; true";
        let marked = Tree::start(Command::new("sh").args(["-c", text]).env("CLAUDECODE", "1"));
        assert!(marked.doubt() == Some(Doubt::Agent(marked.0.id(), "CLAUDECODE")));
        let folder = tempfile::tempdir().expect("a folder");
        let agent = folder.path().join("claude");
        fs::copy("/bin/sh", &agent).expect("a copy");
        let named = Tree::start(Command::new(&agent).args(["-c", text]).env_clear().env("PATH", "/usr/bin:/bin"));
        assert!(named.doubt() == Some(Doubt::Agent(named.0.id(), "claude")));
    }

    #[test]
    fn a_process_that_is_older_than_an_hour_pauses_nothing() {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_millis() as u64;
        let own = Process::of(std::process::id()).ok().flatten().expect("this process");
        assert!(own.is_young(now + 600_000).is_ok() && own.is_young(now + 4_000_000) == Err(Doubt::TooLong));
        // The first process of the machine began with it.
        let old = Process { start: 0, ..own };
        let up = clock_gettime(ClockId::Boottime).tv_sec;
        assert!(up < 3600 || old.is_young(now + 100_000) == Err(Doubt::TooLong));
    }

    #[test]
    fn a_process_that_is_stopped_or_has_no_terminal_is_no_persons() {
        let own = |state, terminal| Process { pid: 1, state, parent: 0, terminal, start: 0 }.is_at_a_terminal();
        assert!(own(b'S', 34816) == Ok(()) && own(b'R', -5) == Ok(()));
        assert!(own(b'T', 34816) == Err(Doubt::Stopped(1)) && own(b'S', 0) == Err(Doubt::NoTerminal(1)));
    }
}
