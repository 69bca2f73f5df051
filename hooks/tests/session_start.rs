//! What `session-start` says of settings and instruction files.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{CANARY, START, event, run_in, text, token};
use hooks::registration::CLAUDE_CODE;
use serde_json::{Value, json};

fn message(home: &Path, folder: &Path) -> String {
    let output = run_in(START, home, event("SessionStart", json!({ "cwd": folder })).to_string().as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(reply.as_object().unwrap().len(), 1, "{reply}");
    reply["systemMessage"].as_str().unwrap().to_owned()
}

fn write(path: &Path, content: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

#[test]
fn says_which_hooks_are_registered() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("app");
    std::fs::create_dir(&folder).unwrap();
    assert!(message(home.path(), &folder).contains("NONE of the hooks is registered"));
    let entry = |matcher: &str, command: &Path| json!([{ "matcher": matcher, "hooks": [{ "type": "command", "command": command }] }]);
    let hook = |name: &str| entry("*", &Path::new(common::PRE).with_file_name(name));
    for useless in [entry("*", Path::new("/nonexistent/post-tool-use")), entry("Nothing", Path::new(common::POST))] {
        write(&home.path().join(".claude/settings.json"), &json!({ "hooks": { "PostToolUse": useless } }).to_string());
        assert!(message(home.path(), &folder).contains("NONE of the hooks is registered"));
    }
    let one = json!({ "hooks": { "PostToolUse": hook("post-tool-use") } });
    write(&home.path().join(".claude/settings.json"), &one.to_string());
    let said = message(home.path(), &folder);
    assert!(
        said.contains(
            "registered: post-tool-use; NOT registered for everything by any settings file or plugin, or not there: pre-tool-use"
        ),
        "{said}"
    );
    let all: serde_json::Map<String, Value> =
        CLAUDE_CODE.iter().map(|entry| (entry.event.to_owned(), hook(entry.hook))).collect();
    write(&home.path().join(".claude/settings.json"), &json!({ "hooks": all }).to_string());
    let said = message(home.path(), &folder);
    assert!(said.contains("all hooks are registered") && !said.contains("NO"), "{said}");
}

#[test]
fn warns_of_settings_that_switch_hooks_off() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("app");
    let local = folder.join(".claude/settings.local.json");
    write(&local, r#"{"disableAllHooks":true,"env":{"CLAUDE_CODE_SHELL_PREFIX":"/tmp/x"}}"#);
    let said = message(home.path(), &folder);
    assert!(said.contains(&format!("{} sets disableAllHooks", local.display())), "{said}");
    assert!(said.contains("CLAUDE_CODE_SHELL_PREFIX") && !said.contains("/tmp/x"), "{said}");
    write(&local, &format!("{CANARY} is not JSON"));
    let said = message(home.path(), &folder);
    assert!(said.contains("settings.local.json is not JSON") && !said.contains(CANARY), "{said}");
    write(&local, r#"{"disableAllHooks":false}"#);
    assert!(!message(home.path(), &folder).contains("settings.local.json"));
}

/// The client reads the user's own file of the repository's root in every folder of it; the shared one does not hold there.
#[cfg(unix)]
#[test]
fn the_repositorys_own_settings_hold_in_every_folder_of_it() {
    let home = tempfile::tempdir().unwrap();
    let (root, folder) = (home.path().join("app"), home.path().join("app/deep"));
    std::fs::create_dir_all(root.join(".git")).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    write(&root.join(".claude/settings.json"), r#"{"disableAllHooks":true}"#);
    assert!(!message(home.path(), &folder).contains("disableAllHooks"));
    let local = root.join(".claude/settings.local.json");
    write(&local, r#"{"disableAllHooks":true}"#);
    let said = message(home.path(), &folder);
    assert!(said.contains(&format!("{} sets disableAllHooks", local.display())), "{said}");
}

#[test]
fn warns_of_a_repository_that_takes_the_users_plugin_away() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("app");
    let (user, project) = (home.path().join(".claude/settings.json"), folder.join(".claude/settings.json"));
    let market = |path: &str| json!({ "stanch": { "source": { "source": "directory", "path": path } } });
    let off = json!({ "enabledPlugins": { "stanch@stanch": false, "other@x": false } });
    write(
        &user,
        &json!({ "enabledPlugins": { "stanch@stanch": true }, "extraKnownMarketplaces": market("/a") }).to_string(),
    );
    for (settings, line) in [
        (off.clone(), "sets enabledPlugins.stanch@stanch: this repository switches your plugin off"),
        (json!({ "extraKnownMarketplaces": market("/b") }), "puts another plugin in the place of yours"),
    ] {
        write(&project, &settings.to_string());
        let said = message(home.path(), &folder);
        assert!(
            said.contains(line) && said.contains(&project.display().to_string()) && !said.contains("other@x"),
            "{said}"
        );
        let event = event("ConfigChange", json!({ "cwd": folder, "source": "project_settings", "file_path": project }));
        let output = run_in(common::CONFIG, home.path(), event.to_string().as_bytes());
        assert!(
            text(&output.stdout).contains("\"block\"") && text(&output.stdout).contains(line),
            "{}",
            text(&output.stdout)
        );
    }
    // What is not the user's is the repository's own.
    write(&project, &json!({ "extraKnownMarketplaces": market("/a") }).to_string());
    assert!(!message(home.path(), &folder).contains("this repository"));
    write(&user, "{}");
    write(&project, &off.to_string());
    assert!(!message(home.path(), &folder).contains("this repository"));
}

#[test]
fn names_secrets_in_instructions_and_in_what_they_import() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("app");
    let secret = |line: usize| format!("{}use {} there\n", "text\n".repeat(line - 1), token());
    write(&folder.join("CLAUDE.md"), &(secret(3) + "see @docs/keys.md, and @~/own.md.\n"));
    write(&folder.join("docs/keys.md"), &("@more.md\n".to_owned() + &secret(4)));
    write(&folder.join("docs/more.md"), &("@keys.md\n".to_owned() + &secret(1)));
    write(&home.path().join("own.md"), &secret(7));
    write(&home.path().join("CLAUDE.md"), &secret(2));
    write(&home.path().join(".claude/CLAUDE.md"), &secret(5));
    write(&folder.join(".claude/rules/a/b.md"), &secret(6));
    write(&folder.join("unread.md"), &secret(1));
    let said = message(home.path(), &folder);
    let app = folder.display();
    let home = home.path().display();
    for place in [
        format!("{app}/CLAUDE.md:3: github_pat"),
        format!("{app}/docs/keys.md:5: github_pat"),
        format!("{app}/docs/more.md:2: github_pat"),
        format!("{home}/own.md:7: github_pat"),
        format!("{home}/CLAUDE.md:2: github_pat"),
        format!("{home}/.claude/CLAUDE.md:5: github_pat"),
        format!("{app}/.claude/rules/a/b.md:6: github_pat"),
    ] {
        assert_eq!(said.matches(&place).count(), 1, "{place} in\n{said}");
    }
    assert!(!said.contains(&token()) && !said.contains("unread.md"), "{said}");
}

#[test]
fn a_secret_in_a_files_name_is_not_said() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(token());
    write(&folder.join("CLAUDE.md"), &format!("{}\n", token()));
    let said = message(home.path(), &folder);
    assert!(said.contains("CLAUDE.md:1") && !said.contains(&token()), "{said}");
}

/// What a repository may hold so that the session never starts: the hook answers all the same, and soon.
fn message_in_time(home: &Path, folder: &Path) -> String {
    let start = Instant::now();
    let said = message(home, folder);
    assert!(start.elapsed() < Duration::from_secs(8), "it took {:?}", start.elapsed());
    said
}

/// Not on Apple's systems: rustix has no way there to make a pipe in a folder.
#[cfg(all(unix, not(target_vendor = "apple")))]
#[test]
fn a_pipe_or_a_device_in_a_files_place_does_not_stop_it() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("app");
    std::fs::create_dir_all(folder.join(".claude/rules")).unwrap();
    for name in ["CLAUDE.md", "CLAUDE.local.md", ".claude/settings.json", ".claude/rules/a.md"] {
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, folder.join(name), mode).unwrap();
    }
    for name in [".claude/settings.local.json", ".claude/CLAUDE.md"] {
        std::os::unix::fs::symlink("/dev/zero", folder.join(name)).unwrap();
    }
    let said = message_in_time(home.path(), &folder);
    for name in ["settings.json", "settings.local.json"] {
        let path = folder.join(".claude").join(name);
        assert!(said.contains(&format!("{} cannot be read", path.display())), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_do_not_stop_it() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("app");
    let rules = folder.join(".claude/rules");
    write(&rules.join("own.md"), &format!("{}\n", token()));
    for number in 0..20 {
        std::os::unix::fs::symlink(".", rules.join(format!("round{number}"))).unwrap();
        std::os::unix::fs::symlink("own.md", rules.join(format!("same{number}.md"))).unwrap();
    }
    std::os::unix::fs::symlink("loop.md", rules.join("loop.md")).unwrap();
    let said = message_in_time(home.path(), &folder);
    assert_eq!(said.matches("own.md:1: github_pat").count(), 1, "{said}");
    assert_eq!(said.matches(": github_pat").count(), 1, "{said}");
}

#[test]
fn imports_without_number_do_not_stop_it_and_it_says_so() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("app");
    let names = |from: usize| (from..from + 200_000).map(|n| format!("@{n} ")).collect::<String>();
    write(&folder.join("CLAUDE.md"), &format!("{}\n@a.md\n{}", token(), names(0)));
    write(&folder.join("a.md"), &names(200_000));
    let said = message_in_time(home.path(), &folder);
    assert!(said.contains("CLAUDE.md:1: github_pat") && said.contains("too many instruction files"), "{said}");
}

#[test]
fn secrets_without_number_are_counted() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("app");
    write(&folder.join("CLAUDE.md"), &format!("{}\n", token()).repeat(300));
    let said = message_in_time(home.path(), &folder);
    assert!(said.lines().count() < 60 && said.contains("250 more secrets"), "{said}");
}
