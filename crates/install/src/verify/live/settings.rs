//! The settings that hold here, as the client is given them in a folder of its own: stanch's hooks and the prefix as they
//! stand there, and nothing that is for somebody else's code to run.

use hooks::Agent;
use serde_json::{Map, Value, json};

use super::walls;
use crate::agent;
use crate::registration::{LIMITS, PREFIX};
use crate::verify::files::{File, Files, Origin};
use crate::verify::process;
use crate::verify::registered::{Registered, fits};

/// A prefix that does nothing, in the place of one that is not stanch's.
pub const PASSING: &str = "/bin/bash -c";

/// A hook that is not stanch's, or that a repository has brought along.
pub struct Other {
    /// Its event.
    pub event: String,
    matcher: String,
    /// Where it stands.
    pub place: String,
}

impl Other {
    /// Whether what it answers may take the place of what this hook of stanch answers for a call of this tool.
    pub fn overrides(&self, hook: &str, tool: &str) -> bool {
        let beside =
            matches!((hook, self.event.as_str()), ("pre-tool-use", "PreToolUse") | ("post-tool-use", "PostToolUse"));
        beside && fits(agent::of(Agent::ClaudeCode), &self.matcher, tool)
    }
}

/// The settings of one session.
pub struct Settings {
    /// What the client reads, file by file.
    pub files: Vec<(Origin, Value)>,
    /// The hooks of each plugin, as it registers them.
    pub plugins: Vec<Value>,
    /// The hooks of others.
    pub others: Vec<Other>,
    /// The prefixes of others, and where they stand.
    pub prefixes: Vec<String>,
}

impl Settings {
    /// Those of a folder; `all`: the hooks and prefixes of others, too.
    pub fn of(files: &Files, all: bool) -> Self {
        let mut derived = Self { files: Vec::new(), plugins: Vec::new(), others: Vec::new(), prefixes: Vec::new() };
        let registered = Registered::all(files);
        let ours: Vec<&Registered<'_>> =
            registered.iter().filter(|one| one.hook().is_some() && one.is_trusted(&files.folder)).collect();
        // The administrator's file the client reads by itself, wherever it runs.
        for file in files.files.iter().filter(|file| file.origin != Origin::Managed) {
            let hooks = derived.hooks(&ours, file, all);
            if file.origin == Origin::Plugin {
                let any = hooks.as_object().is_some_and(|hooks| !hooks.is_empty());
                derived.plugins.extend(any.then(|| json!({ "hooks": hooks })));
                continue;
            }
            let environment = derived.environment(files, file, all);
            let mut settings = json!({ "hooks": hooks, "env": environment });
            for switch in ["disableAllHooks", "includeGitInstructions"] {
                if let Some(value) = file.settings.get(switch) {
                    settings[switch] = value.clone();
                }
            }
            derived.files.push((file.origin, settings));
        }
        derived
    }

    fn hooks(&mut self, ours: &[&Registered<'_>], file: &File, all: bool) -> Value {
        let mut kept = Map::new();
        for (event, entries) in file.settings["hooks"].as_object().into_iter().flatten() {
            let mut of_event = Vec::new();
            for entry in entries.as_array().into_iter().flatten() {
                let hooks = entry["hooks"].as_array().into_iter().flatten();
                let hooks: Vec<Value> = hooks
                    .filter(|hook| {
                        let ours = ours.iter().any(|one| std::ptr::eq(one.definition, *hook));
                        if !ours {
                            self.others.push(Other::of(file, event, entry, hook));
                        }
                        ours || all
                    })
                    .cloned()
                    .collect();
                if !hooks.is_empty() {
                    let mut entry = entry.clone();
                    entry["hooks"] = hooks.into();
                    of_event.push(entry);
                }
            }
            if !of_event.is_empty() {
                kept.insert(event.clone(), of_event.into());
            }
        }
        kept.into()
    }

    fn environment(&mut self, files: &Files, file: &File, all: bool) -> Value {
        let known = |name: &str| name == PREFIX || LIMITS.iter().any(|(limit, _)| *limit == name);
        let mut kept = Map::new();
        for (name, value) in file.settings["env"].as_object().into_iter().flatten() {
            // What a repository sets could make a shell run something.
            if walls::leads_out(name) || (file.origin.is_repository() && !known(name)) {
                continue;
            }
            let mut value = value.clone();
            if name == PREFIX {
                let prefix = value.as_str().unwrap_or_default();
                let ours = crate::registration::is_prefix(prefix);
                if !ours || !process::is_trusted_prefix(files, file.origin, prefix) {
                    self.prefixes.push(file.line(PREFIX));
                    value = if all { value } else { PASSING.into() };
                }
            }
            kept.insert(name.clone(), value);
        }
        kept.into()
    }
}

impl Other {
    fn of(file: &File, event: &str, entry: &Value, hook: &Value) -> Self {
        let what = hook.get("command").or(hook.get("url")).or(hook.get("prompt")).unwrap_or(&hook["type"]);
        Self {
            event: event.to_owned(),
            matcher: entry["matcher"].as_str().unwrap_or_default().to_owned(),
            place: file.line(&what.to_string()),
        }
    }
}

/// Whether hooks are registered that are not stanch's.
pub fn has_other_hooks(settings: &Value) -> bool {
    let entries = settings["hooks"].as_object().into_iter().flatten().flat_map(|(_, entries)| entries.as_array());
    let hooks = entries.flatten().flat_map(|entry| entry["hooks"].as_array()).flatten();
    let names = crate::registration::CLAUDE_CODE.iter().map(|entry| entry.hook).collect::<Vec<_>>();
    hooks.into_iter().any(|hook| {
        let command = hook["command"].as_str().unwrap_or_default();
        !names.iter().any(|name| crate::registration::is_hook(command, name))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn derived(project: &Value, user: &Value, all: bool) -> Settings {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("app/.claude")).expect("a folder");
        std::fs::write(folder.path().join("app/.claude/settings.json"), project.to_string()).expect("a file");
        std::fs::write(folder.path().join("user.json"), user.to_string()).expect("a file");
        let (user, app) = (folder.path().join("user.json"), folder.path().join("app"));
        Settings::of(&Files::read(Path::new("/nonexistent"), &user, &app), all)
    }

    fn entry(command: &str) -> Value {
        json!({ "matcher": "Bash", "hooks": [{ "type": "command", "command": command, "args": [], "timeout": 15 }] })
    }

    #[test]
    fn stanchs_hooks_stand_as_they_are_and_those_of_others_are_named() {
        let user = json!({ "hooks": { "PreToolUse": [entry("/x/pre-tool-use"), entry("rtk")] }, "model": "opus" });
        let settings = derived(&json!({ "disableAllHooks": true }), &user, false);
        let [(_, project), (_, mine)] = &settings.files[..] else { panic!("{} files", settings.files.len()) };
        assert_eq!(project["disableAllHooks"], true);
        assert_eq!(mine["hooks"], json!({ "PreToolUse": [entry("/x/pre-tool-use")] }));
        assert!(mine.get("model").is_none());
        let [other] = &settings.others[..] else { panic!("{} others", settings.others.len()) };
        assert!(other.overrides("pre-tool-use", "Bash"));
        assert!(!other.overrides("pre-tool-use", "Read") && !other.overrides("stanch-shell", "Bash"));
        assert_eq!(derived(&json!({}), &user, true).files[1].1["hooks"], user["hooks"]);
    }

    #[test]
    fn of_a_plugin_stanchs_hooks_stand_as_they_are_where_it_lies() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str, value: &Value| {
            std::fs::create_dir_all(at(name).parent().expect("a folder")).expect("made");
            std::fs::write(at(name), value.to_string()).expect("written");
        };
        let hooks = |command: &str| json!({ "hooks": { "PreToolUse": [entry(command)] } });
        let mut both = hooks("${CLAUDE_PLUGIN_ROOT}/pre-tool-use");
        both["hooks"]["PostToolUse"] = json!([entry("rtk")]);
        write("market/stanch/hooks/hooks.json", &both);
        let listed = json!({ "plugins": [{ "name": "stanch", "source": "./stanch" }] });
        write("market/.claude-plugin/marketplace.json", &listed);
        let source = json!({ "source": "directory", "path": at("market") });
        write("plugins/known_marketplaces.json", &json!({ "m": { "source": source } }));
        write("user.json", &json!({ "enabledPlugins": { "stanch@m": true } }));
        let settings = Settings::of(&Files::read(Path::new("/nonexistent"), &at("user.json"), &at("app")), false);
        let there = at("market/stanch/pre-tool-use").display().to_string();
        assert_eq!(settings.plugins, [hooks(&there)]);
        assert_eq!((settings.files.len(), settings.others.len()), (1, 1));
    }

    #[test]
    fn what_a_repository_would_run_is_not_run() {
        let project = json!({
            "hooks": { "PostToolUse": [entry("./post-tool-use")], "Stop": [{ "hooks": [{ "type": "prompt", "prompt": "x" }] }] },
            "env": { PREFIX: "./evil", "BASH_ENV": "./evil", "MAX_MCP_OUTPUT_TOKENS": "1" },
        });
        let user =
            json!({ "env": { PREFIX: "/x/stanch-shell", "ANTHROPIC_BASE_URL": "https://example.com", "A": "b" } });
        let settings = derived(&project, &user, false);
        assert_eq!(settings.files[0].1["hooks"], json!({}));
        assert_eq!(settings.files[0].1["env"], json!({ PREFIX: PASSING, "MAX_MCP_OUTPUT_TOKENS": "1" }));
        assert_eq!(settings.files[1].1["env"], json!({ PREFIX: "/x/stanch-shell", "A": "b" }));
        assert_eq!((settings.others.len(), settings.prefixes.len()), (2, 1));
    }
}
