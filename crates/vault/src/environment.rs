//! The environment of the process that fetches. A client hands on to its hooks what the settings of a repository set, so a
//! variable that a repository sets is not taken: it could lead a token to another server, or start another program.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::repository::Settings;

use crate::Failure;

/// Which variables there are, and which of them are to be believed.
pub struct Environment {
    of: Of,
    /// The settings that may have set some.
    settings: Settings,
}

enum Of {
    Process,
    Given(BTreeMap<String, OsString>),
}

impl Environment {
    /// This process's, for a session in `folder`, an absolute path.
    pub fn of_session(folder: &Path) -> Self {
        Self { of: Of::Process, settings: Settings::of_session(folder) }
    }

    /// One of these variables alone.
    pub fn of<N: Into<String>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let given = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { of: Of::Given(given), settings: Settings::default() }
    }

    /// A variable's value; `None` if it is not set.
    ///
    /// # Errors
    /// A repository's settings set it, or may.
    pub(crate) fn get(&self, name: &str) -> Result<Option<OsString>, Failure> {
        let value = match &self.of {
            Of::Process => std::env::var_os(name),
            Of::Given(given) => given.get(name).cloned(),
        };
        match value.is_some().then(|| self.settings.sets(name)).flatten() {
            None => Ok(value),
            Some(file) => Err(Failure::new(
                format!("{} sets {name}, or may, and a repository is not trusted with that", file.display()),
                format!("take {name} out of it, or start the client from another folder"),
            )),
        }
    }

    /// The same, where it is no matter if it is missing: one that a repository sets is taken as not set.
    pub(crate) fn get_if_trusted(&self, name: &str) -> Option<OsString> {
        self.get(name).ok().flatten()
    }

    /// The first of several names that is set, and not empty.
    pub(crate) fn first(&self, names: &[&str]) -> Result<Option<OsString>, Failure> {
        for name in names {
            if let Some(value) = self.get(name)?.filter(|value| !value.is_empty()) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Where programs are looked for: no folder of the repository, and none that depends on where one is.
    pub(crate) fn path(&self) -> Result<OsString, Failure> {
        let path = self.get("PATH")?.unwrap_or_default();
        self.settings.search_path(&path).map_err(|_| Failure::new("PATH cannot be read", "mend it"))
    }

    /// The user's home.
    pub(crate) fn home(&self) -> Result<PathBuf, Failure> {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let home = self.get(name)?.map(PathBuf::from).filter(|home| home.is_absolute());
        home.ok_or_else(|| Failure::new("you have no home folder", format!("set {name}")))
    }

    /// The folder for programs' configuration.
    pub(crate) fn config_home(&self) -> Result<PathBuf, Failure> {
        let named = |name| Ok(self.get(name)?.map(PathBuf::from).filter(|path| path.is_absolute()));
        Ok(match std::env::consts::OS {
            "macos" => self.home()?.join("Library/Application Support"),
            "windows" => named("APPDATA")?.unwrap_or(self.home()?.join("AppData/Roaming")),
            _ => named("XDG_CONFIG_HOME")?.unwrap_or(self.home()?.join(".config")),
        })
    }

    /// Whether a dialog could be shown.
    pub(crate) fn has_display(&self) -> bool {
        let set = |name| self.get_if_trusted(name).is_some_and(|value| !value.is_empty());
        cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_repository_sets_is_not_taken() {
        let repository = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(repository.path().join(".claude")).expect("a folder");
        std::fs::write(repository.path().join(".claude/settings.json"), r#"{"env":{"BAO_ADDR":"https://x"}}"#)
            .expect("a file");
        let mut environment = Environment::of([("BAO_ADDR", "https://x"), ("BAO_TOKEN", "t")]);
        environment.settings = Settings::of_session(&repository.path().join("sub"));
        let said = environment.get("BAO_ADDR").expect_err("refused").to_string();
        assert!(said.contains("settings.json sets BAO_ADDR") && said.contains("take BAO_ADDR out"), "{said}");
        assert_eq!(environment.get_if_trusted("BAO_ADDR"), None);
        assert!(environment.get("BAO_TOKEN").expect("not set there").is_some());
        assert!(environment.get("VAULT_ADDR").expect("not set anywhere").is_none());
    }
}
