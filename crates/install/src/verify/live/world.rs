//! The folder of one session: settings, a project, and all that the client writes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};

use super::settings::Settings;
use crate::verify::files::Origin;

/// Where the client keeps what is the user's otherwise, and where `stanch` keeps its log.
const PARTS: [(&str, &str); 6] = [
    ("CLAUDE_CONFIG_DIR", "config"),
    ("XDG_STATE_HOME", "state"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_DATA_HOME", "data"),
    ("TMPDIR", "tmp"),
    ("CLAUDE_CODE_TMPDIR", "tmp"),
];

const GIT: &str = "config/gitconfig";

/// One session's own folder.
pub struct World {
    root: PathBuf,
    planted: Vec<PathBuf>,
    /// The folders of plugins.
    pub plugins: Vec<PathBuf>,
}

impl World {
    /// Makes it, below a folder that is its owner's alone.
    ///
    /// # Errors
    /// Something cannot be written.
    pub fn new(private: &Path, name: &str, settings: &Settings) -> anyhow::Result<Self> {
        let mut world = Self { root: private.join(name), planted: Vec::new(), plugins: Vec::new() };
        let parts = PARTS.iter().map(|(_, part)| *part).chain(["project/.claude", "aside"]);
        for part in parts {
            let folder = world.root.join(part);
            fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        }
        // What a person who has used the client before has on disk.
        let known = json!({
            "hasCompletedOnboarding": true,
            "numStartups": 5,
            "projects": { world.project().to_string_lossy(): { "hasTrustDialogAccepted": true } },
        });
        world.write("config/.claude.json", &known)?;
        // The client adds settings.local.json to what the user's git ignores everywhere.
        let git = format!("[core]\n\texcludesfile = \"{}\"\n", world.root.join("config/gitignore").display());
        fs::write(world.root.join(GIT), git).context("writing git's settings")?;
        for (origin, value) in &settings.files {
            world.settings(*origin, value)?;
        }
        for hooks in &settings.plugins {
            world.plugin(hooks)?;
        }
        Ok(world)
    }

    /// Makes a plugin of nothing but these hooks.
    fn plugin(&mut self, hooks: &Value) -> anyhow::Result<()> {
        let name = format!("plugin-{}", self.plugins.len());
        let folder = self.aside(&name);
        for part in [".claude-plugin", "hooks"].map(|part| folder.join(part)) {
            fs::create_dir_all(&part).with_context(|| format!("making {}", part.display()))?;
        }
        self.write(&format!("aside/{name}/.claude-plugin/plugin.json"), &json!({ "name": name, "version": "0.0.0" }))?;
        self.write(&format!("aside/{name}/hooks/hooks.json"), hooks)?;
        self.plugins.push(folder);
        Ok(())
    }

    /// Puts another settings file in place.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn settings(&self, origin: Origin, value: &Value) -> anyhow::Result<()> {
        let file = match origin {
            Origin::User => "config/settings.json",
            Origin::Local => "project/.claude/settings.local.json",
            Origin::Project => "project/.claude/settings.json",
            Origin::Managed | Origin::Plugin => return Ok(()),
        };
        self.write(file, value)
    }

    /// Puts a link to the folder in which a repository keeps its hooks where they are looked for.
    ///
    /// # Errors
    /// It cannot be made.
    #[cfg(unix)]
    pub fn bring_along(&self, folder: &Path) -> anyhow::Result<()> {
        let hooks = folder.join(".claude/hooks");
        if hooks.is_dir() {
            let link = self.project().join(".claude/hooks");
            std::os::unix::fs::symlink(&hooks, &link).with_context(|| format!("linking {}", link.display()))?;
        }
        Ok(())
    }

    /// Links need a right of their own here: such hooks are not found, and the client says so.
    #[cfg(not(unix))]
    pub fn bring_along(&self, _folder: &Path) -> anyhow::Result<()> {
        Ok(())
    }

    fn write(&self, name: &str, value: &Value) -> anyhow::Result<()> {
        let file = self.root.join(name);
        fs::write(&file, value.to_string()).with_context(|| format!("writing {}", file.display()))
    }

    /// Plants a file in the project, and gives its path. It holds a probe by intention: it is not among what is left.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn plant(&mut self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let file = self.project().join(name);
        fs::create_dir_all(file.parent().unwrap_or(&self.root))
            .and_then(|()| fs::write(&file, text))
            .with_context(|| format!("writing {}", file.display()))?;
        self.planted.push(file.clone());
        Ok(file)
    }

    /// The session's folder.
    pub fn project(&self) -> PathBuf {
        self.root.join("project")
    }

    /// Where commands and the client put what is for a moment.
    pub fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// A file that the client is not told of, and that is not among what is left.
    pub fn aside(&self, name: &str) -> PathBuf {
        self.root.join("aside").join(name)
    }

    /// What the client prints.
    pub fn printed(&self, stream: &str) -> PathBuf {
        self.root.join(stream)
    }

    /// The variables that lead everything here.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, PathBuf)> {
        PARTS.iter().chain(&[("GIT_CONFIG_GLOBAL", GIT)]).map(|(name, part)| (*name, self.root.join(part)))
    }

    /// The files that the session left, by their names below its folder; an unreadable one is none.
    pub fn left(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut left = Vec::new();
        self.collect(&self.root, &mut left);
        left
    }

    fn collect(&self, folder: &Path, left: &mut Vec<(PathBuf, Vec<u8>)>) {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let Ok(kind) = fs::symlink_metadata(&path).map(|data| data.file_type()) else { continue };
            let name = path.strip_prefix(&self.root).unwrap_or(&path).to_owned();
            if kind.is_dir() && name != Path::new("aside") {
                self.collect(&path, left);
            } else if kind.is_file() && !self.planted.contains(&path) {
                left.extend(fs::read(&path).ok().map(|bytes| (name, bytes)));
            }
        }
    }
}
