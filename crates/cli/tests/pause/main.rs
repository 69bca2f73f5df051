//! `stanch pause` in a terminal (tmux), beside the hooks and the shell prefix that it lets pass; and what is not believed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod person;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};

use common::token;
use install::registration::CLAUDE_CODE;
use person::{STANCH, Terminal, User, built, said, signal, soon};
use serde_json::{Value, json};

#[test]
fn while_it_lasts_everything_passes_and_the_person_is_told() {
    let user = User::new();
    user.is_guarded();
    let terminal = Terminal::paused(&user, "10m");
    let secret = json!({ "tool_input": { "command": format!("curl -H 'authorization: token {}'", token()) } });
    assert_eq!(user.hook("pre-tool-use", "PreToolUse", &secret), "");
    for (name, event) in
        [("post-tool-use", "PostToolUse"), ("post-tool-batch", "PostToolBatch"), ("pre-compact", "PreCompact")]
    {
        assert_eq!(user.hook(name, event, &json!({})), "", "{name}");
    }
    for (name, event) in [("session-start", "SessionStart"), ("user-prompt-submit", "UserPromptSubmit")] {
        let answer: Value = serde_json::from_str(&user.hook(name, event, &json!({ "prompt": token() }))).unwrap();
        let message = answer["systemMessage"].as_str().unwrap();
        assert!(
            message.starts_with("stanch is paused until ") && message.ends_with(": nothing is redacted."),
            "{message}"
        );
        assert_eq!(answer.as_object().unwrap().len(), 1);
    }
    assert_eq!(user.shell().matches(&token()).count(), 2);
    // A change of settings would stay when the pause is over.
    fs::write(user.path("settings.json"), r#"{"disableAllHooks":true}"#).unwrap();
    let change = json!({ "source": "user_settings", "file_path": user.path("settings.json") });
    assert!(user.hook("config-change", "ConfigChange", &change).contains("block"));
    for command in ["status", "verify", "doctor"] {
        let (code, said) = user.stanch(&[command]);
        let first = said.lines().take(2).collect::<String>();
        assert!(first.contains("stanch is paused until") && (code == 1 || command == "status"), "{command}: {said}");
    }
    let verified: Value = serde_json::from_str(&user.stanch(&["verify", "--json"]).1).unwrap();
    assert!(verified["faults"][0]["why"].as_str().unwrap().contains("paused until"), "{verified}");
    assert!(user.stanch(&["status"]).1.contains("let through unlooked-at"), "{}", user.stanch(&["status"]).1);

    signal(terminal.process(), "KILL");
    soon("a killed process still pauses", || !user.passes());
    user.is_not_fooled("has ended");
    assert!(user.stanch(&["resume"]).1.contains("was not paused") && !user.record().exists());
    let passed: Vec<Value> = user.log().into_iter().filter(|line| line["did"] == "paused").collect();
    for event in ["PreToolUse", "PostToolBatch", "SessionStart", "Shell"] {
        assert!(passed.iter().any(|line| line["event"] == event), "{event}: {passed:?}");
    }
    assert!(user.has_logged("begun", "until") && user.has_logged("ended", "resume"));
}

/// The client asks both. The plugin's must not log what passes once more, and a session that begins in a pause goes on after it.
#[test]
fn where_settings_register_what_a_plugin_does_a_pause_is_said_once() {
    let user = User::new();
    let mut hooks = json!({});
    for entry in CLAUDE_CODE {
        let hook = json!({
            "type": "command", "command": built(entry.hook), "args": [], "timeout": 15, "onFailure": "block",
        });
        hooks[entry.event] = json!([{ "hooks": [hook] }]);
    }
    fs::create_dir(user.path(".claude")).unwrap();
    fs::write(user.path(".claude/settings.json"), json!({ "hooks": hooks }).to_string()).unwrap();
    let plugins = |name: &str, event: &str| user.hook_with(&["--plugin"], name, event, &json!({}));
    let terminal = Terminal::paused(&user, "10m");
    assert!(plugins("user-prompt-submit", "UserPromptSubmit").contains("is paused"), "no session has begun");
    let logged = user.log().len();
    for (name, event) in [("session-start", "SessionStart"), ("user-prompt-submit", "UserPromptSubmit")] {
        assert!(user.hook(name, event, &json!({})).contains("is paused"), "{name}");
        assert_eq!(plugins(name, event), "", "{name}");
    }
    assert_eq!(user.log().len(), logged + 2);
    terminal.press(&["C-c"]);
    soon("it does not end", || !user.passes());
    assert_eq!(plugins("post-tool-use", "PostToolUse"), "");
}

#[test]
fn it_ends_in_every_way_that_it_should() {
    type End = fn(&Terminal<'_>);
    let ends: [(&str, &str, End); 4] = [
        ("10m", "Ctrl-C", |terminal| terminal.press(&["C-c"])),
        ("10m", "the terminal is closed", |terminal| {
            assert!(terminal.tmux(&["kill-pane"]).status().unwrap().success())
        }),
        ("10m", "stanch resume", |terminal| assert!(terminal.user.stanch(&["resume"]).1.contains("is on again"))),
        ("3s", "the time is over", |_| ()),
    ];
    for (time, why, end) in ends {
        let user = User::new();
        let terminal = Terminal::paused(&user, time);
        assert!(time == "3s" || user.passes(), "{why}: there is no pause");
        end(&terminal);
        soon(why, || user.has_logged("ended", why));
        assert!(!user.record().exists(), "{why}");
        user.is_guarded();
        assert_eq!(user.stanch(&["resume"]).1, "stanch is not paused\n");
    }
}

#[test]
fn a_stopped_process_pauses_nothing_and_one_pause_is_enough() {
    let user = User::new();
    let terminal = Terminal::paused(&user, "10m");
    signal(terminal.process(), "STOP");
    soon("it goes on though it is stopped", || !user.passes());
    user.is_not_fooled("is stopped");
    signal(terminal.process(), "CONT");
    soon("it does not go on", || user.passes());
    let second = Terminal::start(&user, &[], &format!("{STANCH} pause 1m"));
    second.shows("paused already");
}

/// What may be run under the same name from elsewhere is the same program, or none.
#[test]
fn a_copy_of_the_program_pauses_and_another_program_does_not() {
    let user = User::new();
    let copy = user.path("stanch");
    fs::copy(STANCH, &copy).unwrap();
    let terminal = Terminal::start(&user, &[], &format!("{} pause", copy.display()));
    terminal.types_the_word();
    terminal.shows("nothing is redacted. ");
    soon("a copy does not pause", || user.passes());
    terminal.press(&["C-c"]);
    soon("it does not end", || !user.record().exists());
    // Another file: that of a process which is about to end cannot be written to.
    fs::remove_file(&copy).unwrap();
    fs::copy(STANCH, &copy).unwrap();
    fs::OpenOptions::new()
        .append(true)
        .open(&copy)
        .map(|mut file| std::io::Write::write_all(&mut file, b"x"))
        .unwrap()
        .unwrap();
    let terminal = Terminal::start(&user, &[], &format!("exec {} pause", copy.display()));
    terminal.types_the_word();
    terminal.shows("nothing is redacted. ");
    user.is_not_fooled("no `stanch pause`");
}

#[test]
fn another_word_pauses_nothing() {
    let user = User::new();
    let terminal = Terminal::start(&user, &[], &format!("{STANCH} pause"));
    terminal.shows("To pause stanch, type ");
    terminal.press(&["yes", "Enter"]);
    terminal.shows("that is not the word");
    assert!(!user.record().exists() && user.log().is_empty());
}

#[test]
fn an_agent_is_refused_at_once() {
    let user = User::new();
    let out = user.path("out").display().to_string();
    for (environment, text) in [
        (&[("CLAUDECODE", "1")][..], format!("{STANCH} pause")),
        (&[("CLAUDECODE", "1")], format!("env -i HOME={} {STANCH} pause; true", user.0.path().display())),
        (&[], format!("QWEN_CODE=1 {STANCH} pause")),
        // As a Bash tool starts it: the prefix stays above the command while its output goes to a file.
        (
            &[],
            format!(
                "SHELL=/bin/bash {} '{STANCH} pause; true' > {out} 2>&1; cat {out}",
                built("stanch-shell").display()
            ),
        ),
    ] {
        let terminal = Terminal::start(&user, environment, &text);
        terminal.shows("no pause: it is for a person");
        assert!(terminal.screen().contains("is an agent's"), "{}", terminal.screen());
    }
    let mut alone = user.command(Path::new("setsid"));
    let (code, said) = said(&alone.args(["-w", STANCH, "pause"]).stdin(Stdio::null()).output().unwrap());
    assert!(code == 2 && said.contains("has no terminal") && said.contains("Open a terminal"), "{said}");
    assert!(!user.record().exists() && user.log().is_empty());
    let call = json!({ "tool_input": { "command": format!("{STANCH} pause 10m") } });
    assert!(user.hook("pre-tool-use", "PreToolUse", &call).contains("for a person at a terminal"));
    for wrong in ["2h", "0s", "soon"] {
        assert_eq!(user.stanch(&["pause", wrong]).0, 2);
    }
}

/// A process that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_file_alone_is_not_believed() {
    let user = User::new();
    let own = std::process::id();
    drop(user.forge(own, &json!({})));
    user.is_not_fooled("no process holds it");
    let lock = user.forge(own, &json!({}));
    user.is_not_fooled("process"); // this test has a terminal or none, and is no `stanch pause` in any case
    fs::set_permissions(user.record(), PermissionsExt::from_mode(0o644)).unwrap();
    user.is_not_fooled("mode 0600");
    drop(lock);
    for (changes, why) in [
        (json!({ "until": 1 }), "its time is over"),
        (json!({ "until": u64::MAX / 2 }), "later than any pause"),
        (json!({ "until": "soon" }), "no record of a pause"),
        (json!({ "start": 7 }), "another one than is meant"),
        (json!({ "pid": u32::MAX }), "is not there"),
    ] {
        let _lock = user.forge(own, &changes);
        user.is_not_fooled(why);
    }
    // The right program, without a terminal.
    let mut waits = user.command(Path::new("setsid"));
    let waits = Running(waits.args([STANCH, "redact"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap());
    soon("it does not run", || {
        fs::read_link(format!("/proc/{}/exe", waits.0.id())).is_ok_and(|to| to == Path::new(STANCH))
    });
    let _lock = user.forge(waits.0.id(), &json!({}));
    user.is_not_fooled("has no terminal");
}

#[test]
fn a_file_that_names_a_process_of_a_person_is_not_believed_either() {
    let user = User::new();
    let terminal = Terminal::start(&user, &[], &format!("exec {STANCH} redact"));
    let pid =
        said(&terminal.tmux(&["display-message", "-p", "#{pane_pid}"]).output().unwrap()).1.trim().parse().unwrap();
    soon("it does not run", || fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|to| to == Path::new(STANCH)));
    let _lock = user.forge(pid, &json!({}));
    user.is_not_fooled("no `stanch pause`");
    // It asks for the word, and nobody has typed it: somebody else holds the lock.
    let asking = Terminal::start(&user, &[], &format!("exec {STANCH} pause 1m"));
    asking.shows("To pause stanch, type ");
    let pid = said(&asking.tmux(&["display-message", "-p", "#{pane_pid}"]).output().unwrap()).1.trim().parse().unwrap();
    let _lock = user.forge(pid, &json!({}));
    user.is_not_fooled("does not hold the file's lock");
}

#[test]
fn a_repository_does_not_lead_to_a_pause() {
    let user = User::new();
    let terminal = Terminal::paused(&user, "10m");
    fs::create_dir_all(user.path(".claude")).unwrap();
    fs::write(user.path(".claude/settings.json"), r#"{"env":{"XDG_STATE_HOME":"/x"}}"#).unwrap();
    user.is_not_fooled("a repository may have led here");
    drop(terminal);
}
