//! `stanch install` and `uninstall`, run as a person runs them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A user, and a folder with something under each executable's name.
struct User(tempfile::TempDir);

impl User {
    fn new() -> Self {
        let user = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(user.path("built")).unwrap();
        fs::create_dir_all(user.path("app/.git")).unwrap();
        let names = install::registration::CLAUDE_CODE.iter().map(|entry| entry.hook);
        for name in names.chain(["stanch", "stanch-shell"]).chain(install::registration::LENDING) {
            fs::write(user.path("built").join(name), format!("first {name}")).unwrap();
        }
        user
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn settings(&self) -> Option<String> {
        fs::read_to_string(self.path(".claude/settings.json")).ok()
    }

    fn had(self, settings: &str) -> Self {
        fs::create_dir_all(self.path(".claude")).unwrap();
        fs::write(self.path(".claude/settings.json"), settings).unwrap();
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_in("app", arguments)
    }

    fn run_in(&self, folder: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
        command.args(arguments).current_dir(self.path(folder)).stdin(Stdio::null());
        command.env("HOME", self.0.path()).env_remove("XDG_CONFIG_HOME").env_remove("CLAUDE_CONFIG_DIR");
        command.output().unwrap()
    }

    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    fn install(&self) -> String {
        let built = self.path("built").display().to_string();
        self.says(&["install", "--from", &built])
    }

    fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = walk(self.0.path()).collect();
        files.sort();
        files
    }
}

fn walk(folder: &std::path::Path) -> Box<dyn Iterator<Item = String>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    Box::new(
        entries.into_iter().flat_map(|path| {
            if path.is_dir() { walk(&path) } else { Box::new([path.display().to_string()].into_iter()) }
        }),
    )
}

#[test]
fn installing_and_uninstalling_leaves_everything_as_it_was() {
    let key = format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U");
    let theirs =
        format!("{{\n    \"env\": {{\n        \"GITHUB_TOKEN\": \"{key}\"\n    }},\n    \"model\": \"opus\"\n}}");
    for before in [None, Some("{}\n"), Some("{\"model\":\"opus\"}"), Some(theirs.as_str())] {
        let user = before.map_or_else(User::new, |settings| User::new().had(settings));
        let files = user.files();
        let said = user.install();
        assert!(said.contains("installed") && !said.contains(&key), "{said}");
        let bin = user.path(".local/lib/stanch/bin");
        assert_eq!(fs::read_to_string(bin.join("pre-tool-use")).unwrap(), "first pre-tool-use");
        let installed = user.settings().unwrap();
        install::settings::check(&installed, install::registration::CLAUDE_CODE, &bin).unwrap();
        assert!(installed.contains("stanch-shell") && installed.contains("MAX_MCP_OUTPUT_TOKENS"), "{installed}");

        let again = user.install();
        assert!(again.contains("nothing to change"), "{again}");
        assert_eq!(user.settings().unwrap(), installed);

        fs::write(user.path("built/pre-tool-use"), "second").unwrap();
        user.install();
        assert_eq!(fs::read_to_string(bin.join("pre-tool-use")).unwrap(), "second");
        fs::write(user.path("built/pre-tool-use"), "first pre-tool-use").unwrap();

        user.says(&["uninstall"]);
        assert_eq!(user.settings().as_deref(), before);
        assert_eq!(user.files(), files);
    }
}

#[test]
fn what_was_changed_since_stays_changed() {
    let user = User::new().had("{\"model\":\"opus\"}");
    user.install();
    let changed = user.settings().unwrap().replacen("opus", "sonnet", 1);
    fs::write(user.path(".claude/settings.json"), changed).unwrap();
    let said = user.says(&["uninstall"]);
    assert!(said.contains("before-stanch"), "{said}");
    let after: serde_json::Value = serde_json::from_str(&user.settings().unwrap()).unwrap();
    assert_eq!(after, serde_json::json!({ "model": "sonnet" }));
}

#[test]
fn a_dry_run_and_what_cannot_be_done_change_nothing() {
    let user = User::new().had("{\"model\":\"opus\"}");
    let (files, built) = (user.files(), user.path("built").display().to_string());
    let said = user.says(&["install", "--dry-run", "--from", &built]);
    assert!(said.contains("+") && said.contains("nothing was changed"), "{said}");
    assert_eq!(user.files(), files);

    fs::remove_file(user.path("built/post-tool-batch")).unwrap();
    let output = user.run(&["install", "--from", &built]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && said.contains("post-tool-batch is missing"), "{said}");
    fs::write(user.path(".claude/settings.json"), "{\n  \"model\": \"opus\",\n}").unwrap();
    let output = user.run(&["install", "--from", &built]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && said.contains("settings.json") && said.contains("line 3"), "{said}");
    assert!(!user.path(".local").exists());
}

#[test]
fn a_project_has_its_own_settings_and_the_executables_stay_while_they_are_named() {
    let user = User::new();
    user.install();
    let built = user.path("built").display().to_string();
    user.says(&["install", "--project", "--from", &built]);
    assert!(user.path("app/.claude/settings.local.json").exists());
    user.says(&["uninstall"]);
    assert!(user.path(".local/lib/stanch/bin/pre-tool-use").exists());
    user.says(&["uninstall", "--project"]);
    assert!(!user.path(".local/lib/stanch").exists());
}

/// As the client reads it: the repository's own file holds in every folder of it, and in every worktree.
#[cfg(unix)]
#[test]
fn a_project_is_its_repository_in_every_folder_and_worktree() {
    let user = User::new();
    fs::remove_dir(user.path("app/.git")).unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args([
            "-C",
            &user.path("app").display().to_string(),
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
        ]);
        let output = git.args(arguments).env("HOME", user.path("")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q"]);
    git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&["worktree", "add", "-q", "../tree"]);
    fs::create_dir_all(user.path("app/deep/er")).unwrap();
    fs::create_dir_all(user.path("tree/deep")).unwrap();
    let built = user.path("built").display().to_string();
    for folder in ["app/deep/er", "tree/deep"] {
        assert!(user.run_in(folder, &["install", "--project", "--from", &built]).status.success());
        let settings = user.path("app/.claude/settings.local.json").canonicalize().unwrap();
        for there in ["app", "app/deep/er", "tree", "tree/deep"] {
            let said = String::from_utf8(user.run_in(there, &["status"]).stdout).unwrap();
            let installed = format!("installed in {}", settings.display());
            assert!(said.contains(&installed) && said.contains("all 11 hooks"), "{there}: {said}");
        }
        assert!(user.run_in(folder, &["uninstall", "--project"]).status.success());
        assert!(
            !settings.exists() && !user.path("app/deep/er/.claude").exists() && !user.path("tree/.claude").exists()
        );
    }
}
