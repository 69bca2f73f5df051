//! `stanch status` with nothing installed, with everything, and with a log.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use install::registration::CLAUDE_CODE;

fn status(home: &Path, folder: &str) -> String {
    fs::create_dir_all(home.join(folder)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
    let output = command.env_clear().env("HOME", home).current_dir(home.join(folder)).arg("status").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    text
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn with_nothing_there_it_says_so() {
    let home = tempfile::tempdir().unwrap();
    let said = status(home.path(), "app");
    assert!(
        said.contains("not installed") && said.contains("stanch install") && said.contains("nothing was found"),
        "{said}"
    );
}

#[test]
fn what_is_registered_and_what_switches_it_off_is_said() {
    let home = tempfile::tempdir().unwrap();
    let home = &home.path().canonicalize().unwrap();
    let settings = install::Settings::parse("").unwrap();
    settings.add(CLAUDE_CODE, &home.join(".local/lib/stanch/bin")).unwrap();
    let text = settings.text();
    write(&home.join(".claude/settings.json"), &text);
    let said = status(home, "app");
    assert!(said.contains("all 11 hooks are registered") && said.contains("behind stanch-shell"), "{said}");
    assert!(
        said.contains("! not in ") && said.contains("13 executables") && said.contains("doctor --repair"),
        "{said}"
    );
    for name in CLAUDE_CODE.iter().map(|entry| entry.hook).chain(["stanch"]) {
        write(&home.join(".local/lib/stanch/bin").join(name), "");
    }
    assert!(status(home, "app").contains("bin: stanch-shell; the client stops"), "{}", status(home, "app"));
    write(&home.join(".local/lib/stanch/bin/stanch-shell"), "");
    let record = serde_json::json!([{ "settings": home.join(".claude/settings.json"), "left": "", "denied": [], "version": "0.0.1" }]);
    write(&home.join(".local/lib/stanch/installed.json"), &record.to_string());
    let said = status(home, "app");
    assert!(
        said.contains("by stanch 0.0.1") && said.contains("! this is stanch 0.1.0") && !said.contains("! not in"),
        "{said}"
    );
    write(&home.join(".claude/settings.json"), &text.replace("PreCompact", "PostCompact"));
    assert!(status(home, "app").contains("not registered: pre-compact"));
    write(
        &home.join("app/.claude/settings.json"),
        "{\"disableAllHooks\":true,\"env\":{\"CLAUDE_CODE_SHELL_PREFIX\":\"env\"}}",
    );
    let said = status(home, "app");
    assert!(said.contains("they do not run") && said.contains("behind another prefix"), "{said}");
    write(&home.join("app/.claude/settings.local.json"), "{");
    assert!(status(home, "app").contains("settings.local.json:1:1: not JSON"));
}

#[test]
fn the_log_is_counted_by_project_and_day() {
    let home = tempfile::tempdir().unwrap();
    let home = &home.path().canonicalize().unwrap();
    let at = |hours: u64| humantime::format_rfc3339_millis(SystemTime::now() - Duration::from_secs(hours * 3600));
    let line = |hours: u64, did: &str, kinds: &str, project: &str| {
        let project = home.join(project);
        let project = project.display();
        format!(
            "{{\"time\":\"{}\",\"event\":\"PostToolUse\",\"did\":\"{did}\",\"kinds\":{kinds},\"tool\":\"Bash\",\"project\":\"{project}\"}}\n",
            at(hours)
        )
    };
    let log = [
        line(50, "redacted", r#"{"github_pat":3}"#, "app/sub"),
        line(2, "redacted", r#"{"github_pat":2,"password":1}"#, "app"),
        line(1, "redacted", r#"{"github_pat":40}"#, "application"),
        line(3, "leaked", r#"{"github_pat":1}"#, "app"),
        "half a li\n".to_owned(),
    ];
    write(&home.join(".local/state/stanch/log.jsonl"), &log[1..].concat());
    write(&home.join(".local/state/stanch/log.1.jsonl"), &log[0]);
    fs::create_dir_all(home.join("app/.git")).unwrap();
    let said = status(home, "app/deep");
    let row = |deed: &str, kind: &str| {
        let found = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let row = found.into_iter().find(|words| words.len() == 4 && words[0] == deed && words[1] == kind);
        row.map(|words| (words[2].to_owned(), words[3].to_owned()))
    };
    let counts = |day: &str, all: &str| Some((day.to_owned(), all.to_owned()));
    assert_eq!(row("redacted", "github_pat"), counts("2", "5"), "{said}");
    assert_eq!(row("redacted", "password"), counts("1", "1"), "{said}");
    assert_eq!(row("leaked", "github_pat"), counts("1", "1"), "{said}");
    assert!(
        said.contains("the last leak: github_pat") && said.contains("https://") && said.contains("1 lines"),
        "{said}"
    );
}
