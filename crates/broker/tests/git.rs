//! What git's helper is told: below a git that plays its part, and below what has been started beside it. The real git is tried
//! with the stand-in, in `tests/e2e`.

#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::Stage;

const LEND: &str = r#"
[lend.site]
source = "keyring:site"
by = "git"
for = "localhost:8443/site"
tools = ["git push"]
repositories = ["PROJECT"]
uses = 100
"#;

const ADDRESS: &str = "https://localhost:8443/site.git";

/// A stage with a git of its own, whose part that speaks https asks as it is told.
fn stage() -> Stage {
    let mut stage = Stage::new(LEND);
    let tools = stage.folder.path().join("tools");
    fs::create_dir_all(tools.join("core")).expect("a folder");
    fs::copy(env!("CARGO_BIN_EXE_ask"), tools.join("core/git-remote-https")).expect("a copy");
    fs::write(tools.join("git"), format!("#!/bin/sh\necho {}/core\n", tools.display())).expect("a file");
    fs::set_permissions(tools.join("git"), PermissionsExt::from_mode(0o755)).expect("a file");
    stage.client.run(&format!("export PATH={}:$PATH", tools.display()));
    stage.with_broker()
}

/// What the helper is told below a git that was started with what the stand-in sets, if its part is started so.
fn told(stage: &mut Stage, before: &str, remote: &str, address: &str) -> String {
    // As git has a shell become it.
    told_through(stage, before, remote, address, "exec ")
}

/// The same, with what the part of git starts in the place of the helper.
fn told_through(stage: &mut Stage, before: &str, remote: &str, address: &str, between: &str) -> String {
    let part = part(stage, before, remote, address, between);
    of_call(stage, &format!("toolu_{before}{remote}{address}{between}"), &part)
}

/// By two parts of git, the first of which goes on after it was told.
fn told_twice(stage: &mut Stage, between: &str) -> String {
    let part = part(stage, "", "origin", ADDRESS, "exec ");
    let part = part.strip_prefix('$').expect("a line of the shell's");
    let slow = part.replacen(" origin ", " 800 origin ", 1);
    of_call(stage, &format!("toolu_twice{}", between.len()), &format!("$({slow}) & sleep 0.4; {between}{part}; wait"))
}

/// What is run as the part of git that speaks https.
fn part(stage: &Stage, before: &str, remote: &str, address: &str, between: &str) -> String {
    let part = stage.folder.path().join("tools/core/git-remote-https").display().to_string();
    let helper =
        stage.asking("stanch-wrap", &[r#"{"Git":{"protocol":"https","host":"localhost:8443","path":"site.git"}}"#]);
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    format!("${before} {part} {} {remote} {address} 2>/dev/null", quoted(&format!("${between}{helper}")))
}

/// What is said below a git that runs this, in a call of its own.
fn of_call(stage: &mut Stage, id: &str, part: &str) -> String {
    let tool = r#"{"Tool":{"words":["git","push"],"remote":"https://localhost:8443/site.git"}}"#;
    let git = stage.asking("stanch-wrap", &[tool, part]);
    let set = format!(
        "GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=http.{ADDRESS}.proxy GIT_CONFIG_VALUE_0= GIT_CONFIG_KEY_1=remote.origin.proxy \
         GIT_CONFIG_VALUE_1= HTTPS_PROXY=http://own.invalid"
    );
    let run = r#"{"Run":{"text":"eval 'git push' && pwd -P >| /tmp/x"}}"#;
    // Each call is run once.
    stage.call(&id.replace(['"', '\''], ""), None, "git push");
    stage.ask("stanch-shell", &[run, "\"Known\"", "\"TakenIn\"", &format!("${set} {git}")])
}

#[test]
fn the_part_of_git_that_was_started_as_git_was_is_told() {
    let mut stage = stage();
    let core = stage.folder.path().join("tools/core").display().to_string();
    let own = format!("GIT_DIR=.git GIT_PREFIX= GIT_EXEC_PATH={core} PATH={core}:{core}:$PATH");
    for before in ["", &own, "GIT_CONFIG_PARAMETERS=\"'fetch.bundleURI'=''\""] {
        let said = told(&mut stage, before, "origin", ADDRESS);
        assert!(said.contains("\"Value\"") && said.contains(&stage.value), "{before}: {said}");
    }
    assert_eq!(stage.audit().matches("\"used\"").count(), 3, "{}", stage.audit());
}

#[test]
fn a_git_that_a_hook_starts_with_other_settings_is_told_nothing() {
    let mut stage = stage();
    let proxy = "GIT_CONFIG_PARAMETERS=\"'http.proxy'='http://x.invalid'\"";
    let attempts = [
        (proxy, "GIT_CONFIG_PARAMETERS"),
        ("GIT_CONFIG_COUNT=0", "GIT_CONFIG_COUNT"),
        ("GIT_CONFIG_VALUE_0=http://x.invalid", "GIT_CONFIG_VALUE_0"),
        ("env -u GIT_CONFIG_COUNT", "GIT_CONFIG_COUNT"),
        ("GIT_SSL_NO_VERIFY=1", "GIT_SSL_NO_VERIFY"),
        ("GIT_SSL_CAINFO=/x.pem", "GIT_SSL_CAINFO"),
        ("HTTPS_PROXY=http://x.invalid", "HTTPS_PROXY"),
        ("https_proxy=http://x.invalid", "https_proxy"),
        ("LD_LIBRARY_PATH=/x", "LD_LIBRARY_PATH"),
        ("HOME=/x", "HOME"),
        ("PATH=/x:$PATH", "PATH"),
        ("GIT_EXEC_PATH=/x", "GIT_EXEC_PATH"),
    ];
    for (before, name) in attempts {
        let said = told(&mut stage, before, "origin", ADDRESS);
        assert!(said.contains("Refused") && !said.contains(&stage.value), "{before}: {said}");
        assert!(said.contains(&format!("has not the {name} that git was started with")), "{before}: {said}");
    }
    let audit = stage.audit();
    assert_eq!(audit.matches("that git was started with").count(), attempts.len(), "{audit}");
    assert!(!audit.contains("\"used\"") && !audit.contains("x.invalid"), "{audit}");
}

/// As a hook of the repository that becomes the part of git, while git's own still speaks to the server.
#[test]
fn a_second_part_of_git_is_told_nothing_while_the_first_runs() {
    let mut stage = stage();
    let said = told_through(&mut stage, "", "origin", ADDRESS, "exec ");
    assert!(said.contains("\"Value\""), "{said}");
    let said = told_twice(&mut stage, "");
    assert_eq!((said.matches("\"Value\"").count(), said.matches("and still runs").count()), (1, 1), "{said}");
    let said = told_twice(&mut stage, "wait; ");
    assert_eq!(said.matches("\"Value\"").count(), 2, "one after the other: {said}");
}

/// A program that git starts further down (core.alternateRefsCommand, for one) is not asked by the part of git that speaks https.
#[test]
fn what_another_program_below_git_starts_is_told_nothing() {
    let mut stage = stage();
    for between in ["sh -c 'true; $0 \"$@\"; true' ", "true; ", "env sh -c 'true; exec \"$0\" \"$@\"' "] {
        let said = told_through(&mut stage, "", "origin", ADDRESS, between);
        assert!(said.contains("Refused") && !said.contains(&stage.value), "{between}: {said}");
        assert!(said.contains("was not started by the part of git"), "{between}: {said}");
    }
    assert!(!stage.audit().contains("\"used\""), "{}", stage.audit());
}

#[test]
fn an_address_or_remote_for_which_nothing_was_set_is_told_nothing() {
    let mut stage = stage();
    for (remote, address) in [
        ("other", ADDRESS),
        ("origin", "https://localhost:8443/site"),
        ("origin", "https://me@localhost:8443/site.git"),
        ("origin", "https://localhost:8443//site.git"),
    ] {
        let said = told(&mut stage, "", remote, address);
        assert!(said.contains("another address of it") && !said.contains(&stage.value), "{remote} {address}: {said}");
    }
    assert!(stage.audit().contains("another address of it"), "{}", stage.audit());
}
