//! A hook that is registered twice, by the settings and by a plugin: the client (2.1.330) runs both, though it runs equal entries
//! of settings once. The plugin's is the understudy: it stands down where the settings' is on stage, and nowhere else.
//!
//! Two things must hold, for standing down without need is a hole. **In this session the settings' hooks run**: their
//! `session-start` was started by this very client process and has left a mark, under the session's id, with its folder and its
//! version. A client that reads no user settings (`--setting-sources project`), or whose hooks are switched off, leaves none.
//! **They run for this event, still**: a settings file names the hook in that folder, for everything, closed, waited for, and
//! its executable is there. In any other case both run, which costs time and says things twice, and lets nothing through.
//!
//! Whose hook it is stands in its arguments, not in its environment, which a repository's settings can set.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use config::places;
use serde_json::Value;

use crate::event::Event;
use crate::registration::{self, Entry, PLUGIN};
use crate::{Agent, Hook, PATIENCE, log, session_start, settings};

/// Both `session-start` begin at once: so long the plugin's waits for the mark of the other.
const WAIT: Duration = Duration::from_secs(2);
/// A mark is of no use after that. A session that is older, and was neither resumed nor compacted, has both hooks run.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Who has registered a hook.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// A settings file, or the command line.
    #[default]
    Settings,
    /// A plugin.
    Plugin,
}

/// Says that the settings' hooks run in this session, if it is their `session-start` that is asked. At once, and in a pause, too:
/// a plugin's waits for it, and there is no other occasion.
pub fn mark(hook: &Hook, agent: Agent, event: &[u8]) {
    let written = || {
        let starts = agent.has_plugins() && hook.name == session_start::HOOK.name;
        let event = starts.then(|| Event::read(event, hook.event).ok())??;
        let (mark, content) = (place(&event)?, content(&folder()?)?);
        let marks = mark.parent()?;
        places::make_private(marks).ok()?;
        sweep(marks);
        fs::write(mark, content).ok()
    };
    // Without it both run.
    let _ = written();
}

/// Takes old marks away. Not at the end of a session: both hooks are asked then, at the same time.
fn sweep(marks: &Path) {
    for mark in fs::read_dir(marks).into_iter().flatten().flatten() {
        let age = mark.metadata().and_then(|data| data.modified()).ok().and_then(|then| then.elapsed().ok());
        if age.is_some_and(|age| age > KEPT) {
            let _ = fs::remove_file(mark.path());
        }
    }
}

/// Whether the settings' hook answers this event, so that the plugin's need not.
pub fn stands_down(hook: &Hook, agent: Agent, event: &[u8]) -> bool {
    let Ok(event) = Event::read(event, hook.event) else { return false };
    let (Some(mark), Ok(session)) = (place(&event), event.folder()) else { return false };
    let mut entries = registration::of(agent).iter().filter(|_| agent.has_plugins());
    let Some(entry) = entries.find(|entry| (entry.event, entry.hook) == (hook.event, hook.name)) else { return false };
    let project = std::env::var_os("CLAUDE_PROJECT_DIR").map_or_else(|| session.to_owned(), PathBuf::from);
    let start = Instant::now();
    loop {
        // The mark says which folder is stanch's, of this version.
        let marked = fs::read_to_string(&mark).ok();
        let bin = marked.as_deref().and_then(|mark| mark.lines().last()).map(PathBuf::from);
        match bin.filter(|bin| marked == content(bin) && is_elsewhere(bin, &project)) {
            Some(bin) => return is_registered(entry, &bin, &project),
            None if hook.name == session_start::HOOK.name && start.elapsed() < WAIT && names(entry, &project) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            None => return false,
        }
    }
}

fn place(event: &Event<'_>) -> Option<PathBuf> {
    let session = log::id(event.session_id.as_deref()?)?;
    Some(log::folder()?.join("settings-run").join(session))
}

fn folder() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.to_owned())
}

/// What the mark says of hooks in that folder: the version, the client's process, the folder.
fn content(folder: &Path) -> Option<String> {
    Some(format!("{}\n{}\n{}", env!("CARGO_PKG_VERSION"), client()?, folder.to_str()?))
}

/// The process that has started this one: the client, for hooks that no shell starts. A number alone would come again.
#[cfg(unix)]
fn client() -> Option<String> {
    let id = std::os::unix::process::parent_id();
    let started = fs::read_to_string(format!("/proc/{id}/stat")).ok().and_then(|stat| {
        // The name before the last bracket may hold blanks; the start is the twentieth field after it.
        Some(stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.to_owned())
    });
    Some(format!("{id} {}", started.unwrap_or_default()))
}

#[cfg(not(unix))]
fn client() -> Option<String> {
    None
}

/// What a repository has in itself was written by whoever wrote the repository.
fn is_elsewhere(bin: &Path, project: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    match (real(bin), real(&config::places::project(project))) {
        (Some(bin), Some(project)) => !bin.starts_with(project),
        _ => false,
    }
}

fn is_registered(entry: &Entry, bin: &Path, project: &Path) -> bool {
    let program = bin.join(format!("{}{}", entry.hook, std::env::consts::EXE_SUFFIX)).canonicalize();
    let is_it = |command: &str| {
        program.as_ref().is_ok_and(|program| Path::new(command).canonicalize().is_ok_and(|path| path == *program))
    };
    program.as_deref().is_ok_and(is_executable)
        && entries(entry, project).iter().any(|hook| {
            let waits = hook["timeout"].as_f64().is_some_and(|seconds| seconds > PATIENCE.as_secs_f64());
            let always = ["if", "async", "asyncRewake", "once"].iter().all(|condition| hook[condition].is_null());
            hook["command"].as_str().is_some_and(is_it)
                && hook["args"].as_array().is_some_and(Vec::is_empty)
                && (!entry.closes || hook["onFailure"] == "block")
                && waits
                && always
        })
}

/// Whether any settings name the hook, wherever it lies.
fn names(entry: &Entry, project: &Path) -> bool {
    entries(entry, project).iter().any(|hook| {
        let command = Path::new(hook["command"].as_str().unwrap_or_default());
        command.file_stem().is_some_and(|name| name == entry.hook)
            && !hook["args"].as_array().is_some_and(|all| all.iter().any(|argument| argument == PLUGIN))
    })
}

/// What the settings that count register for everything in an entry's event.
fn entries(entry: &Entry, project: &Path) -> Vec<Value> {
    let files = settings::read_all(entry.agent, project);
    let managed = Path::new(entry.agent.places().managed);
    let sets = |file: &Value, switch: &str| file[switch] == Value::Bool(true);
    // A plugin of the administrator's runs on where all but the administrator's settings are silenced.
    let silenced = files
        .iter()
        .any(|(path, file)| sets(file, "disableAllHooks") || (path == managed && sets(file, "allowManagedHooksOnly")));
    let counted = files.iter().filter(|(path, _)| !silenced || path == managed);
    let lists = counted.filter_map(|(_, file)| file["hooks"][entry.event].as_array()).flatten();
    let for_all = lists.filter(|list| matches!(list["matcher"].as_str().unwrap_or_default(), "" | "*"));
    for_all.filter_map(|list| list["hooks"].as_array()).flatten().cloned().collect()
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
