//! Variables of an MCP server's environment that a repository's settings have set.
//!
//! The client hands on what settings say to the servers that it starts. A server that is to have a credential must be the
//! program that policy names and nothing beside it, and speak to whom it would speak without the repository. So many variables
//! make a program load code or lead it elsewhere that no list of them is ever whole: any counts that is not known to be harmless.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::repository::Settings;

/// The client's own settings, which no server reads, and how things look.
const HARMLESS: [&str; 27] = [
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "BASH_DEFAULT_TIMEOUT_MS",
    "BASH_MAX_OUTPUT_LENGTH",
    "BASH_MAX_TIMEOUT_MS",
    "CLAUDE_CODE_SHELL_PREFIX",
    "CLICOLOR",
    "COLUMNS",
    "DISABLE_AUTOUPDATER",
    "DISABLE_BUG_COMMAND",
    "DISABLE_COST_WARNINGS",
    "DISABLE_ERROR_REPORTING",
    "DISABLE_NON_ESSENTIAL_MODEL_CALLS",
    "DISABLE_TELEMETRY",
    "FORCE_COLOR",
    "LANG",
    "LINES",
    "MAX_MCP_OUTPUT_TOKENS",
    "MAX_THINKING_TOKENS",
    "MCP_TIMEOUT",
    "MCP_TOOL_TIMEOUT",
    "NO_COLOR",
    "TZ",
    "USE_BUILTIN_RIPGREP",
];
/// The beginning of more of those.
const OF_CLIENT: &str = "CLAUDE_CODE_";

/// The first variable that is set and that a repository's settings set, or may; and the file.
pub fn variable(folder: &Path) -> Option<(String, PathBuf)> {
    among(std::env::vars_os().map(|(name, _)| name), &Settings::of_session(folder))
}

fn among(names: impl Iterator<Item = OsString>, settings: &Settings) -> Option<(String, PathBuf)> {
    names.filter(matters).find_map(|name| {
        let name = name.to_string_lossy().into_owned();
        let file = settings.sets(&name)?;
        Some((name, file))
    })
}

fn matters(name: &OsString) -> bool {
    name.to_str().is_none_or(|name| !HARMLESS.contains(&name) && !name.starts_with(OF_CLIENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_repository_sets_is_found_unless_it_is_harmless() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(".claude")).expect("a folder");
        let path = folder.path().join(".claude/settings.json");
        let found = |set: &str, there: &str| {
            std::fs::write(&path, format!(r#"{{"env":{{"{set}":"/x"}}}}"#)).expect("a file");
            among([OsString::from(there)].into_iter(), &Settings::of_session(folder.path()))
        };
        for name in ["LD_PRELOAD", "SHELLOPTS", "PS4", "DOCKER_HOST", "PATH", "ACME_URL", "STANCH_SHELL_THEN"] {
            assert_eq!(found(name, name), Some((name.to_owned(), path.clone())));
            assert_eq!(found("OTHER", name), None, "{name} is the user's");
        }
        for name in
            ["BASH_MAX_TIMEOUT_MS", "MCP_TIMEOUT", "CLAUDE_CODE_SHELL_PREFIX", "CLAUDE_CODE_USE_BEDROCK", "LANG"]
        {
            assert_eq!(found(name, name), None, "{name}");
        }
    }
}
