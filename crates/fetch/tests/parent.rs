//! Values go to the broker that lies beside and started it; another program that has pipes gets none. A shell plays the parents, as a
//! file of the broker's name or of another.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

const FETCH: &str = env!("CARGO_BIN_EXE_stanch-fetch");

/// A folder with the fetcher, a question in it, and a value in its environment.
struct Stage {
    folder: tempfile::TempDir,
    value: String,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        fs::copy(FETCH, folder.path().join("stanch-fetch")).unwrap();
        let mut question = Vec::new();
        wire::frame::say(&mut question, &(Path::new("/"), ["env:MADE_UP"], [7; 32])).unwrap();
        fs::write(folder.path().join("question"), question).unwrap();
        Self { folder, value: format!("made-up-{}", std::process::id()) }
    }

    /// A shell under that name, with that mode, as the fetcher's parent.
    fn asked_by(&self, name: &str, mode: u32) -> Output {
        let shell = self.folder.path().join(name);
        let _ = fs::remove_file(&shell);
        fs::copy("/bin/sh", &shell).unwrap();
        fs::set_permissions(&shell, Permissions::from_mode(mode)).unwrap();
        let mut command = Command::new(shell);
        // The kernel keeps nothing from root: as root, all of it runs as nobody.
        if rustix::process::geteuid().is_root() {
            command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(self.folder.path().join(name));
        }
        // The line goes on behind, so that the shell stays the parent.
        command.args(["-c", "cat question | ./stanch-fetch | cat; exit 0"]).current_dir(&self.folder).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent").env("MADE_UP", &self.value).output().unwrap()
    }
}

/// With a file that nobody may read, a process is one that nobody may look at, as a broker is.
#[test]
fn the_broker_beside_it_is_answered_and_nobody_else() {
    let stage = Stage::new();
    for (name, mode, is_answered) in [
        ("stanch-broker", 0o755, true),
        ("stanch-broker", 0o111, true),
        ("somebody", 0o755, false),
        ("somebody", 0o111, false),
    ] {
        let output = stage.asked_by(name, mode);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(out.contains(&stage.value), is_answered, "{name} {mode:o}: {out} {err}");
        assert_eq!(err.contains("nobody else"), !is_answered, "{name} {mode:o}: {err}");
        fs::remove_file(stage.folder.path().join(name)).unwrap();
    }
    // Of the broker's name, but in another folder.
    let other = Stage::new();
    fs::create_dir(other.folder.path().join("there")).unwrap();
    let output = other.asked_by("there/stanch-broker", 0o755);
    assert!(output.stdout.is_empty() && String::from_utf8_lossy(&output.stderr).contains("nobody else"));
}
