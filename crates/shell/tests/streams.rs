//! A command whose output is read as it comes, and what is shown of a line before it ends.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{PREFIX, Run, children, name, piped, soon, token};

#[test]
fn a_server_is_the_prefix_itself_and_its_status_and_its_signals_are_its_own() {
    let out = piped("echo out; echo err >&2; exit 7");
    assert_eq!((out.status.code(), &out.stdout[..], &out.stderr[..]), (Some(7), &b"out\n"[..], &b"err\n"[..]));
    assert_eq!(piped("kill -USR1 $$").status.signal(), Some(10));
    let mut command = Command::new(PREFIX);
    let mut child =
        command.arg("exec cat").env("SHELL", "/bin/bash").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(format!("{{\"id\":1,\"a\":\"{}\"}}\n", token()).as_bytes()).unwrap();
    let mut line = [0; 33];
    child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    assert_eq!(String::from_utf8_lossy(&line), "{\"id\":1,\"a\":\"stanch_github_pat\"}\n");
    assert_eq!(name(child.id()), "cat");
    assert!(children(child.id()).is_empty(), "the filter is a child of the server");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_message_in_two_parts_with_a_pause_between_stays_one() {
    let out = piped(r#"printf '{"a":"%s' "${TOKEN:0:20}"; sleep 0.5; printf '%s"}\n' "${TOKEN:20}""#);
    assert_eq!(String::from_utf8_lossy(&out.stdout), "{\"a\":\"stanch_github_pat\"}\n");
}

#[test]
fn a_prompt_is_shown_before_its_line_ends_and_a_tokens_first_half_is_not() {
    let mut run = Run::start("printf 'Password: '; sleep 1; printf 'see %s' ${TOKEN:0:20}; sleep 1; echo ${TOKEN:20}");
    soon("no prompt", || run.output() == "Password: ");
    soon("no word", || run.output() == "Password: see ");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(run.output(), "Password: see ");
    run.wait();
    assert_eq!(run.output(), "Password: see stanch_github_pat\n");
}

#[test]
fn the_prefix_that_the_user_has_runs_behind_the_filter() {
    let folder = tempfile::tempdir().unwrap();
    let wrap = folder.path().join("a wrap");
    fs::write(&wrap, "#!/bin/sh\necho \"wrapped $1 $2\"\nshift 2\nexec sh -c \"$1\"\n").unwrap();
    fs::set_permissions(&wrap, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let out = Command::new(PREFIX)
        .arg("echo \"it's $TOKEN\"; exit 3")
        .env("SHELL", "/bin/bash")
        .env("TOKEN", token())
        .env("STANCH_SHELL_THEN", format!("{} -n 5", wrap.display()))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "wrapped -n 5\nit's stanch_github_pat\n");
    assert_eq!(out.status.code(), Some(3));
}
