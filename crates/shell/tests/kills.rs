//! Whatever is killed: nothing secret passes, the command is not left to itself, and the reason is there to read.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{ENDLESS, PREFIX, Run, children, filter_to, is_alive, is_still, kill, soon, token};

#[test]
fn a_killed_prefix_takes_the_command_with_it() {
    let mut run = Run::start(ENDLESS);
    soon("it does not run", || run.path("acts").exists());
    kill(run.child.id());
    assert_eq!(run.wait().signal(), Some(9));
    is_still(&run);
    assert!(!run.output().contains(&token()));
}

/// Started by something else than an agent: in somebody's group, and its processes in sessions of their own.
#[test]
fn without_a_group_of_its_own_the_command_is_found_by_its_output() {
    for victim in ["prefix", "filter"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output");
        let file = File::create(&path).unwrap();
        let mut command = Command::new(PREFIX);
        command.arg(ENDLESS.replace("python3", "setsid python3")).current_dir(folder.path());
        command.env("SHELL", "/bin/bash").env("TOKEN", token()).stdin(Stdio::null());
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        let mut run = Run { folder, child };
        soon("it does not run", || run.path("acts").exists());
        kill(if victim == "prefix" { run.child.id() } else { filter_to(&path) });
        assert!(!run.wait().success());
        is_still(&run);
        assert!(!run.output().contains(&token()));
    }
}

#[test]
fn a_killed_filter_stops_the_command_and_the_reason_is_shown() {
    let mut run = Run::start(ENDLESS);
    soon("it does not run", || run.path("acts").exists());
    kill(filter_to(&run.path("output")));
    assert!(!run.wait().success());
    is_still(&run);
    let output = run.output();
    assert!(!output.contains(&token()), "{output}");
    assert!(output.contains("stanch-shell: the filter was killed, so the command was stopped"), "{output}");
}

#[test]
fn both_killed_at_once_end_the_shell_and_show_nothing() {
    let text = "touch runs; while :; do echo >> acts; echo $TOKEN; done";
    let mut run = Run::start(text);
    soon("it does not run", || run.path("acts").exists());
    let (prefix, filter) = (run.child.id().to_string(), filter_to(&run.path("output")).to_string());
    assert!(Command::new("kill").args(["-9", &prefix, &filter]).status().unwrap().success());
    run.wait();
    is_still(&run);
    assert!(!run.output().contains(&token()));
}

/// At any moment of a short life: from before the filter runs to after the shell has ended.
#[test]
fn a_kill_at_any_moment_lets_nothing_pass_and_is_never_taken_for_success() {
    let text = "touch runs; for i in 1 2 3 4 5 6 7 8; do echo $TOKEN; done; echo $TOKEN >&2; touch done; exit 0";
    let mut cut_short = 0;
    for step in 0..80 {
        let mut run = Run::start(text);
        let deadline = Instant::now() + Duration::from_micros(step * 130);
        while Instant::now() < deadline {
            std::hint::spin_loop();
        }
        let prefix = run.child.id();
        let mut victims = vec![prefix];
        victims.extend(children(prefix));
        // The prefix, the filter and the shell in turn, as far as they are there.
        let victim = victims[step as usize % victims.len()];
        let _ = Command::new("kill").args(["-9", &victim.to_string()]).stderr(Stdio::null()).status();
        let status = run.wait();
        soon("the filter lives on", || children(prefix).is_empty());
        let output = run.output();
        assert!(!output.contains(&token()), "step {step}: {output}");
        let whole = output.matches("stanch_github_pat").count() == 9;
        assert!(whole || !status.success(), "step {step}: {status}: {output}");
        cut_short += usize::from(!whole);
    }
    assert!(cut_short > 0, "every kill came too late: the test is void");
}

#[test]
fn a_survivor_is_filtered_when_the_prefix_has_ended_and_a_killed_filter_ends_it() {
    let text = "(while sleep 0.02; do echo $TOKEN; echo >> acts; done) & echo now";
    let mut run = Run::start(text);
    let filter = filter_to(&run.path("output"));
    assert!(run.wait().success());
    soon("nothing is filtered", || run.output().contains("stanch_github_pat"));
    assert!(is_alive(filter));
    kill(filter);
    // Its next write has no reader.
    is_still(&run);
    assert!(!run.output().contains(&token()));
}

#[test]
fn a_filter_that_is_killed_beside_a_server_lets_nothing_pass() {
    let mut command = Command::new(PREFIX);
    // Python answers a broken pipe with an error, and goes on if it likes: nothing comes out any more.
    command.arg("exec python3 -u -c 'import os,time\nprint(\"up\")\nwhile True:\n time.sleep(0.02)\n print(os.environ[\"TOKEN\"])'");
    command.env("SHELL", "/bin/bash").env("TOKEN", token()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0; 3];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    // Nobody's child: found by the pipe that it writes to.
    let pipe = fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&out))).unwrap();
    let filter = filter_to(&pipe);
    kill(filter);
    let (mut rest, mut err) = (String::new(), String::new());
    out.read_to_string(&mut rest).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(!child.wait().unwrap().success());
    assert!(!rest.contains(&token()) && !err.contains(&token()));
}
