//! `stanch rules check`: over every rule file of the repository, and over files with one mistake each.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

fn check(file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stanch")).args(["rules", "check"]).arg(file).output().unwrap()
}

#[test]
fn every_rule_file_keeps_its_own_examples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/data");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    assert!(files.len() > 20, "only {} rule files in {}", files.len(), folder.display());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut problems = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let output = check(file);
            if output.status.code() != Some(0) {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                let said = String::from_utf8_lossy(&output.stdout).replace(&*file.to_string_lossy(), &name);
                problems.push(format!("{said}{}", String::from_utf8_lossy(&output.stderr)));
            }
        }
        problems
    };
    let mut problems: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|w| w.join().unwrap()).collect()
    });
    problems.sort();
    assert!(problems.is_empty(), "{} of {} files:\n{}", problems.len(), files.len(), problems.concat());
}

/// A good rule file, in which each bad one changes something.
const GOOD: &str = r#"vendor = "Example"
revoke = "https://example.com/revoke"

[[rule]]
id = "example_token"
name = "Example token"
source = "https://example.com/docs"
pattern = 'exm_[A-Za-z0-9]{32}'
hits = ["EXAMPLE_TOKEN=«exm_¦Zk3v9QpL2xRt8WbN5mYcD7sFhJ4gKa6T»"]
misses = ["exm_token_from_env"]
"#;

fn check_text(text: &str) -> (String, Output) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("example.toml");
    std::fs::write(&file, text).unwrap();
    (file.display().to_string(), check(&file))
}

#[test]
fn a_good_file_is_ok() {
    let (file, output) = check_text(GOOD);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{file}: ok\n"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_mistake_is_named_with_file_and_line() {
    // What is wrong, what to replace in the good file and by what, the line, words of the message.
    let cases: &[(&str, &str, &str, usize, &str)] = &[
        ("unknown key", "misses =", "speed = 3\nmisses =", 10, "unknown field `speed`"),
        ("not TOML", "name = \"Example token\"", "name = ", 6, "string"),
        ("bad id", "id = \"example_token\"", "id = \"Example-Token\"", 5, "an id is"),
        ("no https source", "https://example.com/docs", "http://example.com/docs", 7, "not an https URL"),
        ("bad regular expression", "{32}'", "{32}('", 5, "not a regular expression"),
        ("line break by a literal", "exm_[A-Za-z0-9]{32}", r"exm_\n[A-Za-z0-9]{32}", 5, "line break"),
        ("line break by a class", "[A-Za-z0-9]{32}", r"[^x]{32}", 5, "line break"),
        ("matches nothing", "exm_[A-Za-z0-9]{32}", "[a-z]*", 5, "can match nothing"),
        ("no window", "exm_[A-Za-z0-9]{32}", "[A-Za-z0-9]{36}", 5, "near"),
        ("no such proof", "pattern =", "proof = \"luck\"\npattern =", 8, "no such proof"),
        ("a hit without marks", "«exm_¦Zk3v9QpL2xRt8WbN5mYcD7sFhJ4gKa6T»", "exm_a", 9, "a hit marks its secret"),
        ("a hit without break mark", "exm_¦Zk3", "exm_Zk3", 9, "a hit marks its secret"),
        ("no hits", "[\"EXAMPLE_TOKEN=«exm_¦Zk3v9QpL2xRt8WbN5mYcD7sFhJ4gKa6T»\"]", "[]", 9, "at least one hit"),
        ("no misses", "[\"exm_token_from_env\"]", "[]", 10, "at least one miss"),
        ("a mark in the wrong place", "=«exm_", "=exm_«", 5, "should go"),
        ("a miss that hits", "exm_token_from_env", "exm_¦Zk3v9QpL2xRt8WbN5mYcD7sFhJ4gKa6T", 5, "the rule fires"),
        ("entropy out of reach", "hits =", "entropy = 5.5\nhits =", 5, "should go"),
    ];
    let mut wrong = Vec::new();
    for (name, from, to, line, words) in cases {
        assert!(GOOD.contains(from), "{name}: the good file has no '{from}'");
        let (file, output) = check_text(&GOOD.replacen(from, to, 1));
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
        let named = said.lines().any(|l| l.starts_with(&format!("{file}:{line}: ")) && l.contains(words));
        if !named || output.status.code() != Some(1) || said.contains("panicked") {
            wrong.push(format!("{name}: wanted {line}: …{words}…, exit 1; exit {:?}:\n{said}", output.status.code()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_id_that_stands_twice_is_named_with_both_places() {
    let again = GOOD.split_once("\n\n").unwrap().1;
    let (file, output) = check_text(&format!("{GOOD}\n{again}"));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with(&format!("{file}:13: ")) && said.contains(&format!("{file}:5")), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_hit_that_a_neighbour_covers_too_is_still_the_rules_own() {
    let again = GOOD.split_once("\n\n").unwrap().1.replace("example_token", "example_other");
    let (file, output) = check_text(&format!("{GOOD}\n{again}"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{file}: ok\n"));
}

#[test]
fn a_file_that_is_not_there_is_an_error_and_no_panic() {
    let output = check(Path::new("/no/such/rules.toml"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code().is_some_and(|c| c != 0), "{said}");
    assert!(said.contains("/no/such/rules.toml") && !said.contains("panicked"), "{said}");
}
