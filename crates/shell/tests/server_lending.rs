//! What a server that the prefix starts gets of what a broker lends. The test plays the client and its broker.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};

use common::PREFIX;
use scrub::known::{Form, Key, Known};
use stand_in::Broker;
use wire::{Answer, Ask, Handed, Lent, Way};

const LEND: &str = r#"
[lend.made-up]
source = "keyring:made-up"
by = "mcp-env:MADE_UP"
servers = ["made-up"]
repositories = ["*"]
"#;

/// No rule knows it.
const VALUE: &str = "Kettle-47-boils-at-9";

/// Lends the value to whoever asks, until the test ends.
fn broker() {
    static BROKER: OnceLock<Broker> = OnceLock::new();
    BROKER.get_or_init(|| {
        let asked = Mutex::new(HashSet::new());
        Broker::start(move |prefix, ask| match ask {
            Ask::Server { .. } => {
                asked.lock().unwrap().insert(prefix);
                let way = Way::Environment { name: "MADE_UP".to_owned() };
                let handed = vec![Handed { credential: "made-up".to_owned(), way }];
                let lent =
                    Lent { handed, why_not: None, program: "/bin/sh".into(), file: None, environment: Vec::new() };
                (Answer::Lent(lent), vec![VALUE.to_owned()])
            }
            Ask::Known => {
                let key = Key::new([7; 32]);
                // It comes when the server asks, after the first question.
                let has_asked = asked.lock().unwrap().contains(&prefix);
                let form = Form::of(&key, VALUE.as_bytes()).filter(|_| has_asked);
                (Answer::Known { forms: Known::new(key, form.into_iter().collect()).to_text() }, Vec::new())
            }
            _ => (Answer::Calls(0), Vec::new()),
        })
    });
}

/// A server, started in a folder with a repository's settings.
fn serve(text: &str, settings: &str, variable: (&str, &str)) -> Output {
    broker();
    let folder = tempfile::tempdir().unwrap();
    let (home, project) = (folder.path().join("home"), folder.path().join("project"));
    for path in [home.join(".config/stanch"), project.join(".claude")] {
        fs::create_dir_all(path).unwrap();
    }
    fs::write(home.join(".config/stanch/config.toml"), LEND).unwrap();
    fs::write(project.join(".claude/settings.json"), settings).unwrap();
    run(text, &home, &project, variable)
}

fn run(text: &str, home: &Path, project: &Path, (name, value): (&str, &str)) -> Output {
    let mut command = Command::new(PREFIX);
    command.arg(text).current_dir(project).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home);
    command.env("SHELL", "/bin/bash").env(name, value).output().unwrap()
}

#[test]
fn a_server_has_what_it_is_lent_and_leaves_no_core() {
    let text = r#"test "$MADE_UP" && echo "has it"; grep 'core file' /proc/self/limits | tr -s ' '"#;
    let said = serve(text, "{}", ("NODE_OPTIONS", ""));
    let out = String::from_utf8_lossy(&said.stdout);
    // Nothing, where the machine allows none anyway.
    let limits = ["1 1", "0 0"].map(|limit| format!("has it\nMax core file size {limit} bytes"));
    let is_one = limits.iter().any(|limit| out.trim_end() == limit);
    assert!(is_one, "{out}{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn what_a_server_shows_of_it_is_taken_out() {
    let said = serve(
        "echo \"it is $MADE_UP.\"; echo \"{\\\"key\\\":\\\"$MADE_UP\\\"}\"; echo $MADE_UP >&2",
        "{}",
        ("NODE_OPTIONS", ""),
    );
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert_eq!(out, "it is stanch_own_lent.\n{\"key\":\"stanch_own_lent\"}\n", "{err}");
    assert_eq!(err, "stanch_own_lent\n");
}

#[test]
fn a_server_runs_without_it_where_a_repository_has_it_load_code() {
    for name in ["NODE_OPTIONS", "LD_PRELOAD", "BASH_ENV", "ACME_URL"] {
        let said = serve("echo \"has '$MADE_UP'\"", &format!(r#"{{"env":{{"{name}":""}}}}"#), (name, ""));
        assert_eq!(String::from_utf8_lossy(&said.stdout), "has ''\n");
        let why = String::from_utf8_lossy(&said.stderr).into_owned();
        let wanted = format!("settings.json sets {name}, or may");
        assert!(why.contains("no credential is lent to this server") && why.contains(&wanted), "{why}");
    }
}
