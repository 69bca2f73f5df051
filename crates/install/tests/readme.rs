//! What README.md and docs/agents.md show is what `stanch install` writes.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

use install::Settings;
use install::registration::{CLAUDE_CODE, CODEX, QWEN};
use serde_json::Value;

/// The JSON of the settings in README.md.
fn shown() -> Value {
    let readme = include_str!("../../../README.md");
    let blocks = readme.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let settings = blocks.filter_map(|block| serde_json::from_str::<Value>(block).ok());
    let [one] = &settings.filter(|settings| settings["hooks"].is_object()).collect::<Vec<_>>()[..] else {
        panic!("README.md has no settings with hooks, or has them twice");
    };
    one.clone()
}

#[test]
fn the_settings_in_the_readme_are_those_that_are_installed() {
    let settings = Settings::parse("").unwrap();
    settings.add(CLAUDE_CODE, Path::new("/home/you/.local/lib/stanch/bin")).unwrap();
    let installed: Value = serde_json::from_str(&settings.text()).unwrap();
    let shown = shown();
    assert_eq!(shown["hooks"], installed["hooks"]);
    for (name, value) in shown["env"].as_object().into_iter().flatten() {
        assert_eq!(*value, installed["env"][name], "{name}");
    }
}

#[test]
fn the_settings_in_the_docs_of_agents_are_those_that_are_installed() {
    let docs = include_str!("../../../docs/agents.md");
    let blocks = docs.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let shown: Vec<Value> = blocks.map(|block| serde_json::from_str(block).unwrap()).collect();
    let installed = [CODEX, QWEN].map(|entries| {
        let settings = Settings::parse("").unwrap();
        settings.add_hooks(entries, Path::new("/home/you/.local/lib/stanch/bin")).unwrap();
        serde_json::from_str::<Value>(&settings.text()).unwrap()
    });
    assert_eq!(shown, installed);
}
