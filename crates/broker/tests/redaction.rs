//! What a broker records of secrets that hooks and the shell prefix have found.

#![cfg(target_os = "linux")]

mod common;

use common::Stage;

const LEND: &str = r#"
[lend.made-up]
source = "keyring:made-up"
by = "env:MADE_UP"
tools = ["true go"]
repositories = ["*"]
"#;

/// What a hook tells of two tokens that it took out of a subagent's arguments.
const BY_HOOK: &str = r#"{"Redacted":{"by":{"Hook":{"session":"s1","agent":"a1","agent_type":"reviewer","call":"toolu_1","tool":"Bash"}},"kinds":[["github_pat",2]],"place":"arguments","how":"denied","kept":true}}"#;

/// What the filter of a process's output tells.
fn by_filter(process: &str) -> String {
    let (pid, start) = process.split_once('-').expect("pid and start");
    format!(
        r#"{{"Redacted":{{"by":{{"Filter":{{"pid":{pid},"start":{start}}}}},"kinds":[["password",1]],"place":"output","how":"redacted","kept":true}}}}"#
    )
}

/// The records of redactions, without what differs from run to run.
fn records(stage: &Stage) -> Vec<String> {
    let audit = stage.audit();
    let lines = audit
        .lines()
        .filter(|line| ["\"redacted\",\"b", "\"found\"", "\"failed\""].iter().any(|did| line.contains(did)));
    let said = |line: &str| {
        let from = line.find("\"did\"").expect("a deed");
        let (did, rest) = line[from..].split_once(",\"broker\":").expect("a broker");
        let (_, rest) = rest.split_once(',').expect("more");
        format!("{did},{}", rest.split_once(",\"prev\"").expect("a chain").0)
    };
    lines.map(said).collect()
}

/// A process that only the prefix has told of, as its own.
fn run(command: &str) -> String {
    format!(r#"{{"Run":{{"text":"eval '{command}' < /dev/null && pwd -P >| /tmp/x"}}}}"#)
}

#[test]
fn what_a_hook_has_found_is_on_record_and_whether_it_was_kept() {
    let mut stage = Stage::new(LEND).with_broker();
    let leak = BY_HOOK.replace("arguments", "history").replace("denied", "leaked").replace("true", "false");
    let leak = leak.replace("\"a1\"", "null").replace("\"reviewer\"", "null").replace("\"Bash\"", "null");
    assert_eq!(stage.ask("pre-tool-use", &[BY_HOOK]), "\"Done\"\n");
    assert_eq!(stage.ask("user-prompt-submit", &[&leak]), "\"Done\"\n");
    assert_eq!(
        records(&stage),
        [
            r#""did":"redacted","session":"s1","agent":"sub","agent_type":"reviewer","agent_id":"a1","call":"toolu_1","tool":"Bash","kinds":{"github_pat":2},"place":"arguments","how":"denied""#,
            r#""did":"found","session":"s1","agent":"main","call":"toolu_1","kinds":{"github_pat":2},"place":"history","how":"leaked""#,
        ]
    );
}

#[test]
fn the_output_of_a_command_is_its_calls_by_the_process_whatever_is_told() {
    let mut stage = Stage::new(LEND).with_broker();
    stage.ask("session-start", &[r#"{"Session":{"id":"s2"}}"#]);
    stage.call("toolu_1", Some("reviewer"), "cat a");
    stage.call("toolu_2", None, "cat b");
    // The filter is a child of the prefix; it names another process, which counts for nothing then.
    let client = stage.client.process();
    let ask = format!("${}", stage.asking("stanch-shell", &[&by_filter(&client.to_string())]));
    let said = stage.ask("stanch-shell", &[&run("cat a"), &ask]);
    assert_eq!(said, "{\"Calls\":1}\n\"Done\"\n");
    let of = records(&stage).pop().expect("a record");
    assert!(
        of.contains(
            r#""session":"s1","agent":"sub","agent_type":"reviewer","agent_id":"a1","call":"toolu_1","command":"#
        ),
        "{of}"
    );
    assert!(of.contains(r#""kinds":{"password":1},"place":"output","how":"redacted""#), "{of}");
}

#[test]
fn a_filter_that_is_nobodys_child_speaks_for_the_process_it_names() {
    let mut stage = Stage::new(LEND).with_broker();
    stage.ask("session-start", &[r#"{"Session":{"id":"s2"}}"#]);
    stage.call("toolu_1", None, "cat a");
    // A child of the client that has said what it runs, and goes on.
    let prefix = stage.bin("stanch-shell").display().to_string();
    stage.client.run(&format!("{prefix} '{}' 3000 >/dev/null & sleep 0.3", run("cat a").replace('\'', r"'\''")));
    let pid: i32 = stage.client.run("echo $!").trim().parse().expect("a pid");
    let process = wire::Process::of(pid).expect("runs").to_string();
    assert_eq!(stage.ask("stanch-shell", &[&by_filter(&process)]), "\"Done\"\n");
    // An MCP server: started before the broker, and so known to nobody.
    let client = stage.client.process().to_string();
    assert_eq!(stage.ask("stanch-shell", &[&by_filter(&client)]), "\"Done\"\n");
    let records = records(&stage);
    assert!(records[0].contains(r#""session":"s1","agent":"main","call":"toolu_1""#), "{records:?}");
    assert!(records[1].contains(r#""session":"s2","pid":"#), "{records:?}");
}

#[test]
fn nobody_else_tells_of_redactions() {
    let mut stage = Stage::new(LEND).with_broker();
    let refused = |said: &str| said.starts_with("{\"Refused\"");
    for name in ["somebody", "stanch-shell", "stanch-wrap"] {
        assert!(refused(&stage.ask(name, &[BY_HOOK])), "{name}");
    }
    let inside = format!("${}", stage.asking("pre-tool-use", &[BY_HOOK]));
    assert!(refused(&stage.ask("somebody", &[&inside])), "a hook that a command starts");
    let client = stage.client.process().to_string();
    assert!(refused(&stage.ask("pre-tool-use", &[&by_filter(&client)])));
    assert!(records(&stage).is_empty());
}

#[test]
fn what_could_not_be_recorded_is_counted() {
    let mut stage = Stage::new(LEND).with_broker();
    let log = stage.folder.path().join("state/stanch/audit");
    std::fs::rename(&log, log.with_extension("away")).expect("moved");
    assert_eq!(stage.ask("pre-tool-use", &[BY_HOOK, BY_HOOK]), "\"Done\"\n\"Done\"\n");
    std::fs::rename(log.with_extension("away"), &log).expect("moved");
    stage.ask("pre-tool-use", &[BY_HOOK]);
    let records = records(&stage);
    assert_eq!(records[0], r#""did":"failed","why":"redactions before this could not be recorded: 2""#);
    assert!(records.len() == 2 && records[1].starts_with(r#""did":"redacted""#), "{records:?}");
}
