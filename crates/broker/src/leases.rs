//! What is lent at the moment, and to which process. A lease ends with its process or with its time, whichever comes first;
//! nothing that a hook says ends it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wire::{Call, Process, Way};

use crate::life;
use crate::lock::lock;
use crate::record::Granted;

/// One lease. It is made of a decision that is on record, and of nothing else:
///
/// ```
/// fn recorded(granted: broker::record::Granted, holder: wire::Process, way: wire::Way) -> broker::leases::Lease {
///     broker::leases::Lease::new(granted, holder, way, "/usr/bin/git".as_ref(), None)
/// }
/// ```
///
/// ```compile_fail
/// fn unrecorded(permit: policy::Permit, holder: wire::Process, way: wire::Way) -> broker::leases::Lease {
///     broker::leases::Lease::new(permit, holder, way, "/usr/bin/git".as_ref(), None)
/// }
/// ```
pub struct Lease {
    id: String,
    credential: String,
    source: String,
    holder: Process,
    way: Way,
    program: PathBuf,
    call: Option<Arc<Call>>,
    /// Since the machine started.
    end: Duration,
    /// The part of git that was told its value last.
    told: Mutex<Option<Process>>,
}

impl Lease {
    /// For that process: how it gets the credential, the tool's executable, the tool call or the first of those that it may be
    /// (none for an MCP server).
    pub fn new(granted: Granted, holder: Process, way: Way, program: &Path, call: Option<Arc<Call>>) -> Self {
        let (id, permit) = granted.into_parts();
        let (credential, source) = (permit.credential().to_owned(), permit.source().whole().to_owned());
        let end = since_start() + permit.lifetime();
        Self { id, credential, source, holder, way, program: program.to_owned(), call, end, told: Mutex::default() }
    }

    /// Whether the process may be told its value: it was, or nobody else that runs was.
    pub fn may_tell(&self, process: Process) -> bool {
        let mut told = lock(&self.told);
        let is_free = told.is_none_or(|other| other == process || !other.is_alive());
        if is_free {
            *told = Some(process);
        }
        is_free
    }

    /// How long it holds.
    fn left(&self) -> Duration {
        self.end.saturating_sub(since_start())
    }

    /// Its name in records: the broker's process and a number.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The credential's name.
    pub fn credential(&self) -> &str {
        &self.credential
    }

    /// Where its value comes from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The process that has it.
    pub fn holder(&self) -> Process {
        self.holder
    }

    /// How it gets it.
    pub fn way(&self) -> &Way {
        &self.way
    }

    /// The tool's executable.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The tool call, or the first of those that it may be; none for an MCP server.
    pub fn call(&self) -> Option<&Call> {
        self.call.as_deref()
    }
}

/// How long the machine has run, sleep included: ten minutes are over behind a closed lid, too.
fn since_start() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs().try_into().unwrap_or_default())
}

/// Why a lease ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Over {
    /// Its process has ended.
    Returned,
    /// Its time was over first: what the process had, it has; it gets nothing more.
    Expired,
}

/// All of them.
#[derive(Default)]
pub struct Leases {
    open: Mutex<HashMap<String, Arc<Lease>>>,
    count: AtomicU64,
}

impl Leases {
    /// The name of the next lease.
    pub fn next(&self) -> String {
        format!("{}-{}", std::process::id(), self.count.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Begins one, and calls `over` when it has ended.
    ///
    /// # Errors
    /// The system has no thread that could wait for its end: there is none.
    pub fn begin(
        self: &Arc<Self>,
        lease: &Arc<Lease>,
        over: impl FnOnce(&Lease, Over) + Send + 'static,
    ) -> std::io::Result<()> {
        let (leases, begun) = (Arc::clone(self), Arc::clone(lease));
        // Held until there is a thread: it must not take the lease away before it is there.
        let mut open = lock(&self.open);
        std::thread::Builder::new().spawn(move || {
            let why = loop {
                match begun.left() {
                    Duration::ZERO => break Over::Expired,
                    left if life::wait_until(begun.holder, Some(Instant::now() + left)) => break Over::Returned,
                    _ => {}
                }
            };
            lock(&leases.open).remove(&begun.id);
            over(&begun, why);
        })?;
        open.insert(lease.id.clone(), Arc::clone(lease));
        Ok(())
    }

    /// Those of a process or of one that started it, the nearest first, that hold.
    pub fn of(&self, process: Process) -> Vec<Arc<Lease>> {
        let open = lock(&self.open);
        let held_by =
            |above| open.values().filter(move |lease| lease.holder == above && !lease.left().is_zero()).cloned();
        process.line().flat_map(held_by).collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        lock(&self.open).len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn begin(leases: &Arc<Leases>, holder: Process, lifetime: u64) -> std::sync::mpsc::Receiver<Over> {
        let (sender, receiver) = channel();
        let lease = Lease {
            id: leases.next(),
            credential: "a".to_owned(),
            source: "keyring:a".to_owned(),
            holder,
            way: Way::Environment { name: "A".to_owned() },
            program: "/bin/true".into(),
            call: None,
            end: since_start() + Duration::from_millis(lifetime),
            told: Mutex::default(),
        };
        let begun = leases.begin(&Arc::new(lease), move |_, over| {
            let _ = sender.send(over);
        });
        begun.expect("a thread");
        receiver
    }

    #[test]
    fn a_lease_ends_with_its_process_or_its_time() {
        let leases = Arc::new(Leases::default());
        let mut tool = std::process::Command::new("sleep").arg("60").spawn().expect("sleep");
        let process = Process::of(i32::try_from(tool.id()).expect("a pid")).expect("runs");
        let (long, short) = (begin(&leases, process, 60_000), begin(&leases, process, 50));
        assert_eq!(leases.of(process).len(), 2);
        assert!(leases.of(Process::own().expect("this is Linux")).is_empty(), "a lease is not its starter's");
        assert_eq!(short.recv(), Ok(Over::Expired));
        assert_eq!(leases.count(), 1);
        let _ = tool.kill().and_then(|()| tool.wait());
        assert_eq!(long.recv(), Ok(Over::Returned));
        assert_eq!(leases.count(), 0);
    }
}
