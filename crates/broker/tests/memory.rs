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

#[test]
fn it_leaves_no_core() {
    let mut stage = lent();
    let broker = stage.broker_pid();
    let said = stage.client.run(&format!("grep 'Max core file size' /proc/{broker}/limits"));
    assert!(said.split_whitespace().nth(4) == Some("0"), "{said}");
    stage.client.run(&format!("ulimit -c unlimited; kill -SEGV {broker}; sleep 0.3"));
    let cores = fs::read_dir(stage.folder.path().join("project")).expect("a folder").count();
    assert_eq!((cores, std::path::Path::new("/core").exists()), (0, false));
}
