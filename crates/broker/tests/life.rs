//! How long a broker lives, and what stays when it ends.

#![cfg(target_os = "linux")]

mod common;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::{Stage, places};

const LEND: &str = r#"
[lend.made-up]
source = "keyring:made-up"
by = "env:MADE_UP"
tools = ["true"]
repositories = ["*"]
"#;

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn left(client: wire::Process) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(places()).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().contains(&client.to_string())).collect()
}

fn is_there(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn it_ends_with_its_client_and_leaves_nothing() {
    let mut stage = Stage::new(LEND).with_broker();
    let (client, broker) = (stage.client.process(), stage.broker_pid());
    assert!(is_there(broker) && left(client).len() == 3, "{:?}", left(client));
    stage.client.kill();
    eventually("the broker is gone", || !is_there(broker));
    assert!(left(client).is_empty(), "{:?}", left(client));
    assert!(stage.audit().contains("the client is gone"));
}

#[test]
fn it_is_started_once_and_nothing_of_it_is_the_starters() {
    let mut stage = Stage::new(LEND).with_broker();
    let first = stage.broker_pid();
    assert_eq!(stage.broker(), "");
    assert_eq!(stage.broker_pid(), first);
    let said = stage.client.run(&format!("cut -d' ' -f4,6 /proc/{first}/stat"));
    let [parent, session] = *said.split_whitespace().collect::<Vec<_>>() else { panic!("{said}") };
    assert_eq!(session, first.to_string(), "a session of its own");
    assert_ne!(parent, stage.client.process().pid.to_string(), "nobody's child");
}

#[test]
fn of_many_that_start_at_a_time_one_stays_and_answers_whoever_started_one() {
    let mut stage = Stage::new(LEND);
    let (client, broker) = (stage.client.process(), stage.bin("stanch-broker").display().to_string());
    // As the hook does: it asks as soon as the start is over.
    let ask = stage.asking("session-start", &[r#"{"Session":{"id":"NUMBER"}}"#]).replace("NUMBER", "'$i'");
    let line = format!("for i in 1 2 3 4 5 6 7 8; do {{ {broker} --client {client} 2>&1; {ask}; }} & done; wait");
    assert_eq!(stage.client.run(&line), "\"Done\"\n".repeat(8));
    let report = stage.ask("somebody", &["\"Report\""]);
    for session in 1..=8 {
        assert!(report.contains(&format!("\"{session}\"")), "all asked the same one: {report}");
    }
    let running = stage.client.run(&format!("pgrep -cf '^stanch-broker-serve --client {client}'"));
    assert_eq!(running, "1\n");
}

/// What a start finds that comes between another's claim and its socket, held there for as long as the test wants.
#[test]
fn who_comes_second_waits_until_the_first_answers_or_ends() {
    let mut stage = Stage::new(LEND);
    let claim = places().join(format!("{}.lock", stage.client.process())).display().to_string();
    let folder = places().display().to_string();
    let hold = |time: &str| {
        format!(
            "mkdir -p -m 700 {folder}; rm -f held; (exec 9> {claim}; flock 9; touch held; exec sleep {time}) &\n\
             until [ -e held ]; do sleep 0.01; done"
        )
    };
    stage.client.run(&hold("60"));
    let said = stage.broker();
    assert!(said.contains("does not answer: end the process `stanch-broker-serve --client"), "{said}");
    stage.client.run("kill $!; wait $! 2>/dev/null");
    stage.client.run(&hold("1"));
    assert_eq!(stage.broker(), "");
    stage.broker_pid();
}

#[test]
fn what_its_starter_has_open_is_not_open_in_it() {
    let mut stage = Stage::new(LEND);
    let folder = stage.folder.path().to_owned();
    let pipe = folder.join("state/pipe").display().to_string();
    let over = folder.join("state/over");
    // Who reads a pipe comes to its end when nobody has it open for writing any more.
    let reads = format!("mkfifo {pipe}; (cat {pipe}; echo > {}) & exec 9> {pipe}", over.display());
    assert_eq!(stage.client.run(&reads), "");
    assert_eq!(stage.broker(), "");
    assert!(!over.exists());
    stage.client.run("exec 9>&-");
    eventually("the pipe is at its end", || over.exists());
    stage.broker_pid();
}

#[test]
fn a_broker_that_was_killed_can_be_started_again() {
    let mut stage = Stage::new(LEND).with_broker();
    let first = stage.broker_pid();
    stage.client.run(&format!("kill -9 {first}"));
    eventually("it is gone", || !is_there(first));
    let said = stage.ask("somebody", &["\"Report\""]);
    assert!(!said.contains("Report\":"), "nobody answers: {said}");
    assert_eq!(stage.broker(), "");
    assert_ne!(stage.broker_pid(), first);
}

#[test]
fn it_ends_when_told_and_when_nobody_asks() {
    let mut stage = Stage::new(LEND).with_broker();
    let broker = stage.broker_pid();
    assert_eq!(stage.ask("somebody", &["\"Stop\""]), "\"Done\"\n");
    eventually("it is gone", || !is_there(broker));
    // The tools' stand-ins say so, for as long as the client runs.
    let kept = left(stage.client.process());
    assert!(kept.len() == 1 && kept[0].extension().is_some_and(|end| end == "bin"), "{kept:?}");
    let (client, path) = (stage.client.process(), stage.bin("stanch-broker").display().to_string());
    assert_eq!(stage.client.run(&format!("{path} --client {client} --idle 1 2>&1")), "");
    let broker = stage.broker_pid();
    eventually("it has waited long enough", || !is_there(broker));
    assert!(stage.audit().contains("nobody asked for long"));
}

/// As at a log-out.
#[test]
fn a_signal_ends_it_in_order() {
    let mut stage = Stage::new(LEND).with_broker();
    let broker = stage.broker_pid();
    stage.client.run(&format!("kill -TERM {broker}"));
    eventually("it is gone", || !is_there(broker));
    assert!(stage.audit().contains("\"stopped\""), "{}", stage.audit());
    assert!(left(stage.client.process()).iter().all(|path| path.extension().is_some_and(|end| end == "bin")));
}

/// As a log-out clears it away.
#[test]
fn a_broker_that_nobody_finds_ends_and_takes_nothing_of_the_next_one() {
    let mut stage = Stage::new(LEND);
    let (client, path) = (stage.client.process(), stage.bin("stanch-broker").display().to_string());
    assert_eq!(stage.client.run(&format!("{path} --client {client} --idle 3 2>&1")), "");
    let first = stage.broker_pid();
    stage.client.run(&format!("rm -r {}/{client}.*", places().display()));
    assert_eq!(stage.broker(), "");
    let second = stage.broker_pid();
    assert_ne!(second, first);
    eventually("the first is gone", || !is_there(first));
    assert!(stage.audit().contains("its socket was taken away"), "{}", stage.audit());
    assert_eq!((stage.broker_pid(), left(client).len()), (second, 3));
}

#[test]
fn a_command_neither_starts_nor_stops_one_nor_does_another_environment() {
    let mut stage = Stage::new(LEND).with_broker();
    let (client, path) = (stage.client.process(), stage.bin("stanch-broker").display().to_string());
    let start = format!("$HOME=/tmp/other {path} --client {client} 2>&1");
    stage.call("toolu_1", None, "true go");
    let run = r#"{"Run":{"text":"eval 'true go' && pwd -P >| /tmp/x"}}"#;
    let stop = format!("${}", stage.asking("somebody", &["\"Stop\""]));
    let said = stage.ask("stanch-shell", &[run, &stop]);
    assert!(said.contains("Refused"), "{said}");
    let broker = stage.broker_pid();
    assert_eq!(stage.ask("somebody", &["\"Stop\""]), "\"Done\"\n");
    eventually("it is gone", || !is_there(broker));
    let said = stage.ask("stanch-shell", &[&start]);
    assert!(said.contains("does not start a broker"), "{said}");
    let said = stage.client.run(&start[1..]);
    assert!(said.contains("HOME is not what the client was started with"), "{said}");
    assert_eq!(stage.broker(), "");
}

#[test]
fn two_clients_have_two_brokers() {
    let (mut one, mut two) = (Stage::new(LEND).with_broker(), Stage::new(LEND).with_broker());
    let (first, second) = (one.broker_pid(), two.broker_pid());
    assert_ne!(first, second);
    one.client.kill();
    eventually("the first is gone", || !is_there(first));
    assert_eq!(two.broker_pid(), second);
}

#[test]
fn it_does_not_start_where_nothing_can_be_lent_or_recorded() {
    let said = Stage::new("").broker();
    assert_eq!(said, "stanch-broker: the configuration lends nothing\n");
    let said = Stage::new("[lend.a]\nsource = \"keyring:a\"\n").broker();
    assert!(said.contains("config.toml:1"), "{said}");
    let mut stage = Stage::new(LEND);
    let folder = stage.folder.path().display().to_string();
    let said = stage.client.run(&format!("chmod 500 {folder}/state"));
    assert_eq!(said, "");
    let said = stage.broker();
    assert!(said.contains("nothing can be recorded"), "{said}");
    stage.client.run(&format!("chmod 700 {folder}/state"));
}

#[test]
fn garbage_ends_the_conversation_and_not_the_broker() {
    let mut stage = Stage::new(LEND).with_broker();
    let socket = left(stage.client.process()).into_iter().find(|path| path.extension().is_some_and(|e| e == "sock"));
    let socket = socket.expect("a socket").display().to_string();
    let line = |bytes: &str| {
        format!(
            "python3 -c 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(\"{socket}\"); s.sendall({bytes}); \
             s.settimeout(10); print(len(s.recv(100)))' 2>&1 | tail -1"
        )
    };
    // However little at a time.
    let slow = format!(
        "python3 -c 'import socket,time; s=socket.socket(socket.AF_UNIX); s.connect(\"{socket}\"); s.sendall(b\"\\0\\0\\1\\0\")\n\
         try:\n  for _ in range(40): s.sendall(b\" \"); time.sleep(0.5)\n  print(\"never\")\nexcept OSError: print(\"cut off\")'"
    );
    assert_eq!(stage.client.run(&slow), "cut off\n");
    for bytes in ["b\"\\xff\"*2000", "b\"\\0\\0\\0\\2{}\"", "b\"\\0\\0\\0\\2\"", "b\"\\0\""] {
        let said = stage.client.run(&line(bytes));
        assert!(said == "0\n" || said.contains("reset"), "{bytes}: {said}");
    }
    stage.broker_pid();
}
