//! `stanch plugin build`, and what `verify`, `status`, `doctor` and `uninstall` say of a plugin that is installed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use install::registration::CLAUDE_CODE;
use serde_json::{Value, json};

/// A user with a project, without a client.
struct User(tempfile::TempDir);

impl User {
    fn new() -> Self {
        let user = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(user.path("app/.git")).unwrap();
        fs::create_dir_all(user.path("app/.claude")).unwrap();
        fs::create_dir_all(user.path("path")).unwrap();
        user
    }

    /// With the plugin built and installed, as the client (2.1.330) writes it down.
    fn with_plugin() -> Self {
        let user = Self::new();
        user.says(0, &["plugin", "build", "market"]);
        let source = json!({"source": {"source": "directory", "path": user.path("app/market")}});
        user.move_to("app/market", "market");
        let source = json!({"source": {"source": source["source"]["source"], "path": user.path("market")}});
        user.settings(
            &json!({"extraKnownMarketplaces": {"stanch": source}, "enabledPlugins": {"stanch@stanch": true}}),
        );
        user.write(".claude/plugins/known_marketplaces.json", &json!({"stanch": source}).to_string());
        user
    }

    fn move_to(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn libexec(&self, name: &str) -> PathBuf {
        self.path("market/plugins/stanch/libexec").join(name)
    }

    fn write(&self, file: &str, text: &str) {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), text).unwrap();
    }

    fn settings(&self, settings: &Value) {
        self.write(".claude/settings.json", &settings.to_string());
    }

    fn script(&self, path: &Path, text: &str) {
        let _ = fs::remove_file(path);
        fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let built = Path::new(env!("CARGO_BIN_EXE_stanch")).parent().unwrap();
        assert!(
            built.join("stanch-shell").is_file(),
            "no stanch-shell in {}: run `cargo build` first",
            built.display()
        );
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
        command.env_clear().env("HOME", self.0.path()).current_dir(self.path("app"));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path("path").display()));
        let output = command.args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), said)
    }

    fn says(&self, expected: i32, arguments: &[&str]) -> String {
        let (code, said) = self.run(arguments);
        assert_eq!(code, expected, "{arguments:?}: {said}");
        said
    }

    fn verify(&self) -> Value {
        let (_, said) = self.run(&["verify", "--json"]);
        serde_json::from_str(&said).unwrap_or_else(|_| panic!("no report: {said}"))
    }
}

/// The `why` of what is wrong, and the notes.
fn told(report: &Value) -> (Vec<String>, Vec<String>) {
    let texts = |list: &Value, field: Option<&str>| {
        let all = list.as_array().unwrap().iter();
        all.filter_map(|one| Some(field.map_or(one, |field| &one[field]).as_str()?.to_owned())).collect::<Vec<_>>()
    };
    (texts(&report["faults"], Some("why")), texts(&report["notes"], None))
}

fn not_covered(report: &Value) -> Vec<String> {
    let rows = report["paths"].as_array().unwrap().iter().filter(|row| row["covered"] == false);
    rows.map(|row| row["by"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_plugin_holds_every_hook_as_the_settings_would_and_the_words_about_the_rest() {
    let user = User::new();
    let said = user.says(0, &["plugin", "build", "some where"]);
    assert!(said.contains("shell prefix") && said.contains("stanch install") && said.contains("not checked"), "{said}");
    assert!(said.contains(&format!("marketplace add '{}/", user.0.path().display())), "{said}");
    let market = user.path("app/some where");
    let root = market.join("plugins/stanch");
    let read = |path: PathBuf| serde_json::from_str::<Value>(&fs::read_to_string(path).unwrap()).unwrap();
    let listed = read(market.join(".claude-plugin/marketplace.json"));
    assert_eq!(listed["plugins"][0]["source"], "./plugins/stanch");
    assert_eq!(read(root.join(".claude-plugin/plugin.json"))["version"], env!("CARGO_PKG_VERSION"));
    let hooks = read(root.join("hooks/hooks.json"));
    for entry in CLAUDE_CODE {
        let hook = &hooks["hooks"][entry.event][0]["hooks"][0];
        let command = hook["command"].as_str().unwrap().replace("${CLAUDE_PLUGIN_ROOT}", root.to_str().unwrap());
        assert!(Path::new(&command).is_file(), "{command}");
        assert_eq!((&hook["args"], &hook["timeout"]), (&json!(["--plugin"]), &json!(15)));
        assert_eq!(hook["onFailure"] == "block", entry.closes, "{}", entry.event);
    }
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains("stanch install") && readme.contains("does not cover"), "{readme}");
    assert!(root.join("libexec/stanch").is_file() && !root.join("bin").exists());
    // The plugin's own executable installs what is missing.
    let said = Command::new(root.join("libexec/stanch")).args(["install", "--yes"]).env("HOME", user.0.path()).output();
    assert!(said.unwrap().status.success() && user.path(".local/lib/stanch/bin/stanch-shell").is_file());
}

#[test]
fn a_folder_that_is_not_the_plugins_is_refused_and_its_own_is_made_anew() {
    let user = User::new();
    user.write("app/full/file", "mine");
    user.write("app/plain", "mine");
    fs::create_dir(user.path("app/empty")).unwrap();
    for (folder, why) in [("full", "was not made by"), ("plain", "is no folder")] {
        let said = user.says(2, &["plugin", "build", folder]);
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(fs::read_to_string(user.path("app/full/file")).unwrap(), "mine");
    user.says(0, &["plugin", "build", "empty"]);

    // Made anew: what was there goes, in one step.
    let hook = user.path("app/empty/plugins/stanch/libexec/pre-tool-use");
    let before = fs::metadata(&hook).unwrap().ino();
    fs::remove_file(user.path("app/empty/plugins/stanch/libexec/session-end")).unwrap();
    let said = user.says(0, &["plugin", "build", "empty"]);
    assert!(said.contains("anew"), "{said}");
    assert!(user.path("app/empty/plugins/stanch/libexec/session-end").is_file());
    assert_ne!(fs::metadata(&hook).unwrap().ino(), before);
    // Through a link, the link stays.
    symlink(user.path("app/empty"), user.path("app/link")).unwrap();
    user.says(0, &["plugin", "build", "link"]);
    assert!(fs::symlink_metadata(user.path("app/link")).unwrap().is_symlink());

    // Something of the user's in it, an executable that is missing: nothing changes, nothing is left beside it.
    user.write("app/empty/notes.txt", "mine");
    let said = user.says(2, &["plugin", "build", "empty"]);
    assert!(said.contains("notes.txt is not of the plugin"), "{said}");
    fs::remove_file(user.path("app/empty/notes.txt")).unwrap();
    fs::create_dir(user.path("app/from")).unwrap();
    let said = user.says(2, &["plugin", "build", "--from", "from", "empty"]);
    assert!(said.contains("is not complete"), "{said}");
    assert!(hook.is_file());
    let mut left: Vec<_> =
        fs::read_dir(user.path("app")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, [".claude", ".git", "empty", "from", "full", "link", "plain"]);
}

#[test]
fn what_the_client_does_not_take_is_not_put_in_place() {
    let user = User::new();
    user.script(&user.path("path/claude"), "echo \"$@\" >> \"$HOME/../asked\" 2>/dev/null; exit 0");
    let said = user.says(0, &["plugin", "build", "market"]);
    assert!(said.contains("checked by") && said.contains("plugin validate"), "{said}");
    user.script(&user.path("path/claude"), "echo 'unrecognised key'; exit 1");
    let said = user.says(2, &["plugin", "build", "other"]);
    assert!(said.contains("unrecognised key") && !user.path("app/other").exists(), "{said}");
}

#[test]
fn the_plugin_alone_covers_all_but_the_shell_prefix_and_everything_says_so() {
    let user = User::with_plugin();
    let report = user.verify();
    assert_eq!(not_covered(&report), ["stanch-shell"], "{report:#}");
    assert_eq!(told(&report).0, [] as [String; 0], "{report:#}");
    let said = user.says(0, &["status"]);
    assert!(said.contains("registered by the plugin stanch@stanch") && said.contains("all 11 hooks"), "{said}");
    assert!(said.contains("commands run without stanch-shell"), "{said}");
    user.says(0, &["doctor"]);
    let said = user.says(0, &["uninstall"]);
    assert!(said.contains("claude plugin uninstall stanch@stanch") && said.contains("market"), "{said}");
}

#[test]
fn registered_twice_is_said_and_two_versions_are_wrong() {
    let user = User::with_plugin();
    let said = user.says(0, &["install"]);
    assert!(said.contains("stand down"), "{said}");
    let report = user.verify();
    let (faults, notes) = told(&report);
    assert!(not_covered(&report).is_empty() && faults.is_empty(), "{report:#}");
    let twice: Vec<_> = notes.iter().filter(|note| note.contains("registered twice")).collect();
    assert!(twice.len() == 1 && twice[0].contains("stand down"), "{notes:?}");
    let said = user.says(0, &["status"]);
    assert!(said.contains("registered by the plugin") && said.contains("registered twice"), "{said}");

    let old = |name: &str| user.script(&user.libexec(name), &format!("[ \"$1\" = --version ] && echo '{name} 0.0.1'"));
    CLAUDE_CODE.iter().for_each(|entry| old(entry.hook));
    let faults = told(&user.verify()).0;
    assert!(faults.iter().any(|why| why.contains("older than this one")), "{faults:?}");
    let twice: Vec<_> = faults.iter().filter(|why| why.contains("registered twice")).collect();
    assert!(twice.len() == 1 && twice[0].contains("both run"), "{faults:?}");
    let said = user.says(1, &["doctor"]);
    assert!(said.contains("says \"pre-tool-use 0.0.1\"") && said.contains("stanch plugin build"), "{said}");
    user.says(0, &["plugin", "build", "../market"]);
    user.says(0, &["doctor"]);
    let said = user.says(0, &["uninstall"]);
    assert!(said.contains("the plugin stanch@stanch is still there"), "{said}");
}

#[test]
fn a_plugin_that_does_not_run_is_found() {
    let user = User::with_plugin();
    fs::remove_file(user.libexec("post-tool-batch")).unwrap();
    assert!(not_covered(&user.verify()).contains(&"post-tool-batch".to_owned()));
    let said = user.says(1, &["doctor"]);
    assert!(said.contains("post-tool-batch is not there"), "{said}");

    // The folder is gone: the client starts without it, and says nothing.
    user.move_to("market", "elsewhere");
    for command in ["doctor", "status"] {
        let said = user.run(&[command]).1;
        assert!(said.contains("leaves it out without a word") && said.contains("market"), "{said}");
    }
    assert!(told(&user.verify()).0.iter().any(|why| why.contains("without a word")));
    user.move_to("elsewhere", "market");
    user.says(0, &["plugin", "build", "../market"]);

    for (settings, why) in [
        (json!({"enabledPlugins": {"stanch@stanch": false}}), "switches the plugin stanch@stanch off"),
        (json!({"disableAllHooks": true}), "switches hooks off"),
        (
            json!({"extraKnownMarketplaces": {"stanch": {"source": {"source": "directory", "path": "/tmp/x"}}}}),
            "puts another marketplace in the place",
        ),
    ] {
        user.write("app/.claude/settings.json", &settings.to_string());
        let report = user.verify();
        assert!(told(&report).0.iter().any(|fault| fault.contains(why)), "{why}: {report:#}");
        fs::remove_file(user.path("app/.claude/settings.json")).unwrap();
    }
    assert_eq!(told(&user.verify()).0, [] as [String; 0]);
}

#[test]
fn what_session_start_says_of_a_plugin() {
    let user = User::with_plugin();
    let message = || {
        let event =
            json!({"hook_event_name": "SessionStart", "session_id": "s", "cwd": user.path("app"), "source": "startup"});
        user.write("event.json", &event.to_string());
        let mut command = Command::new(user.libexec("session-start"));
        command.arg("--plugin").env_clear().env("HOME", user.0.path()).current_dir(user.path("app"));
        let output = command.stdin(fs::File::open(user.path("event.json")).unwrap()).output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        said["systemMessage"].as_str().unwrap().to_owned()
    };
    let said = message();
    assert!(
        said.contains("all hooks are registered, by the plugin stanch@stanch") && said.contains("stanch install"),
        "{said}"
    );
    user.says(0, &["install"]);
    let said = message();
    assert!(said.contains("by settings and by the plugin stanch@stanch") && !said.contains("cannot set"), "{said}");
    user.says(0, &["uninstall"]);
    fs::remove_file(user.path(".claude/settings.json")).unwrap();
    let said = message();
    assert!(said.contains("by the plugin /") && !said.contains("NO"), "brought by --plugin-dir: {said}");
    user.settings(&json!({"enabledPlugins": {"stanch@stanch": true}}));
    user.write("app/.claude/settings.json", "{\"enabledPlugins\":{\"stanch@stanch\":false}}");
    let said = message();
    assert!(said.contains("switches your plugin off"), "{said}");
}
