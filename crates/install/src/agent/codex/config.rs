//! What Codex's own configuration says of hooks: whether any run, whose, and in which project.

use std::path::Path;

use serde_json::Value;

use crate::verify::Trouble;
use crate::verify::files::{File, Files, Origin};

/// What an administrator's hooks are still open to.
pub(super) const NOT_HELD: &str = "a user, or a repository that is trusted, can still switch hooks off ([features] hooks = \
    false). Put `[features]` and `hooks = true` into /etc/codex/requirements.toml, and they cannot";

/// The files, as Codex puts them together.
pub(super) struct Config<'f> {
    files: &'f Files,
}

impl<'f> Config<'f> {
    pub(super) fn of(files: &'f Files) -> Self {
        Self { files }
    }

    fn files(&self, origin: Origin, name: &str) -> impl Iterator<Item = &'f File> {
        self.files.files.iter().filter(move |file| file.origin == origin && file.path.ends_with(name))
    }

    fn requirements(&self) -> Option<&'f File> {
        self.files(Origin::Managed, "requirements.toml").next()
    }

    /// Whether nobody but the administrator can switch hooks off.
    pub(super) fn is_held(&self) -> bool {
        self.requirements().is_some_and(|file| switch(&file.settings) == Some(true))
    }

    /// The file that switches hooks off, if they are off. The administrator's requirements win; then the innermost folder.
    pub(super) fn switching_off(&self) -> Option<&'f File> {
        let project = self.files(Origin::Project, "config.toml").filter(|_| self.trusts_project());
        let rest = self.files(Origin::User, "config.toml").chain(self.files(Origin::Managed, "config.toml"));
        let (file, on) = self
            .requirements()
            .into_iter()
            .chain(project)
            .chain(rest)
            .find_map(|file| Some((file, switch(&file.settings)?)))?;
        (!on).then_some(file)
    }

    /// Why no hook of a file runs, if none does.
    pub(super) fn silenced(&self, file: &File) -> Option<Trouble> {
        if let Some(by) = self.switching_off() {
            let why = format!("{} switches all hooks off ([features] hooks = false)", by.line("hooks"));
            return Some(Trouble::new(why, against(by.origin)));
        }
        let only = self.requirements().filter(|by| by.settings["allow_managed_hooks_only"] == true);
        if let Some(by) = only.filter(|_| file.origin != Origin::Managed) {
            let why = format!("{} lets no other hooks run (allow_managed_hooks_only)", by.path.display());
            return Some(Trouble::new(why, "sudo stanch install --agent codex --managed"));
        }
        (file.origin == Origin::Project && !self.trusts_project()).then(|| {
            let why = format!("{}: Codex reads nothing of a project that you do not trust", file.path.display());
            Trouble::new(why, "stanch install --agent codex")
        })
    }

    /// What a person has said of single hooks. Nobody's file but the user's own counts.
    pub(super) fn state(&self, key: &str) -> Option<&'f Value> {
        let state = self.files(Origin::User, "config.toml").next()?.settings.get("hooks")?.get("state")?;
        state.get(key)
    }

    fn trusts_project(&self) -> bool {
        let folder = &self.files.folder;
        let project = config::places::project(folder);
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let named = [folder.clone(), real(folder), project.clone(), real(&project)];
        let user = self.files(Origin::User, "config.toml").next();
        let projects = user.and_then(|file| file.settings["projects"].as_object());
        let mut trusted = projects.into_iter().flatten().filter(|(_, said)| said["trust_level"] == "trusted");
        trusted.any(|(path, _)| named.iter().any(|name| name == Path::new(path)))
    }
}

/// Whether a file switches hooks on or off. The second name is the older one.
pub(super) fn switch(config: &Value) -> Option<bool> {
    let features = &config["features"];
    features["hooks"].as_bool().or_else(|| features["codex_hooks"].as_bool())
}

fn against(origin: Origin) -> &'static str {
    match origin {
        Origin::Managed => "the administrator has to take that line out",
        Origin::User => "take that line out",
        Origin::Project | Origin::Local | Origin::Plugin => {
            "take that line out, or do not trust the project; an administrator can hold hooks on for everybody ([features] \
             hooks = true in /etc/codex/requirements.toml)"
        }
    }
}
