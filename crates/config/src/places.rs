//! Where configuration lies: the administrator's file, the user's folder, the project's files.
//!
//! A repository's own settings can set environment variables for the hooks. So the way to the user's folder is not taken
//! from the environment where it can be had elsewhere, and never into the project.

use std::path::{Path, PathBuf};

use crate::ConfigError;

/// Name of the file in the administrator's and the user's folder.
pub const FILE: &str = "config.toml";
/// Name of the user's folder among those of other programs.
const FOLDER: &str = "stanch";
/// Name of a project's file.
pub const PROJECT_FILE: &str = ".stanch.toml";

/// The places of one session.
pub struct Places {
    /// Where the session runs.
    pub folder: PathBuf,
    /// The administrator's folder.
    pub managed: PathBuf,
    /// The user's folder; `None` if the user has no home.
    pub user: Option<PathBuf>,
    /// The project.
    pub project: PathBuf,
}

impl Places {
    /// Those of a session that runs in `folder`, an absolute path.
    ///
    /// # Errors
    /// See [`user_folder`].
    pub fn of(folder: &Path) -> Result<Self, ConfigError> {
        let project = project(folder);
        let user = user_folder(&project)?;
        Ok(Self { folder: folder.to_owned(), managed: managed_folder(), user, project })
    }

    /// The project's files, from the folder up to the project's own: each of them may tighten.
    pub fn project_files(&self) -> Vec<PathBuf> {
        let folders = self.folder.ancestors().take_while(|above| above.starts_with(&self.project));
        folders.map(|above| above.join(PROJECT_FILE)).collect()
    }
}

/// The administrator's folder.
fn managed_folder() -> PathBuf {
    let folder = match std::env::consts::OS {
        "macos" => "/Library/Application Support/stanch",
        "windows" => r"C:\ProgramData\stanch",
        _ => "/etc/stanch",
    };
    PathBuf::from(folder)
}

/// The user's folder; `None` if the user has no home.
///
/// # Errors
/// The environment leads into the project, where a repository could have laid a file.
pub fn user_folder(project: &Path) -> Result<Option<PathBuf>, ConfigError> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let (home, record) = (std::env::home_dir().filter(|home| home.is_absolute()), home_on_record());
    let below = |home: &PathBuf| home.join(".config").join(FOLDER);
    let usual = record.as_ref().or(home.as_ref()).map(below);
    match (variable("XDG_CONFIG_HOME").map(|config| config.join(FOLDER)), home) {
        (Some(folder), _) if Some(&folder) != usual.as_ref() => outside(project, folder, "XDG_CONFIG_HOME").map(Some),
        // The project may be the home itself; a repository cannot know how that is spelled.
        (None, Some(home)) if Some(below(&home)) != usual && home != project => {
            outside(project, below(&home), "HOME").map(Some)
        }
        (None, Some(home)) => Ok(Some(below(&home))),
        (_, _) => Ok(usual),
    }
}

fn outside(project: &Path, folder: PathBuf, variable: &str) -> Result<PathBuf, ConfigError> {
    let real = |path: &Path| {
        let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
        there.map_or_else(|| path.to_owned(), |(above, real)| real.join(path.strip_prefix(above).unwrap_or(path)))
    };
    if real(&folder).starts_with(real(project)) {
        let message = format!(
            "{variable} leads into the project, where a repository may have laid a file; take {variable} out of the \
             client's settings, or start the client from another folder"
        );
        return Err(ConfigError::of(&folder, message));
    }
    Ok(folder)
}

/// The user's home as the system knows it.
#[cfg(unix)]
fn home_on_record() -> Option<PathBuf> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    home_in(&users, rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn home_on_record() -> Option<PathBuf> {
    None
}

#[cfg(any(unix, test))]
fn home_in(users: &str, user: u32) -> Option<PathBuf> {
    let fields = |line: &'_ str| line.split(':').map(str::to_owned).collect::<Vec<_>>();
    let entry = users.lines().map(fields).find(|f| f.get(2).is_some_and(|id| id.parse() == Ok(user)))?;
    entry.get(5).map(PathBuf::from).filter(|home| home.is_absolute())
}

/// The project of a folder: the repository it lies in, or the folder itself.
pub fn project(folder: &Path) -> PathBuf {
    folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(folder).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_found_by_the_users_number() {
        let users = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:,,,:/home/ann:/bin/zsh\nnobody:x:65534:1::-:\n";
        assert_eq!(home_in(users, 1000), Some(PathBuf::from("/home/ann")));
        assert_eq!(home_in(users, 7), None);
        assert_eq!(home_in(users, 65534), None);
    }

    #[test]
    fn a_folder_in_the_project_is_refused_by_whatever_way_it_is_reached() {
        let dir = tempfile::tempdir().expect("a folder");
        let project = dir.path().join("app");
        std::fs::create_dir(&project).expect("a folder");
        let there = |folder: &str| outside(&project, dir.path().join(folder), "HOME").is_ok();
        assert!(there("home/.config/stanch"));
        assert!(!there("app/evil/stanch"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&project, dir.path().join("link")).expect("a folder");
            assert!(!there("link/stanch"));
        }
    }
}
