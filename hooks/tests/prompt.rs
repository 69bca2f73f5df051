//! user-prompt-submit over files and histories: what is blocked, what is said, and that a file cannot hold it up.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::path::Path;
use std::time::Instant;

use common::{COMPACT, CONFIG, LOADED, PROMPT, SUBAGENT, event, run_in, text, token};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A home with a project in it.
struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(world.app()).unwrap();
        world
    }

    fn app(&self) -> std::path::PathBuf {
        self.0.path().join("app")
    }

    fn write(&self, name: &str, content: &str) -> std::path::PathBuf {
        let path = self.app().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The reason for which a prompt is blocked; nothing if it is not.
    fn prompt(&self, prompt: &str) -> String {
        let reply = self.ask(PROMPT, "UserPromptSubmit", json!({ "prompt": prompt }));
        let reply: Value = if reply.is_empty() { json!({}) } else { serde_json::from_str(&reply).unwrap() };
        if reply["decision"] == "block" {
            assert_eq!(reply["hookSpecificOutput"]["suppressOriginalPrompt"], true, "{reply}");
        }
        reply["reason"].as_str().unwrap_or_default().to_owned()
    }

    fn ask(&self, hook: &str, name: &str, mut more: Value) -> String {
        more["cwd"] = json!(self.app());
        if more["transcript_path"].is_null() {
            more["transcript_path"] = json!(self.app().join("none.jsonl"));
        }
        let output = run_in(hook, self.0.path(), event(name, more).to_string().as_bytes());
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!said.contains(&token()), "{said}");
        said
    }
}

fn dirty() -> String {
    format!("first line\ntoken: {}\n", token())
}

#[test]
fn a_mention_is_found_as_the_client_finds_it() {
    let world = World::new();
    world.write("notes.txt", &dirty());
    world.write("my notes.txt", &dirty());
    world.write("clean.txt", "nothing\n");
    std::fs::write(world.0.path().join("in-home.txt"), dirty()).unwrap();
    for prompt in [
        "@notes.txt",
        "see (it) @./notes.txt, now",
        "@\"my notes.txt\"",
        "@notes.txt#L2",
        "a\n@../in-home.txt",
        "@~/in-home.txt",
    ] {
        let reason = world.prompt(prompt);
        assert!(reason.contains(".txt:2, which holds secrets (1 × github_pat)"), "{prompt}: {reason}");
    }
    for prompt in ["notes.txt", "me@notes.txt", "@clean.txt", "@missing.txt", "@", "(@notes.txt)", "@my notes.txt"] {
        assert_eq!(world.prompt(prompt), "", "{prompt}");
    }
}

#[test]
fn of_a_mentioned_folder_the_names_are_looked_at() {
    let world = World::new();
    world.write("d/notes.txt", &dirty());
    assert_eq!(world.prompt("@d"), "");
    world.write(&format!("d/{}.txt", token()), "");
    assert!(world.prompt("@d/").contains("names of its files"));
}

#[cfg(unix)]
#[test]
fn a_mention_that_cannot_be_searched_blocks_at_once() {
    let world = World::new();
    let fifo = world.app().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let huge = std::fs::File::create(world.app().join("huge.bin")).unwrap();
    huge.set_len((64 << 20) + 1).unwrap();
    let start = Instant::now();
    for prompt in ["@pipe", "@/dev/zero", "@huge.bin"] {
        assert!(world.prompt(prompt).contains("cannot be searched"), "{prompt}");
    }
    assert!(start.elapsed().as_secs() < 10);
    let many: String = (0..500).map(|n| format!("@f{n} ")).collect();
    assert!(world.prompt(&many).contains("too many files"));
}

#[test]
fn a_slash_command_is_looked_at_with_what_it_mentions() {
    let world = World::new();
    world.write(".claude/commands/dirty.md", &dirty());
    world.write(".claude/commands/team/look.md", "Look at @notes.txt.\n");
    world.write(".claude/skills/v1.2/SKILL.md", &dirty());
    world.write("notes.txt", &dirty());
    assert!(world.prompt("/dirty now").contains("commands/dirty.md:2"));
    assert!(world.prompt("/team:look").contains("notes.txt:2"));
    assert!(world.prompt("/v1.2").contains("SKILL.md:2"));
    assert_eq!(world.prompt("/other"), "");
}

#[test]
fn a_report_is_called_a_report() {
    let world = World::new();
    world.write("notes.txt", &dirty());
    let report = |text: &str| format!("<task-notification>\n<event>{text}</event>\n</task-notification>");
    let reason = world.prompt(&report(&token()));
    assert!(reason.starts_with("stanch held back a background task's report."), "{reason}");
    assert_eq!(world.prompt(&report("all is well, see @notes.txt")), "");
}

/// A transcript whose last turn read a file; `text` is what came of it, `more` what follows.
fn transcript(world: &World, file: &Path, text: &str, more: &[Value]) -> std::path::PathBuf {
    let record = |id: &str, parent: Option<&str>, kind: &str, message: Value| json!({ "type": kind, "uuid": id, "parentUuid": parent, "message": message, "timestamp": "2020-01-01T00:00:00.000Z" });
    let call = json!({ "type": "tool_use", "id": "toolu_1", "name": "Read", "input": { "file_path": file } });
    let result = json!({ "type": "tool_result", "tool_use_id": "toolu_1", "content": text });
    let mut lines = vec![
        record("p1", None, "user", json!({ "role": "user", "content": "go" })),
        record("c1", Some("p1"), "assistant", json!({ "id": "m1", "model": "m", "content": [call] })),
        record("r1", Some("c1"), "user", json!({ "role": "user", "content": [result] })),
    ];
    lines.extend_from_slice(more);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let path = world.0.path().join("s1.jsonl");
    std::fs::write(&path, text).unwrap();
    path
}

fn answered() -> Value {
    let message = json!({ "id": "m2", "model": "m", "content": [{ "type": "text", "text": "so it is" }] });
    json!({ "type": "assistant", "uuid": "a2", "parentUuid": "r1", "message": message })
}

#[test]
fn what_was_stopped_blocks_and_what_was_sent_is_said() {
    let world = World::new();
    let file = world.app().join("gone.txt");
    let path = transcript(&world, &file, &dirty(), &[]);
    for (hook, name) in [(PROMPT, "UserPromptSubmit"), (COMPACT, "PreCompact")] {
        let said = world.ask(hook, name, json!({ "transcript_path": path, "prompt": "on" }));
        assert!(
            said.contains("Read: 1 × github_pat") && said.contains("/rewind") && said.contains("/clear"),
            "{name}: {said}"
        );
    }
    let path = transcript(&world, &file, &dirty(), &[answered()]);
    let said = world.ask(PROMPT, "UserPromptSubmit", json!({ "transcript_path": path, "prompt": "on" }));
    assert!(
        said.contains("LEAKED") && said.contains("https://github.com/settings/tokens") && !said.contains("block"),
        "{said}"
    );
    let aside = std::fs::read_to_string(&path).unwrap().replace("{\"message\"", "{\"isSidechain\":true,\"message\"");
    std::fs::write(&path, aside).unwrap();
    let said = world.ask(SUBAGENT, "SubagentStop", json!({ "agent_transcript_path": path }));
    assert!(said.contains("LEAKED"), "{said}");
}

#[test]
fn a_file_that_compaction_would_read_again_is_looked_at() {
    let world = World::new();
    let file = world.write("notes.txt", &dirty());
    let path = transcript(&world, &file, "token: stanch_github_pat", &[answered()]);
    let compact = || world.ask(COMPACT, "PreCompact", json!({ "transcript_path": path }));
    assert!(compact().contains("notes.txt:2 again"), "{}", compact());
    world.write("notes.txt", "clean now\n");
    assert_eq!(compact(), "");
}

#[test]
fn settings_that_switch_hooks_off_are_kept_out_and_told() {
    let world = World::new();
    let path = world.write(".claude/settings.json", "{\"disableAllHooks\":true}");
    let change =
        |source: &str, file: &Path| world.ask(CONFIG, "ConfigChange", json!({ "source": source, "file_path": file }));
    assert!(change("project_settings", &path).contains("\"decision\":\"block\""));
    assert_eq!(change("policy_settings", &path), "");
    assert_eq!(change("skills", &path), "");
    let transcript = transcript(&world, &path, "clean", &[answered()]);
    let next = || world.ask(PROMPT, "UserPromptSubmit", json!({ "transcript_path": transcript, "prompt": "on" }));
    let said = next();
    assert!(said.contains("would have switched stanch off") && said.contains("systemMessage"), "{said}");
    std::fs::write(&path, "{\"model\":\"m\"}").unwrap();
    assert_eq!((change("project_settings", &path), next()), (String::new(), String::new()));
    // A prefix of the repository's replaces the user's; the user's own may be stanch's.
    std::fs::write(&path, "{\"env\":{\"CLAUDE_CODE_SHELL_PREFIX\":\"/x\"}}").unwrap();
    assert!(change("local_settings", &path).contains("block"));
    assert_eq!(change("user_settings", &path), "");
    // Who takes all hooks out of the user's settings is not here any more when the next session starts.
    std::fs::remove_file(&path).unwrap();
    assert_eq!(next(), "");
    std::fs::create_dir_all(world.0.path().join(".claude")).unwrap();
    std::fs::write(world.0.path().join(".claude/settings.json"), "{}").unwrap();
    assert!(next().contains("neither they nor a plugin has any of stanch's hooks"), "{}", next());
}

#[test]
fn an_instruction_file_that_was_loaded_is_looked_at() {
    let world = World::new();
    let file = world.write("sub/CLAUDE.md", &dirty());
    let loaded =
        |reason: &str| world.ask(LOADED, "InstructionsLoaded", json!({ "file_path": file, "load_reason": reason }));
    assert!(loaded("nested_traversal").contains("CLAUDE.md:2: github_pat"));
    assert_eq!(loaded("session_start"), "");
}

#[test]
fn a_file_in_utf_16_is_read_as_the_client_reads_it() {
    let (world, secret) = (World::new(), format!("token: {}\n", token()));
    for mark in [[0xff, 0xfe], [0xfe, 0xff]] {
        let bytes = |unit: u16| if mark[0] == 0xff { unit.to_le_bytes() } else { unit.to_be_bytes() };
        let content: Vec<u8> = mark.into_iter().chain(secret.encode_utf16().flat_map(bytes)).collect();
        std::fs::write(world.app().join("wide.txt"), content).unwrap();
        let reason = world.prompt("look at @wide.txt");
        assert!(reason.contains("github_pat") && reason.contains("wide.txt:1"), "{reason}");
    }
}
