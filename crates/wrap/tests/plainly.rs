//! A stand-in without a broker: the tool runs as if nothing stood in front of it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, tool: &str, words: &[&str]) -> Output {
    let path = format!("{0}/wrappers:{0}/bin:/usr/bin:/bin", folder.display());
    Command::new(folder.join("wrappers").join(tool)).args(words).env_clear().env("PATH", path).output().unwrap()
}

#[test]
fn without_a_broker_it_becomes_the_tool_and_says_that_nothing_is_lent() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["wrappers", "bin"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    for name in ["tool", "gone"] {
        symlink(env!("CARGO_BIN_EXE_stanch-wrap"), folder.path().join("wrappers").join(name)).unwrap();
    }
    let real = folder.path().join("bin/tool");
    fs::write(&real, "#!/bin/sh\nprintf '%s|' \"$@\"\nexit 7\n").unwrap();
    fs::set_permissions(&real, PermissionsExt::from_mode(0o755)).unwrap();

    let output = run(folder.path(), "tool", &["a b", "", "*"]);
    assert_eq!((output.status.code(), &*output.stdout), (Some(7), &b"a b||*|"[..]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("stanch: tool: no credential is lent: ") && said.lines().count() == 1, "{said}");

    let output = run(folder.path(), "gone", &[]);
    assert_eq!(output.status.code(), Some(127));
    assert!(String::from_utf8(output.stderr).unwrap().ends_with("stanch: gone: command not found\n"));
}
