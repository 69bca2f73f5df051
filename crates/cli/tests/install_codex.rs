//! `stanch install --agent codex`, run as a person runs it, with `verify`, `status`, `doctor` and `uninstall` behind it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::path::PathBuf;

use common::files;
use install::registration::CODEX;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A user with Codex, and a project.
struct User(tempfile::TempDir);

impl User {
    fn new() -> Self {
        let user = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(user.path("app/.git")).unwrap();
        user
    }

    fn with(hooks: &str) -> Self {
        let user = Self::new();
        user.write(".codex/hooks.json", hooks);
        user
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn hooks(&self) -> Option<String> {
        fs::read_to_string(self.path(".codex/hooks.json")).ok()
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        common::stanch(self.0.path(), arguments)
    }

    fn says(&self, arguments: &[&str]) -> String {
        let (code, said) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    fn install(&self) -> String {
        self.says(&["install", "--agent", "codex"])
    }

    fn verify(&self) -> (i32, Value) {
        let before = files(self.0.path());
        let (code, said) = self.run(&["verify", "--agent", "codex", "--json"]);
        assert!(!said.contains("ghp_"), "the probe is shown");
        assert_eq!(files(self.0.path()), before, "something of the user's was written");
        (code, serde_json::from_str(&said).unwrap_or_else(|_| panic!("no report: {said}")))
    }

    /// Covered by nothing, for this reason.
    fn is_open(&self, why: &str) {
        let (code, report) = self.verify();
        let paths = report["paths"].as_array().unwrap();
        assert!(code == 1 && paths.len() > 6);
        for row in paths {
            assert!(row["covered"] == false && row["why"].as_str().unwrap().contains(why), "{row}");
        }
    }

    fn is_covered(&self) {
        let (code, report) = self.verify();
        assert_eq!(code, 0, "{report:#}");
    }

    /// What Codex writes once a person has trusted all that stands in `hooks.json`.
    fn trust(&self) {
        let settings: Value = serde_json::from_str(&self.hooks().unwrap()).unwrap();
        let mut config = fs::read_to_string(self.path(".codex/config.toml")).unwrap_or_default();
        for (event, label) in [
            ("PreToolUse", "pre_tool_use"),
            ("PostToolUse", "post_tool_use"),
            ("UserPromptSubmit", "user_prompt_submit"),
            ("SessionStart", "session_start"),
        ] {
            for (number, entry) in settings["hooks"][event].as_array().unwrap().iter().enumerate() {
                let (hook, matcher) = (&entry["hooks"][0], &entry["matcher"]);
                let timeout = hook["timeout"].as_u64().unwrap_or(600);
                let matcher = if matcher.is_null() { String::new() } else { format!(r#","matcher":{matcher}"#) };
                let reviewed = format!(
                    r#"{{"event_name":"{label}","hooks":[{{"async":false,"command":{},"timeout":{timeout},"type":"command"}}]{matcher}}}"#,
                    hook["command"]
                );
                let hash: String = Sha256::digest(reviewed).iter().map(|byte| format!("{byte:02x}")).collect();
                let path = self.path(".codex/hooks.json");
                config.push_str(&format!(
                    "\n[hooks.state.\"{}:{label}:{number}:0\"]\ntrusted_hash = \"sha256:{hash}\"\n",
                    path.display()
                ));
            }
        }
        self.write(".codex/config.toml", &config);
    }
}

const THEIRS: &str = "{\n   \"hooks\": {\n      \"Stop\": [],\n      \"PreToolUse\": [ { \"matcher\": \"Bash\", \"hooks\": [ {\"type\": \"command\", \"command\": \"rtk\"} ] } ]\n   },\n   \"description\": \"mine\"\n}";

#[test]
fn installing_and_uninstalling_leaves_everything_as_it_was() {
    for before in [None, Some("{}\n"), Some(THEIRS)] {
        let user = before.map_or_else(User::new, User::with);
        let there = files(user.0.path());
        let said = user.install();
        for what in ["installed", "/hooks", "NOT in force yet", "no shell prefix", "passes open", "never writes it"] {
            assert!(said.contains(what), "{what}: {said}");
        }
        assert_eq!(said.contains("kept: PreToolUse runs rtk"), before == Some(THEIRS));
        let bin = user.path(".local/lib/stanch/bin");
        let installed = user.hooks().unwrap();
        install::settings::check(&installed, CODEX, &bin).unwrap();
        assert!(installed.contains("--agent codex") && !installed.contains("args") && !installed.contains("env"));
        assert!(!user.path(".codex/config.toml").exists() && !user.path(".claude").exists());

        assert!(user.install().contains("nothing to change"));
        assert_eq!(user.hooks().unwrap(), installed);
        user.says(&["uninstall", "--agent", "codex"]);
        assert_eq!(user.hooks().as_deref(), before);
        assert_eq!(files(user.0.path()), there);
    }
}

#[test]
fn an_older_installation_is_replaced_where_it_stands() {
    let user = User::with(THEIRS);
    user.install();
    let installed = user.hooks().unwrap();
    let older = installed.replace("\"timeout\": 15", "\"timeout\": 5");
    user.write(".codex/hooks.json", &older);
    user.install();
    let said = |hooks: &str| serde_json::from_str::<Value>(hooks).unwrap();
    assert_eq!(said(&user.hooks().unwrap()), said(&installed));
}

#[test]
fn what_was_changed_since_stays_changed_and_what_moves_up_is_said() {
    let user = User::with(THEIRS);
    user.install();
    let mut settings: Value = serde_json::from_str(&user.hooks().unwrap()).unwrap();
    let later = serde_json::json!({ "hooks": [{ "type": "command", "command": "later" }] });
    settings["hooks"]["PreToolUse"].as_array_mut().unwrap().push(later.clone());
    user.write(".codex/hooks.json", &settings.to_string());
    let said = user.says(&["uninstall", "--agent", "codex"]);
    assert!(said.contains("later moves up") && said.contains("before-stanch"), "{said}");
    let mut before: Value = serde_json::from_str(THEIRS).unwrap();
    before["hooks"]["PreToolUse"].as_array_mut().unwrap().push(later);
    assert_eq!(serde_json::from_str::<Value>(&user.hooks().unwrap()).unwrap(), before);
}

#[test]
fn a_dry_run_and_what_cannot_be_done_change_nothing() {
    let user = User::with(THEIRS);
    let there = files(user.0.path());
    assert!(user.says(&["install", "--agent", "codex", "--dry-run"]).contains("nothing was changed"));
    for (arguments, why) in [
        (&["install", "--agent", "codex", "--project"][..], "settings of a project"),
        (&["install", "--agent", "codex", "--deny-secret-files"], "for Claude Code"),
        (&["install", "--agent", "cursor"], "possible values: claude-code, codex, qwen"),
        (&["run", "--", "codex"], "docs/agents.md"),
    ] {
        let (code, said) = user.run(arguments);
        assert!(code == 2 && said.contains(why), "{arguments:?}: {said}");
    }
    // Codex takes nothing of such a file.
    for (hooks, why) in
        [("{\"$schema\":\"x\"}", "'$schema'"), ("{\n\"hooks\": {},\n}", "line 3"), ("[]", "no JSON object")]
    {
        user.write(".codex/hooks.json", hooks);
        let (code, said) = user.run(&["install", "--agent", "codex"]);
        assert!(code == 2 && said.contains(why) && said.contains("hooks.json"), "{said}");
        assert_eq!(user.hooks().unwrap(), hooks);
    }
    assert_eq!(files(user.0.path()), there);
}

#[test]
fn verify_covers_nothing_until_the_hooks_are_trusted_and_everything_then() {
    let user = User::with(THEIRS);
    user.is_open("is not registered");
    user.install();
    user.is_open("not trusted yet");
    let said = user.says(&["status"]);
    assert!(said.contains("Codex: installed in") && said.contains("not trusted yet"), "{said}");
    assert!(!said.contains("stanch-shell"), "{said}");
    assert_eq!(user.run(&["doctor"]).0, 1);

    user.trust();
    user.is_covered();
    assert!(!user.install().contains("NOT in force yet"));
    let said = user.says(&["status"]);
    assert!(said.contains("all 4 hooks are registered") && !said.contains('!'), "{said}");
    user.says(&["doctor"]);

    // Another command stands there now.
    let hooks = user.hooks().unwrap();
    user.write(".codex/hooks.json", &hooks.replace("\"timeout\": 15", "\"timeout\": 16"));
    user.is_open("changed since it was trusted");
    user.write(".codex/hooks.json", &hooks);
    let config = fs::read_to_string(user.path(".codex/config.toml")).unwrap();
    user.write(".codex/config.toml", &config.replace("trusted_hash", "enabled = false\ntrusted_hash"));
    user.is_open("switched off in /hooks");
}

#[test]
fn what_switches_hooks_off_is_named() {
    let user = User::new();
    user.install();
    user.trust();
    let config = fs::read_to_string(user.path(".codex/config.toml")).unwrap();
    let off = "[features]\nhooks = false\n";
    user.write(".codex/config.toml", &format!("{off}{config}"));
    user.is_open("config.toml:2 switches all hooks off");
    assert!(user.install().contains("[features] hooks = false"));
    user.write(".codex/config.toml", &config);
    // A repository, once it is trusted.
    user.write("app/.codex/config.toml", off);
    user.is_covered();
    let trusted = format!("[projects.\"{}\"]\ntrust_level = \"trusted\"\n", user.path("app").display());
    user.write(".codex/config.toml", &format!("{config}{trusted}"));
    user.is_open("app/.codex/config.toml:2 switches all hooks off");
}

#[test]
fn what_is_wrong_with_a_registration_is_named() {
    let user = User::new();
    user.install();
    let hooks = user.hooks().unwrap();
    let with = |hooks: &str| {
        let _ = fs::remove_file(user.path(".codex/config.toml"));
        user.write(".codex/hooks.json", hooks);
        user.trust();
        user.verify()
    };
    // Claude Code's answers are none for Codex.
    let (code, report) = with(&hooks.replace("post-tool-use --agent codex", "post-tool-use"));
    let row = report["paths"].as_array().unwrap().iter().find(|row| row["by"] == "post-tool-use").unwrap();
    assert!(code == 1 && row["why"].as_str().unwrap().contains("'updatedToolOutput'"), "{row}");
    let (_, report) = with(&hooks.replacen("\"timeout\": 15", "\"timeout\": 9", 1));
    assert!(report["faults"].to_string().contains("not longer than the hook's own"), "{report:#}");
    let (_, report) =
        with(&hooks.replacen("\"hooks\": [\n          {", "\"matcher\": \"Bash\", \"hooks\": [\n          {", 1));
    assert!(report["paths"].to_string().contains("leaves out apply_patch"), "{report:#}");

    assert_eq!(with(&hooks).0, 0);
    fs::remove_file(user.path(".local/lib/stanch/bin/pre-tool-use")).unwrap();
    let (code, said) = user.run(&["doctor"]);
    assert!(code == 1 && said.contains("pre-tool-use is not there"), "{said}");
    let (_, said) = user.run(&["doctor", "--repair"]);
    assert!(said.contains("mended: installed again"), "{said}");
    user.is_covered();
}

#[test]
fn agents_share_the_executables_until_the_last_is_gone() {
    let user = User::new();
    user.says(&["install"]);
    user.install();
    user.says(&["install", "--agent", "qwen"]);
    let said = user.says(&["status"]);
    for title in ["Claude Code: installed", "Codex: installed", "Qwen Code: installed"] {
        assert!(said.contains(title), "{said}");
    }
    let (code, said) = user.run(&["verify", "--agent", "qwen"]);
    assert!(code == 0 && !said.contains("NOT covered"), "{said}");
    assert!(fs::read_to_string(user.path(".qwen/settings.json")).unwrap().contains("\"timeout\": 15000"));
    let there = || user.path(".local/lib/stanch/bin/session-end").exists();
    user.says(&["uninstall"]);
    user.says(&["uninstall", "--agent", "qwen"]);
    assert!(there() && !user.path(".qwen/settings.json").exists());
    user.says(&["uninstall", "--agent", "codex"]);
    assert!(!user.path(".local/lib/stanch").exists());
}
