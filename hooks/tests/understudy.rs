//! Registered by settings and by a plugin: the plugin's hook is silent where the settings' runs, and nowhere else.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Instant;

use common::{HOOKS, POST, PROMPT, START, command, event, text, token};
use hooks::registration::CLAUDE_CODE;
use serde_json::{Value, json};

/// A user whose settings register every hook from a folder of stanch's, as `stanch install` does.
struct User(tempfile::TempDir);

impl User {
    fn new() -> Self {
        let user = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(user.path("app/.claude")).unwrap();
        fs::create_dir_all(user.path("bin")).unwrap();
        for (hook, _) in HOOKS {
            fs::copy(hook, user.path("bin").join(Path::new(hook).file_name().unwrap())).unwrap();
        }
        user.settings(|_| {});
        user
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn settings(&self, change: impl Fn(&mut Value)) {
        let mut hooks = json!({});
        for entry in CLAUDE_CODE {
            let mut hook =
                json!({"type": "command", "command": self.path("bin").join(entry.hook), "args": [], "timeout": 15});
            if entry.closes {
                hook["onFailure"] = json!("block");
            }
            hooks[entry.event] = json!([{ "matcher": "*", "hooks": [hook] }]);
        }
        let mut settings = json!({ "hooks": hooks });
        change(&mut settings);
        fs::create_dir_all(self.path(".claude")).unwrap();
        fs::write(self.path(".claude/settings.json"), settings.to_string()).unwrap();
    }

    /// Runs a hook: this process is its client.
    fn run(&self, program: &Path, arguments: &[&str], event: &Value) -> Output {
        let mut event = event.clone();
        event["cwd"] = json!(self.path("app"));
        let mut command = command(program.to_str().unwrap(), self.0.path());
        command.args(arguments).current_dir(self.path("app")).env("CLAUDE_PROJECT_DIR", self.path("app"));
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The settings' own hook of `session-start`, at the start of session "s".
    fn starts(&self) {
        let output =
            self.run(&self.path("bin/session-start"), &[], &session("SessionStart", json!({"source": "startup"})));
        assert!(text(&output.stdout).contains("is on"), "{}", text(&output.stderr));
    }

    /// Whether the plugin's hook answers an output with a secret in it.
    fn plugin_answers(&self) -> bool {
        let response = json!({"stdout": token(), "stderr": ""});
        let event = session("PostToolUse", json!({"tool_name": "Bash", "tool_input": {}, "tool_response": response}));
        let output = self.run(Path::new(POST), &["--plugin"], &event);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        assert!(said.is_empty() || said.contains("stanch_github_pat"), "{said}");
        !said.is_empty()
    }
}

fn session(name: &str, fields: Value) -> Value {
    let mut event = event(name, fields);
    event["session_id"] = json!("s");
    event
}

#[test]
fn the_plugins_hook_is_silent_where_the_settings_own_runs() {
    let user = User::new();
    assert!(user.plugin_answers(), "no session-start of the settings' has run");
    user.starts();
    assert!(!user.plugin_answers());
    // The settings' own never stands down.
    let secret = session("UserPromptSubmit", json!({"prompt": token(), "transcript_path": user.path("none.jsonl")}));
    for (hook, plugin, blocks) in
        [(user.path("bin/user-prompt-submit"), false, true), (PathBuf::from(PROMPT), true, false)]
    {
        let output = user.run(&hook, if plugin { &["--plugin"] } else { &[] }, &secret);
        assert_eq!(text(&output.stdout).contains("\"block\""), blocks, "{}", text(&output.stdout));
    }
}

#[test]
fn another_session_another_client_and_another_version_have_no_mark() {
    let user = User::new();
    user.starts();
    let mark = user.path(".local/state/stanch/settings-run/s");
    let right = fs::read_to_string(&mark).unwrap();
    assert_eq!(right.lines().next(), Some(env!("CARGO_PKG_VERSION")));
    fs::rename(&mark, mark.with_file_name("t")).unwrap();
    assert!(user.plugin_answers());
    for (from, to) in [
        (env!("CARGO_PKG_VERSION").to_owned(), "0.0.1".to_owned()),
        (right.lines().nth(1).unwrap().to_owned(), "1 1".to_owned()),
        (user.path("bin").display().to_string(), user.path("other").display().to_string()),
    ] {
        fs::write(&mark, right.replacen(&from, &to, 1)).unwrap();
        assert!(user.plugin_answers(), "{to}");
    }
    fs::write(&mark, "").unwrap();
    assert!(user.plugin_answers());
    fs::write(&mark, right).unwrap();
    assert!(!user.plugin_answers());
}

type Change = (&'static str, fn(&mut Value));

#[test]
fn it_answers_where_the_settings_hook_would_not() {
    let user = User::new();
    user.starts();
    let changes: [Change; 9] = [
        ("another event", |entry| *entry = json!([])),
        ("some tools", |entry| entry[0]["matcher"] = json!("Read")),
        ("nobody waits", |entry| entry[0]["hooks"][0]["async"] = json!(true)),
        ("some calls", |entry| entry[0]["hooks"][0]["if"] = json!("Bash(git *)")),
        ("too short", |entry| entry[0]["hooks"][0]["timeout"] = json!(5)),
        ("no time-out", |entry| entry[0]["hooks"][0]["timeout"] = Value::Null),
        ("through a shell", |entry| entry[0]["hooks"][0]["args"] = Value::Null),
        ("an understudy, too", |entry| entry[0]["hooks"][0]["args"] = json!(["--plugin"])),
        ("another program", |entry| entry[0]["hooks"][0]["command"] = json!("/bin/true")),
    ];
    for (what, change) in changes {
        user.settings(|settings| change(&mut settings["hooks"]["PostToolUse"]));
        assert!(user.plugin_answers(), "{what}");
    }
    user.settings(|settings| settings["disableAllHooks"] = json!(true));
    assert!(user.plugin_answers(), "switched off");
    user.settings(|_| {});
    assert!(!user.plugin_answers());
    fs::write(user.path("app/.claude/settings.json"), "{\"disableAllHooks\":true}").unwrap();
    assert!(user.plugin_answers(), "switched off by the repository");
    fs::remove_file(user.path("app/.claude/settings.json")).unwrap();
    fs::set_permissions(user.path("bin/post-tool-use"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(user.plugin_answers(), "not executable");
    fs::remove_file(user.path("bin/post-tool-use")).unwrap();
    assert!(user.plugin_answers(), "not there");
    // Where the event must not pass, an entry that lets it pass does not count.
    let prompt = session("UserPromptSubmit", json!({"prompt": token(), "transcript_path": user.path("none.jsonl")}));
    user.settings(|settings| settings["hooks"]["UserPromptSubmit"][0]["hooks"][0]["onFailure"] = Value::Null);
    assert!(text(&user.run(Path::new(PROMPT), &["--plugin"], &prompt).stdout).contains("block"));
}

#[test]
fn what_a_repository_has_in_itself_does_not_count() {
    let user = User::new();
    fs::rename(user.path("bin"), user.path("app/bin")).unwrap();
    symlink(user.path("app/bin"), user.path("bin")).unwrap();
    user.starts();
    assert!(user.plugin_answers());
}

#[test]
fn the_plugins_session_start_waits_for_the_settings_and_not_for_long() {
    let user = User::new();
    let start = session("SessionStart", json!({"source": "startup"}));
    std::thread::scope(|scope| {
        let plugin = scope.spawn(|| user.run(Path::new(START), &["--plugin"], &start));
        std::thread::sleep(std::time::Duration::from_millis(300));
        user.starts();
        assert_eq!(text(&plugin.join().unwrap().stdout), "");
    });
    // In a session whose settings' hooks do not run, it speaks; where no settings have it, at once.
    let mut other = start.clone();
    other["session_id"] = json!("other");
    assert!(text(&user.run(Path::new(START), &["--plugin"], &other).stdout).contains("is on"));
    fs::write(user.path(".claude/settings.json"), "{}").unwrap();
    let begin = Instant::now();
    assert!(text(&user.run(Path::new(START), &["--plugin"], &other).stdout).contains("is on"));
    assert!(begin.elapsed().as_millis() < 1900, "it waited for nobody");
}

#[test]
fn an_event_that_cannot_be_read_is_answered_closed() {
    let user = User::new();
    user.starts();
    let mut event = session("UserPromptSubmit", json!({"prompt": "x"}));
    event["hook_event_name"] = json!("Other");
    assert_eq!(user.run(Path::new(PROMPT), &["--plugin"], &event).status.code(), Some(2));
}
