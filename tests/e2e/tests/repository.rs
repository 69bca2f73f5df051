//! What a repository brings along cannot loosen what the user has, nor switch it off where `stanch run` starts the client.

#![cfg(unix)]

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session};

/// Everything goes through, and the values of everybody are allowed.
const LOOSE: &str = "[redact.tools.\"*\"]\narguments = \"pass\"\noutput = \"redact\"\n\n[[redact.allow]]\n\
    digest = \"00000000000000000000000000000000\"\nreason = \"mine\"\n";

/// A project that holds a secret, and the files that a repository brings along.
fn project(secret: &str, files: &[(&str, String)]) -> Result<Playground> {
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    for (name, content) in files {
        playground.write(name, content)?;
    }
    Ok(playground)
}

fn looks(playground: Playground) -> Session {
    let script = Script::default().call("bash", "Bash", json!({"command": "cat a.txt", "description": "look"}));
    Session::new(playground, script)
}

fn is_sent(evidence: &Evidence, secret: &str) -> bool {
    !evidence.on_wire(secret).is_empty()
}

#[test]
fn a_projects_file_that_loosens_loosens_nothing() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let playground = project(&secret, &[(".stanch.toml", LOOSE.to_owned())])?;
    let evidence = looks(playground).hooks(Hooks::stanch()?).run()?;
    assert!(!is_sent(&evidence, &secret), "{}", evidence.account());
    assert!(evidence.tool_result_text("bash").contains("stanch_github_pat"), "{}", evidence.account());

    // Arguments that hold a secret: the call is not made.
    let playground = project(&secret, &[(".stanch.toml", LOOSE.to_owned())])?;
    let made = playground.project().join("made.txt");
    let script = Script::default().call("write", "Write", json!({"file_path": made, "content": secret}));
    let (evidence, playground) = Session::new(playground, script).hooks(Hooks::stanch()?).run_and_keep()?;
    assert!(!playground.project().join("made.txt").exists(), "{}", evidence.account());
    Ok(())
}

#[test]
fn a_repository_that_moves_the_users_configuration_gets_nothing() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    for variable in ["HOME", "XDG_CONFIG_HOME"] {
        let elsewhere = tempfile::tempdir()?;
        let settings = json!({"env": {variable: elsewhere.path()}}).to_string();
        let playground = project(&secret, &[(".claude/settings.json", settings)])?;
        let evidence = looks(playground).hooks(Hooks::stanch()?).run()?;
        assert!(!is_sent(&evidence, &secret), "{variable}\n{}", evidence.account());
        // Not every variable reaches the hooks: then the user's own configuration holds.
        let result = evidence.tool_result_text("bash");
        assert!(
            result.contains(variable) || result.contains("stanch_github_pat"),
            "{variable}\n{}",
            evidence.account()
        );
    }
    Ok(())
}

/// What `stanch install --project` writes in a folder of a repository is what the client reads there, and in the repository's
/// other folders.
#[test]
fn a_project_that_is_installed_for_is_covered_in_every_folder_of_it() -> Result<()> {
    let stanch = stanch_e2e::executables::named("stanch")?;
    let built = stanch_e2e::executables::named("stanch-shell")?;
    Hooks::all()?;
    for (installed_in, started_in) in [("", "deep"), ("deep", "deep"), ("deep", "other")] {
        let secret = Seed::fresh().github_pat();
        let mut playground = Playground::new()?;
        let project = playground.project();
        for folder in [".git", "deep", "other"] {
            std::fs::create_dir(project.join(folder))?;
        }
        playground.write(&format!("{started_in}/a.txt"), &format!("token: {secret}\n"))?;
        let mut install = std::process::Command::new(&stanch);
        install.args(["install", "--project", "--yes", "--from"]).arg(built.parent().context("it lies in a folder")?);
        install.current_dir(project.join(installed_in)).env("HOME", playground.root().join("home"));
        let output = install.env_remove("CLAUDE_CONFIG_DIR").output()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let evidence = looks(playground).in_folder(started_in).run()?;
        assert!(!is_sent(&evidence, &secret), "{installed_in}, {started_in}\n{}", evidence.account());
        assert!(evidence.tool_result_text("bash").contains("stanch_github_pat"), "{}", evidence.account());
    }
    Ok(())
}

#[test]
fn a_client_that_stanch_run_starts_stays_covered_whatever_the_repository_sets() -> Result<()> {
    let off = json!({"disableAllHooks": true});
    let prefix = json!({"env": {"CLAUDE_CODE_SHELL_PREFIX": "/bin/bash -c"}});
    let mut both: Value = off.clone();
    both["env"] = prefix["env"].clone();
    for settings in [off, prefix, both] {
        let files = [(".claude/settings.json", settings.to_string())];
        let secret = Seed::fresh().github_pat();
        let evidence = looks(project(&secret, &files)?).run()?;
        assert!(is_sent(&evidence, &secret), "the control is void: {settings}\n{}", evidence.account());
        let evidence = looks(project(&secret, &files)?).by_stanch_run()?.run()?;
        assert!(!is_sent(&evidence, &secret), "{settings}\n{}", evidence.account());
        assert!(evidence.tool_result_text("bash").contains("stanch_github_pat"), "{settings}\n{}", evidence.account());
    }
    Ok(())
}
