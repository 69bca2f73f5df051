//! `stanch scan --transcripts` and `--fix`: what is looked at, what is replaced, what is left alone.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::SystemTime;

use common::{Home, token};

const SESSION: &str = "3f1c2a54-7a0e-4a11-9a52-0d6a4b8c9e01";

fn transcript() -> String {
    let record = |content: serde_json::Value| {
        serde_json::json!({ "type": "user", "message": { "content": content }, "sessionId": SESSION }).to_string()
    };
    let nested = serde_json::json!({ "env": format!("A=1\nTOKEN={}\n", token()) }).to_string();
    format!(
        "{}\r\n\n{}\n{}\nno JSON {} \\ud83d\n{{\"half\":\"\\ud83d {} \\u00e9\"}}",
        record("hello".into()),
        record(serde_json::json!([{ "type": "tool_result", "content": nested }])),
        record(format!("\"password\": \"{}\"", ["h4Zk9", "pQmW2s"].concat()).into()),
        token(),
        token(),
    )
}

/// What is there of agents, one file with a secret each.
fn places() -> [String; 12] {
    let uid = rustix::process::getuid().as_raw();
    [
        format!(".claude/projects/-p/{SESSION}.jsonl"),
        format!(".claude/projects/-p/{SESSION}/subagents/agent-1.jsonl"),
        format!(".claude/projects/-p/{SESSION}/tool-results/b.txt"),
        ".claude/history.jsonl".to_owned(),
        format!(".claude/session-env/{SESSION}/sessionstart-hook-0.sh"),
        ".cache/claude-cli-nodejs/-p/mcp-logs-x/2026.jsonl".to_owned(),
        format!("tmp/claude-{uid}/-p/{SESSION}/tasks/b1.output"),
        ".codex/sessions/2026/01/02/rollout-x.jsonl".to_owned(),
        ".gemini/tmp/abc/chats/session-x.json".to_owned(),
        ".qwen/projects/p/chats/x.jsonl".to_owned(),
        ".copilot/session-state/x/events.jsonl".to_owned(),
        ".local/share/opencode/storage/part/x.json".to_owned(),
    ]
}

fn content(path: &str) -> String {
    if path.ends_with(".json") {
        return format!("{{\n  \"text\": \"a\\nTOKEN={}\\n\"\n}}\n", token());
    }
    if path.ends_with("jsonl") { transcript() } else { format!("A=1\nTOKEN={}\n", token()) }
}

fn agents() -> Home {
    let home = Home::new();
    for path in places() {
        home.write(&path, content(&path));
    }
    // Settings and logins are no transcripts.
    home.write(".codex/auth.json", format!("{{\"k\":\"{}\"}}", token()));
    home
}

fn times(path: &Path) -> (u32, SystemTime, u32, u32) {
    let file = fs::metadata(path).unwrap();
    (file.mode(), file.modified().unwrap(), file.uid(), file.gid())
}

#[test]
fn the_folders_of_agents_are_searched_and_named() {
    let home = agents();
    let said = home.scan(&["--transcripts"]);
    assert_eq!(said.code, 1);
    for path in places() {
        assert!(said.out.contains(&path), "{path}: {}", said.out);
    }
    assert!(!said.out.contains("auth.json"));
    for (agent, folder) in [("Claude Code", ".claude/projects (3 files)"), ("Codex", ".codex/sessions (1 file)")] {
        let line = said.err.lines().find(|line| line.contains(folder)).unwrap();
        assert!(line.starts_with(&format!("looked at {agent}: ")), "{line}");
    }
}

#[test]
fn where_no_agent_has_been_nothing_is_found() {
    let said = Home::new().scan(&["--transcripts"]);
    assert_eq!(said.code, 0);
    assert!(said.err.contains("no agent has left anything"), "{}", said.err);
}

#[test]
fn a_variable_moves_the_client_s_folder() {
    let home = Home::new();
    home.write("elsewhere/projects/p/x.jsonl", transcript());
    let mut command = home.command(env!("CARGO_BIN_EXE_stanch"));
    let output = command.args(["scan", "--transcripts"]).env("CLAUDE_CONFIG_DIR", home.path().join("elsewhere"));
    assert_eq!(output.output().unwrap().status.code(), Some(1));
}

#[test]
fn fix_replaces_the_secrets_alone_and_a_second_fix_finds_nothing() {
    let home = agents();
    let first = home.path().join(&places()[0]);
    fs::set_permissions(&first, fs::Permissions::from_mode(0o640)).unwrap();
    let before = times(&first);
    let said = home.scan(&["--transcripts", "--fix", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for path in places() {
        let expected = content(&path).replace(&token(), "stanch_github_pat");
        let expected = expected.replace(&["h4Zk9", "pQmW2s"].concat(), "stanch_password");
        assert_eq!(fs::read_to_string(home.path().join(&path)).unwrap(), expected, "{path}");
    }
    assert_eq!(times(&first), before);
    assert!(fs::read_to_string(home.path().join(".codex/auth.json")).unwrap().contains(&token()));
    let again = home.scan(&["--transcripts", "--fix", "--yes"]);
    assert_eq!((again.code, again.out.as_str()), (0, ""));
    assert!(
        !fs::read_dir(first.parent().unwrap())
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().to_string_lossy().contains("stanch") })
    );
}

#[test]
fn a_dry_run_shows_what_would_be_and_touches_nothing() {
    let home = agents();
    let said = home.scan(&["--transcripts", "--fix", "--dry-run"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("would replace: ") && said.err.contains("history.jsonl: 4 secrets"), "{}", said.err);
    for path in places() {
        assert_eq!(fs::read_to_string(home.path().join(&path)).unwrap(), content(&path));
    }
    let said = home.scan(&["--transcripts", "--fix"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("nothing was replaced") && said.err.contains("--yes"), "{}", said.err);
    assert_eq!(fs::read_to_string(home.path().join(&places()[0])).unwrap(), transcript());
}

#[test]
fn a_session_that_runs_is_left_alone_and_named() {
    let home = agents();
    let [codex, claude, gemini] = [&places()[7], &places()[2], &places()[8]].map(|place| home.path().join(place));
    // One that a process has open, one that the client lists, one that has just changed.
    let open = fs::File::options().append(true).open(&codex).unwrap();
    let pid = std::process::id();
    home.write(&format!(".claude/sessions/{pid}.json"), format!("{{\"pid\":{pid},\"sessionId\":\"{SESSION}\"}}"));
    home.write(".claude/sessions/999999999.json", "{\"pid\":999999999,\"sessionId\":\"history.jsonl\"}");
    fs::File::options().append(true).open(&gemini).unwrap().set_modified(SystemTime::now()).unwrap();
    let said = home.scan(&["--transcripts", "--fix", "--yes"]);
    assert_eq!(said.code, 1, "{}", said.err);
    for (path, reason) in [(&codex, "has it open"), (&claude, "session is running"), (&gemini, "--idle 0")] {
        let name = path.to_str().unwrap();
        let left = |line: &str| line.starts_with("left as it is") && line.contains(name) && line.contains(reason);
        assert!(said.err.lines().any(left), "{}", said.err);
        assert!(fs::read_to_string(path).unwrap().contains(&token()));
    }
    assert!(!fs::read_to_string(home.path().join(".claude/history.jsonl")).unwrap().contains(&token()));
    drop(open);
    fs::remove_dir_all(home.path().join(".claude/sessions")).unwrap();
    assert_eq!(home.scan(&["--transcripts", "--fix", "--yes", "--idle", "0"]).code, 0);
    assert_eq!(home.scan(&["--transcripts"]).code, 0);
}

#[test]
fn nothing_but_what_agents_wrote_is_rewritten() {
    let home = agents();
    home.write("src/main.py", format!("A=\"{}\"\n", token()));
    let said = home.scan(&["src/main.py", "--fix", "--yes"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no transcript or log of an agent"), "{}", said.err);
    assert!(fs::read_to_string(home.path().join("src/main.py")).unwrap().contains(&token()));
    let said = home.scan(&[&places()[0], "--fix", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!fs::read_to_string(home.path().join(&places()[0])).unwrap().contains(&token()));
    assert!(fs::read_to_string(home.path().join(&places()[1])).unwrap().contains(&token()));
}

#[test]
fn copies_of_files_and_databases_are_found_and_left() {
    let home = Home::new();
    let copy = home.write(".claude/file-history/s/a@v1", format!("A={}\n", token()));
    let database = home.write(".local/share/opencode/opencode.db", format!("SQLite format 3\0..{}..", token()));
    let said = home.scan(&["--transcripts", "--fix", "--yes"]);
    assert_eq!((said.code, said.out.lines().count()), (1, 2));
    assert!(said.err.contains("rewinds") && said.err.contains("database"), "{}", said.err);
    for path in [copy, database] {
        assert!(String::from_utf8_lossy(&fs::read(path).unwrap()).contains(&token()));
    }
}

#[test]
fn links_do_not_lead_out_and_other_names_are_noted() {
    let home = Home::new();
    let outside = home.write("outside.jsonl", transcript());
    let inside = home.write(".claude/projects/p/a.jsonl", transcript());
    symlink(&outside, home.path().join(".claude/projects/p/link.jsonl")).unwrap();
    fs::hard_link(&inside, home.path().join("other.jsonl")).unwrap();
    let said = home.scan(&["--transcripts", "--fix", "--yes"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("1 more names (hard links)"), "{}", said.err);
    assert!(!fs::read_to_string(&inside).unwrap().contains(&token()));
    assert_eq!(fs::read_to_string(&outside).unwrap(), transcript());
    let said = home.scan(&[".claude/projects/p/link.jsonl", "--fix", "--yes"]);
    assert_eq!(said.code, 2);
    assert_eq!(fs::read_to_string(&outside).unwrap(), transcript());
}

#[test]
fn what_a_stopped_run_left_is_used_again_or_removed() {
    let home = Home::new();
    let old = home.write(".claude/projects/p/.stanch-fix-1", "half a file");
    let path = home.write(".claude/projects/p/a.jsonl", transcript());
    let left = format!(".claude/projects/p/.stanch-fix-{}", fs::metadata(&path).unwrap().ino());
    let left = home.write(&left, "half a file");
    // Another run has it.
    let other = fs::File::options().append(true).open(&left).unwrap();
    other.lock().unwrap();
    let said = home.scan(&["--transcripts", "--fix", "--yes"]);
    assert!(said.code == 2 && said.err.contains("another stanch"), "{}", said.err);
    assert_eq!(fs::read_to_string(&path).unwrap(), transcript());
    other.unlock().unwrap();
    assert_eq!(home.scan(&["--transcripts", "--fix", "--yes"]).code, 0);
    assert!(!left.exists() && !old.exists() && !fs::read_to_string(&path).unwrap().contains(&token()));
}

/// Records are appended all the time while it is replaced: none is lost, and in the end none holds a secret.
#[test]
fn what_is_appended_meanwhile_is_not_lost() {
    let home = Home::new();
    let path = home.write(".claude/projects/p/a.jsonl", transcript().repeat(40) + "\n");
    let writing = std::sync::atomic::AtomicBool::new(true);
    let appended = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut count = 0;
            while writing.load(std::sync::atomic::Ordering::Relaxed) {
                // As clients do: open, append, close.
                let mut file = fs::File::options().append(true).open(&path).unwrap();
                writeln!(file, "{{\"appended\":{count},\"t\":\"{}\"}}", token()).unwrap();
                count += 1;
                std::thread::sleep(std::time::Duration::from_micros(500));
            }
            count
        });
        for _ in 0..20 {
            home.scan(&["--transcripts", "--fix", "--yes", "--idle", "0"]);
        }
        writing.store(false, std::sync::atomic::Ordering::Relaxed);
        writer.join().unwrap()
    });
    let text = fs::read_to_string(&path).unwrap();
    for number in 0..appended {
        assert!(text.contains(&format!("{{\"appended\":{number},")), "{number} of {appended} is lost");
    }
    assert_eq!(home.scan(&["--transcripts", "--fix", "--yes", "--idle", "0"]).code, 0);
}
