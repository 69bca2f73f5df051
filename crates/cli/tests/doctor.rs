//! `stanch doctor`: what is wrong is named, what can be mended is mended, and `stanch verify` agrees.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

struct User(tempfile::TempDir);

impl User {
    /// With stanch installed from where cargo has built it.
    fn new() -> Self {
        let user = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(user.path("app/.git")).unwrap();
        let (code, said) = user.run(&["install"]);
        assert_eq!(code, 0, "{said}");
        user
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn bin(&self, name: &str) -> PathBuf {
        self.path(".local/lib/stanch/bin").join(name)
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        common::stanch(self.0.path(), arguments)
    }

    /// It is named, marked as what can be mended, and mended.
    fn is_mended(&self, what: &str) {
        let (code, said) = self.run(&["doctor"]);
        assert!(code == 1 && said.contains(what) && said.contains("* "), "{code}: {said}");
        let (code, said) = self.run(&["doctor", "--repair"]);
        assert!(code == 0 && said.contains("mended: "), "{code}: {said}");
        let (code, said) = self.run(&["verify"]);
        assert_eq!(code, 0, "{said}");
    }

    /// It is named, and is the person's to mend.
    fn is_named(&self, what: &str) {
        for arguments in [&["doctor"][..], &["doctor", "--repair"]] {
            let (code, said) = self.run(arguments);
            assert!(code == 1 && said.contains(what) && !said.contains("mended: "), "{code}: {said}");
        }
    }
}

#[test]
fn a_healthy_installation_and_none_at_all_have_nothing_wrong() {
    let user = User::new();
    assert_eq!(user.run(&["doctor"]).0, 0, "{}", user.run(&["doctor"]).1);
    user.run(&["uninstall"]);
    assert_eq!(user.run(&["doctor"]).0, 0);
}

#[test]
fn executables_are_put_in_place_again() {
    let user = User::new();
    fs::remove_file(user.bin("post-tool-batch")).unwrap();
    user.is_mended("post-tool-batch is not there");
    fs::set_permissions(user.bin("pre-tool-use"), PermissionsExt::from_mode(0o600)).unwrap();
    user.is_mended("pre-tool-use cannot be run");
    fs::write(user.bin("stanch-shell"), "#!/bin/sh\necho stanch-shell 0.0.1\n").unwrap();
    user.is_mended("says \"stanch-shell 0.0.1\"");
    fs::remove_dir_all(user.bin("")).unwrap();
    user.is_mended("session-end is not there");
}

#[test]
fn entries_are_put_in_place_again() {
    let user = User::new();
    let settings = user.path(".claude/settings.json");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replacen("\"timeout\": 15", "\"timeout\": 3", 1)).unwrap();
    user.is_mended("is not registered once for PreToolUse");
    fs::write(&settings, "{\"model\":\"opus\"}").unwrap();
    user.is_mended("none of its entries is left");
    assert!(fs::read_to_string(&settings).unwrap().contains("\"model\":\"opus\""));
    fs::remove_file(&settings).unwrap();
    user.is_mended("is gone");
}

#[test]
fn a_damaged_record_is_put_aside() {
    let user = User::new();
    fs::write(user.path(".local/lib/stanch/installed.json"), "[{]").unwrap();
    let (code, said) = user.run(&["doctor"]);
    assert!(code == 1 && said.contains("installed.json:1:3"), "{said}");
    assert_eq!(user.run(&["doctor", "--repair"]).0, 0);
    assert!(user.path(".local/lib/stanch/installed.json.damaged").is_file());
    assert_eq!(user.run(&["install", "--yes"]).0, 0);
}

#[test]
fn what_is_the_users_own_is_named() {
    let user = User::new();
    fs::create_dir_all(user.path(".config/stanch")).unwrap();
    fs::write(user.path(".config/stanch/config.toml"), "what = 1\n").unwrap();
    user.is_named("config.toml");
    let user = User::new();
    fs::create_dir_all(user.path(".local/state/stanch/log.jsonl")).unwrap();
    user.is_named("stanch keeps no log");
    let user = User::new();
    fs::write(user.path(".claude/settings.json"), "{").unwrap();
    user.is_named("settings.json:1:1: not JSON");
}
