//! A plugin of Claude Code with stanch in it, and the marketplace that it is installed from: one folder.
//!
//! The client reads such a folder in place, in the middle of a session too. So it is made beside its place and put there whole,
//! in one step where the system has one, and there is no moment without an executable.
//!
//! The folder is stanch's own, and a list in it says what was put there: a folder that has anything else in it is refused.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use hooks::plugins::{NAME, ROOT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::registration::{CLAUDE_CODE, PLUGIN};
use crate::{binaries, settings};

/// The plugin's own folder in the marketplace's.
const INSIDE: &str = "plugins/stanch";
/// The folder of its executables. Not `bin`, which the client puts on the PATH of every command.
pub const BIN: &str = "libexec";
/// What says which files are stanch's.
const LIST: &str = ".stanch-plugin.json";
const DESCRIPTION: &str = "Stops secrets on their way to the model: hooks that redact, deny and block.";
/// What a person reads first.
const README: &str = include_str!("plugin/README.md");

/// The id by which it is installed.
pub fn id() -> String {
    format!("{NAME}@{NAME}")
}

/// The plugin in a marketplace's folder that was built.
pub fn root(folder: &Path) -> PathBuf {
    folder.join(INSIDE)
}

/// Its executables.
pub fn bin(folder: &Path) -> PathBuf {
    root(folder).join(BIN)
}

/// The marketplace's folder of a plugin that lies in `root`, if it is one that was built here.
pub fn folder(root: &Path) -> Option<&Path> {
    let folder = root.parent()?.parent()?;
    folder.join(LIST).is_file().then_some(folder)
}

/// What was put into a folder.
#[derive(Serialize, Deserialize)]
struct List {
    version: String,
    files: BTreeSet<PathBuf>,
}

/// A folder that may be built, or built again.
pub struct Target {
    folder: PathBuf,
    /// Version of stanch in it, if it was built before.
    pub before: Option<String>,
}

impl Target {
    /// Looks at the folder.
    ///
    /// # Errors
    /// Something is there that is not stanch's: says what.
    pub fn at(folder: &Path) -> anyhow::Result<Self> {
        let folder = std::path::absolute(folder).with_context(|| format!("finding {}", folder.display()))?;
        // A link to the folder stays.
        let folder = folder.canonicalize().unwrap_or(folder);
        let named = folder.display();
        match fs::symlink_metadata(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self { folder, before: None }),
            Err(error) => return Err(error).with_context(|| format!("looking at {named}")),
            Ok(data) if !data.is_dir() => bail!("{named} is no folder: name one that is new or empty"),
            Ok(_) => {}
        }
        let there = files_in(&folder).with_context(|| format!("looking through {named}"))?;
        if there.is_empty() {
            return Ok(Self { folder, before: None });
        }
        let list: List =
            fs::read(folder.join(LIST)).ok().and_then(|text| serde_json::from_slice(&text).ok()).with_context(
                || format!("{named} was not made by `stanch plugin build`: name a folder that is new or empty"),
            )?;
        if let Some(other) = there.iter().find(|file| !list.files.contains(*file)) {
            bail!(
                "{} is not of the plugin, and would be gone: move it, or name another folder",
                folder.join(other).display()
            );
        }
        Ok(Self { folder, before: Some(list.version) })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Builds it, with the executables of the folder `from`. `check` looks at the result before it is put in place.
    ///
    /// # Errors
    /// An executable is missing, a file cannot be written, or the check failed: nothing has changed.
    pub fn build(&self, from: &Path, check: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let parent = self.folder.parent().with_context(|| format!("{} has no folder", self.folder.display()))?;
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        let beside = tempfile::Builder::new().prefix(".stanch-plugin-").tempdir_in(parent);
        let beside = beside.with_context(|| format!("making a folder in {}", parent.display()))?;
        let new = beside.path().join("new");
        write(&new, from)?;
        check(&new)?;
        let swapped = if self.before.is_some() { exchange(&new, &self.folder) } else { fs::rename(&new, &self.folder) };
        swapped.with_context(|| format!("putting {} in place", self.folder.display()))
    }
}

/// All of the folder.
fn write(folder: &Path, from: &Path) -> anyhow::Result<()> {
    let inside = root(folder);
    // With all of them there, the plugin's own `stanch install` has what it needs.
    binaries::copy(from, &bin(folder), binaries::names())?;
    let version = env!("CARGO_PKG_VERSION");
    let marketplace = json!({
        "name": NAME,
        "description": "stanch, built on this machine",
        "owner": { "name": NAME },
        "plugins": [{ "name": NAME, "source": format!("./{INSIDE}"), "description": DESCRIPTION }],
    });
    let plugin = json!({
        "name": NAME,
        "version": version,
        "description": DESCRIPTION,
        "author": { "name": NAME },
        "license": env!("CARGO_PKG_LICENSE"),
    });
    let texts = [
        (folder.join(".claude-plugin/marketplace.json"), format!("{marketplace:#}\n")),
        (inside.join(".claude-plugin/plugin.json"), format!("{plugin:#}\n")),
        (inside.join("hooks/hooks.json"), format!("{:#}\n", registration())),
        (inside.join("README.md"), README.to_owned()),
    ];
    for (path, text) in texts {
        put(&path, &text)?;
    }
    let mut files = files_in(folder).with_context(|| format!("looking through {}", folder.display()))?;
    files.insert(PathBuf::from(LIST));
    let list = List { version: version.to_owned(), files };
    put(&folder.join(LIST), &format!("{}\n", serde_json::to_string_pretty(&list)?))
}

/// The plugin's `hooks.json`: the entries of the settings, with the plugin's folder and the word that says whose they are.
pub fn registration() -> Value {
    let mut hooks = json!({});
    for entry in CLAUDE_CODE {
        let command = format!("{ROOT}/{BIN}/{}", entry.hook);
        hooks[entry.event] = json!([settings::element_value(entry, Path::new(&command), &[PLUGIN])]);
    }
    json!({ "description": DESCRIPTION, "hooks": hooks })
}

fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    let writing = || format!("writing {}", path.display());
    fs::create_dir_all(path.parent().with_context(writing)?).with_context(writing)?;
    fs::write(path, text).with_context(writing)
}

/// What is no folder, by its path below one.
fn files_in(folder: &Path) -> std::io::Result<BTreeSet<PathBuf>> {
    let (mut files, mut left) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                left.push(entry.path());
            } else if let Ok(below) = entry.path().strip_prefix(folder) {
                files.insert(below.to_owned());
            }
        }
    }
    Ok(files)
}

/// Puts one folder in the place of another, and that one in its own.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => one_after_the_other(new, old),
        done => Ok(done?),
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    one_after_the_other(new, old)
}

fn one_after_the_other(new: &Path, old: &Path) -> std::io::Result<()> {
    let aside = new.with_file_name("old");
    fs::rename(old, &aside)?;
    fs::rename(new, old).inspect_err(|_| {
        let _ = fs::rename(&aside, old);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugins_entries_are_those_of_the_settings_but_for_place_and_word() {
        let at = settings::Settings::parse("").expect("settings");
        at.add(CLAUDE_CODE, &Path::new(ROOT).join(BIN)).expect("added");
        let mut expected: Value = serde_json::from_str(&at.text()).expect("JSON");
        for entry in CLAUDE_CODE {
            expected["hooks"][entry.event][0]["hooks"][0]["args"] = json!([PLUGIN]);
        }
        assert_eq!(registration()["hooks"], expected["hooks"]);
    }

    #[test]
    fn folders_change_places_where_the_system_has_no_step_for_it() {
        let home = tempfile::tempdir().expect("a folder");
        let at = |path: &str| home.path().join(path);
        for (folder, text) in [("beside/new", "new"), ("place", "old")] {
            put(&at(folder).join("file"), text).expect("written");
        }
        one_after_the_other(&at("beside/new"), &at("place")).expect("changed");
        assert_eq!(fs::read_to_string(at("place/file")).expect("read"), "new");
        put(&at("beside/new/file"), "newer").expect("written");
        exchange(&at("beside/new"), &at("place")).expect("changed");
        assert_eq!(fs::read_to_string(at("place/file")).expect("read"), "newer");
        // What fails leaves the old one.
        assert!(one_after_the_other(&at("beside/nothing"), &at("place")).is_err());
        assert!(at("place/file").is_file());
    }
}
