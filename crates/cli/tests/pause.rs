//! `stanch pause` in a terminal (tmux), beside the hooks and the shell prefix that it lets pass; and what is not believed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use common::{fed, token};
use serde_json::{Value, json};

const STANCH: &str = env!("CARGO_BIN_EXE_stanch");

/// An executable that cargo has built beside this one's command.
fn built(name: &str) -> PathBuf {
    let path = Path::new(STANCH).with_file_name(name);
    assert!(path.is_file(), "no {}: run `cargo build` first", path.display());
    path
}

/// A user with a home.
struct User(tempfile::TempDir);

impl User {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn record(&self) -> PathBuf {
        self.path(".local/state/stanch/pause.json")
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.0.path()).env("PATH", std::env::var_os("PATH").unwrap());
        command.env("SHELL", "/bin/bash").current_dir(self.0.path());
        command
    }

    fn stanch(&self, arguments: &[&str]) -> (i32, String) {
        said(&self.command(Path::new(STANCH)).args(arguments).stdin(Stdio::null()).output().unwrap())
    }

    fn hook(&self, name: &str, event: &str, changes: &Value) -> String {
        let mut all = json!({
            "hook_event_name": event, "session_id": "s", "cwd": self.0.path(), "source": "startup", "prompt": "hello",
            "transcript_path": self.path("none.jsonl"), "tool_name": "Bash", "tool_input": { "command": "ls" },
            "tool_response": { "stdout": format!("GITHUB_TOKEN={}", token()), "stderr": "", "interrupted": false },
            "tool_calls": [{ "tool_name": "Bash", "tool_response": format!("GITHUB_TOKEN={}", token()) }],
        });
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        said(&fed(&mut self.command(&built(name)), all.to_string().as_bytes())).1
    }

    /// What the shell prefix gives of a secret, to a reader of a pipe and to one of a file.
    fn shell(&self) -> String {
        let text = format!("echo {}", token());
        let piped = said(&self.command(&built("stanch-shell")).arg(&text).output().unwrap()).1;
        let file = fs::File::create(self.path("output")).unwrap();
        let mut command = self.command(&built("stanch-shell"));
        command.arg(&text).stdout(file.try_clone().unwrap()).stderr(file);
        assert!(command.status().unwrap().success());
        piped + &fs::read_to_string(self.path("output")).unwrap()
    }

    fn is_guarded(&self) {
        let answer = self.hook("post-tool-use", "PostToolUse", &json!({}));
        assert!(answer.contains("stanch_github_pat") && !answer.contains(&token()), "{answer}");
        let written = self.shell();
        assert!(written.matches("stanch_github_pat").count() == 2 && !written.contains(&token()), "{written}");
    }

    /// It is guarded, and a session's start says why what was found is no pause.
    fn is_not_fooled(&self, why: &str) {
        self.is_guarded();
        let answer = self.hook("session-start", "SessionStart", &json!({}));
        assert!(answer.contains("not believed") && answer.contains(why), "{why}: {answer}");
        let (_, said) = self.stanch(&["status"]);
        assert!(said.starts_with("! ") && said.contains("not believed") && said.contains(why), "{why}: {said}");
    }

    fn passes(&self) -> bool {
        self.hook("post-tool-use", "PostToolUse", &json!({})).is_empty()
    }

    fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path(".local/state/stanch/log.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn has_logged(&self, did: &str, place: &str) -> bool {
        let is = |line: &Value| {
            line["event"] == "Pause" && line["did"] == did && line["place"].as_str().is_some_and(|p| p.contains(place))
        };
        self.log().iter().any(is)
    }

    /// A record as `stanch pause` would write it for that process.
    fn forge(&self, process: u32, changes: &Value) -> fs::File {
        let until = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_secs(600);
        let mut record =
            json!({ "pid": process, "start": start(process), "until": until.as_millis() as u64, "offset": 0 });
        record.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let path = self.record();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        fs::write(&path, record.to_string()).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let file = fs::File::open(&path).unwrap();
        file.lock().unwrap();
        file
    }
}

fn said(output: &Output) -> (i32, String) {
    let text =
        [&output.stdout[..], &output.stderr[..]].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    (output.status.code().unwrap(), text)
}

fn start(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(19)?.parse().ok()).unwrap_or_default()
}

fn soon(what: &str, is: impl Fn() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A terminal in which a person has started something, gone with this value.
struct Terminal<'u> {
    user: &'u User,
    socket: PathBuf,
}

impl<'u> Terminal<'u> {
    fn start(user: &'u User, environment: &[(&str, &str)], text: &str) -> Self {
        let terminal = Self { user, socket: user.path(&format!("tmux-{}", text.len())) };
        let mut tmux = terminal.tmux(&["new-session", "-d", "-x", "150", "-y", "20", "/bin/sh", "-c"]);
        let status = tmux.arg(format!("{text}; sleep 60")).envs(environment.iter().copied()).status();
        assert!(status.expect("no tmux: `./tests/run` installs it").success());
        terminal
    }

    /// One in which stanch is paused.
    fn paused(user: &'u User, time: &str) -> Self {
        let terminal = Self::start(user, &[], &format!("{STANCH} pause {time}"));
        terminal.types_the_word();
        terminal.shows("nothing is redacted. ");
        terminal
    }

    fn types_the_word(&self) {
        self.shows("To pause stanch, type ");
        let screen = self.screen();
        let word = screen.split("type ").nth(1).unwrap().split(':').next().unwrap();
        self.press(&[word, "Enter"]);
    }

    fn press(&self, keys: &[&str]) {
        assert!(self.tmux(&["send-keys"]).args(keys).status().unwrap().success());
    }

    fn screen(&self) -> String {
        said(&self.tmux(&["capture-pane", "-p", "-J"]).output().unwrap()).1
    }

    fn shows(&self, text: &str) {
        soon(&format!("no '{text}' on the screen"), || self.screen().contains(text));
    }

    fn process(&self) -> u32 {
        let record: Value = serde_json::from_slice(&fs::read(self.user.record()).unwrap()).unwrap();
        u32::try_from(record["pid"].as_u64().unwrap()).unwrap()
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut tmux = self.user.command(Path::new("tmux"));
        tmux.env("TERM", "xterm").arg("-S").arg(&self.socket).args(["-f", "/dev/null"]).args(arguments);
        tmux.stdin(Stdio::null());
        tmux
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]).stderr(Stdio::null()).status();
    }
}

fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap().success());
}

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
