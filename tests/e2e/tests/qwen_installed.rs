//! Qwen Code with the hooks that `stanch install --agent qwen` puts there. The control is that of `qwen.rs`: without hooks all of
//! it is sent.

#![cfg(unix)]

use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::json;
use stanch_e2e::{Agent, OtherSession, Playground, Script, Seed};

#[test]
fn what_is_installed_lets_no_secret_through() -> Result<()> {
    let mut seed = Seed::fresh();
    let [output, failed, argument] = std::array::from_fn(|_| seed.github_pat());
    let mut playground = Playground::new()?;
    playground.write("output.txt", &format!("token: {output}\n"))?;
    playground.write("failed.txt", &format!("token: {failed}\n"))?;
    let mut install = Command::new(stanch_e2e::executables::named("stanch")?);
    install.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    install.env("HOME", playground.root().join("home")).env("QWEN_HOME", playground.config());
    let done = install.current_dir(playground.project()).args(["install", "--agent", "qwen"]).output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let (tool, read) = Agent::Qwen.shell("cat output.txt");
    let script = Script::default()
        .call("output", tool, read)
        .call("failed", tool, Agent::Qwen.shell("cat failed.txt; exit 3").1)
        .call("argument", tool, json!({"command": format!("echo {argument} > ran.txt"), "is_background": false}));
    let (evidence, playground) = OtherSession::new(Agent::Qwen, playground, script).keep_hooks().run_and_keep()?;
    for secret in [&output, &failed] {
        let seen = evidence.on_wire(secret);
        assert!(seen.is_empty(), "{}\n{}", stanch_e2e::evidence::places(&seen), evidence.account());
    }
    for call in ["output", "failed"] {
        let said = evidence.other_result_text(call);
        assert!(said.contains("stanch_github_pat"), "{call}: {said}\n{}", evidence.account());
    }
    assert!(!playground.project().join("ran.txt").exists(), "the call was made\n{}", evidence.account());
    Ok(())
}
