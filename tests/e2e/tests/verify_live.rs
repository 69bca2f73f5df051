//! `stanch verify --live` over an installation and the real client: a complete one is covered, whatever is taken out of it is
//! named with the ways that it leaves open, and nothing of the user's is written.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stanch_e2e::hooks::Hooks;
use stanch_e2e::{client, executables};

/// A user with stanch installed, and a project.
struct User {
    home: tempfile::TempDir,
    client: PathBuf,
}

struct Said {
    code: Option<i32>,
    report: Value,
}

impl User {
    fn new() -> Result<Self> {
        let user = Self { home: tempfile::tempdir()?, client: client::locate()? };
        fs::create_dir_all(user.path("app/.claude"))?;
        fs::create_dir_all(user.path("path"))?;
        Hooks::all()?;
        let built = stanch_e2e::executables::named("stanch-shell")?;
        let from = built.parent().context("it lies in a folder")?;
        let output = user.stanch(&["install", "--yes"])?.arg("--from").arg(from).output()?;
        ensure!(output.status.success(), "not installed: {}", text(&output.stderr));
        Ok(user)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn stanch(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(executables::named("stanch")?);
        command.args(arguments).env_clear().env("HOME", self.home.path()).env("SHELL", "/bin/bash");
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("path").display()));
        command.current_dir(self.path("app")).stdin(Stdio::null());
        Ok(command)
    }

    /// A program, in the place of another.
    fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        let _ = fs::remove_file(&path);
        fs::write(&path, format!("#!/bin/sh\n{text}\n"))?;
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
        Ok(path)
    }

    /// Changes the user's settings.
    fn change(&self, change: impl Fn(&mut Value)) -> Result<()> {
        let path = self.path(".claude/settings.json");
        let mut settings = serde_json::from_str(&fs::read_to_string(&path)?)?;
        change(&mut settings);
        Ok(fs::write(path, settings.to_string())?)
    }

    fn live(&self, arguments: &[&str]) -> Result<Output> {
        // Longer than anything takes on a loaded machine.
        let client = self.client.display().to_string();
        let mut command = self.stanch(&["verify", "--live", "--json", "--limit", "300", "--client", &client])?;
        Ok(command.args(arguments).output()?)
    }

    fn verify(&self, arguments: &[&str]) -> Result<Said> {
        let before = files(self.home.path())?;
        let output = self.live(arguments)?;
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(!out.contains("ghp_") && !err.contains("ghp_"), "a probe is shown");
        assert!(files(self.home.path())? == before, "something of the user's was written");
        let report = serde_json::from_str(&out).with_context(|| format!("no report: {out}{err}"))?;
        Ok(Said { code: output.status.code(), report })
    }

    /// What is said where nothing could be tried.
    fn refused(&self, arguments: &[&str]) -> Result<String> {
        let output = self.live(arguments)?;
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
        Ok(text(&output.stderr))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All files, with what is in them.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => all.extend(files(&path)?),
            false => drop(all.insert(path.clone(), fs::read(&path)?)),
        }
    }
    Ok(all)
}

impl Said {
    fn rows(&self) -> Vec<(&str, &str, Option<&str>)> {
        let rows = self.report["live"].as_array().map(Vec::as_slice).unwrap_or_default();
        rows.iter()
            .map(|row| {
                (row["path"].as_str().unwrap_or_default(), row["by"].as_str().unwrap_or_default(), row["why"].as_str())
            })
            .collect()
    }

    /// These ways are not covered, for this reason, and all the others are.
    fn lacks(&self, is: impl Fn(&str, &str) -> bool, why: &str) {
        let rows = self.rows();
        assert_eq!(self.code, Some(1), "{}", self.report);
        assert!(rows.iter().any(|(path, by, _)| is(path, by)), "no such way: {}", self.report);
        for (path, by, said) in rows {
            match said {
                // `stanch run` starts the client with the same executables.
                Some(said) => assert!(is(path, by) && (by == "stanch run" || said.contains(why)), "{path}: {said}"),
                None => assert!(!is(path, by), "{path} is covered"),
            }
        }
    }
}

#[test]
fn a_complete_installation_is_covered() -> Result<()> {
    let user = User::new()?;
    let said = user.verify(&[])?;
    assert_eq!(said.code, Some(0), "{:#}", said.report);
    let rows = said.rows();
    assert!(rows.len() >= 29 && rows.iter().all(|(_, _, why)| why.is_none()), "{:#}", said.report);
    // What only `stanch run` covers was sent without it: so a probe that is sent is seen.
    let notes = said.report["notes"].to_string();
    for case in ["switches hooks off", "sets another prefix", "does both", "--bare"] {
        let note = said.report["notes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut note = note.filter(|note| note.contains(case) && note.contains("did not start the client"));
        assert!(note.next().is_some_and(|note| note.contains("NOT covered")), "{case}: {notes}");
    }
    Ok(())
}

/// The control: without stanch every way is seen to be open, on the wire.
#[test]
fn nothing_installed_covers_nothing() -> Result<()> {
    let user = User::new()?;
    fs::remove_file(user.path(".claude/settings.json"))?;
    fs::remove_dir_all(user.path(".local"))?;
    let said = user.verify(&[])?;
    assert_eq!(said.code, Some(1));
    for (path, by, why) in said.rows() {
        let why = why.unwrap_or_default();
        let expected = match by {
            "stanch run" => "not started",
            "pre-tool-use" => "made with the made-up secret",
            _ => "the made-up secret was sent: request",
        };
        assert!(why.contains(expected), "{path}: {why}");
    }
    Ok(())
}

#[test]
fn hooks_that_are_not_registered_are_named() -> Result<()> {
    let user = User::new()?;
    user.change(|settings| drop(settings.as_object_mut().map(|all| all.remove("hooks"))))?;
    let hooks = |_: &str, by: &str| !["stanch-shell", "stanch run"].contains(&by);
    user.verify(&[])?.lacks(hooks, "is not registered");
    Ok(())
}

#[test]
fn a_missing_prefix_is_named() -> Result<()> {
    let user = User::new()?;
    user.change(|settings| drop(settings["env"].as_object_mut().map(|all| all.remove("CLAUDE_CODE_SHELL_PREFIX"))))?;
    let said = user.verify(&[])?;
    assert_eq!(said.code, Some(1));
    // What succeeds, the hooks cover as well.
    for (path, by, why) in said.rows() {
        let open = path.contains("fail") || path.contains("an error") || path.contains("slash");
        assert!(
            why.is_none() || (by == "stanch-shell" && why.is_some_and(|why| why.contains("CLAUDE_CODE_SHELL_PREFIX")))
        );
        assert!(!open || why.is_some(), "{path} is covered");
    }
    Ok(())
}

#[test]
fn a_hook_that_answers_nothing_or_crashes_is_named() -> Result<()> {
    for (text, why) in [("cat > /dev/null", "let the probe through"), ("kill -SEGV $$", "killed")] {
        let user = User::new()?;
        user.script(".local/lib/stanch/bin/post-tool-use", text)?;
        let reads = |path: &str, by: &str| by == "post-tool-use" || (by == "stanch run" && path.contains("repository"));
        user.verify(&[])?.lacks(reads, why);
    }
    let user = User::new()?;
    user.script(".local/lib/stanch/bin/user-prompt-submit", "cat > /dev/null")?;
    user.verify(&[])?.lacks(|_, by| by == "user-prompt-submit", "the made-up secret was sent");
    Ok(())
}

#[test]
fn a_repository_that_switches_hooks_off_is_named() -> Result<()> {
    let user = User::new()?;
    fs::write(user.path("app/.claude/settings.json"), "{\n  \"disableAllHooks\": true\n}")?;
    let hooks = |_: &str, by: &str| !["stanch-shell", "stanch run"].contains(&by);
    user.verify(&[])?.lacks(hooks, "app/.claude/settings.json:2");
    Ok(())
}

#[test]
fn another_hook_is_left_out_unless_it_is_asked_for_and_then_seen_to_overwrite() -> Result<()> {
    let user = User::new()?;
    let (ran, late) = (
        user.path("ran"),
        "sleep 1; printf '%s' \"$event\" | python3 -c 'import json, sys; \
        event = json.load(sys.stdin); print(json.dumps({\"hookSpecificOutput\": {\"hookEventName\": \"PostToolUse\", \
        \"updatedToolOutput\": event[\"tool_response\"]}}))'",
    );
    let other = user.script("path/other", &format!("event=$(cat); {late}; touch '{}'", ran.display()))?;
    user.change(|settings| {
        let hook =
            json!({"matcher": "Grep", "hooks": [{"type": "command", "command": other, "args": [], "timeout": 60}]});
        let _ = settings["hooks"]["PostToolUse"].as_array_mut().map(|all| all.push(hook.clone()));
    })?;
    let grep = |path: &str, _: &str| path == "output of Grep";
    user.verify(&[])?.lacks(grep, "was left out");
    assert!(!ran.exists());
    let output = user.live(&["--other-hooks"])?;
    let said = Said { code: output.status.code(), report: serde_json::from_slice(&output.stdout)? };
    said.lacks(grep, "another hook for PostToolUse runs beside it");
    assert!(ran.exists());
    Ok(())
}

#[test]
fn what_a_repository_brings_along_is_not_run() -> Result<()> {
    let user = User::new()?;
    let ran = user.path("ran");
    let evil = user.script("app/stanch-shell", &format!("touch '{}'", ran.display()))?;
    let settings = json!({
        "hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": evil}]}]},
        "env": {"CLAUDE_CODE_SHELL_PREFIX": evil, "BASH_ENV": evil, "ENV": evil},
    });
    fs::write(user.path("app/.claude/settings.json"), settings.to_string())?;
    let said = user.verify(&[])?;
    assert!(said.code == Some(1) && !ran.exists());
    let notes = said.report["notes"].to_string();
    assert!(notes.contains("a hook for SessionStart") && notes.contains("this prefix was not run"), "{notes}");
    Ok(())
}

#[test]
fn a_client_that_cannot_be_tried_is_named() -> Result<()> {
    let mut user = User::new()?;
    user.client = user.path("nowhere");
    assert!(user.refused(&[])?.contains("is not there"));
    let none = user.stanch(&["verify", "--live"])?.output()?;
    assert!(none.status.code() == Some(2) && text(&none.stderr).contains("no `claude` on the PATH"));
    for (client, said) in [
        ("echo hello", "says no version"),
        ("echo '2.1.120 (Claude Code)'", "claude update"),
        (
            "[ \"$1\" = --version ] && { echo '2.1.330 (Claude Code)'; exit; }; echo 'no licence' >&2; exit 1",
            "no licence",
        ),
    ] {
        user.client = user.script("client", client)?;
        let told = user.refused(&[])?;
        assert!(told.contains(said), "{told}");
    }
    // An older one is tried, and what it does not honour is said.
    let real = client::locate()?;
    let old = format!(
        "[ \"$1\" = --version ] && {{ echo '2.1.300 (Claude Code)'; exit; }}; exec '{}' \"$@\"",
        real.display()
    );
    user.client = user.script("client", &old)?;
    let said = user.verify(&[])?;
    assert!(
        said.code == Some(1) && said.report["faults"].to_string().contains("older than 2.1.328"),
        "{}",
        said.report
    );
    Ok(())
}

#[test]
fn a_client_that_hangs_is_ended() -> Result<()> {
    let mut user = User::new()?;
    let hangs = "[ \"$1\" = --version ] && { echo '2.1.330 (Claude Code)'; exit; }; exec sleep 600";
    user.client = user.script("client", hangs)?;
    let client = user.client.display().to_string();
    let output = user.stanch(&["verify", "--live", "--limit", "2", "--client", &client])?.output()?;
    assert!(output.status.code() == Some(2) && text(&output.stderr).contains("within 2 s"), "{}", text(&output.stderr));
    Ok(())
}
