//! Where coding agents keep what was said and shown: transcripts, spill files, logs, prompt histories.
//!
//! Settings and logins of the agents are not among them: secrets belong there.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder or file in which an agent keeps what passed through it.
pub struct Store {
    /// The agent, as people call it.
    pub agent: &'static str,
    base: Base,
    /// Below the base; a `*` stands for any part of one name.
    under: &'static str,
    /// Why it is not rewritten, if it is not.
    pub keep: Option<&'static str>,
}

/// A folder that a variable names, or that lies at its usual place below the home folder.
#[derive(Clone, Copy)]
enum Base {
    /// The first variable that is set, else this folder of the home folder.
    Home(&'static [&'static str], &'static str),
    /// The same; below the variable stands one more folder (`$XDG_DATA_HOME/opencode`).
    Below(&'static str, &'static str, &'static str),
    /// Where temporary files are.
    Temporary,
}

const CLAUDE: Base = Base::Home(&["CLAUDE_CONFIG_DIR"], ".claude");
const CODEX: Base = Base::Home(&["CODEX_HOME"], ".codex");
const GEMINI: Base = Base::Home(&[], ".gemini");
const QWEN: Base = Base::Home(&["QWEN_RUNTIME_DIR", "QWEN_HOME"], ".qwen");
const CURSOR: Base = Base::Home(&[], ".cursor");
const CONFIG: Base = Base::Home(&["XDG_CONFIG_HOME"], ".config");
const MAC: Base = Base::Home(&[], "Library/Application Support");
const COPILOT: Base = Base::Home(&["COPILOT_HOME"], ".copilot");
const OPENCODE: Base = Base::Below("XDG_DATA_HOME", ".local/share", "opencode");

const CHECKPOINT: &str = "the agent puts these copies of your files back when it rewinds; delete what you need no more";
const DATABASE: &str = "a database; let the agent delete the session";

const fn store(agent: &'static str, base: Base, under: &'static str) -> Store {
    Store { agent, base, under, keep: None }
}

const fn kept(agent: &'static str, base: Base, under: &'static str, why: &'static str) -> Store {
    Store { agent, base, under, keep: Some(why) }
}

/// All of them. Claude Code: seen on disk (2.1.330). The others: their documentation, and readers of their files, as noted.
pub static STORES: &[Store] = &[
    store("Claude Code", CLAUDE, "projects"), // transcripts, subagents/, tool-results/
    store("Claude Code", CLAUDE, "history.jsonl"),
    store("Claude Code", CLAUDE, "todos"),
    store("Claude Code", CLAUDE, "tasks"),
    store("Claude Code", CLAUDE, "plans"),
    store("Claude Code", CLAUDE, "jobs"),
    store("Claude Code", CLAUDE, "paste-cache"),
    store("Claude Code", CLAUDE, "session-env"),
    store("Claude Code", CLAUDE, "shell-snapshots"),
    store("Claude Code", CLAUDE, "debug"),
    store("Claude Code", CLAUDE, "traces"),
    store("Claude Code", CLAUDE, "telemetry"),
    store("Claude Code", CLAUDE, "usage-data"),
    kept("Claude Code", CLAUDE, "file-history", CHECKPOINT),
    store("Claude Code", Base::Below("XDG_CACHE_HOME", ".cache", "claude-cli-nodejs"), ""), // mcp-logs-*/
    store("Claude Code", Base::Home(&[], "Library/Caches"), "claude-cli-nodejs"),
    store("Claude Code", Base::Temporary, "claude-{uid}"), // …/tasks/*.output
    // docs.rs/txcript: harness/codex; github.com/openai/codex
    store("Codex", CODEX, "sessions"),
    store("Codex", CODEX, "archived_sessions"),
    store("Codex", CODEX, "history.jsonl"),
    store("Codex", CODEX, "session_index.jsonl"),
    store("Codex", CODEX, "log"),
    store("Codex", CODEX, "shell_snapshots"),
    kept("Codex", CODEX, "*.sqlite*", DATABASE),
    // geminicli.com/docs: chats, logs and checkpoints below tmp/<project>
    store("Gemini CLI", GEMINI, "tmp"),
    // qwenlm.github.io/qwen-code-docs: data and privacy
    store("Qwen Code", QWEN, "projects"),
    store("Qwen Code", QWEN, "tmp"),
    store("Qwen Code", QWEN, "logs"),
    store("Qwen Code", QWEN, "debug"),
    // agent-transcripts/, agent-tools/, terminals/ of each project; chats are databases
    store("Cursor", CURSOR, "projects"),
    kept("Cursor", CURSOR, "chats", DATABASE),
    kept("Cursor", CONFIG, "Cursor/User/globalStorage/state.vscdb*", DATABASE),
    kept("Cursor", CONFIG, "Cursor/User/workspaceStorage/*/state.vscdb*", DATABASE),
    kept("Cursor", MAC, "Cursor/User/globalStorage/state.vscdb*", DATABASE),
    kept("Cursor", MAC, "Cursor/User/workspaceStorage/*/state.vscdb*", DATABASE),
    // docs.github.com/copilot: cli-config-dir-reference
    store("Copilot CLI", COPILOT, "session-state"),
    store("Copilot CLI", COPILOT, "history-session-state"),
    store("Copilot CLI", COPILOT, "command-history-state.json"),
    store("Copilot CLI", COPILOT, "logs"),
    kept("Copilot CLI", COPILOT, "session-store.db*", DATABASE),
    store("Copilot in VS Code", CONFIG, "Code/User/workspaceStorage/*/chatSessions"),
    store("Copilot in VS Code", MAC, "Code/User/workspaceStorage/*/chatSessions"),
    // opencode.ai/docs: troubleshooting
    store("OpenCode", OPENCODE, "storage"),
    store("OpenCode", OPENCODE, "project"),
    store("OpenCode", OPENCODE, "log"),
    store("OpenCode", OPENCODE, "tool-output"),
    kept("OpenCode", OPENCODE, "opencode*.db*", DATABASE),
];

/// A store that is there.
pub struct Place {
    /// Which.
    pub store: &'static Store,
    /// Where.
    pub path: PathBuf,
}

/// The stores that are there.
pub fn places() -> Vec<Place> {
    let found = |store: &'static Store| {
        let base = store.base.path();
        base.map(|base| expand(base, store.under))
            .unwrap_or_default()
            .into_iter()
            .map(move |path| Place { store, path })
    };
    STORES.iter().flat_map(found).collect()
}

/// The store that a path lies in. Links on the way to either are followed.
pub fn store_of<'p>(places: &'p [Place], path: &Path) -> Option<&'p Place> {
    let path = path.canonicalize().ok()?;
    places.iter().find(|place| place.path.canonicalize().is_ok_and(|place| path.starts_with(place)))
}

/// Claude Code's list of the sessions that run.
pub fn claude_sessions() -> Option<PathBuf> {
    CLAUDE.path().map(|base| base.join("sessions"))
}

impl Base {
    fn path(self) -> Option<PathBuf> {
        let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = |folder: &str| std::env::home_dir().map(|home| home.join(folder));
        match self {
            Self::Home(variables, folder) => variables.iter().find_map(|name| named(name)).or_else(|| home(folder)),
            Self::Below(variable, usual, folder) => {
                named(variable).or_else(|| home(usual)).map(|base| base.join(folder))
            }
            Self::Temporary => named("CLAUDE_CODE_TMPDIR").or_else(|| Some(std::env::temp_dir())),
        }
    }
}

/// The files and folders that a pattern below a folder stands for.
fn expand(base: PathBuf, under: &str) -> Vec<PathBuf> {
    let under = under.replace("{uid}", &user());
    let mut paths = vec![base];
    for part in under.split('/').filter(|part| !part.is_empty()) {
        paths = match part.contains('*') {
            false => paths.into_iter().map(|path| path.join(part)).collect(),
            true => paths.iter().flat_map(|path| matching(path, part)).collect(),
        };
    }
    paths.retain(|path| path.symlink_metadata().is_ok());
    paths
}

fn matching(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> =
        entries.filter(|entry| is_like(&entry.file_name(), pattern)).map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn is_like(name: &OsStr, pattern: &str) -> bool {
    let Some(mut rest) = name.to_str() else { return false };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(behind) = rest.strip_prefix(first) else { return false };
    rest = behind;
    let mut last = first;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = part;
    }
    last.is_empty() || rest.is_empty()
}

/// The user's number, by which Claude Code names its temporary folder.
fn user() -> String {
    #[cfg(unix)]
    return rustix::process::getuid().as_raw().to_string();
    #[cfg(not(unix))]
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_part_of_a_name() {
        for (name, pattern, like) in [
            ("state_5.sqlite", "*.sqlite*", true),
            ("state_5.sqlite-wal", "*.sqlite*", true),
            ("opencode.db", "opencode*.db*", true),
            ("opencode-dev.db-shm", "opencode*.db*", true),
            ("opencode.json", "opencode*.db*", false),
            ("a.db.x", "*.db", false),
            ("abc", "*", true),
        ] {
            assert_eq!(is_like(OsStr::new(name), pattern), like, "{name} {pattern}");
        }
    }
}
