//! What the suites share: the prefix as the agent starts it, and a look at its processes.

#![allow(dead_code, reason = "no suite uses all of it")]

use std::fs::{self, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

pub const PREFIX: &str = env!("CARGO_BIN_EXE_stanch-shell");

/// A token that only this file knows, in two parts that no scanner takes for one.
pub fn token() -> String {
    ["ghp_", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U"].concat()
}

/// The prefix as the agent's Bash tool starts it: leader of its group, both streams one file.
pub struct Run {
    pub folder: tempfile::TempDir,
    pub child: Child,
}

impl Run {
    pub fn start(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = OpenOptions::new().create(true).append(true).open(folder.path().join("output")).unwrap();
        let mut command = Command::new(PREFIX);
        command.arg(text).current_dir(folder.path()).process_group(0).env("SHELL", "/bin/bash").env("TOKEN", token());
        let child = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { folder, child }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.path("output")).unwrap()).into_owned()
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// A test that failed leaves nothing running.
impl Drop for Run {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// Waits for something that is to become true soon.
pub fn soon(what: &str, is: impl Fn() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The children of a process.
pub fn children(of: u32) -> Vec<u32> {
    let parent = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        status.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    all.filter(|pid| parent(*pid) == Some(of)).collect()
}

/// The first argument that a process was started with.
pub fn name(of: u32) -> String {
    let words = fs::read(format!("/proc/{of}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(words.split(|b| *b == 0).next().unwrap_or_default()).into_owned()
}

/// The filter that writes there.
pub fn filter_to(place: &Path) -> u32 {
    let find = || {
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let writes_there = |pid: &u32| fs::read_link(format!("/proc/{pid}/fd/1")).is_ok_and(|to| to == place);
        all.into_iter().filter(|pid| name(*pid) == "stanch-filter").find(writes_there)
    };
    soon("no filter", || find().is_some());
    find().unwrap()
}

pub fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

pub fn is_alive(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// A command that says when it runs, then acts for ever and shows its secret.
pub const ENDLESS: &str = "touch runs; (while sleep 0.02; do echo >> acts; echo $TOKEN; done) & \
                       python3 -c 'import time\nwhile True: time.sleep(0.02); open(\"acts\", \"a\").write(\"x\")'; wait";

/// Nothing acts any more.
pub fn is_still(run: &Run) {
    let size = || fs::metadata(run.path("acts")).map_or(0, |data| data.len());
    soon("something goes on acting", || {
        let before = size();
        std::thread::sleep(Duration::from_millis(150));
        size() == before
    });
    let before = size();
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(size(), before, "something goes on acting");
}

/// As an MCP server, a hook or a monitor is started: streams of their own, read to their end.
pub fn piped(text: &str) -> Output {
    let mut command = Command::new(PREFIX);
    command.arg(text).env("SHELL", "/bin/bash").env("TOKEN", token()).stdin(Stdio::null()).output().unwrap()
}
