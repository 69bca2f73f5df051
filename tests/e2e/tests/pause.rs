//! `stanch pause` and the real client: a person's pause lets pass, an agent's call of it pauses nothing.

#![cfg(target_os = "linux")]

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session, Terminal};

/// A session whose model first runs a command, and then shows a file with a secret twice: by a command, and by one that fails.
fn session(secret: &str, command: &str) -> Result<(Playground, Script)> {
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let script = Script::default()
        .call("first", "Bash", json!({"command": command, "description": "act"}))
        .call("bash", "Bash", json!({"command": "cat a.txt", "description": "look"}))
        .call("failed", "Bash", json!({"command": "cat a.txt; exit 3", "description": "look"}));
    Ok((playground, script))
}

fn paused_lines(evidence: &Evidence) -> usize {
    evidence.log().iter().filter(|line| line["did"] == "paused").count()
}

#[test]
fn a_persons_pause_lets_everything_pass_and_says_so() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let (playground, script) = session(&secret, "true")?;
    let mut pause = Command::new(stanch_e2e::executables::named("stanch")?);
    pause.args(["pause", "10m"]).current_dir(playground.project()).env("HOME", playground.root().join("home"));
    let terminal = Terminal::start(&pause)?;
    terminal.wait_for("To pause stanch, type ")?;
    let screen = terminal.screen()?;
    let word = screen.split_once("type ").and_then(|(_, rest)| rest.split_once(':')).context("a word is asked for")?.0;
    terminal.type_in(word)?;
    terminal.wait_for("nothing is redacted. ")?;
    let evidence = Session::new(playground, script).hooks(Hooks::all()?).prefixed()?.run()?;
    for id in ["bash", "failed"] {
        assert!(evidence.tool_result_text(id).contains(&secret), "{id}\n{}", evidence.account());
    }
    let printed = evidence.printed().iter().map(ToString::to_string).collect::<String>();
    assert!(printed.contains("stanch is paused until"), "{printed}");
    assert!(paused_lines(&evidence) > 6, "{:?}", evidence.log());
    Ok(())
}

#[test]
fn a_tool_call_pauses_nothing() -> Result<()> {
    let stanch = stanch_e2e::executables::named("stanch")?.display().to_string();
    // What tells the hook that it is called is spelled so that it does not see it: what holds is the look at the process.
    let hidden = format!("P=pause; timeout 10 {stanch} $P 10m");
    let typed = "import os, pty, re, sys, time\npid, fd = pty.fork()\nif pid == 0:\n    os.execv(sys.argv[1], [sys.argv[1], \
        'pau' + 'se', '10m'])\nsaid = b''\nwhile True:\n    try:\n        said += os.read(fd, 1000)\n    except OSError:\n        \
        break\n    word = re.search(rb'type ([a-z]+):', said)\n    if word:\n        os.write(fd, word[1] + b'\\n')\n        \
        time.sleep(5)\n        break\nprint(said.decode())\n";
    for (prefixed, command, said) in [
        (true, format!("{stanch} pause 10m"), "for a person at a terminal of their own"),
        (true, format!("script -qc '{stanch} pause 10m' /dev/null"), "for a person at a terminal of their own"),
        (true, hidden.clone(), "no pause"),
        (true, format!("P=pause; timeout 10 script -qc \"{stanch} $P 10m\" /dev/null"), "is an agent's"),
        (true, format!("timeout 20 python3 typed.py {stanch}"), "is an agent's"),
        (true, format!("exec env -i HOME=$HOME timeout 20 /usr/bin/env python3 typed.py {stanch}"), "is an agent's"),
        // Without the prefix it is the client that stands above.
        (false, format!("exec env -i HOME=$HOME PATH=$PATH timeout 20 python3 typed.py {stanch}"), "is an agent's"),
    ] {
        let secret = Seed::fresh().github_pat();
        let (mut playground, script) = session(&secret, &command)?;
        playground.write("typed.py", typed)?;
        let session = Session::new(playground, script).hooks(Hooks::all()?);
        let evidence = if prefixed { session.prefixed()? } else { session }.run()?;
        assert!(evidence.on_wire(&secret).is_empty(), "{command}\n{}", evidence.account());
        let results = evidence.tool_result_text("first");
        assert!(results.contains(said), "{command}: {results}\n{}", evidence.account());
        assert!(evidence.tool_result_text("bash").contains("stanch_github_pat"), "{command}\n{}", evidence.account());
        let log = evidence.log();
        assert!(!log.iter().any(|line| line["event"] == "Pause" || line["did"] == "paused"), "{command}: {log:?}");
    }
    Ok(())
}
