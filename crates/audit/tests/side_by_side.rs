//! Several processes on one log, and processes that are ended while they write.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(clippy::print_stdout, reason = "a process of its own says what it has recorded")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use audit::{Agent, Audit, Entry, Grant, Place, Records, Redaction, What};

const HOME: &str = "AUDIT_TEST_HOME";
const NUMBER: &str = "AUDIT_TEST_NUMBER";

fn place(home: &Path) -> Place {
    Place { log: home.join("state/audit"), key: home.join("config/audit.key") }
}

/// Records so many entries, each with the process and a number; says when the first is on record.
fn writer(home: &Path, number: usize) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_process_of_its_own", "--ignored", "--nocapture"]);
    command.env(HOME, home).env(NUMBER, number.to_string()).stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
#[ignore = "the other tests run it, as a process of its own"]
fn a_process_of_its_own() {
    let home = std::env::var_os(HOME).unwrap();
    let number: usize = std::env::var(NUMBER).unwrap().parse().unwrap();
    let audit = Audit::open(&place(Path::new(&home))).unwrap().closing_at(100_000);
    let session = format!("process-{}", std::process::id());
    // Long ones take more than a page of the system's memory: that is where a write can be interrupted.
    let why = "€".repeat(256);
    for count in 0..number {
        let id = format!("call-{count}");
        let agent = Some(Agent::Sub { kind: &why, id: &id });
        let entry = Entry { session: Some(&session), call: Some(&id), agent, why: Some(&why), ..Entry::of(Redaction) };
        let entry = Entry { credential: Some(&why), rule: Some(&why), tool: Some(&why), ..entry };
        let _ = audit.record(&entry).unwrap();
        println!("recorded {count}");
    }
}

fn calls(home: &Path) -> Vec<(String, String)> {
    let mut records = Records::open(&place(home)).unwrap().unwrap();
    let mut calls = Vec::new();
    while let Some(line) = records.next_line().unwrap() {
        let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        let text = |name: &str| record[name].as_str().map(str::to_owned);
        calls.extend(text("session").zip(text("call")));
    }
    calls
}

#[test]
fn processes_side_by_side_write_one_chain() {
    const PROCESSES: usize = 16;
    const RECORDS: usize = 200;
    let home = tempfile::tempdir().unwrap();
    // They begin the log, its key included, at the same time.
    let mut writers: Vec<Child> = (0..PROCESSES).map(|_| writer(home.path(), RECORDS)).collect();
    // Who looks meanwhile finds it whole.
    while writers.iter_mut().any(|writer| writer.try_wait().unwrap().is_none()) {
        if place(home.path()).key.exists() {
            let summary = audit::verify(&place(home.path()), None, &mut |finding| panic!("{finding}")).unwrap();
            assert!(summary.is_whole && summary.records > 0);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    for writer in writers {
        let output = writer.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let mut found = Vec::new();
    let summary = audit::verify(&place(home.path()), None, &mut |finding| found.push(finding.to_string())).unwrap();
    assert!(summary.is_whole && found.is_empty(), "{found:?}");
    assert_eq!(summary.records, (PROCESSES * RECORDS) as u64 + 1);
    assert!(summary.files > 10, "{summary:?}");
    let calls = calls(home.path());
    assert_eq!(calls.iter().collect::<BTreeSet<_>>().len(), PROCESSES * RECORDS);
}

#[test]
fn processes_that_are_killed_while_they_write_cost_no_record() {
    let home = tempfile::tempdir().unwrap();
    let mut recorded = BTreeSet::new();
    for round in 0..12u64 {
        let writers: Vec<Child> = (0..4).map(|_| writer(home.path(), usize::MAX)).collect();
        std::thread::sleep(Duration::from_millis(150 + 7 * round));
        for mut writer in writers {
            writer.kill().unwrap();
            let session = format!("process-{}", writer.id());
            for line in BufReader::new(writer.stdout.take().unwrap()).lines() {
                let line = line.unwrap();
                if let Some((_, count)) = line.split_once("recorded ") {
                    recorded.insert((session.clone(), format!("call-{count}")));
                }
            }
            writer.wait().unwrap();
        }
        let mut found = Vec::new();
        let summary = audit::verify(&place(home.path()), None, &mut |finding| found.push(finding.clone())).unwrap();
        assert!(summary.is_whole, "{found:?}");
    }
    // The last line of a process may have been cut off on its way here.
    let there: BTreeSet<_> = calls(home.path()).into_iter().collect();
    let missing: Vec<_> = recorded.difference(&there).collect();
    assert!(recorded.len() > 100, "{}", recorded.len());
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn threads_share_a_log() {
    let home = tempfile::tempdir().unwrap();
    let audit = Audit::open(&place(home.path())).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..50).for_each(|_| drop(audit.record(&Entry::of(Redaction)).unwrap())));
        }
    });
    let summary = audit::verify(&place(home.path()), None, &mut |finding| panic!("{finding}")).unwrap();
    assert_eq!(summary.records, 401);
}

#[test]
fn a_process_that_holds_the_log_and_does_not_go_on_is_named_and_not_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let place = place(home.path());
    let audit = Audit::open(&place).unwrap();
    let head = std::fs::File::open(place.log.join("head")).unwrap();
    head.lock().unwrap();
    let refused = audit.record(&Entry::of(Grant)).map(|_| ()).unwrap_err();
    assert!(matches!(refused, audit::Error::Busy(_)) && refused.to_string().contains("fuser"), "{refused}");
    assert!(audit::verify(&place, None, &mut |_| {}).is_err());
    head.unlock().unwrap();
    let _ = audit.record(&Entry::of(Grant)).unwrap();
}

#[test]
fn a_torn_line_is_said_and_is_no_gap() {
    let home = tempfile::tempdir().unwrap();
    let place = place(home.path());
    let audit = Audit::open(&place).unwrap();
    let _ = audit.record(&Entry::of(Grant)).unwrap();
    let file = std::fs::File::options().append(true).open(place.log.join("000001.jsonl")).unwrap();
    std::io::Write::write_all(&mut &file, b"{\"n\":3,\"time\":\"2026-11-26T0").unwrap();
    let said = || {
        let mut found = Vec::new();
        let summary = audit::verify(&place, None, &mut |finding| found.push((finding.line, finding.what))).unwrap();
        assert!(summary.is_whole);
        found
    };
    assert_eq!(said(), [(Some(3), What::Torn)]);
    let after = audit.record(&Entry::of(Grant)).unwrap();
    // One record for what was found, one for the grant.
    assert_eq!(after.number(), 4);
    assert_eq!(said(), [(Some(3), What::Torn)]);
}
