//! The local log: what the hooks did, a JSON line each, so that a person can see what was kept from the model and what got
//! through. Kinds, places and times; never a value.
//!
//! Several hooks write at the same time: a line is one write to a file opened for appending, so it stays whole. When the
//! file is full it becomes `log.1.jsonl`, and the one before that goes. docs/hooks.md describes the fields.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use config::places;
use scrub::{Finding, Scanner};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::event::Event;
use crate::{lending, notice, rehearsal};

/// A log is set aside when it has reached this length.
const FULL: u64 = 4 << 20;
/// No text of a line is longer.
const LONGEST: usize = 512;

/// What was done about the secrets.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// Replaced in an output.
    Redacted,
    /// Replaced in arguments.
    Replaced,
    /// The output was withheld, because the configuration says so.
    Withheld,
    /// The person was asked, because the configuration says so.
    Asked,
    /// Let through, because the configuration says so.
    Passed,
    /// The call was denied.
    Denied,
    /// The turn was ended before they were sent.
    Stopped,
    /// The prompt, or the compaction, did not go on.
    Blocked,
    /// Seen where this hook can change nothing; another may still stop them.
    Seen,
    /// Seen too late: they have been sent.
    Leaked,
    /// Nothing was looked at: stanch was paused.
    Paused,
    /// A pause began.
    Begun,
    /// A pause ended.
    Ended,
}

impl Deed {
    /// Whether it kept the secrets from where they were going.
    pub(crate) fn keeps(self) -> bool {
        matches!(self, Self::Redacted | Self::Replaced | Self::Withheld | Self::Denied | Self::Stopped | Self::Blocked)
    }
}

/// What a secret was found in. The audit log says no more of the place than this word.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The arguments of a call.
    Arguments,
    /// What a call gave back.
    Result,
    /// What a failed call gave back.
    Error,
    /// What the user says to the model.
    Prompt,
    /// What a background task, a monitor or a subagent reports.
    Report,
    /// A file that goes to the model besides.
    File,
    /// Instruction files.
    Instructions,
    /// What was said before.
    History,
}

/// One line.
#[derive(Serialize)]
struct Line<'l> {
    time: String,
    event: &'static str,
    did: Deed,
    kinds: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'l str>,
}

/// What an entry is about.
pub struct Entry<'l, 'e> {
    /// The event as the client names it.
    pub event: &'static str,
    /// Its fields.
    pub of: &'l Event<'e>,
    /// What was done.
    pub did: Deed,
    /// What the secrets were found in.
    pub source: Source,
    /// Kinds, and how often each.
    pub kinds: Vec<(&'l str, usize)>,
    /// The tool.
    pub tool: Option<&'l str>,
    /// The call, where the event does not name it.
    pub call: Option<&'l str>,
    /// A file, or a field of the arguments or the output.
    pub place: Option<String>,
}

impl<'l, 'e> Entry<'l, 'e> {
    /// An entry about these findings.
    pub fn new(
        event: &'static str,
        of: &'l Event<'e>,
        did: Deed,
        source: Source,
        scanner: &'l Scanner<'_>,
        findings: &[Finding],
    ) -> Self {
        let kinds = notice::counts(scanner.table(), findings);
        Self { event, of, did, source, kinds, tool: of.tool_name.as_deref(), call: None, place: None }
    }

    /// Appends the entry to the log, and tells the session's broker, which has the audit log, if there is one. Neither changes
    /// an answer; `session-start` says that the log cannot be written.
    pub fn append(self, scanner: &Scanner<'_>) {
        self.write(scanner);
        lending::redacted(&self);
    }

    fn write(&self, scanner: &Scanner<'_>) {
        // A secret that is cut is known no more: clean first.
        let safe = |text: &str| scanner.redacted(text).ok().map(|text| shortened(&text));
        let id = |name: &'l str| id(name).filter(|name| safe(name).as_deref() == Some(name));
        let line = Line {
            time: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
            event: self.event,
            did: self.did,
            kinds: self.kinds.iter().map(|(kind, count)| ((*kind).to_owned(), Value::from(*count))).collect(),
            tool: self.tool.map(|tool| notice::tool(tool, scanner).to_owned()),
            place: self.place.as_deref().filter(|place| !place.is_empty()).and_then(safe),
            project: self.of.cwd.as_deref().and_then(safe),
            session: self.of.session_id.as_deref().and_then(id),
            call: self.call.or(self.of.tool_use_id.as_deref()).and_then(id),
            agent: self.of.agent_id.as_deref().and_then(id),
        };
        if let (Some(folder), Ok(mut text)) = (folder(), serde_json::to_vec(&line)) {
            text.push(b'\n');
            let _ = write(&folder, &text);
        }
    }
}

/// Appends a line that is about no finding: what was done, and a few words of stanch's own about it.
///
/// # Errors
/// The log cannot be written.
pub fn note(event: &'static str, did: Deed, place: Option<&str>) -> Result<()> {
    let line = Line {
        time: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
        event,
        did,
        kinds: Map::new(),
        tool: None,
        place: place.map(str::to_owned),
        project: None,
        session: None,
        call: None,
        agent: None,
    };
    let folder = folder().ok_or_else(|| Error::other("there is no home folder ($HOME, $XDG_STATE_HOME)"))?;
    let mut text = serde_json::to_vec(&line)?;
    text.push(b'\n');
    write(&folder, &text)
}

/// An id as clients make them; one of another shape is somebody's text.
pub fn id(id: &str) -> Option<&str> {
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    (plain && (1..=128).contains(&id.len())).then_some(id)
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// `$XDG_STATE_HOME/stanch`, by default `~/.local/state/stanch`; none in a rehearsal.
pub fn folder() -> Option<PathBuf> {
    if rehearsal::is_on() {
        return None;
    }
    places::state_folder(&std::env::current_dir().unwrap_or_default())
}

/// Why the log cannot be written, if it cannot.
pub fn problem() -> Option<String> {
    if rehearsal::is_on() {
        return None;
    }
    let Some(folder) = folder() else {
        return Some("stanch keeps no log: there is no home folder ($HOME, $XDG_STATE_HOME).".to_owned());
    };
    let error = match write(&folder, b"") {
        Err(error) => error.kind(),
        // Nothing was written, so nothing was missed yet.
        Ok(()) if is_full(&folder) => ErrorKind::StorageFull,
        Ok(()) => return None,
    };
    Some(format!("stanch keeps no log: {} cannot be written ({error}).", folder.join("log.jsonl").display()))
}

/// Whether the disk has no room for another line.
#[cfg(unix)]
fn is_full(folder: &Path) -> bool {
    // Some file systems do not count their blocks.
    rustix::fs::statvfs(folder).is_ok_and(|disk| disk.f_blocks > 0 && disk.f_bavail == 0)
}

#[cfg(not(unix))]
fn is_full(_: &Path) -> bool {
    false
}

fn write(folder: &Path, line: &[u8]) -> Result<()> {
    let path = folder.join("log.jsonl");
    let mut file = match open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            places::make_private(folder)?;
            open(&path)?
        }
        opened => opened?,
    };
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(Error::from(ErrorKind::InvalidInput));
    }
    if data.len() >= FULL {
        set_aside(&file, &path, folder)?;
        file = open(&path)?;
    }
    file.write_all(line)
}

/// One process sets the log aside; the others meanwhile go on in the old file, which is as good a place.
fn set_aside(full: &File, path: &Path, folder: &Path) -> Result<()> {
    if full.try_lock().is_err() {
        return Ok(());
    }
    // Whoever had the lock before may have done it.
    if fs::metadata(path)?.len() >= FULL {
        fs::rename(path, folder.join("log.1.jsonl"))?;
    }
    full.unlock()
}

fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Somebody's pipe in the log's place must not make us wait.
        let not_blocking = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NOFOLLOW;
        options.mode(0o600).custom_flags(not_blocking.bits() as i32);
    }
    options.open(path)
}
