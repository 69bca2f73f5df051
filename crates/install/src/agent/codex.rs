//! Codex: `hooks.json`, command lines, every hook reviewed by a person before it runs.
//!
//! Measured with Codex CLI 0.169.0; where its own words are meant, they are those of its `hooks/list`.

mod answer;
mod config;
mod faults;
mod trust;
mod ways;

use std::path::{Path, PathBuf};

use anyhow::bail;
use hooks::Agent;
use serde_json::Value;

use self::config::Config;
use self::trust::Trust;
use super::{Description, Form, of, user_folder};
use crate::place::Whose;
use crate::verify::Trouble;
use crate::verify::files::{Files, Origin};
use crate::verify::registered::Registered;

/// Where the administrator's files lie. What stands there runs without a review, and no user can switch a single hook off.
const MACHINE: &str = "/etc/codex";
const FIELDS: &[&str] = &["description", "hooks"];
const REVIEW: &str = "start `codex`, type /hooks, look at stanch's hooks and trust them";

pub(super) const DESCRIPTION: Description = Description {
    agent: Agent::Codex,
    title: "Codex",
    program: "codex",
    form: Form { exec: false, a_second: 1, prefix: false, by_place: true },
    whose: &[Whose::User, Whose::Managed],
    settings: |whose, _| match whose {
        Whose::User => Ok(user_folder(Agent::Codex)?.join("hooks.json")),
        Whose::Managed if cfg!(windows) => {
            bail!("where the administrator's hooks of Codex lie on Windows was not measured")
        }
        Whose::Managed => Ok(Path::new(MACHINE).join("hooks.json")),
        Whose::Project => bail!(
            "Codex has no settings of a project that are yours alone (.codex/hooks.json is everybody's who has the \
             repository, and the others have no such executables): install for all your projects, `stanch install --agent \
             codex`"
        ),
    },
    refuses: |text| json(text).err(),
    lacks: &[
        "Codex has no shell prefix: what a failed call of an MCP server says, and the first output of a command that goes on \
         running, is sent as it is",
        "Codex passes open: a hook that is missing, crashes or is late lets the original through, and no setting is against it",
    ],
    beside,
    files,
    withheld,
    pattern: str::to_owned,
    ways: ways::all,
    takes: answer::takes,
    faults: faults::of,
};

fn files(folder: &Path) -> anyhow::Result<Files> {
    let (machine, user) = (Path::new(MACHINE), user_folder(Agent::Codex)?);
    let folders = [(machine.to_owned(), Origin::Managed), (user, Origin::User)];
    // From the session's folder up to the repository's.
    let project = ::config::places::project(folder);
    let inner = folder.ancestors().take_while(|inner| inner.starts_with(&project));
    let inner = inner.map(|inner| (inner.join(".codex"), Origin::Project));
    let mut all = Files::of(of(Agent::Codex), folder, [], &json);
    all.add(machine.join("requirements.toml"), Origin::Managed, &toml);
    for (place, origin) in folders.into_iter().chain(inner) {
        // A repository in the home itself.
        if origin == Origin::Project && all.files.iter().any(|file| file.path.parent() == Some(&place)) {
            continue;
        }
        all.add(place.join("hooks.json"), origin, &json);
        all.add(place.join("config.toml"), origin, &toml);
    }
    Ok(all)
}

/// `hooks.json`, as Codex reads it: with a field or a time-out that it does not know it takes nothing of the file.
fn json(text: &str) -> Result<Value, String> {
    // The parser's message quotes the text.
    let settings: Value = serde_json::from_str(text).map_err(|e| format!(":{}:{}: not JSON", e.line(), e.column()))?;
    let Some(fields) = settings.as_object() else { return Err(": not a JSON object".to_owned()) };
    if let Some(other) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(format!(": has the field '{other}', with which Codex refuses the whole file"));
    }
    let events = settings["hooks"].as_object().into_iter().flatten().flat_map(|(_, entries)| entries.as_array());
    let hooks = events.flatten().filter_map(|entry| entry["hooks"].as_array()).flatten();
    match hooks.map(|hook| &hook["timeout"]).find(|timeout| !timeout.is_null() && !timeout.is_u64()) {
        Some(_) => {
            Err(": has a \"timeout\" that is no whole number, with which Codex refuses the whole file".to_owned())
        }
        None => Ok(settings),
    }
}

fn toml(text: &str) -> Result<Value, String> {
    // Here too.
    ::toml::from_str(text).map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
        format!("{}: not TOML", line.map(|line| format!(":{line}")).unwrap_or_default())
    })
}

fn withheld(files: &Files, registered: &Registered<'_>) -> Option<Trouble> {
    let config = Config::of(files);
    if let Some(trouble) = config.silenced(registered.file) {
        return Some(trouble);
    }
    let place = registered.place();
    match Trust::of(&config, registered) {
        Trust::Given => None,
        Trust::Never => Some(Trouble::new(format!("{place}: not trusted yet; Codex does not run it"), REVIEW)),
        Trust::Changed => {
            Some(Trouble::new(format!("{place}: changed since it was trusted; Codex does not run it"), REVIEW))
        }
        Trust::Off => Some(Trouble::new(
            format!("{place}: switched off in /hooks"),
            "start `codex`, type /hooks, and switch stanch's hooks on",
        )),
    }
}

/// What the files beside the settings do to the hooks in it.
fn beside(whose: Whose, settings: &Path) -> Vec<String> {
    let folder = settings.parent().unwrap_or(settings);
    let said = |name: &str| {
        let path: PathBuf = folder.join(name);
        let text = std::fs::read_to_string(&path).ok()?;
        Some((path.display().to_string(), toml(&text).unwrap_or_default()))
    };
    let mut notes = Vec::new();
    if let Some((path, config)) = said("config.toml") {
        let mut others = config["hooks"].as_object().into_iter().flatten().filter(|(event, _)| *event != "state");
        if others.next().is_some() {
            notes.push(format!("{path} has hooks as well: Codex runs those of both files, and says so at each start"));
        }
        if config::switch(&config) == Some(false) {
            notes.push(format!("{path} has [features] hooks = false: no hook runs until that line is gone"));
        }
    }
    if whose == Whose::Managed {
        let held = said("requirements.toml").is_some_and(|(_, config)| config::switch(&config) == Some(true));
        if !held {
            notes.push(config::NOT_HELD.to_owned());
        }
    } else {
        notes.push(
            "Codex runs a hook only once you have reviewed it, as it stands (/hooks). It keeps that in config.toml \
             ([hooks.state]), where stanch reads it and never writes it"
                .to_owned(),
        );
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_codex_refuses_is_refused_with_its_place_and_nothing_of_the_content() {
        assert!(json(r#"{"description":"a","hooks":{}}"#).is_ok());
        for (text, why) in [
            ("{\n", ":2:"),
            ("[]", "object"),
            (r#"{"hooks":{},"$schema":"x"}"#, "'$schema'"),
            (r#"{"hooks":{"Stop":[{"hooks":[{"timeout":5.5}]}]}}"#, "whole number"),
        ] {
            assert!(json(text).is_err_and(|said| said.contains(why)), "{text}");
        }
        assert_eq!(toml("a = 1\nb = \"hush"), Err(":2: not TOML".to_owned()));
    }
}
