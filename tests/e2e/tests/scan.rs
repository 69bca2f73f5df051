//! What the client keeps of a secret on disk: found by `stanch scan --transcripts`, and gone after `--fix`.

use std::fs;
use std::process::{Command, Output};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stanch_e2e::executables;
use stanch_e2e::{Hooks, Playground, Script, Seed, Session};

fn scan(playground: &Playground, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(executables::named("stanch")?);
    command.args(["scan", "--transcripts"]).args(arguments).env_clear().env("HOME", playground.root().join("home"));
    command.env("CLAUDE_CONFIG_DIR", playground.config()).env("CLAUDE_CODE_TMPDIR", playground.root().join("tmp"));
    Ok(command.output()?)
}

#[test]
fn a_running_session_is_left_alone_and_one_that_has_ended_loses_its_secrets() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("env.txt", &format!("A=1\nTOKEN={secret}\n"))?;
    playground.write("long.txt", &format!("TOKEN={secret}\n{}", "plain words on a line\n".repeat(3000)))?;
    let note = playground.aside("running.txt");
    // The list of sessions alone is to tell, not the variable that the client gives to its tools.
    let within = format!(
        "env -u CLAUDE_CODE_SESSION_ID {} scan --transcripts --fix --yes > {} 2>&1; true",
        executables::named("stanch")?.display(),
        note.display()
    );
    let file = |name: &str| playground.project().join(name);
    let script = Script::default()
        .call("read", "Read", json!({ "file_path": file("env.txt") }))
        .call("spilled", "Bash", json!({ "command": format!("cat {}", file("long.txt").display()) }))
        .call("failed", "Bash", json!({ "command": format!("cat {}; exit 3", file("env.txt").display()) }))
        .call("within", "Bash", json!({ "command": within }));
    let (evidence, playground) = Session::new(playground, script).hooks(Hooks::none()).run_and_keep()?;

    let running = fs::read_to_string(&note)?;
    let left = running.lines().filter(|line| line.starts_with("left as it is")).count();
    ensure!(left > 0 && running.contains("its session is running"), "{running}");
    ensure!(!running.contains("replaced: "), "a file of a running session was rewritten: {running}");
    let kept = evidence.on_disk(&secret);
    ensure!(kept.len() >= 2, "the client kept the secret in {} files only\n{}", kept.len(), evidence.account());

    ensure!(scan(&playground, &[])?.status.code() == Some(1), "the scan found nothing");
    let fixed = scan(&playground, &["--fix", "--yes"])?;
    ensure!(fixed.status.success(), "{}", String::from_utf8_lossy(&fixed.stderr));
    ensure!(scan(&playground, &[])?.status.success(), "something is left");
    for (path, bytes) in playground.left_behind()? {
        // What it printed is the caller's, not the client's to keep.
        let text = String::from_utf8_lossy(&bytes);
        ensure!(path.starts_with("stdout.jsonl") || !text.contains(&secret), "left in {}", path.display());
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            for line in text.lines() {
                serde_json::from_str::<Value>(line)?;
            }
        }
    }
    Ok(())
}
