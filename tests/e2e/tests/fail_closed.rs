//! A hook that cannot do its work: what the client then does, as the registration asks for it.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;
use serde_json::json;
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session};

const MISSING: &str = "/nonexistent/stanch-hook";

fn session(hooks: Hooks, command: &str) -> Result<Evidence> {
    let script = Script::default().call("bash", "Bash", json!({"command": command, "description": "act"}));
    Session::new(Playground::new()?, script).hooks(hooks).run()
}

fn ran(evidence: &Evidence) -> bool {
    evidence.files.contains_key(Path::new("project/ran.txt"))
}

#[test]
fn a_missing_pre_tool_use_hook_stops_the_tool() -> Result<()> {
    let hooks = Hooks::none().command("PreToolUse", OsStr::new(MISSING), &[], true);
    let evidence = session(hooks, "echo > ran.txt")?;
    assert!(!ran(&evidence), "the tool ran\n{}", evidence.account());
    Ok(())
}

/// The control: it is `onFailure` that stops the tool.
#[test]
fn without_on_failure_a_missing_pre_tool_use_hook_lets_the_tool_run() -> Result<()> {
    let hooks = Hooks::none().command("PreToolUse", OsStr::new(MISSING), &[], false);
    let evidence = session(hooks, "echo > ran.txt")?;
    assert!(ran(&evidence), "the control is void\n{}", evidence.account());
    Ok(())
}

/// A known leak: the client does not honour `onFailure` here. PostToolBatch could stop the turn.
#[test]
fn a_missing_post_tool_use_hook_lets_the_secret_pass() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let hooks = Hooks::none().command("PostToolUse", OsStr::new(MISSING), &[], true);
    let evidence = session(hooks, &format!("echo {secret}"))?;
    assert!(evidence.tool_result_text("bash").contains(&secret), "closed?\n{}", evidence.account());
    Ok(())
}
