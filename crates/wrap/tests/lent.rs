//! A stand-in that is lent something. The test plays the client and its broker.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::os::unix::fs::symlink;
use std::process::Command;

use stand_in::Broker;
use wire::{Answer, Handed, Lent, Way};

#[test]
fn a_tool_that_has_a_credential_leaves_no_core() {
    let value = format!("made-up-{}", std::process::id());
    let lends = value.clone();
    let broker = Broker::start(move |_, _| {
        let way = Way::Environment { name: "MADE_UP".to_owned() };
        let handed = vec![Handed { credential: "made-up".to_owned(), way }];
        (Answer::Lent(Lent { handed, program: "/bin/sh".into(), environment: Vec::new() }), vec![lends.clone()])
    });
    let folder = tempfile::tempdir().unwrap();
    symlink(env!("CARGO_BIN_EXE_stanch-wrap"), folder.path().join("sh")).unwrap();
    let text = "echo \"$MADE_UP\"; grep 'core file' /proc/self/limits | tr -s ' '";
    let mut tool = Command::new(folder.path().join("sh"));
    let tool = tool.args(["-c", text]).env_clear().env("PATH", "/usr/bin:/bin").output().unwrap();
    drop(broker);
    let said = String::from_utf8(tool.stdout).unwrap();
    // Nothing, where the machine allows none anyway.
    let limits = ["1 1", "0 0"].map(|limit| format!("{value}\nMax core file size {limit} bytes"));
    assert!(limits.iter().any(|limit| said.trim_end() == limit), "{said}");
}
