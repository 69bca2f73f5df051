//! Nobody reads a broker's memory: not its values, not its environment, not its open files; and it leaves no core.

#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::io::{Read, Seek, SeekFrom};

use common::Stage;

const LEND: &str = r#"
[lend.made-up]
source = "keyring:made-up"
by = "env:MADE_UP"
tools = ["true go"]
repositories = ["*"]
"#;

/// A stage on which the value was lent once and the lease is over.
fn lent() -> Stage {
    let mut stage = Stage::new(LEND).with_broker();
    stage.call("toolu_1", None, "true go");
    let run = r#"{"Run":{"text":"eval 'true go' && pwd -P >| /tmp/x"}}"#;
    let ask = format!("${}", stage.asking("stanch-wrap", &[r#"{"Tool":{"words":["true","go"],"remote":null}}"#]));
    let said = stage.ask("stanch-shell", &[run, "\"Known\"", "\"TakenIn\"", &ask]);
    assert!(said.contains(&stage.value), "{said}");
    stage
}

#[test]
fn another_process_of_the_user_reads_nothing() {
    let mut stage = lent();
    let broker = stage.broker_pid();
    for file in ["mem", "environ", "maps", "fd/0", "auxv"] {
        let said = stage.client.run(&format!("head -c1 /proc/{broker}/{file} 2>&1 | tr -d '\\0'"));
        assert!(said.contains("Permission denied"), "{file}: {said}");
    }
    let said = stage.client.run(&format!("ls /proc/{broker}/fd 2>&1"));
    assert!(said.contains("Permission denied"), "{said}");
    // So that the test could fail: the client itself can be read.
    let client = stage.client.process().pid;
    assert_eq!(
        stage.client.run(&format!("tr '\\0' '\\n' < /proc/{client}/environ | grep -c STANCH_TEST_VALUE")),
        "1\n"
    );
}

/// As root, who may read the memory of any process, and still not those pages. Who is not root was kept out above.
#[test]
fn its_memory_holds_no_value_that_can_be_read() {
    let mut stage = lent();
    let broker = stage.broker_pid();
    if common::other_user().is_none() {
        assert!(fs::File::open(format!("/proc/{broker}/mem")).is_err());
        return;
    }
    let maps = fs::read_to_string(format!("/proc/{broker}/maps")).expect("root reads it");
    let mut memory = fs::File::open(format!("/proc/{broker}/mem")).expect("root opens it");
    let (mut looked_at, mut kept) = (0, 0);
    for map in maps.lines() {
        let (start, end) = map.split_once(' ').and_then(|(range, _)| range.split_once('-')).expect("a range");
        let (start, end) = (u64::from_str_radix(start, 16).expect("hex"), u64::from_str_radix(end, 16).expect("hex"));
        let mut bytes = vec![0; usize::try_from(end - start).expect("fits")];
        memory.seek(SeekFrom::Start(start)).expect("within");
        if memory.read_exact(&mut bytes).is_err() {
            kept += usize::from(map.contains("secretmem"));
            continue;
        }
        looked_at += bytes.len();
        assert!(memchr::memmem::find(&bytes, stage.value.as_bytes()).is_none(), "in {map}");
    }
    assert!(looked_at > 100_000, "{looked_at} bytes");
    assert!(kept > 0, "the value lies in memory that nobody else maps: {maps}");
}

/// A broker as `start` makes it, but a child of the client's shell: a shell is told whether a child of its left a core, wherever
/// that went (a file, or the program that `core_pattern` names).
#[test]
fn it_leaves_no_core() {
    let mut stage = Stage::new(LEND);
    let (client, program) = (stage.client.process(), stage.bin("stanch-broker").display().to_string());
    // A first SIGSEGV that is sent is taken by Rust's own handler, which looks for an overflow of the stack.
    let crash = "kill -ABRT $! && { wait $!; } 2>&1";
    stage.client.run("ulimit -c unlimited 2>&1");
    // So that the test could fail. Where nothing leaves a core, by a limit of the machine's, what follows still holds.
    stage.client.run("sleep 60 &\nuntil grep -q sleep /proc/$!/comm; do sleep 0.01; done");
    let said = stage.client.run(crash);
    assert!(said.contains("Aborted"), "{said}");
    let leaves_cores = said.contains("core dumped");

    let begin = format!(
        "(exec -a stanch-broker-serve {program} --client {client} > said) &\nuntil [ -s said ]; do sleep 0.01; done; cat said"
    );
    assert_eq!(stage.client.run(&begin), "ready\n");
    let broker = stage.broker_pid();
    assert_eq!(stage.client.run("echo $!"), format!("{broker}\n"));
    let said = stage.client.run(&format!("grep 'Max core file size' /proc/{broker}/limits"));
    assert_eq!(said.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{said}");
    // What cannot be dumped belongs to root (proc(5)), whatever limits say.
    let owners = stage.client.run(&format!("stat -c %u /proc/{broker}/environ /proc/{}/environ; id -u", client.pid));
    let [broker_is, client_is, user] = *owners.lines().collect::<Vec<_>>() else { panic!("{owners}") };
    assert_eq!((broker_is, client_is), ("0", user));
    let said = stage.client.run(crash);
    assert!(said.contains("Aborted"), "{said}");
    assert!(!said.contains("core dumped"), "where others do: {leaves_cores}: {said}");
}
