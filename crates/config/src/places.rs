//! Where configuration lies: the administrator's file, the user's folder, the project's files; and where stanch keeps records.
//!
//! A repository's own settings can set environment variables for the hooks. So where the environment leads elsewhere than
//! the system's record of the user, those settings are looked at, and a way into the project is refused in any case.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{ConfigError, repository};

/// Name of the file in the administrator's and the user's folder.
pub const FILE: &str = "config.toml";
/// Name of the user's folder among those of other programs.
const FOLDER: &str = "stanch";
/// The variable that names the folder of configurations.
const CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// The variable that names the folder of records.
const STATE_HOME: &str = "XDG_STATE_HOME";
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
        let user = user_folder(folder)?;
        Ok(Self { folder: folder.to_owned(), managed: managed_folder(), user, project })
    }

    /// The project's files, from the folder up to the project's own: each of them may tighten.
    pub fn project_files(&self) -> Vec<PathBuf> {
        project_files(&self.folder, &self.project)
    }
}

/// The files of a project, from a folder in it up to the project's own.
pub(crate) fn project_files(folder: &Path, project: &Path) -> Vec<PathBuf> {
    let folders = folder.ancestors().take_while(|above| above.starts_with(project));
    folders.map(|above| above.join(PROJECT_FILE)).collect()
}

/// The user's home. Where it differs from the system's record, [`user_folder`] has seen to it that no repository says so.
pub(crate) fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute()).or_else(home_on_record)
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

/// The user's folder, for a session in `folder`; `None` if the user has no home.
///
/// # Errors
/// The environment leads elsewhere than the system's record of the user does, and a repository may have set it so.
pub fn user_folder(folder: &Path) -> Result<Option<PathBuf>, ConfigError> {
    let record = home_on_record();
    let usual = |home: &Path| home.join(".config");
    for (variable, on_record) in [("HOME", record.clone()), (CONFIG_HOME, record.as_deref().map(usual))] {
        let value = std::env::var_os(variable).map(PathBuf::from);
        if value.is_none() || value == on_record {
            continue;
        }
        if let Some(file) = set_by_repository(folder, variable) {
            let message = format!(
                "sets {variable}, or may: so a repository could lead stanch past your configuration; take {variable} out of \
                 it, or start the client from another folder"
            );
            return Err(ConfigError::of(&file, message));
        }
    }
    let config_home = std::env::var_os(CONFIG_HOME).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = home();
    let Some(config_home) = config_home.or_else(|| home.as_deref().map(usual)) else { return Ok(None) };
    let is_usual = record.as_deref().map(usual).is_some_and(|usual| usual == config_home);
    let found = config_home.join(FOLDER);
    if is_usual {
        return Ok(Some(found));
    }
    // Of a project that is a repository nothing is believed. The project may be the home itself: a repository that says so
    // has been found above.
    match repository_of(folder).filter(|project| home.as_deref() != Some(project)) {
        Some(project) => outside(project, found).map(Some),
        None => Ok(Some(found)),
    }
}

/// Where logs and the like are kept for a session in `folder`: `$XDG_STATE_HOME/stanch`, by default
/// `~/.local/state/stanch`; `None` if the user has no home.
///
/// A repository's settings must not lead them elsewhere: what those say of the variable is passed over.
pub fn state_folder(folder: &Path) -> Option<PathBuf> {
    let state = std::env::var_os(STATE_HOME).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.filter(|_| set_by_repository(folder, STATE_HOME).is_none());
    let home = || std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".local/state"));
    Some(state.or_else(home)?.join(FOLDER))
}

/// Makes a folder that is the user's alone, and those above it that are missing.
///
/// # Errors
/// It cannot be made. What else has its name is not looked at: it is no folder when somebody opens it.
pub fn make_private(folder: &Path) -> std::io::Result<()> {
    #[cfg_attr(not(unix), allow(unused_mut, reason = "a folder has no mode there"))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.recursive(true).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// The file of a repository that sets a variable, or may; the session may have gone elsewhere since it started in its project.
fn set_by_repository(folder: &Path, variable: &str) -> Option<PathBuf> {
    let started = std::env::var_os("CLAUDE_PROJECT_DIR").map(PathBuf::from);
    let folders = [Some(folder.to_owned()), started];
    folders.iter().flatten().find_map(|folder| repository::sets(folder, variable))
}

fn outside(project: &Path, folder: PathBuf) -> Result<PathBuf, ConfigError> {
    let real = |path: &Path| {
        let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
        there.map_or_else(|| path.to_owned(), |(above, real)| real.join(path.strip_prefix(above).unwrap_or(path)))
    };
    if real(&folder).starts_with(real(project)) {
        let message = "lies in the project, where a repository may have laid it: HOME or XDG_CONFIG_HOME leads there; set \
                       them otherwise, or start the client from another folder";
        return Err(ConfigError::of(&folder, message));
    }
    Ok(folder)
}

/// The user's home as the system knows it, whatever the environment says.
#[cfg(unix)]
pub fn home_on_record() -> Option<PathBuf> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    home_in(&users, rustix::process::getuid().as_raw())
}

/// The user's home as the system knows it; not known here.
#[cfg(not(unix))]
pub fn home_on_record() -> Option<PathBuf> {
    None
}

#[cfg(any(unix, test))]
fn home_in(users: &str, user: u32) -> Option<PathBuf> {
    let entry = users.lines().find(|line| line.split(':').nth(2).is_some_and(|id| id.parse() == Ok(user)))?;
    entry.split(':').nth(5).map(PathBuf::from).filter(|home| home.is_absolute())
}

/// The project of a folder: the repository it lies in, or the folder itself.
pub fn project(folder: &Path) -> PathBuf {
    repository_of(folder).unwrap_or(folder).to_owned()
}

/// The project of a folder, or the outermost of those that lie in one another below the user's home: whoever may make folders in a
/// project could make one of its own there, in which the files above do not count.
pub(crate) fn outermost(folder: &Path) -> PathBuf {
    let home = home();
    let below = folder.ancestors().take_while(|above| home.as_deref() != Some(above));
    let found = below.filter(|above| above.join(".git").exists()).last();
    found.map_or_else(|| project(folder), Path::to_owned)
}

fn repository_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
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
        let there = |folder: &str| outside(&project, dir.path().join(folder)).is_ok();
        assert!(there("home/.config/stanch"));
        assert!(!there("app/evil/stanch"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&project, dir.path().join("link")).expect("a folder");
            assert!(!there("link/stanch"));
        }
    }
}
