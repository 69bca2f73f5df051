//! A start of the client that a repository cannot take stanch out of.
//!
//! What stands in a repository's settings wins over the user's: it can switch all hooks off, or put another prefix before
//! every command. What is given on the command line wins over both. So all of stanch is given there.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::place::managed_settings;
use crate::registration::{self, Entry, LIMITS, PREFIX, SHELL, THEN};
use crate::{binaries, settings};

/// The client's arguments with stanch's settings among them. `plugins` are those that would run the same once more: they are
/// switched off for this start.
///
/// # Errors
/// The start cannot be covered: why, and what to do.
pub fn arguments(
    given: &[OsString],
    entries: &[Entry],
    bin: &Path,
    plugins: &[String],
) -> anyhow::Result<Vec<OsString>> {
    let names = entries.iter().map(|entry| entry.hook).chain([SHELL]);
    let missing = binaries::missing(bin, names);
    if !missing.is_empty() {
        bail!("{} is missing in {}: run `stanch install`", missing.join(", "), bin.display());
    }
    only_managed_hooks(&managed_settings(), entries, bin)?;
    let (mut arguments, mut theirs) = (Vec::with_capacity(given.len() + 2), json!({}));
    let mut rest = given.iter();
    while let Some(argument) = rest.next() {
        if argument == "--bare" {
            bail!("with --bare the client runs no hooks: leave it out, or start the client by itself");
        }
        let inline = argument.to_str().and_then(|a| a.strip_prefix("--settings="));
        if argument == "--settings" || inline.is_some() {
            let value = match inline {
                Some(value) => OsString::from(value),
                None => rest.next().context("--settings wants a value")?.clone(),
            };
            theirs = read(&value)?;
            continue;
        }
        arguments.push(argument.clone());
        if argument == "--" {
            arguments.extend(rest.cloned());
            break;
        }
    }
    let mut settings = with_stanch(theirs, entries, bin)?;
    for id in plugins {
        settings["enabledPlugins"][id] = json!(false);
    }
    let ours = ["--settings".into(), OsString::from(settings.to_string())];
    Ok(ours.into_iter().chain(arguments).collect())
}

/// Settings with stanch in them, whatever they said of it.
fn with_stanch(mut settings: Value, entries: &[Entry], bin: &Path) -> anyhow::Result<Value> {
    settings["disableAllHooks"] = json!(false);
    for entry in entries {
        let hooks = &mut settings["hooks"][entry.event];
        if hooks.is_null() {
            *hooks = json!([]);
        }
        hooks
            .as_array_mut()
            .context("--settings: 'hooks' holds something else than lists")?
            .push(settings::value(entry, bin));
    }
    let theirs = settings["env"][PREFIX].as_str().filter(|prefix| !registration::is_prefix(prefix)).map(str::to_owned);
    if let Some(theirs) = theirs {
        settings["env"][THEN] = theirs.into();
    }
    settings["env"][PREFIX] = registration::prefix(bin).into();
    for (name, value) in LIMITS {
        if settings["env"][name].is_null() {
            settings["env"][name] = value.into();
        }
    }
    Ok(settings)
}

/// The settings that the user gives: JSON, or the name of a file.
fn read(value: &OsStr) -> anyhow::Result<Value> {
    let text = match value.to_str() {
        Some(text) if text.trim_start().starts_with('{') => text.to_owned(),
        _ => {
            fs::read_to_string(value).with_context(|| format!("--settings: reading {}", Path::new(value).display()))?
        }
    };
    let settings: Value = serde_json::from_str(&text)
        .map_err(|e| anyhow::anyhow!("--settings: line {}, column {}: not JSON", e.line(), e.column()))?;
    let may_be = |group: &str| settings[group].is_null() || settings[group].is_object();
    if !settings.is_object() || !["env", "hooks", "enabledPlugins"].into_iter().all(may_be) {
        bail!("--settings: no JSON object, or one whose 'env', 'hooks' or 'enabledPlugins' is none");
    }
    Ok(settings)
}

/// An administrator may let no hooks run but his own.
fn only_managed_hooks(path: &Path, entries: &[Entry], bin: &Path) -> anyhow::Result<()> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(()) };
    let managed: Value = serde_json::from_str(&text).unwrap_or_default();
    let only = managed["allowManagedHooksOnly"] == json!(true) || managed["disableAllHooks"] == json!(true);
    if only && settings::check(&text, entries, bin).is_err() {
        bail!(
            "{} lets no hooks run but its own: install stanch there (`sudo stanch install --managed`)",
            path.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::CLAUDE_CODE;

    fn bin() -> tempfile::TempDir {
        let bin = tempfile::tempdir().expect("a folder");
        for name in CLAUDE_CODE.iter().map(|entry| entry.hook).chain([SHELL]) {
            fs::write(bin.path().join(name), "").expect("a file");
        }
        bin
    }

    fn started(given: &[&str]) -> anyhow::Result<(Value, Vec<String>)> {
        let given: Vec<OsString> = given.iter().map(OsString::from).collect();
        let arguments = arguments(&given, CLAUDE_CODE, bin().path(), &["stanch@stanch".to_owned()])?;
        let rest = arguments[2..].iter().map(|a| a.to_string_lossy().into_owned()).collect();
        Ok((serde_json::from_str(&arguments[1].to_string_lossy())?, rest))
    }

    #[test]
    fn the_start_carries_all_of_stanch_before_what_was_given() {
        let (settings, rest) = started(&["-p", "go", "--", "--bare"]).expect("a start");
        assert_eq!(rest, ["-p", "go", "--", "--bare"]);
        assert_eq!(settings["disableAllHooks"], false);
        assert_eq!(settings["enabledPlugins"]["stanch@stanch"], false);
        assert!(settings["env"][PREFIX].as_str().is_some_and(|prefix| prefix.ends_with(SHELL)));
        assert!(CLAUDE_CODE.iter().all(|entry| settings["hooks"][entry.event][0]["hooks"][0]["type"] == "command"));
    }

    #[test]
    fn settings_that_are_given_are_kept_but_for_what_takes_stanch_out() {
        let theirs = r#"{"model":"opus","disableAllHooks":true,"env":{"CLAUDE_CODE_SHELL_PREFIX":"nice -n 5"},"hooks":{"PreToolUse":[{"hooks":[]}]}}"#;
        for given in [&["--settings", theirs][..], &[&format!("--settings={theirs}")]] {
            let (settings, rest) = started(given).expect("a start");
            assert!(rest.is_empty());
            assert_eq!((&settings["model"], &settings["disableAllHooks"]), (&json!("opus"), &json!(false)));
            assert!(settings["env"][PREFIX].as_str().is_some_and(|prefix| prefix.ends_with("/stanch-shell")));
            assert_eq!(settings["env"][THEN], "nice -n 5");
            assert_eq!(settings["hooks"]["PreToolUse"].as_array().map(Vec::len), Some(2));
        }
    }

    #[test]
    fn what_cannot_be_covered_does_not_start() {
        for (given, why) in [
            (&["--bare"][..], "--bare"),
            (&["--settings"], "wants a value"),
            (&["--settings", "{"], "not JSON"),
            (&["--settings", "/nonexistent.json"], "reading"),
            (&["--settings", r#"{"hooks":{"PreToolUse":3}}"#], "lists"),
        ] {
            assert!(started(given).is_err_and(|error| format!("{error:#}").contains(why)), "{why}");
        }
        let empty = tempfile::tempdir().expect("a folder");
        let error = arguments(&[], CLAUDE_CODE, empty.path(), &[]).expect_err("refused").to_string();
        assert!(error.contains("stanch install"), "{error}");
        let managed = empty.path().join("managed.json");
        fs::write(&managed, r#"{"allowManagedHooksOnly":true}"#).expect("a file");
        assert!(only_managed_hooks(&managed, CLAUDE_CODE, empty.path()).is_err());
    }
}
