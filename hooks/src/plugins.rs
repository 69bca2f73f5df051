//! The plugins that Claude Code loads in a folder: which are switched on, by which settings file, and where each lies.
//!
//! As the client (2.1.330) does it. `enabledPlugins` of the settings says which, and the file that wins for everything else wins
//! here. A marketplace that is a folder is read in place whenever a session starts, and a plugin whose folder is gone is left
//! out without a word. Any other plugin lies where `installed_plugins.json` says.
//!
//! Not seen: what the command line adds (`--plugin-dir`) or takes away (`--settings`), and hooks that stand elsewhere than in
//! `hooks/hooks.json`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use config::plain::{self, Content};
use serde_json::Value;

/// Name of the plugin that `stanch plugin build` makes, and of the marketplace that it is in.
pub const NAME: &str = "stanch";
/// What the client replaces by a plugin's folder.
pub const ROOT: &str = "${CLAUDE_PLUGIN_ROOT}";

/// A plugin that some settings file switches on.
pub struct Plugin {
    /// `name@marketplace`.
    pub id: String,
    /// The settings file that decides.
    pub by: PathBuf,
    /// Whether it is on.
    pub on: bool,
    /// Its folder; else why the client does not find it.
    pub root: Result<PathBuf, String>,
}

impl Plugin {
    /// Whether it goes by stanch's name.
    pub fn is_stanch(&self) -> bool {
        is_stanch(&self.id)
    }

    /// Where its hooks stand.
    pub fn hooks(&self) -> Option<PathBuf> {
        Some(self.root.as_ref().ok()?.join("hooks/hooks.json"))
    }

    /// The text of that file, with its folder in the place of [`ROOT`].
    pub fn registration(&self) -> Option<String> {
        let Content::Whole(text) = plain::read(&self.hooks()?) else { return None };
        let quoted = Value::from(self.root.as_ref().ok()?.display().to_string()).to_string();
        Some(String::from_utf8(text).ok()?.replace(ROOT, quoted.trim_matches('"')))
    }
}

/// Whether an id is that of a plugin of stanch's name.
pub fn is_stanch(id: &str) -> bool {
    id.split_once('@').is_some_and(|(name, _)| name == NAME)
}

/// Those that the settings switch on, the winning file first among them; `user` is the folder of the user's settings.
pub fn all<'s>(
    user: &Path,
    settings: impl Iterator<Item = (&'s Path, &'s Value)> + Clone,
    project: &Path,
) -> Vec<Plugin> {
    let said = |settings: &'s Value| settings["enabledPlugins"].as_object().into_iter().flatten();
    let ids: BTreeSet<&str> = settings
        .clone()
        .flat_map(|(_, settings)| said(settings))
        .filter(|(_, value)| is_on(value))
        .map(|(id, _)| id.as_str())
        .collect();
    if ids.is_empty() {
        return Vec::new();
    }
    let known = json(&user.join("plugins/known_marketplaces.json"));
    let installed = json(&user.join("plugins/installed_plugins.json"));
    let one = |id: &str| {
        let mut deciding =
            settings.clone().filter_map(|(path, settings)| Some((path, settings["enabledPlugins"].get(id)?)));
        let (by, value) = deciding.next()?;
        let root = root(id, &known, &installed["plugins"][id], project);
        Some(Plugin { id: id.to_owned(), by: by.to_owned(), on: is_on(value), root })
    };
    ids.into_iter().filter_map(one).collect()
}

/// A list of versions switches it on, too.
fn is_on(value: &Value) -> bool {
    !matches!(value, Value::Bool(false) | Value::Null)
}

fn root(id: &str, known: &Value, installed: &Value, project: &Path) -> Result<PathBuf, String> {
    let (name, marketplace) = id.split_once('@').ok_or("it has no marketplace")?;
    let source = &known[marketplace]["source"];
    if source["source"] == "directory" {
        let folder = Path::new(source["path"].as_str().ok_or("its marketplace has no folder")?);
        let listed = json(&folder.join(".claude-plugin/marketplace.json"));
        let mut entries = listed["plugins"].as_array().into_iter().flatten();
        let entry = entries.find(|entry| entry["name"] == name);
        let entry = entry.ok_or_else(|| format!("{} has no such plugin, or is gone", folder.display()))?;
        if let Some(inside) = entry["source"].as_str() {
            return there(folder.join(inside.trim_start_matches("./")));
        }
    }
    let entries = installed.as_array().into_iter().flatten().collect::<Vec<_>>();
    let here = |entry: &&&Value| entry["projectPath"].as_str().is_some_and(|path| Path::new(path) == project);
    let everywhere = |entry: &&&Value| entry["projectPath"].is_null();
    let entry = entries.iter().find(here).or_else(|| entries.iter().find(everywhere)).ok_or("it is not installed")?;
    there(PathBuf::from(entry["installPath"].as_str().ok_or("it is not installed")?))
}

fn there(root: PathBuf) -> Result<PathBuf, String> {
    if root.is_dir() { Ok(root) } else { Err(format!("{} is gone", root.display())) }
}

/// What is no JSON says nothing.
fn json(path: &Path) -> Value {
    match plain::read(path) {
        Content::Whole(text) => serde_json::from_slice(&text).unwrap_or_default(),
        Content::Missing | Content::Unread => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn write(path: PathBuf, content: &Value) {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, content.to_string()).expect("written");
    }

    fn look(user: &Path, settings: &[Value]) -> Vec<(String, bool, Result<PathBuf, String>)> {
        let settings: Vec<(PathBuf, &Value)> =
            settings.iter().enumerate().map(|(n, s)| (PathBuf::from(n.to_string()), s)).collect();
        let all = all(user, settings.iter().map(|(path, s)| (path.as_path(), *s)), Path::new("/app"));
        all.into_iter().map(|plugin| (plugin.id, plugin.on, plugin.root)).collect()
    }

    #[test]
    fn the_first_file_that_says_something_decides() {
        let home = tempfile::tempdir().expect("a folder");
        let (on, off) = (json!({"enabledPlugins": {"a@m": true}}), json!({"enabledPlugins": {"a@m": false}}));
        let none = json!({});
        let is_on = |settings: &[&Value]| {
            let settings: Vec<Value> = settings.iter().map(|s| (*s).clone()).collect();
            look(home.path(), &settings).first().map(|(_, on, _)| *on)
        };
        assert_eq!(is_on(&[&none, &on]), Some(true));
        assert_eq!(is_on(&[&off, &on]), Some(false));
        assert_eq!(is_on(&[&on, &off]), Some(true));
        assert_eq!(is_on(&[&off, &none]), None);
    }

    #[test]
    fn a_marketplace_in_a_folder_is_read_in_place_and_others_from_the_copy() {
        let home = tempfile::tempdir().expect("a folder");
        let at = |path: &str| home.path().join(path);
        let settings =
            [json!({"enabledPlugins": {"a@folder": true, "a@git": true, "a@gone": true, "a@unknown": true}})];
        let known = json!({
            "folder": {"source": {"source": "directory", "path": at("market")}},
            "gone": {"source": {"source": "directory", "path": at("nothing")}},
            "git": {"source": {"source": "git", "url": "https://x"}},
        });
        write(at("plugins/known_marketplaces.json"), &known);
        write(at("market/.claude-plugin/marketplace.json"), &json!({"plugins": [{"name": "a", "source": "./in/a"}]}));
        std::fs::create_dir_all(at("market/in/a")).expect("made");
        for copy in ["all", "app"] {
            std::fs::create_dir_all(at(copy)).expect("made");
        }
        let copies = json!([
            {"scope": "user", "installPath": at("all")}, {"scope": "project", "installPath": at("app"), "projectPath": "/app"},
        ]);
        write(at("plugins/installed_plugins.json"), &json!({"plugins": {"a@git": copies, "a@folder": copies}}));
        let found = look(home.path(), &settings);
        let root = |id: &str| found.iter().find(|(name, ..)| name == id).expect("listed").2.clone();
        assert_eq!(root("a@folder"), Ok(at("market/in/a")));
        assert_eq!(root("a@git"), Ok(at("app")));
        assert!(root("a@gone").is_err_and(|why| why.contains("is gone")));
        assert!(root("a@unknown").is_err_and(|why| why.contains("not installed")));
    }
}
