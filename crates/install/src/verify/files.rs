//! The settings files that the client reads in a folder, which of them wins, and the plugins that they switch on.

use std::path::{Path, PathBuf};

use config::checkout;
use hooks::plugins::{self, Plugin};
use serde_json::Value;

use crate::agent::{self, Description};
use crate::registration::PREFIX;

/// Who writes a settings file; the first wins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The administrator.
    Managed,
    /// The `settings.local.json` of the project, or of a folder in it: the user, or whoever made the folder.
    Local,
    /// The project's `settings.json`: whoever wrote the repository.
    Project,
    /// The user.
    User,
    /// A plugin: its `hooks.json`, which registers hooks and sets nothing.
    Plugin,
}

impl Origin {
    /// Whether a repository may have brought the file along.
    pub fn is_repository(self) -> bool {
        matches!(self, Self::Local | Self::Project)
    }
}

/// One settings file.
pub struct File {
    /// Where it lies.
    pub path: PathBuf,
    /// Whose it is.
    pub origin: Origin,
    /// What it says.
    pub settings: Value,
    /// The plugin whose it is.
    pub plugin: Option<Owner>,
    pub(crate) text: String,
}

/// The plugin that brings a file.
pub struct Owner {
    /// `name@marketplace`.
    pub id: String,
    /// Its folder.
    pub root: PathBuf,
    /// Whether the administrator switches it on.
    pub managed: bool,
}

impl File {
    /// `path:line` of what stands there first.
    pub fn line(&self, what: &str) -> String {
        let line = self.text.lines().position(|line| line.contains(what)).map(|line| format!(":{}", line + 1));
        format!("{}{}", self.path.display(), line.unwrap_or_default())
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn sets(&self, switch: &str) -> bool {
        self.plugin.is_none() && self.settings[switch] == Value::Bool(true)
    }

    /// Whether nobody but the administrator silences it.
    fn is_managed(&self) -> bool {
        self.plugin.as_ref().map_or(self.origin == Origin::Managed, |plugin| plugin.managed)
    }
}

/// All of them that are there, those that win first.
pub struct Files {
    /// Who reads them.
    pub agent: &'static Description,
    /// The folder of the session.
    pub folder: PathBuf,
    /// Those that can be read.
    pub files: Vec<File>,
    /// Those that cannot, and why.
    pub broken: Vec<String>,
    /// The plugins that any of them switches on, those that another switches off included.
    pub plugins: Vec<Plugin>,
}

impl Files {
    /// Reads those of Claude Code.
    pub fn read(managed: &Path, user: &Path, folder: &Path) -> Self {
        let local = checkout::local_settings(folder).into_iter();
        let local = local.map(|folder| (folder.join(".claude/settings.local.json"), Origin::Local));
        let project = (folder.join(".claude/settings.json"), Origin::Project);
        let places = [(managed.to_owned(), Origin::Managed)].into_iter().chain(local);
        let places = places.chain([project, (user.to_owned(), Origin::User)]);
        let mut read = Self::of(agent::of(hooks::Agent::ClaudeCode), folder, places, &|text| {
            // The parser's message quotes the text.
            serde_json::from_str::<Value>(if text.trim().is_empty() { "{}" } else { text })
                .map_err(|e| format!(":{}:{}: not JSON", e.line(), e.column()))
        });
        read.plugins(user.parent().unwrap_or(user));
        read
    }

    /// Reads the files at these places, each if it is there; `parse` says where one is broken, behind its path.
    pub fn of(
        agent: &'static Description,
        folder: &Path,
        places: impl IntoIterator<Item = (PathBuf, Origin)>,
        parse: &dyn Fn(&str) -> Result<Value, String>,
    ) -> Self {
        let (files, broken, plugins) = (Vec::new(), Vec::new(), Vec::new());
        let mut read = Self { agent, folder: folder.to_owned(), files, broken, plugins };
        for (path, origin) in places {
            read.add(path, origin, parse);
        }
        read
    }

    /// Reads one more file, behind those that are there.
    pub fn add(&mut self, path: PathBuf, origin: Origin, parse: &dyn Fn(&str) -> Result<Value, String>) {
        // A session in the home itself: the user's file is the project's too.
        self.files.retain(|file| file.path != path);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.broken.push(format!("{}: cannot be read ({})", path.display(), error.kind())),
        };
        match parse(&text) {
            Ok(settings) => self.files.push(File { path, origin, settings, plugin: None, text }),
            Err(why) => self.broken.push(format!("{}{why}", path.display())),
        }
    }

    /// The plugins that settings name, and the registrations of those that are on.
    fn plugins(&mut self, user: &Path) {
        let settings = self.files.iter().map(|file| (file.path.as_path(), &file.settings));
        self.plugins = plugins::all(user, settings, &self.folder);
        for plugin in self.plugins.iter().filter(|plugin| plugin.on) {
            let (Some(path), Some(text), Ok(root)) = (plugin.hooks(), plugin.registration(), &plugin.root) else {
                continue;
            };
            let by = self.files.iter().find(|file| file.path == plugin.by);
            let managed = by.is_some_and(|file| file.origin == Origin::Managed);
            let owner = Some(Owner { id: plugin.id.clone(), root: root.clone(), managed });
            match serde_json::from_str(&text) {
                Ok(settings) => self.files.push(File { path, origin: Origin::Plugin, settings, plugin: owner, text }),
                Err(e) => self.broken.push(format!("{}:{}:{}: not JSON", path.display(), e.line(), e.column())),
            }
        }
    }

    /// The files that switch all hooks off.
    pub fn switching_off(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.sets("disableAllHooks"))
    }

    /// The administrator's file, if it lets no hooks run but its own.
    pub fn managed_only(&self) -> Option<&File> {
        self.files.iter().find(|file| file.origin == Origin::Managed && file.sets("allowManagedHooksOnly"))
    }

    /// Why the hooks of a file do not run, if they do not.
    pub fn silenced(&self, file: &File) -> Option<String> {
        // What others switch off is not the administrator's.
        let off = self.switching_off().find(|by| by.origin == Origin::Managed || !file.is_managed());
        if let Some(by) = off {
            return Some(format!("{} switches all hooks off (disableAllHooks)", by.line("\"disableAllHooks\"")));
        }
        let only = self.managed_only().filter(|_| !file.is_managed())?;
        Some(format!("{} lets no other hooks run (allowManagedHooksOnly)", only.line("\"allowManagedHooksOnly\"")))
    }

    /// The prefix before every command, and the file that sets it.
    pub fn prefix(&self) -> Option<(&File, &str)> {
        let files = self.files.iter().filter(|file| file.plugin.is_none());
        files.into_iter().find_map(|file| Some((file, file.settings["env"][PREFIX].as_str()?)))
    }

    /// The environment that the user and the administrator set for hooks and commands. What a repository sets is not taken
    /// over here: it could make the shell run something.
    pub fn environment(&self) -> Vec<(String, String)> {
        let trusted = self.files.iter().rev().filter(|file| matches!(file.origin, Origin::Managed | Origin::User));
        let all = trusted.filter_map(|file| file.settings["env"].as_object()).flatten();
        all.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of a folder, each with its text; empty for none.
    fn files(managed: &str, local: &str, project: &str, user: &str) -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |file: &str| folder.path().join(file);
        std::fs::create_dir_all(at("app/.claude")).expect("a folder");
        let all = [
            ("managed.json", managed),
            ("app/.claude/settings.local.json", local),
            ("app/.claude/settings.json", project),
            ("user.json", user),
        ];
        for (file, text) in all.iter().filter(|(_, text)| !text.is_empty()) {
            std::fs::write(at(file), text).expect("a file");
        }
        let files = Files::read(&at("managed.json"), &at("user.json"), &at("app"));
        (folder, files)
    }

    fn silenced(files: &Files) -> Vec<(Origin, bool)> {
        files.files.iter().map(|file| (file.origin, files.silenced(file).is_some())).collect()
    }

    #[test]
    fn what_others_switch_off_is_not_the_administrators() {
        let off = r#"{"disableAllHooks":true}"#;
        let (_folder, read) = files("{}", "", off, "{}");
        assert!(silenced(&read) == [(Origin::Managed, false), (Origin::Project, true), (Origin::User, true)]);
        let (_folder, read) = files(off, "", "", "{}");
        assert!(silenced(&read) == [(Origin::Managed, true), (Origin::User, true)]);
        let (_folder, read) = files(r#"{"allowManagedHooksOnly":true}"#, "", "", "{}");
        assert!(silenced(&read) == [(Origin::Managed, false), (Origin::User, true)]);
        // Nobody but the administrator can say so.
        let (_folder, read) = files("", "", r#"{"allowManagedHooksOnly":true}"#, "{}");
        assert!(silenced(&read) == [(Origin::Project, false), (Origin::User, false)]);
    }

    #[test]
    fn the_prefix_is_that_of_the_file_that_wins_and_a_repository_sets_no_environment() {
        let env = |value: &str| format!(r#"{{"env":{{"CLAUDE_CODE_SHELL_PREFIX":"{value}","A":"{value}"}}}}"#);
        let (_folder, read) = files("", &env("local"), &env("project"), &env("user"));
        assert!(read.prefix().is_some_and(|(file, prefix)| file.origin == Origin::Local && prefix == "local"));
        let (_folder, read) = files(&env("managed"), &env("local"), "", &env("user"));
        assert!(read.prefix().is_some_and(|(_, prefix)| prefix == "managed"));
        let last =
            read.environment().into_iter().filter(|(name, _)| name == "A").map(|(_, value)| value).collect::<Vec<_>>();
        assert_eq!(last, ["user", "managed"]);
    }
}
