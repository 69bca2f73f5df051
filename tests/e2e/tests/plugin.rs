//! stanch as a plugin: built, checked and installed with the client's own commands, then sessions.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session, client, executables};

/// A marketplace's folder with the plugin in it. Sessions read it in place.
struct Market(tempfile::TempDir);

impl Market {
    fn build() -> Result<Self> {
        let market = Self(tempfile::tempdir()?);
        let mut command = Command::new(executables::named("stanch")?);
        command.args(["plugin", "build"]).arg(market.folder()).arg("--from").arg(executables::folder()?);
        let output = command.output().context("stanch does not start")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(market)
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("market")
    }

    fn libexec(&self, name: &str) -> PathBuf {
        self.folder().join("plugins/stanch/libexec").join(name)
    }

    /// A session after the plugin was installed, for the user or for the project.
    fn installed(&self, session: Session, scope: &str) -> Session {
        let folder = self.folder().display().to_string();
        let session = session.after(&["plugin", "marketplace", "add", &folder]);
        session.after(&["plugin", "install", "stanch@stanch", "--scope", scope])
    }
}

/// A project that holds a secret, and a model that looks at it.
fn looks(secret: &str, files: &[(&str, Value)]) -> Result<Session> {
    let mut playground = Playground::new()?;
    let path = playground.write("a.txt", &format!("token: {secret}\n"))?;
    for (name, content) in files {
        playground.write(name, &content.to_string())?;
    }
    let script = Script::default()
        .call(
            "bash",
            "Bash",
            json!({"command": "cat a.txt; command -v pre-tool-use || echo none", "description": "look"}),
        )
        .call("read", "Read", json!({"file_path": path}));
    Ok(Session::new(playground, script))
}

fn is_sent(evidence: &Evidence, secret: &str) -> bool {
    !evidence.on_wire(secret).is_empty()
}

/// How often each event found something: entries of the log.
fn deeds(evidence: &Evidence, event: &str) -> usize {
    evidence.log().iter().filter(|line| line["event"] == event).count()
}

/// What hooks of SessionStart said to the person.
fn messages(evidence: &Evidence) -> Vec<String> {
    let printed = evidence.printed();
    let responses =
        printed.iter().filter(|line| line["subtype"] == "hook_response" && line["hook_event"] == "SessionStart");
    let answers = responses.filter_map(|line| serde_json::from_str::<Value>(line["stdout"].as_str()?).ok());
    answers.filter_map(|answer| answer["systemMessage"].as_str().map(str::to_owned)).collect()
}

/// What `stanch verify` says where the sessions of a playground run.
fn verify(playground: &Playground, arguments: &[&str]) -> Result<Value> {
    let mut command = Command::new(executables::named("stanch")?);
    command.args(["verify", "--json"]).args(arguments).stdin(Stdio::null());
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).env("SHELL", "/bin/bash");
    command.env("HOME", playground.root().join("home")).env("CLAUDE_CONFIG_DIR", playground.config());
    let output = command.current_dir(playground.project()).output().context("stanch does not start")?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no report: {}", String::from_utf8_lossy(&output.stderr)))
}

/// What it says of hooks that are registered twice.
fn said_twice(playground: &Playground) -> Result<Vec<String>> {
    let report = verify(playground, &[])?;
    let notes = report["notes"].as_array().context("no notes")?.iter().filter_map(Value::as_str);
    let faults = report["faults"].as_array().context("no faults")?.iter().filter_map(|fault| fault["why"].as_str());
    Ok(notes.chain(faults).filter(|said| said.contains("twice")).map(str::to_owned).collect())
}

#[test]
fn the_client_takes_what_was_built() -> Result<()> {
    let (market, playground) = (Market::build()?, Playground::new()?);
    for folder in [market.folder(), market.folder().join("plugins/stanch")] {
        let (valid, said) = client::says(&playground, &["plugin", "validate", &folder.display().to_string()])?;
        assert!(
            valid && said.contains("Validation passed") && !said.contains("MISSING). This plugin has no README"),
            "{said}"
        );
        assert!(!said.contains("with warnings"), "{said}");
    }
    // A check that passes everything would prove nothing.
    fs::write(market.folder().join("plugins/stanch/hooks/hooks.json"), "{\"hooks\": 3}")?;
    let folder = market.folder().join("plugins/stanch").display().to_string();
    let (valid, said) = client::says(&playground, &["plugin", "validate", &folder])?;
    assert!(!valid, "{said}");
    Ok(())
}

#[test]
fn with_the_plugin_nothing_planted_goes_out() -> Result<()> {
    let (market, secret) = (Market::build()?, Seed::fresh().github_pat());
    let control = looks(&secret, &[])?.run()?;
    assert!(is_sent(&control, &secret), "the control is void\n{}", control.account());

    let evidence = market.installed(looks(&secret, &[])?, "user").run()?;
    assert!(!is_sent(&evidence, &secret), "{}", evidence.account());
    for call in ["bash", "read"] {
        assert!(evidence.tool_result_text(call).contains("stanch_github_pat"), "{call}\n{}", evidence.account());
    }
    // Nothing of the plugin's is on the PATH of commands.
    assert!(evidence.tool_result_text("bash").contains("none"), "{}", evidence.tool_result_text("bash"));
    let said = messages(&evidence);
    assert!(
        said.len() == 1 && said[0].contains("by the plugin stanch@stanch") && said[0].contains("stanch install"),
        "{said:?}"
    );

    // What fails is not sent: the turn ends. A prompt with a secret is not sent.
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let script = Script::default().call("bash", "Bash", json!({"command": "cat a.txt; exit 3", "description": "fail"}));
    let evidence = market.installed(Session::new(playground, script), "user").run()?;
    assert!(!is_sent(&evidence, &secret) && deeds(&evidence, "PostToolBatch") == 1, "{}", evidence.account());
    let prompt = format!("use {secret}");
    let session = Session::new(Playground::new()?, Script::default()).prompt(&prompt);
    let evidence = market.installed(session, "user").run()?;
    assert!(!is_sent(&evidence, &secret) && evidence.result().contains("stanch blocked"), "{}", evidence.account());
    Ok(())
}

#[test]
fn registered_by_settings_and_plugin_nothing_runs_twice() -> Result<()> {
    let (market, secret) = (Market::build()?, Seed::fresh().github_pat());
    let (alone, playground) = looks(&secret, &[])?.hooks(Hooks::all()?).run_and_keep()?;
    assert_eq!((messages(&alone).len(), deeds(&alone, "PostToolUse")), (1, 2), "{}", alone.account());
    assert_eq!(said_twice(&playground)?, [] as [String; 0]);
    let both = |scope| market.installed(looks(&secret, &[])?.hooks(Hooks::all()?), scope).run_and_keep();
    for scope in ["user", "project"] {
        let (both, playground) = both(scope)?;
        assert!(!is_sent(&both, &secret), "{}", both.account());
        assert_eq!(deeds(&both, "PostToolUse"), deeds(&alone, "PostToolUse"), "{}", both.account());
        let said = messages(&both);
        assert!(said.len() == 1 && said[0].contains("by settings and by the plugin"), "{said:?}");
        assert_eq!(both.log().len(), alone.log().len());
        let said = said_twice(&playground)?;
        assert!(said.len() == 1 && said[0].contains("stanch@stanch") && said[0].contains("stand down"), "{said:?}");
    }
    // The client does run both: without the plugin's word everything is done twice.
    let path = market.folder().join("plugins/stanch/hooks/hooks.json");
    fs::write(&path, fs::read_to_string(&path)?.replace("\"--plugin\"", ""))?;
    let (doubled, _) = both("user")?;
    assert_eq!((messages(&doubled).len(), deeds(&doubled, "PostToolUse")), (2, 4), "{}", doubled.account());
    Ok(())
}

/// What the client does is told apart by who covers it: the plugin's hooks do, and what needs `stanch install` is said to.
#[test]
fn verify_live_starts_the_client_with_the_plugin() -> Result<()> {
    let market = Market::build()?;
    let (_, playground) =
        market.installed(Session::new(Playground::new()?, Script::default()), "user").run_and_keep()?;
    let report =
        verify(&playground, &["--live", "--limit", "300", "--client", &client::locate()?.display().to_string()])?;
    let rows = report["live"].as_array().context("no rows")?;
    let covered = |row: &&Value| row["covered"] == true;
    let by_shell = |row: &&Value| row["by"] == "stanch-shell" || row["by"] == "stanch run";
    let (shell, hooks): (Vec<_>, Vec<_>) = rows.iter().partition(by_shell);
    assert!(hooks.len() > 12 && hooks.iter().all(covered), "{report:#}");
    assert!(shell.iter().filter(|row| !covered(row)).count() > 8, "{report:#}");
    let open = |path: &str| shell.iter().any(|row| row["path"] == path && row["covered"] == false);
    assert!(open("a command that fails") && open("a command in a slash command (!`command`)"), "{report:#}");
    Ok(())
}

/// The settings register everything, and the client does not read them: the plugin's hooks must not rely on them.
#[test]
fn where_the_settings_are_not_read_the_plugin_answers() -> Result<()> {
    let (market, secret) = (Market::build()?, Seed::fresh().github_pat());
    let sources = ["--setting-sources", "project"];
    let start = |session: Session| sources.iter().fold(session, |session, argument| session.argument(argument));
    let control = start(looks(&secret, &[])?.hooks(Hooks::all()?)).run()?;
    assert!(is_sent(&control, &secret), "the control is void\n{}", control.account());
    let evidence = start(market.installed(looks(&secret, &[])?.hooks(Hooks::all()?), "project")).run()?;
    assert!(!is_sent(&evidence, &secret) && deeds(&evidence, "PostToolUse") == 2, "{}", evidence.account());
    assert_eq!(messages(&evidence).len(), 1);
    Ok(())
}

#[test]
fn a_hook_of_the_plugin_that_is_missing_closes_and_a_plugin_that_is_missing_does_not() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let market = Market::build()?;
    fs::remove_file(market.libexec("pre-tool-use"))?;
    let script = Script::default().call("bash", "Bash", json!({"command": "echo > ran.txt", "description": "act"}));
    let evidence = market.installed(Session::new(Playground::new()?, script), "user").run()?;
    assert!(!evidence.files.contains_key(Path::new("project/ran.txt")), "the tool ran\n{}", evidence.account());

    // Known: the client leaves a plugin out whose folder is gone. `stanch doctor` finds it.
    let market = Market::build()?;
    let (_, playground) =
        market.installed(Session::new(Playground::new()?, Script::default()), "user").run_and_keep()?;
    let on = json!({"enabledPlugins": {"stanch@stanch": true}}).to_string();
    let again = |mut playground: Playground| -> Result<(Evidence, Playground)> {
        playground.write("a.txt", &format!("token: {secret}\n"))?;
        let script = Script::default().call("bash", "Bash", json!({"command": "cat a.txt", "description": "look"}));
        Session::new(playground, script).argument("--settings").argument(&on).run_and_keep()
    };
    let (evidence, playground) = again(playground)?;
    assert!(!is_sent(&evidence, &secret), "the control is void\n{}", evidence.account());
    drop(market);
    let (evidence, _) = again(playground)?;
    assert!(is_sent(&evidence, &secret) && messages(&evidence).is_empty(), "closed?\n{}", evidence.account());
    Ok(())
}

/// A repository's settings win over the user's; what stands on the command line wins over both.
#[test]
fn a_repository_switches_the_plugin_off_but_not_a_client_that_stanch_run_starts() -> Result<()> {
    let market = Market::build()?;
    for off in [json!({"enabledPlugins": {"stanch@stanch": false}}), json!({"disableAllHooks": true})] {
        let secret = Seed::fresh().github_pat();
        let files = [(".claude/settings.json", off)];
        let known = market.installed(looks(&secret, &files)?, "user").run()?;
        assert!(is_sent(&known, &secret), "closed?\n{}", known.account());
        let evidence = market.installed(looks(&secret, &files)?, "user").by_stanch_run()?.run()?;
        assert!(!is_sent(&evidence, &secret), "{}", evidence.account());
    }
    // The plugin does not run once more beside it.
    let secret = Seed::fresh().github_pat();
    let evidence = market.installed(looks(&secret, &[])?, "user").by_stanch_run()?.run()?;
    assert!(!is_sent(&evidence, &secret) && deeds(&evidence, "PostToolUse") == 1, "{}", evidence.account());
    Ok(())
}
