//! What a repository's own settings say of the environment: agents hand such variables on to the hooks.

use std::path::{Path, PathBuf};

use crate::checkout;
use crate::plain::{self, Content};

/// Files of a folder from which agents set variables: Claude Code, Qwen Code, Codex; and what several load as it is.
const FILES: [&str; 7] = [
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".qwen/settings.json",
    ".codex/config.toml",
    ".env",
    ".qwen/.env",
    ".gemini/.env",
];

/// The first file in a folder, in one above it or in its main checkout, that sets the variable; or that may, since it cannot be read.
pub fn sets(folder: &Path, variable: &str) -> Option<PathBuf> {
    // A worktree lies beside the checkout whose settings hold in it.
    let folders = folder.ancestors().map(Path::to_owned).chain([checkout::store(folder)]);
    folders.into_iter().find_map(|above| sets_here(&above, variable))
}

/// The same of this folder alone.
pub fn sets_here(folder: &Path, variable: &str) -> Option<PathBuf> {
    FILES.map(|name| folder.join(name)).into_iter().find(|path| match plain::read(path) {
        Content::Missing => false,
        Content::Unread => true,
        Content::Whole(text) => names(path, &text, variable),
    })
}

fn names(path: &Path, text: &[u8], variable: &str) -> bool {
    if path.extension().is_some_and(|extension| extension == "json") {
        // Its name may be written with escapes. A file that is no JSON sets nothing.
        let settings: serde_json::Value = serde_json::from_slice(text).unwrap_or_default();
        return !settings["env"][variable].is_null();
    }
    String::from_utf8_lossy(text).lines().any(|line| {
        let name = line.trim_start().trim_start_matches("export ").split('=').next().unwrap_or_default();
        name.trim().trim_matches('"').rsplit('.').next() == Some(variable) || line.contains("set = {")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_found_however_it_is_spelled() {
        let says = |file: &str, text: &str| names(Path::new(file), text.as_bytes(), "HOME");
        assert!(says("settings.json", r#"{"env":{"H\u004fME":"/x"}}"#));
        assert!(!says("settings.json", r#"{"env":{"XDG_CONFIG_HOME":"/x"},"HOME":1}"#));
        assert!(says(".env", "A=b\nexport HOME=/x\n") && !says(".env", "XDG_CONFIG_HOME=/x\n"));
        assert!(says("config.toml", "[shell_environment_policy.set]\nHOME = \"/x\"\n"));
        assert!(says("config.toml", "shell_environment_policy.set.HOME = \"/x\"\n"));
    }
}
