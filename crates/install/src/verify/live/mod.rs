//! `stanch verify --live`: the client itself, started in a private folder with the hooks and the prefix that are installed,
//! against a scripted model on loopback. What counts is what it sends, and what it leaves on disk.
//!
//! A way is covered if the probe stands in no request and in no file, and the text beside it (its mark) was sent: so nothing
//! passes because nothing happened.
//!
//! Limits: of the settings only hooks, prefix and environment hold, not permissions or a sandbox; of plugins only hooks.

mod arguments;
mod client;
mod outputs;
mod prompts;
mod repository;
mod session;
mod settings;
mod trace;
mod walls;
mod world;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::files::Files;
use super::process::Stage;
use super::{Report, Row, Trouble};
use crate::registration::SHELL;
use client::Client;
use settings::{Other, Settings};
use trace::Trace;
use world::World;

/// How the client is tried.
pub struct How<'h> {
    /// The client; `claude` on the `PATH` if it is not named.
    pub client: Option<&'h Path>,
    /// This very `stanch`: it starts the client as `stanch run`, and is its MCP server as `stanch probe-server`.
    pub stanch: &'h Path,
    /// Whether hooks and prefixes that are not stanch's run, too.
    pub other_hooks: bool,
    /// How long one start of the client may take.
    pub limit: Duration,
    /// Makes a probe.
    pub probe: &'h (dyn Fn() -> anyhow::Result<String> + Sync),
    /// Is told what is tried now.
    pub progress: &'h (dyn Fn(&str) + Sync),
}

/// Adds to a report what comes of the client itself.
///
/// # Errors
/// The client cannot be tried: why, and what to do.
pub fn add(report: &mut Report, files: &Files, private: &Path, how: &How<'_>) -> anyhow::Result<()> {
    let client = Client::find(&Stage::new(files, private).with_client(how.client))?;
    walls::against_the_administrator(files, how.other_hooks)?;
    walls::loopback()?;
    let settings = Settings::of(files, how.other_hooks);
    let trial = Trial { files, how, private, client, settings, report, sessions: AtomicUsize::new(0) };
    // By itself first: where this one does not come to its end, no other would.
    let mut rows = outputs::rows(&trial)?;
    let mut tasks: Vec<Task<'_>> = vec![Box::new(|| Ok(Found::rows(arguments::rows(&trial)?)))];
    tasks.extend(prompts::tasks(&trial));
    tasks.extend(repository::tasks(&trial));
    let mut notes = trial.notes();
    for found in side_by_side(tasks) {
        let found = found?;
        rows.extend(found.rows);
        notes.extend(found.notes);
    }
    report.live = rows;
    report.notes.extend(notes);
    Ok(())
}

/// What one part of the trial has found.
struct Found {
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Found {
    fn rows(rows: Vec<Row>) -> Self {
        Self { rows, notes: Vec::new() }
    }
}

type Task<'t> = Box<dyn FnOnce() -> anyhow::Result<Found> + Send + 't>;

/// Does tasks, some at a time, and gives what they found in their order.
fn side_by_side(tasks: Vec<Task<'_>>) -> Vec<anyhow::Result<Found>> {
    // A client takes some 300 MB.
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let waiting = Mutex::new(tasks.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = lock(&waiting).next();
                    let Some((at, task)) = next else { break };
                    let found = task();
                    lock(&done).push((at, found));
                }
            });
        }
    });
    let mut done = std::mem::take(&mut *lock(&done));
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, found)| found).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What all sessions have in common.
struct Trial<'t> {
    files: &'t Files,
    how: &'t How<'t>,
    private: &'t Path,
    client: Client,
    settings: Settings,
    report: &'t Report,
    sessions: AtomicUsize,
}

impl Trial<'_> {
    fn world(&self) -> anyhow::Result<World> {
        // A short name: the client makes sockets below it.
        let number = self.sessions.fetch_add(1, Ordering::Relaxed);
        let world = World::new(self.private, &format!("s{number}"), &self.settings)?;
        if self.how.other_hooks {
            world.bring_along(&self.files.folder)?;
        }
        Ok(world)
    }

    fn probe(&self) -> anyhow::Result<(String, Trace)> {
        let probe = (self.how.probe)()?;
        let trace = Trace::of(&probe);
        Ok((probe, trace))
    }

    /// The row of a way of a tool; what `found` says is what was seen.
    fn row(&self, path: &'static str, by: &'static str, tool: &str, found: Result<(), String>) -> Row {
        let other = self.settings.others.iter().find(|other| other.overrides(by, tool));
        let trouble = match (found, other) {
            (Err(why), other) => Some(self.trouble(by, other, why)),
            (Ok(()), Some(other)) if !self.how.other_hooks => {
                let why =
                    format!("not as it is installed: another hook for {}, {}, was left out", other.event, other.place);
                Some(Trouble::new(why, "stanch verify --live --other-hooks, which runs it, too"))
            }
            _ => None,
        };
        Row { path, by, trouble }
    }

    /// What was seen, and what the look at the hooks by themselves says of it.
    fn trouble(&self, by: &str, other: Option<&Other>, why: String) -> Trouble {
        let troubles = || self.report.paths.iter().filter_map(|row| Some((row.by, row.trouble.as_ref()?)));
        if let Some((_, known)) = troubles().find(|(of, _)| *of == by) {
            return Trouble::new(format!("{why} ({})", known.why), &known.mend);
        }
        if let Some(other) = other.filter(|_| self.how.other_hooks) {
            let also = format!("{why} (another hook for {} runs beside it: {})", other.event, other.place);
            return Trouble::new(also, "take that hook out, or have it leave this tool alone");
        }
        // Another hook may end a turn, or keep a session from beginning.
        if let Some((of, known)) = troubles().next() {
            return Trouble::new(format!("{why} ({of}: {})", known.why), &known.mend);
        }
        let fault = self.report.faults.first().map(|fault| format!("{}; then try again", fault.mend));
        Trouble::new(
            why,
            fault.unwrap_or_else(|| "stanch doctor --repair; if it stays so, please report it".to_owned()),
        )
    }

    fn notes(&self) -> Vec<String> {
        let Client { path, version } = &self.client;
        let mut notes = vec![format!("the client that was started: {} ({version})", path.display())];
        let were = if self.how.other_hooks { "was run, too" } else { "was left out" };
        let others = self.settings.others.iter();
        notes.extend(
            others.map(|other| format!("{}: a hook for {} that is not stanch's {were}", other.place, other.event)),
        );
        notes.extend(self.settings.prefixes.iter().map(|place| {
            if self.how.other_hooks {
                format!("{place}: this prefix was run")
            } else {
                format!("{place}: this prefix was not run; one that does nothing stood in its place")
            }
        }));
        notes
    }
}
