//! `stanch audit` shows what was recorded, and `stanch audit verify` whether it still is what was recorded.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use audit::{Agent, Audit, Deed, Entry, Grant, Place, Redaction, Refusal, Sighting};

mod common;
use common::Home;

const MAIN: &str = "0c275938-8744-4a5e-984c-9e31ccba3c29";
const OTHER: &str = "9f3b2a10-0000-4a5e-984c-9e31ccba3c29";

fn place(home: &Home) -> Place {
    Place { log: home.path().join(".local/state/stanch/audit"), key: home.path().join(".config/stanch/audit.key") }
}

fn record<D: Deed>(home: &Home, entry: &Entry<'_, D>) {
    let _ = Audit::open(&place(home)).unwrap().record(entry).unwrap();
}

/// A grant to the main thread and a refusal to a subagent, of another session.
fn recorded() -> Home {
    let home = Home::new();
    let mut granted = Entry { session: Some(MAIN), agent: Some(Agent::Main), ..Entry::of(Grant) };
    granted.call = Some("toolu_01A09q90qw90lq917835lq9");
    granted.lifetime = Some(Duration::from_secs(300));
    (granted.credential, granted.tool, granted.source) = (Some("github"), Some("git"), Some("keyring"));
    record(&home, &granted);
    let agent = Agent::Sub { kind: "reviewer", id: "afd9af6bcd6158ee2" };
    let mut refused = Entry { session: Some(OTHER), agent: Some(agent), ..Entry::of(Refusal) };
    (refused.credential, refused.why) = (Some("github"), Some("lent to the main thread alone"));
    refused.rule = Some("config.toml:12");
    record(&home, &refused);
    home
}

fn stanch(home: &Home, arguments: &[&str]) -> (i32, String, String) {
    let mut command = home.command(env!("CARGO_BIN_EXE_stanch"));
    let output = command.arg("audit").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_table_says_who_what_and_why() {
    let home = recorded();
    let (code, out, err) = stanch(&home, &[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let rows: Vec<&str> = out.lines().collect();
    assert_eq!(rows.len(), 4, "{out}");
    assert!(rows[0].starts_with("TIME (UTC)") && rows[1].contains("begun"), "{out}");
    assert!(rows[2].contains("0c275938  main ") && rows[2].contains("granted   github "), "{out}");
    assert!(rows[2].ends_with("…lq917835lq9  from keyring, to git, for 5m"), "{out}");
    assert!(rows[3].contains("9f3b2a10  reviewer afd9af6b ") && rows[3].contains("refused"), "{out}");
    assert!(rows[3].ends_with("lent to the main thread alone, by config.toml:12"), "{out}");
}

#[test]
fn filters_go_together() {
    let home = recorded();
    let rows = |arguments: &[&str]| {
        let (code, out, _) = stanch(&home, &[arguments, &["--json"]].concat());
        assert_eq!(code, 0);
        let did =
            |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["did"].as_str().unwrap().to_owned();
        out.lines().map(did).collect::<Vec<_>>()
    };
    assert_eq!(rows(&[]), ["begun", "granted", "refused"]);
    assert_eq!(rows(&["--session", "0c27"]), ["granted"]);
    assert_eq!(rows(&["--agent", "main"]), ["granted"]);
    assert_eq!(rows(&["--agent", "reviewer"]), ["refused"]);
    assert_eq!(rows(&["--agent", "afd9af6b"]), ["refused"]);
    assert_eq!(rows(&["--credential", "github"]), ["granted", "refused"]);
    assert_eq!(rows(&["--credential", "github", "--session", OTHER]), ["refused"]);
    assert!(rows(&["--credential", "git"]).is_empty() && rows(&["--since", "2999-01-01"]).is_empty());
    assert_eq!(rows(&["--since", "1h"]).len(), 3);
    let (code, _, err) = stanch(&home, &["--since", "soon"]);
    assert!(code == 2 && err.contains("such as 2h"), "{err}");
}

/// A redaction in a result of the main thread's, a denied call of a subagent's, and a leak.
fn redacted() -> Home {
    let home = recorded();
    let main = Some(Agent::Main);
    let mut entry = Entry { session: Some(MAIN), agent: main, kinds: &[("github_pat", 2)], ..Entry::of(Redaction) };
    (entry.call, entry.tool) = (Some("toolu_01A09q90qw90lq917835lq9"), Some("Read"));
    (entry.place, entry.how) = (Some("result"), Some("redacted"));
    record(&home, &entry);
    let agent = Some(Agent::Sub { kind: "reviewer", id: "afd9af6bcd6158ee2" });
    let kinds = [("password", 1), ("github_pat", 3)];
    let entry = Entry { session: Some(OTHER), agent, kinds: &kinds, ..Entry::of(Redaction) };
    record(&home, &Entry { tool: Some("Bash"), place: Some("arguments"), how: Some("denied"), ..entry });
    let entry = Entry { session: Some(OTHER), agent: main, kinds: &[("password", 1)], ..Entry::of(Sighting) };
    record(&home, &Entry { place: Some("history"), how: Some("leaked"), ..entry });
    home
}

#[test]
fn a_redaction_is_one_line_that_names_kinds_and_place() {
    let home = redacted();
    let (code, out, err) = stanch(&home, &[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let rows: Vec<&str> = out.lines().skip(4).collect();
    assert_eq!(rows.len(), 3, "{out}");
    assert!(rows[0].contains("0c275938  main ") && rows[0].contains("redacted  - "), "{out}");
    assert!(rows[0].ends_with("…lq917835lq9  2 × github_pat in result (Read)"), "{out}");
    assert!(rows[1].contains("reviewer afd9af6b ") && rows[1].contains("redacted"), "{out}");
    assert!(rows[1].ends_with("denied: 3 × github_pat, 1 × password in arguments (Bash)"), "{out}");
    assert!(rows[2].contains("found  ") && rows[2].ends_with("leaked: 1 × password in history"), "{out}");
    let (_, out, _) = stanch(&home, &["--json", "--session", MAIN]);
    let last: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["kinds"]["github_pat"], &last["place"]), (&2.into(), &"result".into()), "{out}");
    assert!(stanch(&home, &["--agent", "reviewer"]).1.contains("denied: "));
    assert!(!stanch(&home, &["--credential", "github"]).1.contains(" × "));
}

#[test]
fn a_redaction_that_was_changed_is_found() {
    let home = redacted();
    assert_eq!(stanch(&home, &["verify"]).0, 0);
    let path = place(&home).log.join("000001.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replace("{\"github_pat\":2}", "{\"github_pat\":1}")).unwrap();
    let (code, out, _) = stanch(&home, &["verify"]);
    assert!(code == 1 && out.contains("000001.jsonl:4"), "{out}");
}

#[test]
fn json_is_the_line_as_it_stands() {
    let home = recorded();
    let (_, out, _) = stanch(&home, &["--json"]);
    assert_eq!(out, fs::read_to_string(place(&home).log.join("000001.jsonl")).unwrap());
}

#[test]
fn before_anything_is_recorded_that_is_said() {
    let home = Home::new();
    let (code, out, err) = stanch(&home, &[]);
    assert!(code == 0 && out.is_empty() && err.contains("nothing has been recorded yet"), "{err}");
    let (code, out, _) = stanch(&home, &["verify"]);
    assert!(code == 0 && out.contains("nothing has been recorded yet"), "{out}");
    assert!(!place(&home).log.exists() && !place(&home).key.exists());
}

#[test]
fn a_log_that_is_followed_says_what_comes() {
    let home = recorded();
    let mut command = home.command(env!("CARGO_BIN_EXE_stanch"));
    command.args(["audit", "--follow", "--json", "--credential", "new"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    record(&home, &Entry { credential: Some("new"), ..Entry::of(Grant) });
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("\"credential\":\"new\"") && line.ends_with("}\n"), "{line}");
}

#[test]
fn verify_says_whole_and_with_which_hash() {
    let home = recorded();
    let (code, out, err) = stanch(&home, &["verify"]);
    assert!(code == 0 && out.starts_with("whole: 3 records in 1 file"), "{out}{err}");
    let hash = out.trim_end().rsplit(' ').next().unwrap();
    record(&home, &Entry::of(Grant));
    assert_eq!(stanch(&home, &["verify", "--expect", hash]).0, 0);
    let (code, out, _) = stanch(&home, &["verify", "--expect", &"0".repeat(64)]);
    assert!(
        code == 1 && out.contains("! the record that was expected is not there") && out.contains("NOT whole"),
        "{out}"
    );
    let (code, _, err) = stanch(&home, &["verify", "--expect", "abc"]);
    assert!(code == 2 && err.contains("64 hexadecimal digits"), "{err}");
}

#[test]
fn verify_names_the_line_that_is_wrong() {
    let home = recorded();
    let path = place(&home).log.join("000001.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replace("refused", "granted")).unwrap();
    let (code, out, _) = stanch(&home, &["verify"]);
    assert!(code == 1 && out.contains("! 000001.jsonl:3: this line was changed"), "{out}");
    // Line by line removed, exchanged, cut at its end.
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let without = [lines[0], lines[2]].concat();
    fs::write(&path, without).unwrap();
    let (code, out, _) = stanch(&home, &["verify"]);
    assert!(code == 1 && out.contains("! 000001.jsonl:2: before this line, record 2 is missing"), "{out}");
    fs::write(&path, lines[..2].concat()).unwrap();
    let (code, out, _) = stanch(&home, &["verify"]);
    assert!(code == 1 && out.contains("! head: the log was cut: it ends with record 2"), "{out}");
    fs::write(&path, whole).unwrap();
    assert_eq!(stanch(&home, &["verify"]).0, 0);
    // Without the key nothing can be told.
    fs::remove_file(place(&home).key).unwrap();
    let (code, out, err) = stanch(&home, &["verify"]);
    assert!(code == 2 && out.is_empty() && err.contains("its key") && err.contains("put it back"), "{err}");
}

#[test]
fn what_others_wrote_into_the_file_does_nothing_to_a_terminal() {
    let home = recorded();
    let path = place(&home).log.join("000001.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replace("lent to", "lent\\u001b[2J\\u202e to") + "no record\n").unwrap();
    let (code, out, err) = stanch(&home, &[]);
    assert!(code == 0 && out.contains("lent\\u{1b}[2J\\u{202e} to") && !out.contains('\u{1b}'), "{out}");
    assert!(err.contains("1 line cannot be read") && err.contains("stanch audit verify"), "{err}");
}

#[test]
fn a_repositorys_settings_do_not_lead_to_another_log() {
    let home = recorded();
    let project = home.path().join("app");
    home.write("app/.claude/settings.json", r#"{"env":{"XDG_STATE_HOME":"/somewhere"}}"#);
    let elsewhere = home.path().join("elsewhere");
    // Nor when the session has gone elsewhere since.
    for (folder, started) in [(&project, home.path()), (&home.path().to_owned(), &*project)] {
        let mut command = home.command(env!("CARGO_BIN_EXE_stanch"));
        command.args(["audit", "verify"]).current_dir(folder).env("CLAUDE_PROJECT_DIR", started);
        let output = command.env("XDG_STATE_HOME", &elsewhere).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("whole: 3 records"), "{output:?}");
    }
}
