//! Codex with the hooks that `stanch install --agent codex` puts there: nothing is sent of a secret, once they are trusted;
//! all of it before, which shows that these tests can fail. `stanch verify` says which of the two it is, and Codex agrees.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stanch_e2e::{Agent, Evidence, Hooks, OtherSession, Playground, Script, Seed};

/// How Codex comes to trust the hooks.
#[derive(Clone, Copy, PartialEq)]
enum Trust {
    /// As in the other tests: a flag.
    Bypassed,
    /// As a person does: what `/hooks` records in config.toml.
    Recorded,
    /// Not at all.
    Missing,
}

/// `stanch` in a playground's world.
fn stanch(playground: &Playground, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(stanch_e2e::executables::named("stanch")?);
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).args(arguments);
    command.env("HOME", playground.root().join("home")).env("CODEX_HOME", playground.config());
    Ok(command.env("TMPDIR", playground.root().join("tmp")).current_dir(playground.project()).output()?)
}

fn installed(playground: &Playground) -> Result<()> {
    let output = stanch(playground, &["install", "--agent", "codex"])?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The ways that `stanch verify` says are covered, and all of them.
fn covered(playground: &Playground) -> Result<(usize, usize)> {
    let report: Value = serde_json::from_slice(&stanch(playground, &["verify", "--agent", "codex", "--json"])?.stdout)?;
    let paths = report["paths"].as_array().context("no report")?;
    Ok((paths.iter().filter(|path| path["covered"] == true).count(), paths.len()))
}

/// What Codex itself says of the hooks that it finds.
fn listed(playground: &Playground) -> Result<Vec<Value>> {
    let mut server = Command::new(stanch_e2e::other::codex::located()?);
    server.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).arg("app-server");
    server.env("HOME", playground.root().join("home")).env("CODEX_HOME", playground.config());
    server.current_dir(playground.project()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = server.spawn()?;
    let mut ask = server.stdin.take().context("no input")?;
    let about = json!({"clientInfo": {"name": "test", "title": "test", "version": "1"}});
    for message in [
        json!({"id": 1, "method": "initialize", "params": about}),
        json!({"method": "initialized"}),
        json!({"id": 2, "method": "hooks/list", "params": {"cwds": [playground.project()]}}),
    ] {
        writeln!(ask, "{message}")?;
    }
    let lines = BufReader::new(server.stdout.take().context("no output")?).lines();
    let answers = lines.map_while(Result::ok).filter_map(|line| serde_json::from_str::<Value>(&line).ok());
    let answer = answers.into_iter().find(|answer| answer["id"] == 2);
    let _ = server.kill();
    server.wait()?;
    let answer = answer.context("Codex does not list its hooks")?;
    Ok(answer["result"]["data"][0]["hooks"].as_array().cloned().unwrap_or_default())
}

/// Records what Codex records when a person trusts all of them.
fn recorded(hooks: &[Value]) -> String {
    let said = |name: &str, hook: &Value| hook[name].as_str().unwrap_or_default().to_owned();
    let one = |hook: &Value| {
        format!("\n[hooks.state.\"{}\"]\ntrusted_hash = \"{}\"\n", said("key", hook), said("currentHash", hook))
    };
    hooks.iter().map(one).collect()
}

/// A session that reads, fails, asks an MCP server and writes.
fn session(secrets: &[String; 4], trust: Trust) -> Result<(Evidence, Playground)> {
    let [output, failed, text, argument] = secrets;
    let mut playground = Playground::new()?;
    playground.write("output.txt", &format!("before\ntoken: {output}\nafter\n"))?;
    playground.write("failed.txt", &format!("token: {failed}\n"))?;
    installed(&playground)?;
    ensure!(covered(&playground)?.0 == 0, "verify takes hooks for trusted that are not");
    let config = if trust == Trust::Recorded { recorded(&listed(&playground)?) } else { String::new() };
    let (tool, read) = Agent::Codex.shell("cat output.txt");
    let script = Script::default()
        .call("output", tool, read)
        .call("failed", tool, json!({"cmd": "cat failed.txt; exit 3"}))
        .call("text", "mcp__lab__text", json!({}))
        .call("argument", tool, json!({"cmd": format!("echo {argument} > ran.txt")}));
    let answers = json!({"text": format!("it is {text}")});
    let mut session = OtherSession::new(Agent::Codex, playground, script).keep_hooks().config(&config);
    if trust != Trust::Bypassed {
        session = session.unreviewed();
    }
    session.mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &answers)?.run_and_keep()
}

fn secrets() -> [String; 4] {
    let mut seed = Seed::fresh();
    std::array::from_fn(|_| seed.github_pat())
}

fn holds(evidence: &Evidence, secrets: &[String; 4]) {
    for secret in &secrets[..3] {
        let seen = evidence.on_wire(secret);
        assert!(seen.is_empty(), "{}\n{}", stanch_e2e::evidence::places(&seen), evidence.account());
    }
    assert_eq!(evidence.other_result_text("output"), "before\ntoken: stanch_github_pat\nafter\n");
    let said = evidence.other_result_text("argument");
    assert!(said.contains("stanch stopped this"), "{said}\n{}", evidence.account());
    assert!(!evidence.files.contains_key(Path::new("project/ran.txt")), "the call was made");
}

#[test]
fn what_is_installed_lets_no_secret_through_once_it_is_trusted() -> Result<()> {
    let secrets = secrets();
    let (evidence, _) = session(&secrets, Trust::Bypassed)?;
    holds(&evidence, &secrets);
    Ok(())
}

#[test]
fn what_a_person_has_trusted_holds_without_any_flag_and_verify_says_so() -> Result<()> {
    let secrets = secrets();
    let (evidence, playground) = session(&secrets, Trust::Recorded)?;
    holds(&evidence, &secrets);
    let (covered, all) = covered(&playground)?;
    assert!(covered == all && all > 6, "{covered} of {all}");
    let hooks = listed(&playground)?;
    assert!(hooks.len() == 4 && hooks.iter().all(|hook| hook["trustStatus"] == "trusted"), "{hooks:?}");
    // The rest of what stanch reads there: Codex's own word for each change.
    let path = playground.config().join("hooks.json");
    let changed = std::fs::read_to_string(&path)?.replace("\"timeout\": 15", "\"timeout\": 16");
    std::fs::write(path, changed)?;
    assert!(listed(&playground)?.iter().all(|hook| hook["trustStatus"] == "modified"));
    assert_eq!(self::covered(&playground)?.0, 0);
    Ok(())
}

/// Says what `verify` says, too: nothing is covered.
#[test]
fn without_trust_all_of_it_is_sent() -> Result<()> {
    let secrets = secrets();
    let (evidence, playground) = session(&secrets, Trust::Missing)?;
    for secret in &secrets[..3] {
        assert!(!evidence.on_wire(secret).is_empty(), "the control is void\n{}", evidence.account());
    }
    assert!(evidence.files.contains_key(Path::new("project/ran.txt")), "the control is void");
    assert_eq!(covered(&playground)?.0, 0);
    Ok(())
}

/// Without stanch at all, and after it was taken away.
#[test]
fn without_stanch_all_of_it_is_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    installed(&playground)?;
    ensure!(stanch(&playground, &["uninstall", "--agent", "codex"])?.status.success(), "not taken away");
    assert!(!playground.config().join("hooks.json").exists());
    let (tool, read) = Agent::Codex.shell("cat a.txt");
    let session = OtherSession::new(Agent::Codex, playground, Script::default().call("a", tool, read));
    let evidence = session.hooks(Hooks::none()).keep_hooks().run()?;
    assert!(!evidence.on_wire(&secret).is_empty(), "the control is void\n{}", evidence.account());
    Ok(())
}
