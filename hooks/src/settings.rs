//! The client's settings: which hooks are registered, and whether the repository switches them off.

use std::path::{Path, PathBuf};

use serde_json::Value;

use config::plain::{self, Content};

/// Where the user's own settings lie.
pub fn user_folder() -> Option<PathBuf> {
    std::env::var_os("CLAUDE_CONFIG_DIR").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".claude")))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = user_folder().map(|config| config.join("settings.json")).into_iter().collect();
    files.extend(repository_files(folder));
    files.push(PathBuf::from("/etc/claude-code/managed-settings.json"));
    files
}

fn repository_files(folder: &Path) -> [PathBuf; 2] {
    ["settings.json", "settings.local.json"].map(|name| folder.join(".claude").join(name))
}

fn read(path: &Path) -> Option<Value> {
    match plain::read(path) {
        Content::Whole(text) => serde_json::from_slice(&text).ok(),
        Content::Missing | Content::Unread => None,
    }
}

/// Which of stanch's hooks the settings register: `registered: post-tool-use; not registered: pre-tool-use`.
pub fn registered(folder: &Path) -> String {
    let settings: Vec<Value> = files(folder).iter().filter_map(|path| read(path)).collect();
    let (there, missing): (Vec<_>, Vec<_>) = [("PreToolUse", "pre-tool-use"), ("PostToolUse", "post-tool-use")]
        .into_iter()
        .partition(|(event, hook)| settings.iter().any(|s| runs(&s["hooks"][event], hook)));
    let names = |hooks: Vec<(&str, &'static str)>| hooks.iter().map(|(_, hook)| *hook).collect::<Vec<_>>().join(", ");
    match (there.is_empty(), missing.is_empty()) {
        (false, true) => format!("registered: {}", names(there)),
        (false, false) => {
            format!("registered: {}; NOT registered in any settings file: {}", names(there), names(missing))
        }
        (true, _) => format!("NOT registered in any settings file (a plugin may): {}", names(missing)),
    }
}

/// Whether an event's entries run the hook of that name.
fn runs(entries: &Value, hook: &str) -> bool {
    let commands = entries.as_array().into_iter().flatten().flat_map(|e| e["hooks"].as_array()).flatten();
    commands.filter_map(|h| h["command"].as_str()).any(|command| {
        let program = command.split_whitespace().next().unwrap_or_default().trim_matches(['"', '\'']);
        Path::new(program).file_stem().is_some_and(|name| name == hook) || command.trim_end().ends_with(hook)
    })
}

/// What the repository's own settings do against stanch, a line each.
pub fn warnings(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for path in repository_files(folder) {
        let named = path.display();
        let text = match plain::read(&path) {
            Content::Whole(text) => text,
            Content::Missing => continue,
            Content::Unread => {
                lines.push(format!(
                    "{named} cannot be read, is no plain file or is larger than {} MiB: what it switches cannot be told.",
                    plain::LARGEST >> 20
                ));
                continue;
            }
        };
        let Ok(settings) = serde_json::from_slice::<Value>(&text) else {
            lines.push(format!("{named} is not JSON: what it switches cannot be told."));
            continue;
        };
        if settings["disableAllHooks"] == Value::Bool(true) {
            lines.push(format!(
                "{named} sets disableAllHooks: this repository switches all hooks off, stanch's too. Remove the line, or \
                 start the client with --settings '{{\"disableAllHooks\":false}}'."
            ));
        }
        if !settings["env"]["CLAUDE_CODE_SHELL_PREFIX"].is_null() {
            lines.push(format!(
                "{named} sets env.CLAUDE_CODE_SHELL_PREFIX: this repository wraps every command you run."
            ));
        }
    }
    lines
}
