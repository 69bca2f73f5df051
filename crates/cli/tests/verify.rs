//! `stanch verify` over real hooks: a complete installation is covered, and every fault is found and named.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use common::{built, files};
use install::registration::CLAUDE_CODE;
use serde_json::{Value, json};

/// A user with stanch installed, and a project.
struct User(tempfile::TempDir);

struct Said {
    code: i32,
    report: Value,
}

impl User {
    fn new() -> Self {
        let user = Self(tempfile::tempdir().unwrap());
        let bin = user.bin();
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(user.path("app/.git")).unwrap();
        fs::create_dir_all(user.path("app/.claude")).unwrap();
        fs::create_dir_all(user.path("path")).unwrap();
        for entry in CLAUDE_CODE {
            fs::copy(built().join(entry.hook), bin.join(entry.hook)).unwrap();
        }
        fs::copy(built().join("stanch-shell"), bin.join("stanch-shell")).unwrap();
        user.client("2.1.330");
        let settings = install::Settings::parse("").unwrap();
        settings.add(CLAUDE_CODE, &bin).unwrap();
        user.write(".claude/settings.json", &settings.text());
        user
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn bin(&self) -> PathBuf {
        self.path(".local/lib/stanch/bin")
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A program in the place of another.
    fn script(&self, file: &str, text: &str) {
        let path = self.path(file);
        let _ = fs::remove_file(&path);
        self.write(file, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn client(&self, version: &str) {
        self.script("path/claude", &format!("echo '{version} (Claude Code)'"));
    }

    fn change(&self, change: impl Fn(&mut Value)) {
        let path = self.path(".claude/settings.json");
        let mut settings = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut settings);
        fs::write(path, format!("{settings:#}")).unwrap();
    }

    /// Changes stanch's one entry for an event.
    fn entry(&self, event: &str, change: impl Fn(&mut Value)) {
        self.change(|settings| change(&mut settings["hooks"][event][0]["hooks"][0]));
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
        command.env_clear().env("HOME", self.0.path()).current_dir(self.path("app")).stdin(Stdio::null());
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("path").display()));
        command
    }

    fn verify(&self) -> Said {
        let before = files(self.0.path());
        let output = self.command().args(["verify", "--json"]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert!(!text(&output.stdout).contains("ghp_"), "the probe is shown");
        let report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("no report: {}{}", text(&output.stdout), text(&output.stderr)));
        // Nothing of the user's is written, the log neither.
        assert_eq!(files(self.0.path()), before);
        Said { code: output.status.code().unwrap(), report }
    }
}

impl Said {
    /// The ways that are not covered, each with the reason.
    fn uncovered(&self) -> Vec<(String, String)> {
        let rows = self.report["paths"].as_array().unwrap().iter().filter(|row| row["covered"] == false);
        rows.map(|row| (row["by"].as_str().unwrap().to_owned(), row["why"].as_str().unwrap().to_owned())).collect()
    }

    fn faults(&self) -> String {
        self.report["faults"].to_string()
    }

    fn notes(&self) -> String {
        self.report["notes"].to_string()
    }

    /// Nothing but ways of this executable is uncovered, and for this reason.
    fn lacks(&self, by: &str, why: &str) {
        let uncovered = self.uncovered();
        assert_eq!(self.code, 1);
        assert!(!uncovered.is_empty(), "all covered; {}", self.faults());
        for (executable, reason) in &uncovered {
            assert!(executable == by && reason.contains(why), "{executable}: {reason}");
        }
    }

    /// All ways are covered, and this is wrong.
    fn warns(&self, why: &str) {
        assert_eq!((self.code, self.uncovered()), (1, Vec::new()));
        assert!(self.faults().contains(why), "{}", self.faults());
    }
}

#[test]
fn a_complete_installation_is_covered() {
    let user = User::new();
    let said = user.verify();
    assert_eq!((said.code, said.uncovered(), said.faults().as_str()), (0, Vec::new(), "[]"));
    let paths = said.report["paths"].as_array().unwrap();
    for entry in CLAUDE_CODE {
        assert!(paths.iter().any(|row| row["by"] == entry.hook), "no way tries {}", entry.hook);
    }
    assert!(said.notes().contains("--bare") && said.notes().contains("stanch run"));

    let output = user.command().arg("verify").output().unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && table.contains("covered      output of Bash"), "{table}");
    assert!(!table.contains("NOT covered"), "{table}");

    // Also where the settings lie elsewhere.
    fs::rename(user.path(".claude"), user.path("elsewhere")).unwrap();
    assert_eq!(user.verify().code, 1);
    let output = user.command().env("CLAUDE_CONFIG_DIR", user.path("elsewhere")).arg("verify").output().unwrap();
    assert!(output.status.success());
}

#[test]
fn nothing_installed_covers_nothing() {
    let user = User::new();
    fs::remove_file(user.path(".claude/settings.json")).unwrap();
    let said = user.verify();
    assert_eq!(said.uncovered().len(), said.report["paths"].as_array().unwrap().len());
}

#[test]
fn a_hook_that_is_not_there_or_not_whole_is_named() {
    for entry in CLAUDE_CODE {
        let user = User::new();
        fs::remove_file(user.bin().join(entry.hook)).unwrap();
        user.verify().lacks(entry.hook, "not there");
    }
    let user = User::new();
    fs::set_permissions(user.bin().join("post-tool-use"), PermissionsExt::from_mode(0o644)).unwrap();
    user.verify().lacks("post-tool-use", "cannot be executed");
    user.script(".local/lib/stanch/bin/post-tool-use", "exit 1");
    user.verify().lacks("post-tool-use", "exit status 1");
    user.script(".local/lib/stanch/bin/post-tool-use", "cat > /dev/null");
    user.verify().lacks("post-tool-use", "let the probe through");
    user.script(".local/lib/stanch/bin/post-tool-use", "cat");
    user.verify().lacks("post-tool-use", "stands in its answer");
}

#[test]
fn a_hook_that_stops_everything_is_no_cover() {
    let user = User::new();
    user.script(".local/lib/stanch/bin/pre-tool-use", "exit 2");
    user.verify().lacks("pre-tool-use", "stops everything");
    let user = User::new();
    user.write(".config/stanch/config.toml", "what = 1\n");
    let said = user.verify();
    assert_eq!(said.code, 1);
    assert!(said.uncovered().iter().any(|(_, why)| why.contains("configuration")), "{:?}", said.uncovered());
}

#[test]
fn an_older_version_is_named() {
    let user = User::new();
    let real = built().join("post-tool-batch");
    let old = format!(
        "[ \"$1\" = --version ] && {{ echo 'post-tool-batch 0.0.9'; exit; }}\nexec '{}' \"$@\"",
        real.display()
    );
    user.script(".local/lib/stanch/bin/post-tool-batch", &old);
    user.verify().warns("version 0.0.9, older");
}

#[test]
fn a_registration_that_fails_open_is_named() {
    let user = User::new();
    user.entry("UserPromptSubmit", |hook| hook["timeout"] = Value::Null);
    user.verify().warns("no \\\"timeout\\\" for user-prompt-submit");
    user.entry("UserPromptSubmit", |hook| hook["timeout"] = json!(5));
    user.verify().warns("\\\"timeout\\\": 5 for user-prompt-submit");
    for entry in CLAUDE_CODE.iter().filter(|entry| entry.closes) {
        let user = User::new();
        user.entry(entry.event, |hook| drop(hook.as_object_mut().unwrap().remove("onFailure")));
        user.verify().warns(&format!("for {}: if it crashes", entry.hook));
    }
}

#[test]
fn a_registration_that_leaves_calls_out_is_named() {
    let user = User::new();
    user.change(|settings| drop(settings["hooks"].as_object_mut().unwrap().remove("PostToolBatch")));
    user.verify().lacks("post-tool-batch", "is not registered for PostToolBatch");
    let user = User::new();
    user.change(|settings| settings["hooks"]["PostToolUse"][0]["matcher"] = json!("Bash|Read"));
    let said = user.verify();
    said.lacks("post-tool-use", "leaves out");
    assert!(!said.uncovered().iter().any(|(_, why)| why.ends_with("Bash") || why.ends_with("Read")));
    let user = User::new();
    user.entry("PostToolUse", |hook| hook["async"] = json!(true));
    user.verify().lacks("post-tool-use", "async");
    user.entry("PostToolUse", |hook| (hook["async"], hook["if"]) = (json!(false), json!("Bash(git *)")));
    user.verify().lacks("post-tool-use", "\"if\"");
}

#[test]
fn a_shell_starts_a_hook_as_well() {
    let user = User::new();
    user.entry("PostToolUse", |hook| {
        hook["command"] = json!("\"$HOME/.local/lib/stanch/bin/post-tool-use\"");
        hook.as_object_mut().unwrap().remove("args");
    });
    let said = user.verify();
    assert_eq!((said.code, said.uncovered()), (0, Vec::new()), "{}", said.faults());
    assert!(said.notes().contains("a shell starts post-tool-use"), "{}", said.notes());
}

#[test]
fn a_client_that_is_too_old_or_not_there_is_named() {
    let user = User::new();
    for (version, lacks) in [("2.1.327", "onFailure"), ("2.1.138", "args"), ("2.0.5", "nothing is redacted")] {
        user.client(version);
        user.verify().warns(lacks);
    }
    fs::remove_file(user.path("path/claude")).unwrap();
    let said = user.verify();
    assert!(said.code == 0 && said.notes().contains("no client"), "{}", said.notes());
}

#[test]
fn a_repository_that_switches_off_or_overrides_is_named() {
    let user = User::new();
    for file in ["app/.claude/settings.json", "app/.claude/settings.local.json"] {
        user.write(file, "{\n  \"disableAllHooks\": true\n}");
        let said = user.verify();
        assert_eq!(said.code, 1);
        let rows = said.uncovered();
        assert!(rows.iter().all(|(by, why)| by != "stanch-shell" && why.contains(&format!("{file}:2"))), "{rows:?}");
        assert!(said.faults().contains("switches hooks off"));
        fs::remove_file(user.path(file)).unwrap();
    }
    user.write("app/.claude/settings.json", r#"{"env":{"CLAUDE_CODE_SHELL_PREFIX":"/usr/bin/env"}}"#);
    user.verify().lacks("stanch-shell", "another prefix");
}

#[test]
fn what_a_repository_names_inside_itself_is_not_run() {
    let user = User::new();
    fs::remove_file(user.path(".claude/settings.json")).unwrap();
    let ran = user.path("ran");
    let (hook, shell) = ("app/stanch/pre-tool-use", "app/stanch/stanch-shell");
    for script in [hook, shell] {
        user.script(script, &format!("touch '{}'", ran.display()));
    }
    // Also by a link from elsewhere.
    symlink(user.path("app"), user.path("link")).unwrap();
    for folder in ["app", "link"] {
        let named = |name: &str| user.path(folder).join("stanch").join(name);
        let settings = json!({
            "hooks": { "PreToolUse": [{ "hooks": [{ "type": "command", "command": named("pre-tool-use"), "args": [] }] }] },
            "env": { "CLAUDE_CODE_SHELL_PREFIX": named("stanch-shell"), "BASH_ENV": user.path(hook), "ENV": user.path(hook) },
        });
        user.write("app/.claude/settings.json", &settings.to_string());
        let output = user.command().args(["verify", "--json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stdout).contains("was not run"));
        assert!(!ran.exists());
    }
}

#[test]
fn hooks_of_others_are_named_and_not_run() {
    let user = User::new();
    let ran = user.path("ran");
    user.script("path/other", &format!("touch '{}'", ran.display()));
    user.change(|settings| {
        let other = json!({ "matcher": "Bash", "hooks": [{ "type": "command", "command": "other" }] });
        settings["hooks"]["PostToolUse"].as_array_mut().unwrap().push(other);
    });
    let said = user.verify();
    assert_eq!((said.code, said.uncovered()), (0, Vec::new()), "{}", said.faults());
    assert!(said.notes().contains("another hook for PostToolUse"), "{}", said.notes());
    user.change(|settings| drop(settings["hooks"].as_object_mut().unwrap().remove("PostToolBatch")));
    assert!(user.verify().faults().contains("another hook for PostToolUse"));
    assert!(!ran.exists());
}

#[test]
fn registered_twice_is_said_and_two_installations_are_a_fault() {
    let user = User::new();
    let settings = fs::read_to_string(user.path(".claude/settings.json")).unwrap();
    user.write("app/.claude/settings.local.json", &settings);
    let said = user.verify();
    assert_eq!((said.code, said.uncovered()), (0, Vec::new()), "{}", said.faults());
    assert!(said.notes().contains("runs it once"), "{}", said.notes());

    symlink(user.bin(), user.path("second")).unwrap();
    let other = settings.replace(&user.bin().display().to_string(), &user.path("second").display().to_string());
    user.write("app/.claude/settings.local.json", &other);
    user.verify().warns("registered from 2 folders");
}

#[test]
fn settings_that_are_not_json_are_named_with_their_line() {
    let user = User::new();
    user.write("app/.claude/settings.json", "{\n  \"model\": \n}");
    user.verify().warns("settings.json:3:1: not JSON");
}
