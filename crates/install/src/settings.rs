//! An agent's settings file, edited without touching anything else in it.

use std::path::Path;

use anyhow::{Context, bail};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};
use jsonc_parser::json;

use crate::registration::{self, Entry, LIMITS, PREFIX, THEN, TIMEOUT};
use crate::{agent, command_line};

/// Settings as they stand in a file.
pub struct Settings {
    root: CstRootNode,
    top: CstObject,
}

impl Settings {
    /// Reads the text of a settings file; an empty one has no settings.
    ///
    /// # Errors
    /// It is not JSON, or no object. The message names line and column.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        if !text.trim().is_empty() {
            // The agent reads JSON and nothing more. The parser's message quotes the text.
            serde_json::from_str::<serde::de::IgnoredAny>(text)
                .map_err(|e| anyhow::anyhow!("line {}, column {}: not JSON", e.line(), e.column()))?;
        }
        let root = CstRootNode::parse(text, &ParseOptions::default()).map_err(|_| anyhow::anyhow!("not JSON"))?;
        let top = root.object_value_or_create().context("the settings are no JSON object")?;
        Ok(Self { root, top })
    }

    /// The text.
    pub fn text(&self) -> String {
        self.root.to_string()
    }

    /// Adds what is missing and mends what differs: every hook once, from `bin`; the prefix; the limits. Says what else the
    /// user has that matters.
    pub fn add(&self, entries: &[Entry], bin: &Path) -> anyhow::Result<Vec<String>> {
        let mut notes = self.add_hooks(entries, bin)?;
        // Behind the user's own hooks, before what is wrong.
        let at = notes.iter().take_while(|note| note.starts_with("kept: ")).count();
        let prefix = self.add_prefix(bin)?;
        notes.splice(at..at, prefix);
        Ok(notes)
    }

    /// Every hook once, from `bin`.
    pub fn add_hooks(&self, entries: &[Entry], bin: &Path) -> anyhow::Result<Vec<String>> {
        let mut notes = Vec::new();
        let hooks = self.top.object_value_or_create("hooks").context("'hooks' is no object")?;
        for entry in entries {
            let list = hooks
                .array_value_or_create(entry.event)
                .with_context(|| format!("'hooks.{}' is no list", entry.event))?;
            let others = foreign(&list, entry.hook);
            notes.extend(others.iter().map(|command| format!("kept: {} runs {command}", entry.event)));
            let ours: Vec<CstNode> = list.elements().into_iter().filter(|node| is_ours(node, entry.hook)).collect();
            if let [one] = &ours[..]
                && one.to_serde_value() == Some(value(entry, bin))
            {
                continue;
            }
            let at = ours.first().and_then(CstNode::element_index);
            ours.into_iter().for_each(CstNode::remove);
            match at {
                Some(at) => list.insert(at, element(entry, &bin.join(entry.hook), &[])),
                None => list.append(element(entry, &bin.join(entry.hook), &[])),
            };
        }
        if self
            .top
            .get("disableAllHooks")
            .is_some_and(|p| p.value().and_then(|v| v.to_serde_value()) == Some(true.into()))
        {
            notes
                .push("these settings have \"disableAllHooks\": true: no hook runs until that line is gone".to_owned());
        }
        Ok(notes)
    }

    /// The prefix and the limits.
    fn add_prefix(&self, bin: &Path) -> anyhow::Result<Option<String>> {
        let env = self.top.object_value_or_create("env").context("'env' is no object")?;
        if let Some(theirs) = string(&env, PREFIX).filter(|prefix| !registration::is_prefix(prefix)) {
            set(&env, THEN, &theirs);
        }
        let kept =
            string(&env, THEN).map(|theirs| format!("kept: the shell prefix '{theirs}' runs behind stanch-shell"));
        set(&env, PREFIX, &registration::prefix(bin));
        for (name, value) in LIMITS {
            if env.get(name).is_none() {
                set(&env, name, value);
            }
        }
        Ok(kept)
    }

    /// The commands of others that stand behind stanch's: without these they move up.
    pub fn behind(&self, entries: &[Entry]) -> Vec<String> {
        let hooks = self.top.object_value("hooks");
        let of = |entry: &Entry| {
            let list = hooks.as_ref().and_then(|hooks| hooks.array_value(entry.event));
            let all = list.iter().flat_map(CstArray::elements).collect::<Vec<_>>();
            let behind = all.iter().position(|node| is_ours(node, entry.hook)).map_or(&[][..], |at| &all[at..]);
            behind.iter().filter(|node| !is_ours(node, entry.hook)).flat_map(commands).collect::<Vec<_>>()
        };
        entries.iter().flat_map(of).collect()
    }

    /// Adds rules that deny reading files that are nothing but secrets.
    pub fn deny(&self, rules: &[&str]) -> anyhow::Result<()> {
        let permissions = self.top.object_value_or_create("permissions").context("'permissions' is no object")?;
        let deny = permissions.array_value_or_create("deny").context("'permissions.deny' is no list")?;
        for rule in rules {
            let there = deny.elements().iter().any(|node| text(node).as_deref() == Some(rule));
            if !there {
                deny.append(json!(*rule));
            }
        }
        Ok(())
    }

    /// Takes away stanch's entries and nothing else; `rules` are those that were added to the denied ones.
    pub fn remove(&self, entries: &[Entry], rules: &[String]) -> anyhow::Result<()> {
        if let Some(hooks) = self.top.object_value("hooks") {
            for entry in entries {
                let Some(list) = hooks.array_value(entry.event) else { continue };
                list.elements().into_iter().filter(|node| is_ours(node, entry.hook)).for_each(CstNode::remove);
                drop_empty_list(&hooks, entry.event);
            }
        }
        drop_empty(&self.top, "hooks");
        if let Some(env) = self.top.object_value("env") {
            if string(&env, PREFIX).is_some_and(|prefix| registration::is_prefix(&prefix)) {
                match string(&env, THEN) {
                    Some(theirs) => set(&env, PREFIX, &theirs),
                    None => remove(&env, PREFIX),
                }
            }
            remove(&env, THEN);
            for (name, value) in LIMITS {
                if string(&env, name).as_deref() == Some(value) {
                    remove(&env, name);
                }
            }
        }
        drop_empty(&self.top, "env");
        if let Some(permissions) = self.top.object_value("permissions") {
            if let Some(deny) = permissions.array_value("deny") {
                let ours = |node: &CstNode| text(node).is_some_and(|rule| rules.contains(&rule));
                deny.elements().into_iter().filter(ours).for_each(CstNode::remove);
            }
            if !rules.is_empty() {
                drop_empty_list(&permissions, "deny");
            }
        }
        if !rules.is_empty() {
            drop_empty(&self.top, "permissions");
        }
        Ok(())
    }

    /// The rules among `rules` that are not denied yet.
    pub fn not_denied<'r>(&self, rules: &[&'r str]) -> Vec<&'r str> {
        let deny = self.top.object_value("permissions").and_then(|p| p.array_value("deny"));
        let there: Vec<String> = deny.iter().flat_map(CstArray::elements).filter_map(|node| text(&node)).collect();
        rules.iter().copied().filter(|rule| !there.iter().any(|t| t == rule)).collect()
    }
}

/// What an event's list holds for a hook.
/// `arguments` are for an agent that starts programs itself.
fn element(entry: &Entry, program: &Path, arguments: &[&str]) -> CstInputValue {
    let form = &agent::of(entry.agent).form;
    let mut hook = vec![("type", CstInputValue::from("command"))];
    if form.exec {
        hook.push(("command", CstInputValue::from(program.display().to_string())));
        // Without arguments the agent starts a shell around the command: 20 ms a call.
        let arguments = arguments.iter().map(|argument| CstInputValue::from(*argument)).collect();
        hook.push(("args", CstInputValue::Array(arguments)));
    } else {
        hook.push(("command", CstInputValue::from(command_line::of(program, entry.agent))));
    }
    hook.push(("timeout", CstInputValue::Number((TIMEOUT * form.a_second).to_string())));
    if entry.closes {
        hook.push(("onFailure", CstInputValue::from("block")));
    }
    let mut element = Vec::new();
    if entry.matched {
        element.push(("matcher", CstInputValue::from("*")));
    }
    element.push(("hooks", CstInputValue::Array(vec![object(hook)])));
    object(element)
}

fn object(properties: Vec<(&str, CstInputValue)>) -> CstInputValue {
    CstInputValue::Object(properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The same as it reads.
pub(crate) fn value(entry: &Entry, bin: &Path) -> serde_json::Value {
    element_value(entry, &bin.join(entry.hook), &[])
}

/// The same with another program and arguments.
pub(crate) fn element_value(entry: &Entry, program: &Path, arguments: &[&str]) -> serde_json::Value {
    let root = CstRootNode::parse("null", &ParseOptions::default());
    root.ok()
        .and_then(|root| {
            root.set_value(element(entry, program, arguments));
            root.to_serde_value()
        })
        .unwrap_or_default()
}

/// The commands of an element of an event's list.
fn commands(node: &CstNode) -> Vec<String> {
    let value = node.to_serde_value().unwrap_or_default();
    let hooks = value["hooks"].as_array().cloned().unwrap_or_default();
    hooks.iter().filter_map(|hook| hook["command"].as_str().map(str::to_owned)).collect()
}

/// An element that runs stanch's hook and nothing else.
fn is_ours(node: &CstNode, hook: &str) -> bool {
    let commands = commands(node);
    !commands.is_empty() && commands.iter().all(|command| registration::is_hook(command, hook))
}

fn foreign(list: &CstArray, hook: &str) -> Vec<String> {
    let all = list.elements().into_iter().flat_map(|node| commands(&node));
    all.filter(|command| !registration::is_hook(command, hook)).collect()
}

fn text(node: &CstNode) -> Option<String> {
    node.as_string_lit()?.decoded_value().ok()
}

fn string(object: &CstObject, name: &str) -> Option<String> {
    text(&object.get(name)?.value()?)
}

fn set(object: &CstObject, name: &str, value: &str) {
    if string(object, name).as_deref() == Some(value) {
        return;
    }
    match object.get(name) {
        Some(property) => property.set_value(json!(value)),
        None => {
            object.append(name, json!(value));
        }
    }
}

fn remove(object: &CstObject, name: &str) {
    if let Some(property) = object.get(name) {
        property.remove();
    }
}

fn drop_empty(object: &CstObject, name: &str) {
    if object.object_value(name).is_some_and(|inner| inner.properties().is_empty()) {
        remove(object, name);
    }
}

fn drop_empty_list(object: &CstObject, name: &str) {
    if object.array_value(name).is_some_and(|inner| inner.elements().is_empty()) {
        remove(object, name);
    }
}

/// Checks what was written: every entry is there once.
pub fn check(text: &str, entries: &[Entry], bin: &Path) -> anyhow::Result<()> {
    let settings: serde_json::Value = serde_json::from_str(text).context("the settings are no JSON any more")?;
    for entry in entries {
        let list = settings["hooks"][entry.event].as_array().cloned().unwrap_or_default();
        if list.iter().filter(|element| **element == value(entry, bin)).count() != 1 {
            bail!("{} is not registered once for {}", entry.hook, entry.event);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AGENT: hooks::Agent = hooks::Agent::ClaudeCode;
    const ENTRIES: &[Entry] = &[
        Entry { event: "PreToolUse", hook: "pre-tool-use", matched: true, closes: true, agent: AGENT },
        Entry { event: "SessionStart", hook: "session-start", matched: false, closes: false, agent: AGENT },
    ];

    fn bin() -> &'static Path {
        Path::new("/home/ann/.local/lib/stanch/bin")
    }

    fn added(text: &str) -> String {
        let settings = Settings::parse(text).expect("settings");
        settings.add(ENTRIES, bin()).expect("added");
        let after = settings.text();
        check(&after, ENTRIES, bin()).expect("what was added is there");
        after
    }

    fn removed(text: &str) -> String {
        let settings = Settings::parse(text).expect("settings");
        settings.remove(ENTRIES, &[]).expect("removed");
        settings.text()
    }

    const TEXTS: &[&str] = &[
        "{}",
        "{}\n",
        "{\n  \"model\": \"opus\"\n}\n",
        "{\r\n    \"z\": 1,\r\n    \"a\": [1, 2,   3]\r\n}\r\n",
        "{\n\t\"hooks\": {\n\t\t\"PreToolUse\": [\n\t\t\t{ \"matcher\": \"Bash\", \"hooks\": [{ \"type\": \"command\", \"command\": \"rtk\" }] }\n\t\t]\n\t},\n\t\"env\": {\n\t\t\"A\": \"b\"\n\t}\n}",
        "{\n  \"env\": {\n    \"CLAUDE_CODE_SHELL_PREFIX\": \"/usr/bin/nice -n 5\"\n  }\n}\n",
    ];

    #[test]
    fn what_is_added_and_taken_away_leaves_the_text_as_it_was() {
        for text in TEXTS {
            assert_eq!(removed(&added(text)), *text, "{text}\n{}", added(text));
        }
    }

    #[test]
    fn adding_twice_changes_nothing_and_another_folder_moves_the_entries() {
        for text in TEXTS {
            let once = added(text);
            assert_eq!(added(&once), once);
            let elsewhere = once.replace("/home/ann/.local/lib", "/opt");
            assert_eq!(added(&elsewhere), once);
        }
    }

    #[test]
    fn the_users_own_hooks_and_prefix_stay() {
        let settings = Settings::parse(TEXTS[4]).expect("settings");
        let notes = settings.add(ENTRIES, bin()).expect("added");
        assert_eq!(notes, ["kept: PreToolUse runs rtk"]);
        let prefix = added(TEXTS[5]);
        assert!(
            prefix.contains("/stanch/bin/stanch-shell\"")
                && prefix.contains("\"STANCH_SHELL_THEN\": \"/usr/bin/nice -n 5\"")
        );
    }

    #[test]
    fn denied_reads_are_added_once_and_only_ours_are_taken_away() {
        let text = "{\n  \"permissions\": {\n    \"deny\": [\n      \"Read(./.env)\"\n    ]\n  }\n}\n";
        let settings = Settings::parse(text).expect("settings");
        let new = settings.not_denied(&["Read(./.env)", "Read(~/.netrc)"]);
        assert_eq!(new, ["Read(~/.netrc)"]);
        settings.deny(&new).expect("denied");
        assert!(settings.text().contains("netrc"));
        settings.remove(ENTRIES, &["Read(~/.netrc)".to_owned()]).expect("removed");
        assert_eq!(settings.text(), text);
    }

    #[test]
    fn what_is_no_settings_file_is_refused_with_its_place() {
        let wrong = Settings::parse("{\n  \"a\": 1,,\n}").err().expect("refused").to_string();
        assert!(wrong.starts_with("line 2, column "), "{wrong}");
        assert!(Settings::parse("[]").is_err());
        assert!(Settings::parse("{\"a\": 1 // note\n}").is_err());
        assert!(Settings::parse("{\"hooks\": 3}").expect("JSON").add(ENTRIES, bin()).is_err());
    }

    proptest! {
        #[test]
        fn any_settings_keep_what_they_say(keys in proptest::collection::btree_map("[a-z]{1,6}", 0..100, 0..6), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&keys) } else { serde_json::to_string(&keys) }.expect("JSON");
            let back: serde_json::Value = serde_json::from_str(&removed(&added(&text))).expect("JSON");
            prop_assert_eq!(back, serde_json::to_value(&keys).expect("JSON"));
        }
    }
}
