//! Who asks.
//!
//! The user is certain; which of the user's processes it is, is a matter of care and no wall: a program that runs under the
//! same user can do what that user can. So a question counts only when it comes from the executable whose question it is, and,
//! where the client starts that one itself, from a child of the client.

use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::net::sockopt::socket_peercred;
use wire::Process;

/// The process at the other end.
pub struct Peer {
    /// By number and start.
    pub process: Process,
    executable: Option<(u64, u64)>,
}

impl Peer {
    /// The one that opened the connection.
    ///
    /// # Errors
    /// It is another user's, or gone.
    pub fn of(socket: &UnixStream) -> Result<Self> {
        let who = socket_peercred(socket)?;
        if who.uid != rustix::process::getuid() {
            return Err(Error::from(ErrorKind::PermissionDenied));
        }
        let pid = who.pid.as_raw_pid();
        let process = Process::of(pid).ok_or(ErrorKind::NotConnected)?;
        Ok(Self { process, executable: file(Path::new(&format!("/proc/{pid}/exe"))) })
    }

    /// Whether it runs the executable of that name from the broker's own folder.
    pub fn is(&self, name: &str) -> bool {
        let own = std::env::current_exe().ok();
        let beside = own.as_deref().and_then(Path::parent).map(|folder| folder.join(name));
        self.executable.is_some() && beside.is_some_and(|path| file(&path) == self.executable)
    }

    /// Whether it runs one of the executables in the broker's own folder; `None` if that cannot be told.
    pub fn is_ours(&self) -> Option<bool> {
        let folder = |link: String| Some(std::fs::read_link(link).ok()?.parent()?.to_owned());
        Some(folder(format!("/proc/{}/exe", self.process.pid))? == folder("/proc/self/exe".to_owned())?)
    }

    /// Whether it was started with these words, the first of which is a name without folders.
    pub fn was_called(&self, words: &[String]) -> bool {
        let line = std::fs::read(format!("/proc/{}/cmdline", self.process.pid)).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        let mut called = line.split_terminator('\0');
        let name = called.next().map(|first| first.rsplit('/').next().unwrap_or_default());
        name == words.first().map(String::as_str) && called.eq(words.iter().skip(1))
    }

    /// Whether it runs in other namespaces than that process, or with another root: there other files may stand under the names that
    /// policy means, and numbers of processes mean others. Where nobody can tell, it does.
    pub fn is_apart_from(&self, client: Process) -> bool {
        const OF_FILES_AND_PROCESSES: [&str; 4] = ["ns/mnt", "ns/pid", "ns/user", "root"];
        let link = |process: Process, name: &str| std::fs::read_link(format!("/proc/{}/{name}", process.pid)).ok();
        OF_FILES_AND_PROCESSES.iter().any(|name| {
            let own = link(self.process, name);
            own.is_none() || own != link(client, name)
        })
    }

    /// Whether that process started it.
    pub fn is_child_of(&self, client: Process) -> bool {
        self.process.parent() == Some(client)
    }

    /// Whether that process is among those that started it.
    pub fn is_below(&self, above: Process) -> bool {
        self.process.line().any(|process| process == above)
    }
}

/// Device and number of a file.
fn file(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|data| (data.dev(), data.ino()))
}
