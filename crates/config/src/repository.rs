//! What a repository's own settings say of the environment: agents hand such variables on to the hooks.

use std::env::JoinPathsError;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::plain::{self, Content};
use crate::{checkout, places};

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

/// The settings that may have set variables of a session's hooks.
#[derive(Default)]
pub struct Settings {
    /// The folders in which they lie.
    folders: Vec<PathBuf>,
    /// The repository.
    project: Option<PathBuf>,
}

impl Settings {
    /// Those of a session in `folder`, an absolute path.
    pub fn of_session(folder: &Path) -> Self {
        let started = std::env::var_os("CLAUDE_PROJECT_DIR").map(PathBuf::from);
        let home = places::home_on_record();
        let mut folders: Vec<PathBuf> = Vec::new();
        for start in std::iter::once(folder.to_owned()).chain(started) {
            // What lies in the home itself is the user's own.
            let below = start.ancestors().take_while(|above| home.as_deref() != Some(above)).map(Path::to_owned);
            folders.extend(below);
            // A worktree lies beside the checkout whose settings hold in it.
            folders.extend(Some(checkout::store(&start)).filter(|store| home.as_ref() != Some(store)));
        }
        let project = Some(places::project(folder)).filter(|project| home.as_ref() != Some(project));
        Self { folders, project }
    }

    /// The file that sets the variable, or that may.
    pub fn sets(&self, variable: &str) -> Option<PathBuf> {
        self.folders.iter().find_map(|folder| sets_here(folder, variable))
    }

    /// Of a search path, what may be believed: no folder of the repository, and none that depends on where one is.
    ///
    /// # Errors
    /// It cannot be put together again.
    pub fn search_path(&self, path: &OsStr) -> Result<OsString, JoinPathsError> {
        let outside = |folder: &PathBuf| {
            folder.is_absolute() && self.project.as_ref().is_none_or(|project| !folder.starts_with(project))
        };
        std::env::join_paths(std::env::split_paths(path).filter(outside))
    }
}

/// The first file in a folder, in one above it or in its main checkout, that sets the variable; or that may, since it cannot be read.
pub fn sets(folder: &Path, variable: &str) -> Option<PathBuf> {
    // A worktree lies beside the checkout whose settings hold in it.
    let folders = folder.ancestors().map(Path::to_owned).chain([checkout::store(folder)]);
    folders.into_iter().find_map(|above| sets_here(&above, variable))
}

/// The same of this folder alone.
fn sets_here(folder: &Path, variable: &str) -> Option<PathBuf> {
    FILES.map(|name| folder.join(name)).into_iter().find(|path| match plain::read(path) {
        Content::Missing => false,
        Content::Unread => true,
        Content::Whole(text) => names(path, &text, variable),
    })
}

fn names(path: &Path, text: &[u8], variable: &str) -> bool {
    if path.extension().is_some_and(|extension| extension == "json") {
        if text.trim_ascii().is_empty() {
            return false;
        }
        let settings: Result<serde_json::Value, _> = serde_json::from_slice(text);
        return settings.map_or_else(|_| may_name(text, variable), |settings| !settings["env"][variable].is_null());
    }
    String::from_utf8_lossy(text).lines().any(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(line);
        let name = line.split(['=', ':']).next().unwrap_or_default();
        name.trim().trim_matches('"').rsplit('.').next() == Some(variable) || line.contains("set = {")
    })
}

/// Whether a text that is no JSON here can name the variable for an agent that reads it with more patience: as it is, with
/// escapes, or in another encoding.
fn may_name(text: &[u8], variable: &str) -> bool {
    std::str::from_utf8(text).map_or(true, |text| text.contains(['\\', '\0']) || text.contains(variable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_settings_above_a_folder_set_is_found() {
        let repository = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(repository.path().join(".claude")).expect("a folder");
        std::fs::write(repository.path().join(".claude/settings.json"), r#"{"env":{"BAO_ADDR":"https://x"}}"#)
            .expect("a file");
        let settings = Settings::of_session(&repository.path().join("sub"));
        assert_eq!(settings.sets("BAO_ADDR"), Some(repository.path().join(".claude/settings.json")));
        assert_eq!(settings.sets("BAO_TOKEN"), None);
        assert_eq!(Settings::default().sets("BAO_ADDR"), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_the_main_checkout_of_a_worktree_sets_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().canonicalize().expect("a folder");
        let git = at.join("app/.git/worktrees/tree");
        for folder in [&git, &at.join("app/.claude"), &at.join("tree")] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        let local = at.join("app/.claude/settings.local.json");
        let files = [
            (at.join("tree/.git"), format!("gitdir: {}\n", git.display())),
            (git.join("commondir"), "../..\n".to_owned()),
            (git.join("gitdir"), format!("{}\n", at.join("tree/.git").display())),
            (local.clone(), r#"{"env":{"PATH":"/x"}}"#.to_owned()),
        ];
        for (path, text) in files {
            std::fs::write(path, text).expect("a file");
        }
        assert_eq!(Settings::of_session(&at.join("tree")).sets("PATH"), Some(local));
    }

    #[cfg(unix)]
    #[test]
    fn programs_are_not_looked_for_in_the_repository() {
        let settings = Settings { project: Some("/r".into()), ..Settings::default() };
        let path = OsStr::new("/r/bin:node_modules/.bin::/usr/bin:/repo/bin:.");
        assert_eq!(settings.search_path(path).expect("a path"), "/usr/bin:/repo/bin");
    }

    #[test]
    fn a_variable_is_found_however_it_is_spelled() {
        let says = |file: &str, text: &str| names(Path::new(file), text.as_bytes(), "HOME");
        assert!(says("settings.json", r#"{"env":{"H\u004fME":"/x"}}"#));
        assert!(!says("settings.json", r#"{"env":{"XDG_CONFIG_HOME":"/x"},"HOME":1}"#));
        // A comment, half a character written alone, another encoding: JSON for some agent.
        assert!(says("settings.json", "{\"env\":{\"HOME\":\"/x\"} /* mine */}"));
        assert!(says("settings.json", r#"{"env":{"H\u004fME":"/x","A":"\ud800"}}"#));
        assert!(says("settings.json", "{\0\"\0H\0O\0M\0E\0"));
        assert!(!says("settings.json", "{ \"model\": \n}"));
        assert!(says(".env", "A=b\nexport HOME=/x\n") && !says(".env", "XDG_CONFIG_HOME=/x\n"));
        assert!(says("config.toml", "[shell_environment_policy.set]\nHOME = \"/x\"\n"));
        assert!(says("config.toml", "shell_environment_policy.set.HOME = \"/x\"\n"));
    }
}
