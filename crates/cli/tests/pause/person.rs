//! A person with a home and a terminal, and the hooks as an agent runs them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use crate::common::{fed, token};

pub const STANCH: &str = env!("CARGO_BIN_EXE_stanch");

/// An executable that cargo has built beside this one's command.
pub fn built(name: &str) -> PathBuf {
    let path = Path::new(STANCH).with_file_name(name);
    assert!(path.is_file(), "no {}: run `cargo build` first", path.display());
    path
}

/// A user with a home.
pub struct User(pub tempfile::TempDir);

impl User {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub fn record(&self) -> PathBuf {
        self.path(".local/state/stanch/pause.json")
    }

    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.0.path()).env("PATH", std::env::var_os("PATH").unwrap());
        command.env("SHELL", "/bin/bash").current_dir(self.0.path());
        command
    }

    pub fn stanch(&self, arguments: &[&str]) -> (i32, String) {
        said(&self.command(Path::new(STANCH)).args(arguments).stdin(Stdio::null()).output().unwrap())
    }

    pub fn hook(&self, name: &str, event: &str, changes: &Value) -> String {
        self.hook_with(&[], name, event, changes)
    }

    /// The same, as it is registered with arguments.
    pub fn hook_with(&self, arguments: &[&str], name: &str, event: &str, changes: &Value) -> String {
        let mut all = json!({
            "hook_event_name": event, "session_id": "s", "cwd": self.0.path(), "source": "startup", "prompt": "hello",
            "transcript_path": self.path("none.jsonl"), "tool_name": "Bash", "tool_input": { "command": "ls" },
            "tool_response": { "stdout": format!("GITHUB_TOKEN={}", token()), "stderr": "", "interrupted": false },
            "tool_calls": [{ "tool_name": "Bash", "tool_response": format!("GITHUB_TOKEN={}", token()) }],
        });
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        said(&fed(self.command(&built(name)).args(arguments), all.to_string().as_bytes())).1
    }

    /// What the shell prefix gives of a secret, to a reader of a pipe and to one of a file.
    pub fn shell(&self) -> String {
        let text = format!("echo {}", token());
        let piped = said(&self.command(&built("stanch-shell")).arg(&text).output().unwrap()).1;
        let file = fs::File::create(self.path("output")).unwrap();
        let mut command = self.command(&built("stanch-shell"));
        command.arg(&text).stdout(file.try_clone().unwrap()).stderr(file);
        assert!(command.status().unwrap().success());
        piped + &fs::read_to_string(self.path("output")).unwrap()
    }

    pub fn is_guarded(&self) {
        let answer = self.hook("post-tool-use", "PostToolUse", &json!({}));
        assert!(answer.contains("stanch_github_pat") && !answer.contains(&token()), "{answer}");
        let written = self.shell();
        assert!(written.matches("stanch_github_pat").count() == 2 && !written.contains(&token()), "{written}");
    }

    /// It is guarded, and a session's start says why what was found is no pause.
    pub fn is_not_fooled(&self, why: &str) {
        self.is_guarded();
        let answer = self.hook("session-start", "SessionStart", &json!({}));
        assert!(answer.contains("not believed") && answer.contains(why), "{why}: {answer}");
        let (_, said) = self.stanch(&["status"]);
        assert!(said.starts_with("! ") && said.contains("not believed") && said.contains(why), "{why}: {said}");
    }

    pub fn passes(&self) -> bool {
        self.hook("post-tool-use", "PostToolUse", &json!({})).is_empty()
    }

    pub fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path(".local/state/stanch/log.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn has_logged(&self, did: &str, place: &str) -> bool {
        let is = |line: &Value| {
            line["event"] == "Pause" && line["did"] == did && line["place"].as_str().is_some_and(|p| p.contains(place))
        };
        self.log().iter().any(is)
    }

    /// A record as `stanch pause` would write it for that process.
    pub fn forge(&self, process: u32, changes: &Value) -> fs::File {
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

pub fn said(output: &Output) -> (i32, String) {
    let text =
        [&output.stdout[..], &output.stderr[..]].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    (output.status.code().unwrap(), text)
}

fn start(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(19)?.parse().ok()).unwrap_or_default()
}

pub fn soon(what: &str, is: impl Fn() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A terminal in which a person has started something, gone with this value.
pub struct Terminal<'u> {
    pub user: &'u User,
    socket: PathBuf,
}

impl<'u> Terminal<'u> {
    pub fn start(user: &'u User, environment: &[(&str, &str)], text: &str) -> Self {
        let terminal = Self { user, socket: user.path(&format!("tmux-{}", text.len())) };
        let mut tmux = terminal.tmux(&["new-session", "-d", "-x", "150", "-y", "20", "/bin/sh", "-c"]);
        let status = tmux.arg(format!("{text}; sleep 60")).envs(environment.iter().copied()).status();
        assert!(status.expect("no tmux: `./tests/run` installs it").success());
        terminal
    }

    /// One in which stanch is paused.
    pub fn paused(user: &'u User, time: &str) -> Self {
        let terminal = Self::start(user, &[], &format!("{STANCH} pause {time}"));
        terminal.types_the_word();
        terminal.shows("nothing is redacted. ");
        terminal
    }

    pub fn types_the_word(&self) {
        self.shows("To pause stanch, type ");
        let screen = self.screen();
        let word = screen.split("type ").nth(1).unwrap().split(':').next().unwrap();
        self.press(&[word, "Enter"]);
    }

    pub fn press(&self, keys: &[&str]) {
        assert!(self.tmux(&["send-keys"]).args(keys).status().unwrap().success());
    }

    pub fn screen(&self) -> String {
        said(&self.tmux(&["capture-pane", "-p", "-J"]).output().unwrap()).1
    }

    pub fn shows(&self, text: &str) {
        soon(&format!("no '{text}' on the screen"), || self.screen().contains(text));
    }

    pub fn process(&self) -> u32 {
        let record: Value = serde_json::from_slice(&fs::read(self.user.record()).unwrap()).unwrap();
        u32::try_from(record["pid"].as_u64().unwrap()).unwrap()
    }

    pub fn tmux(&self, arguments: &[&str]) -> Command {
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

pub fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap().success());
}
