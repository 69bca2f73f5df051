//! The file to which the client spills a large output: rewritten in place, and no other file.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Output;

use common::{POST, event, run_in, text, token};
use serde_json::{Value, json};

/// A session's folders as the client makes them, in a home of the test's own.
struct Session {
    home: tempfile::TempDir,
    transcript: PathBuf,
    results: PathBuf,
}

impl Session {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let project = home.path().join(".claude/projects/-app");
        let results = project.join("s1/tool-results");
        std::fs::create_dir_all(&results).unwrap();
        Self { transcript: project.join("s1.jsonl"), results, home }
    }

    /// Tells the hook that this tool's output lies in that file.
    fn names(&self, tool: &str, path: &Path) -> Output {
        let event = event(
            "PostToolUse",
            json!({
                "tool_name": tool, "transcript_path": self.transcript,
                "tool_response": { "stdout": "a preview", "stderr": "", "persistedOutputPath": path },
            }),
        );
        run_in(POST, self.home.path(), event.to_string().as_bytes())
    }
}

fn full() -> String {
    format!("first\nAPI_TOKEN={}\n{}", token(), "a line of output\n".repeat(20_000))
}

/// A file with a secret and a mode of its own.
fn file(path: &Path) {
    std::fs::write(path, full()).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)).unwrap();
}

#[test]
fn in_the_sessions_folder_it_is_rewritten_and_keeps_its_mode() {
    let session = Session::new();
    let path = session.results.join("b1.txt");
    file(&path);
    let output = session.names("Bash", &path);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), full().replace(&token(), "stanch_github_pat"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(std::fs::read_dir(&session.results).unwrap().count(), 1, "something is left beside it");
}

#[test]
fn without_a_secret_it_is_not_written() {
    let session = Session::new();
    let path = session.results.join("b1.txt");
    std::fs::write(&path, "nothing\n".repeat(1000)).unwrap();
    let before = std::fs::metadata(&path).unwrap();
    assert_eq!(session.names("Bash", &path).status.code(), Some(0));
    let after = std::fs::metadata(&path).unwrap();
    use std::os::unix::fs::MetadataExt;
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(std::fs::read_dir(&session.results).unwrap().count(), 1, "something is left beside it");
}

#[test]
fn anywhere_else_it_is_left_alone() {
    let session = Session::new();
    let other = session.home.path().join("notes.txt");
    let deeper = session.results.join("sub");
    std::fs::create_dir(&deeper).unwrap();
    for path in [other.clone(), deeper.join("x.txt"), session.results.join("../x.txt"), session.transcript.clone()] {
        file(&path);
        let output = session.names("Bash", &path);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), full(), "{}", path.display());
    }
    // Down and up again: the file is outside all the same.
    let around = session.results.join("../tool-results/../../../../../notes.txt");
    assert_eq!(session.names("Bash", &around).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&other).unwrap(), full());
}

#[test]
fn a_link_is_not_followed() {
    let session = Session::new();
    let target = session.home.path().join("notes.txt");
    file(&target);
    let link = session.results.join("b1.txt");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert_eq!(session.names("Bash", &link).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&target).unwrap(), full());
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
}

/// The client makes these folders itself: a link in their place leads to somebody else's files.
#[test]
fn a_folder_of_the_session_that_is_a_link_is_not_followed() {
    for linked in ["s1/tool-results", "s1"] {
        let session = Session::new();
        let project = session.transcript.parent().unwrap();
        let elsewhere = session.home.path().join("elsewhere");
        std::fs::rename(project.join(linked), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, project.join(linked)).unwrap();
        let path = session.results.join("b1.txt");
        file(&path);
        assert_eq!(session.names("Bash", &path).status.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), full(), "{linked}");
        assert_eq!(std::fs::read_dir(&session.results).unwrap().count(), 1, "something is left beside it");
    }
}

/// A second name of a file elsewhere: the name in the session's folder leads to a new file, the other is as it was.
#[test]
fn a_file_with_another_name_elsewhere_is_left_alone_there() {
    let session = Session::new();
    let other = session.home.path().join("notes.txt");
    file(&other);
    let path = session.results.join("b1.txt");
    std::fs::hard_link(&other, &path).unwrap();
    assert_eq!(session.names("Bash", &path).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&other).unwrap(), full());
    assert!(!std::fs::read_to_string(&path).unwrap().contains(&token()));
}

/// Many keep their settings elsewhere; what the client writes there is as secret as anywhere.
#[test]
fn a_home_behind_a_link_is_a_home() {
    let session = Session::new();
    let path = session.results.join("b1.txt");
    file(&path);
    let real = session.home.path().join("dotfiles");
    std::fs::rename(session.home.path().join(".claude"), &real).unwrap();
    std::os::unix::fs::symlink(&real, session.home.path().join(".claude")).unwrap();
    assert_eq!(session.names("Bash", &path).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), full().replace(&token(), "stanch_github_pat"));
}

#[test]
fn for_another_tool_it_is_left_alone() {
    let session = Session::new();
    let path = session.results.join("b1.txt");
    for tool in ["mcp__x__y", "Read", "bash", "WebFetch"] {
        file(&path);
        assert_eq!(session.names(tool, &path).status.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), full(), "{tool}");
    }
}

#[test]
fn what_cannot_be_rewritten_is_withheld() {
    let session = Session::new();
    let path = session.results.join("b1.txt");
    file(&path);
    // No name is free beside it: its own is as long as names may be.
    let long = session.results.join("x".repeat(255));
    std::fs::rename(&path, &long).unwrap();
    let output = session.names("Bash", &long);
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = reply.to_string();
    assert!(said.contains("stanch withheld") && !said.contains("a preview"), "{said}");
    assert!(!said.contains(&token()), "{said}");
}
