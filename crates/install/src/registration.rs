//! What is put into an agent's settings.

use std::path::{Path, PathBuf};

pub use hooks::registration::{CLAUDE_CODE, Entry, TIMEOUT};

/// Large results are counted by a request of their own, with the raw text, before any hook runs; not below these limits.
pub const LIMITS: [(&str, &str); 2] =
    [("CLAUDE_CODE_FILE_READ_MAX_OUTPUT_TOKENS", "1000000"), ("MAX_MCP_OUTPUT_TOKENS", "1000000")];

/// The variable that names the command before every command.
pub const PREFIX: &str = "CLAUDE_CODE_SHELL_PREFIX";
/// The executable that goes before every command.
pub const SHELL: &str = "stanch-shell";
/// What stands between our prefix and the one that the user had: that one is started, and starts the command.
const THEN: &str = " --then ";

/// Reads that a user may want denied altogether: files that are nothing but secrets.
pub const SECRET_FILES: &[&str] = &[
    "Read(./.env)",
    "Read(./.env.*)",
    "Read(./**/*.pem)",
    "Read(~/.ssh/**)",
    "Read(~/.aws/credentials)",
    "Read(~/.netrc)",
];

/// The value of [`PREFIX`] for executables in `bin`, before the prefix that the user had.
pub fn prefix(bin: &Path, theirs: Option<&str>) -> String {
    let ours = bin.join(SHELL).display().to_string();
    theirs.map_or(ours.clone(), |theirs| ours + THEN + theirs)
}

/// Takes a prefix apart: `None` if stanch has no part in it, else the prefix that the user had.
pub fn part(prefix: &str) -> Option<Option<&str>> {
    let (ours, theirs) = match prefix.split_once(THEN) {
        Some((ours, theirs)) => (ours, Some(theirs)),
        None => (prefix, None),
    };
    let is_ours = Path::new(ours).file_name().is_some_and(|name| name == SHELL);
    is_ours.then_some(theirs)
}

/// Whether a command of the settings is stanch's hook, wherever it lies.
pub fn is_hook(command: &str, hook: &str) -> bool {
    let path = PathBuf::from(command);
    let named = path.file_stem().is_some_and(|name| name == hook);
    named && path.components().any(|part| part.as_os_str() == "stanch")
}
