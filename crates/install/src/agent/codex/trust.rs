//! Whether a person has reviewed a hook: Codex keeps, in the user's `config.toml`, a hash of what was reviewed, under the
//! place where it stood (`[hooks.state."<file>:<event>:<entry>:<hook>"]`, `trusted_hash`). Read here, never written.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::config::Config;
use crate::verify::files::Origin;
use crate::verify::registered::Registered;

/// What a person has said of a hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trust {
    /// It runs: reviewed as it is, or the administrator's.
    Given,
    /// Nobody has reviewed it.
    Never,
    /// It was reviewed as something else.
    Changed,
    /// A person has switched it off.
    Off,
}

impl Trust {
    pub(super) fn of(config: &Config<'_>, hook: &Registered<'_>) -> Self {
        if hook.file.origin == Origin::Managed {
            return Self::Given;
        }
        let Some(state) = keys(hook).into_iter().find_map(|key| config.state(&key)) else { return Self::Never };
        match (&state["enabled"], &state["trusted_hash"]) {
            (Value::Bool(false), _) => Self::Off,
            (_, Value::String(trusted)) if *trusted == hash(hook) => Self::Given,
            (_, Value::String(_)) => Self::Changed,
            _ => Self::Never,
        }
    }
}

/// Where it stands, in Codex's words: the folder that `CODEX_HOME` names without links, that of the home as it is.
fn keys(hook: &Registered<'_>) -> Vec<String> {
    let (path, (entry, number)) = (&hook.file.path, hook.number);
    let without_links = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    let named = |path: &std::path::Path| format!("{}:{}:{entry}:{number}", path.display(), label(hook.event));
    let mut keys = vec![named(path)];
    keys.extend(without_links().map(|path| named(&path)));
    keys
}

/// `PreToolUse` as `pre_tool_use`.
fn label(event: &str) -> String {
    let mut label = String::with_capacity(event.len() + 4);
    for c in event.chars() {
        if c.is_ascii_uppercase() && !label.is_empty() {
            label.push('_');
        }
        label.push(c.to_ascii_lowercase());
    }
    label
}

/// What is reviewed, each field in the order of its name.
#[derive(Serialize)]
struct Reviewed<'r> {
    event_name: String,
    hooks: [Command<'r>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    matcher: Option<&'r str>,
}

#[derive(Serialize)]
struct Command<'r> {
    #[serde(rename = "additionalContextLimit", skip_serializing_if = "Option::is_none")]
    context: Option<u64>,
    r#async: bool,
    command: &'r str,
    #[serde(rename = "statusMessage", skip_serializing_if = "Option::is_none")]
    status: Option<&'r str>,
    timeout: u64,
    r#type: &'static str,
}

/// The hash of what would be reviewed now.
fn hash(hook: &Registered<'_>) -> String {
    let definition = hook.definition;
    let reviewed = Reviewed {
        event_name: label(hook.event),
        hooks: [Command {
            context: definition["additionalContextLimit"].as_u64(),
            r#async: definition["async"].as_bool().unwrap_or_default(),
            command: hook.command,
            status: definition["statusMessage"].as_str(),
            timeout: definition["timeout"].as_u64().unwrap_or(600).max(1),
            r#type: "command",
        }],
        // Of a prompt's hooks it does not look at the matcher.
        matcher: hook.matcher.filter(|_| hook.event != "UserPromptSubmit"),
    };
    let text = serde_json::to_string(&reviewed).unwrap_or_default();
    let digest: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digest}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::agent;
    use crate::verify::files::Files;

    /// The hashes are those that Codex 0.169.0 itself gives (`hooks/list`).
    const FILE: &str = r#"{ "hooks": {
      "PreToolUse": [
        { "hooks": [{ "type": "command", "command": "/home/you/.local/lib/stanch/bin/pre-tool-use --agent codex", "timeout": 20 }] },
        { "matcher": "Bash", "hooks": [{ "type": "command", "command": "echo hi", "statusMessage": "x", "foo": 3 }] }],
      "UserPromptSubmit": [{ "matcher": "x", "hooks": [{ "type": "command", "command": "a", "timeout": 5, "args": ["x"] }] }],
      "SessionStart": [{ "matcher": "", "hooks": [{ "type": "command", "command": "a", "timeout": 5, "additionalContextLimit": 4 }] }]
    } }"#;
    const HASHES: [&str; 4] = [
        "sha256:3fed1b0567a9139d0677a7b6f32eea9b32f77ea2f82df70e90487ecf6961600c",
        "sha256:80dfc5d3762c2fbf7c32a4db40c840d7ab2346a3c73e22c0c82032f599111709",
        "sha256:59766cc67fba2f4a3de89d77c4b06f937a49ad79887130f4b23c86acf73db72b",
        "sha256:06227ef882e33c325d6df4a46166c446af87d6e6619380eec203efe3fb7d0793",
    ];

    fn trusts(state: &dyn Fn(&Path) -> String) -> Vec<Trust> {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("hooks.json");
        std::fs::write(&path, FILE).expect("written");
        std::fs::write(home.path().join("config.toml"), state(&path)).expect("written");
        let mut files = Files::of(agent::of(hooks::Agent::Codex), home.path(), [], &super::super::json);
        files.add(path, Origin::User, &super::super::json);
        files.add(home.path().join("config.toml"), Origin::User, &super::super::toml);
        assert!(files.broken.is_empty());
        let mut all = Registered::all(&files);
        all.sort_by_key(|hook| (hook.event == "SessionStart", hook.event == "UserPromptSubmit", hook.number));
        all.iter().map(|hook| Trust::of(&Config::of(&files), hook)).collect()
    }

    fn state(path: &Path, event: &str, said: &str) -> String {
        format!("[hooks.state.'{}:{event}']\n{said}\n", path.display())
    }

    #[test]
    fn a_hook_is_trusted_by_the_hash_that_codex_gives_it() {
        let all = |path: &Path| {
            let places = ["pre_tool_use:0:0", "pre_tool_use:1:0", "user_prompt_submit:0:0", "session_start:0:0"];
            let each = places.iter().zip(HASHES);
            each.map(|(event, hash)| state(path, event, &format!("trusted_hash = '{hash}'"))).collect::<String>()
        };
        assert_eq!(trusts(&all), [Trust::Given; 4]);
        assert_eq!(trusts(&|_| String::new()), [Trust::Never; 4]);
        // What stood at another place, or was something else, counts for nothing.
        let moved = |path: &Path| all(path).replace("pre_tool_use:0:0", "pre_tool_use:7:0");
        assert_eq!(trusts(&moved), [Trust::Never, Trust::Given, Trust::Given, Trust::Given]);
        let other = |path: &Path| all(path).replace(HASHES[1], HASHES[0]);
        assert_eq!(trusts(&other), [Trust::Given, Trust::Changed, Trust::Given, Trust::Given]);
        let off =
            |path: &Path| state(path, "pre_tool_use:0:0", &format!("trusted_hash = '{}'\nenabled = false", HASHES[0]));
        assert_eq!(trusts(&off)[0], Trust::Off);
    }
}
