//! The client's settings: which hooks they and plugins register, and whether the repository switches them off.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use crate::plugins::{self, Plugin};
use crate::registration::PREFIX;
use crate::understudy::By;
use crate::{Agent, registration};
use config::checkout;
use config::plain::{self, Content};

fn files(agent: Agent, folder: &Path) -> Vec<PathBuf> {
    let managed = PathBuf::from(agent.places().managed);
    user_files(agent).chain(repository_files(agent, folder)).chain([managed]).collect()
}

fn user_files(agent: Agent) -> impl Iterator<Item = PathBuf> {
    let places = agent.places();
    places.user_folder().into_iter().flat_map(|user| places.settings.iter().map(move |name| user.join(name)))
}

fn repository_files(agent: Agent, folder: &Path) -> impl Iterator<Item = PathBuf> {
    // Claude Code reads the user's file of the repository's root in every folder of it.
    let store = (agent == Agent::ClaudeCode).then(|| checkout::store(folder)).filter(|store| store != folder);
    let store = store.map(|store| store.join(".claude/settings.local.json"));
    let folder = folder.join(agent.places().folder);
    agent.places().settings.iter().map(move |name| folder.join(name)).chain(store)
}

/// The settings files that are JSON, those that win first.
pub(crate) fn read_all(agent: Agent, folder: &Path) -> Vec<(PathBuf, Value)> {
    let managed = std::iter::once(PathBuf::from(agent.places().managed));
    let repository = repository_files(agent, folder).collect::<Vec<_>>().into_iter().rev();
    let all = managed.chain(repository).chain(user_files(agent));
    let read = |path: PathBuf| match plain::read(&path) {
        Content::Whole(text) => Some((path, serde_json::from_slice(&text).ok()?)),
        Content::Missing | Content::Unread => None,
    };
    all.filter_map(read).collect()
}

/// The plugins of stanch's name that settings switch on.
fn plugins(agent: Agent, folder: &Path) -> Vec<Plugin> {
    let Some(user) = agent.places().user_folder().filter(|_| agent.has_plugins()) else { return Vec::new() };
    let settings = read_all(agent, folder);
    let mut all = plugins::all(&user, settings.iter().map(|(path, value)| (path.as_path(), value)), folder);
    all.retain(Plugin::is_stanch);
    all
}

/// What a file says of hooks.
enum Settings {
    Json(Value),
    /// TOML, of which it is enough to know what it names.
    Toml(String),
}

impl Settings {
    fn read(path: &Path) -> Option<Self> {
        let Content::Whole(text) = plain::read(path) else { return None };
        if path.extension().is_some_and(|e| e == "toml") {
            return String::from_utf8(text).ok().map(Self::Toml);
        }
        serde_json::from_slice(&text).ok().map(Self::Json)
    }

    fn registers(&self, event: &str, hook: &str) -> bool {
        match self {
            Self::Json(settings) => runs(&settings["hooks"][event], hook),
            Self::Toml(text) => text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains(hook)),
        }
    }
}

/// Stanch's hooks by whether settings register them: those whose events the agent has.
fn partition(agent: Agent, settings: &[Settings]) -> (Vec<&'static str>, Vec<&'static str>) {
    let (there, missing): (Vec<_>, Vec<_>) = registration::of(agent)
        .iter()
        .map(|entry| (entry.event, entry.hook))
        .partition(|(event, hook)| settings.iter().any(|s| s.registers(event, hook)));
    let names = |hooks: Vec<(&'static str, &'static str)>| hooks.into_iter().map(|(_, hook)| hook).collect();
    (names(there), names(missing))
}

/// What the settings register, and what plugins do.
struct Registrations {
    settings: Vec<Settings>,
    plugins: Vec<(String, Settings)>,
}

impl Registrations {
    fn read(agent: Agent, folder: &Path) -> Self {
        let settings = files(agent, folder).iter().filter_map(|path| Settings::read(path)).collect();
        let registered = |plugin: Plugin| {
            let registration = plugin.registration().filter(|_| plugin.on)?;
            Some((plugin.id, Settings::Json(serde_json::from_str(&registration).ok()?)))
        };
        Self { settings, plugins: plugins(agent, folder).into_iter().filter_map(registered).collect() }
    }

    /// With the plugin that this executable is of: no settings name one that the command line has brought (`--plugin-dir`).
    fn and_own(mut self) -> Self {
        let root = || Some(std::env::current_exe().ok()?.parent()?.parent()?.to_owned());
        if self.plugins.is_empty()
            && let Some(root) = root()
        {
            let id = root.display().to_string();
            let own = Plugin { id: id.clone(), by: PathBuf::new(), on: true, root: Ok(root) };
            let registration = own.registration().and_then(|text| serde_json::from_str(&text).ok());
            self.plugins.extend(registration.map(|registration| (id, Settings::Json(registration))));
        }
        self
    }

    /// Those that anything registers, and those that nothing does.
    fn partition(self, agent: Agent) -> (Vec<&'static str>, Vec<&'static str>) {
        let all: Vec<Settings> =
            self.settings.into_iter().chain(self.plugins.into_iter().map(|(_, settings)| settings)).collect();
        partition(agent, &all)
    }

    fn prefixed(&self) -> bool {
        self.settings.iter().any(|file| matches!(file, Settings::Json(file) if file["env"][PREFIX].is_string()))
    }
}

/// Which of stanch's hooks are registered, and by whom: `registered: post-tool-use; NOT registered …: pre-tool-use`.
pub fn registered(agent: Agent, by: By, folder: &Path) -> String {
    let all = Registrations::read(agent, folder);
    let all = if by == By::Plugin { all.and_own() } else { all };
    let ids: Vec<&str> = all.plugins.iter().map(|(id, _)| id.as_str()).collect();
    let ids = ids.join(", ");
    let (by_settings, prefixed) = (partition(agent, &all.settings).0, all.prefixed());
    let (there, missing) = all.partition(agent);
    let mut said = match (there.is_empty(), missing.is_empty()) {
        (false, true) => "all hooks are registered".to_owned(),
        (false, false) => {
            format!(
                "registered: {}; NOT registered for everything by any settings file or plugin, or not there: {}",
                there.join(", "),
                missing.join(", ")
            )
        }
        (true, _) => "NONE of the hooks is registered by any settings file or plugin".to_owned(),
    };
    match (ids.is_empty(), by_settings.is_empty()) {
        (true, _) => {}
        (false, true) => said.push_str(&format!(", by the plugin {ids}")),
        (false, false) => said.push_str(&format!(
            ", by settings and by the plugin {ids}: the plugin's stand down where the settings' run"
        )),
    }
    if !ids.is_empty() && !prefixed {
        said.push_str(
            ". A plugin cannot set the shell prefix: commands that fail or run in the background, '!' and MCP servers are not \
             filtered (`stanch install`)",
        );
    }
    said
}

/// Whether an event's entries run the hook of that name, for whatever the event is about.
fn runs(entries: &Value, hook: &str) -> bool {
    let for_all = |entry: &&Value| matches!(entry["matcher"].as_str().unwrap_or_default(), "" | "*" | ".*");
    let commands =
        entries.as_array().into_iter().flatten().filter(for_all).flat_map(|e| e["hooks"].as_array()).flatten();
    commands.filter_map(|h| h["command"].as_str()).any(|command| {
        // A path with blanks, or a program and its arguments.
        let quoted = ['"', '\''].into_iter().find_map(|quote| command.strip_prefix(quote)?.split(quote).next());
        let word = quoted.unwrap_or_else(|| command.split_whitespace().next().unwrap_or_default());
        [command, word].iter().any(|program| {
            let program = Path::new(program);
            let is_there = !program.is_absolute() || program.exists();
            program.file_stem().is_some_and(|name| name == hook) && is_there
        })
    })
}

/// What the settings do against stanch, a line each.
pub fn warnings(agent: Agent, folder: &Path) -> Vec<String> {
    let own = user_files(agent).flat_map(|path| against(agent, &path, Whose::User));
    own.chain(repository_files(agent, folder).flat_map(|path| against(agent, &path, Whose::Repository))).collect()
}

/// What the settings that have changed since then do against stanch, a line each.
///
/// A change in the middle of a session that would switch hooks off is kept out by `config-change`, which the client gives no
/// way to say so.
pub fn changed_since(agent: Agent, folder: &Path, then: SystemTime) -> Vec<String> {
    let is_new = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).is_ok_and(|time| time > then);
    let own = user_files(agent).map(|path| (path, Whose::User));
    let theirs = repository_files(agent, folder).map(|path| (path, Whose::Repository));
    let new: Vec<(PathBuf, Whose)> = own.chain(theirs).filter(|(path, _)| is_new(path)).collect();
    let mut lines: Vec<String> = new.iter().flat_map(|(path, whose)| against(agent, path, *whose)).collect();
    if !lines.is_empty() {
        lines.insert(
            0,
            "A change of settings would have switched stanch off; it does not hold in this session:".to_owned(),
        );
    }
    let registered = || Registrations::read(agent, folder).partition(agent);
    let (there, missing) = if new.is_empty() { Default::default() } else { registered() };
    let by_user = new.iter().any(|(_, whose)| *whose == Whose::User);
    if by_user && there.is_empty() {
        lines.push("The settings have changed, and neither they nor a plugin has any of stanch's hooks.".to_owned());
    } else if !missing.is_empty() && !there.is_empty() {
        lines.push(format!(
            "The settings have changed, and neither they nor a plugin has these hooks of stanch: {}.",
            missing.join(", ")
        ));
    }
    lines
}

/// Who writes a settings file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Whoever wrote the repository.
    Repository,
    /// The user, or what acts in the user's place.
    User,
}

/// What a settings file does against stanch, a line each.
pub fn against(agent: Agent, path: &Path, whose: Whose) -> Vec<String> {
    // What is TOML switches all hooks off or none: if it does, nobody is here to say so.
    if path.extension().is_some_and(|e| e == "toml") {
        return Vec::new();
    }
    let named = path.display();
    let text = match plain::read(path) {
        Content::Whole(text) => text,
        Content::Missing => return Vec::new(),
        Content::Unread => {
            return vec![format!(
                "{named} cannot be read, is no plain file or is larger than {} MiB: what it switches cannot be told.",
                plain::LARGEST >> 20
            )];
        }
    };
    let Ok(settings) = serde_json::from_slice::<Value>(&text) else {
        return vec![format!("{named} is not JSON: what it switches cannot be told.")];
    };
    let mut lines = Vec::new();
    if settings["disableAllHooks"] == Value::Bool(true) {
        let otherwise = match agent {
            Agent::ClaudeCode => ", or start the client with --settings '{\"disableAllHooks\":false}'",
            Agent::Codex | Agent::Qwen => "",
        };
        lines.push(format!(
            "{named} sets disableAllHooks: {} switches all hooks off, stanch's too. Remove the line{otherwise}.",
            if whose == Whose::Repository { "this repository" } else { "it" }
        ));
    }
    if whose == Whose::Repository && agent.has_plugins() {
        lines.extend(against_plugin(&settings, agent).into_iter().map(|what| format!("{named} {what}")));
    }
    // The user's own prefix may be stanch's.
    if whose == Whose::Repository && !settings["env"][PREFIX].is_null() {
        lines.push(format!("{named} sets env.{PREFIX}: this repository wraps every command you run."));
    }
    for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
        if whose == Whose::Repository && !settings["env"][variable].is_null() {
            lines.push(format!(
                "{named} sets env.{variable}: this repository moves your configuration or stanch's log."
            ));
        }
    }
    lines
}

/// What a repository's settings do against a plugin of the user's.
fn against_plugin(settings: &Value, agent: Agent) -> Vec<String> {
    let user: Vec<Value> = user_files(agent)
        .filter_map(|path| match plain::read(&path) {
            Content::Whole(text) => serde_json::from_slice(&text).ok(),
            Content::Missing | Content::Unread => None,
        })
        .collect();
    let of_user = |group: &str, name: &str| user.iter().map(|file| &file[group][name]).find(|value| !value.is_null());
    let off = settings["enabledPlugins"].as_object().into_iter().flatten().filter(|(id, on)| {
        plugins::is_stanch(id) && **on == Value::Bool(false) && of_user("enabledPlugins", id).is_some()
    });
    let mut lines: Vec<String> = off
        .map(|(id, _)| {
            format!(
                "sets enabledPlugins.{id}: this repository switches your plugin off. Remove the line, or `stanch install`."
            )
        })
        .collect();
    let theirs = &settings["extraKnownMarketplaces"][plugins::NAME];
    if !theirs.is_null() && of_user("extraKnownMarketplaces", plugins::NAME).is_some_and(|ours| ours != theirs) {
        lines.push(format!(
            "sets extraKnownMarketplaces.{}: this repository puts another plugin in the place of yours. Remove the line, or \
             `stanch install`.",
            plugins::NAME
        ));
    }
    lines
}
