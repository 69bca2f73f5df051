//! What gets past `post-tool-use` is stopped before it is sent: by `post-tool-batch`, which ends the turn.

use std::ffi::OsStr;

use anyhow::Result;
use serde_json::json;
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session};

/// Gives back the output of a Bash call as it came, and does so late: another plugin's hook that has the last word.
const LATE: &str = r#"sleep 0.3; printf '{"hookSpecificOutput":{"hookEventName":"PostToolUse","updatedToolOutput":'
    sed 's/.*"tool_response"://; s/,"tool_use_id".*//'; printf '}}'"#;

const MISSING: &str = "/nonexistent/stanch-hook";

fn session(hooks: Hooks, command: &str, secret: &str) -> Result<Evidence> {
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let script = Script::default().call("bash", "Bash", json!({"command": command, "description": "look"}));
    Session::new(playground, script).hooks(hooks).run()
}

fn is_not_sent(hooks: Hooks, command: &str) -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = session(hooks, command, &secret)?;
    assert!(evidence.on_wire(&secret).is_empty(), "it was sent\n{}", evidence.account());
    // The turn ended because of what was found, and not before the tool ran.
    let kept = evidence.on_disk(&secret);
    assert!(!kept.is_empty(), "the tool did not run: the test is void\n{}", evidence.account());
    Ok(())
}

fn is_sent(hooks: Hooks, command: &str) -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = session(hooks, command, &secret)?;
    assert!(!evidence.on_wire(&secret).is_empty(), "the control is void\n{}", evidence.account());
    Ok(())
}

#[test]
fn the_output_of_a_failed_command_is_not_sent() -> Result<()> {
    is_not_sent(Hooks::stanch()?.and_verifier()?, "cat a.txt; exit 3")
}

#[test]
fn what_another_hook_gives_back_late_is_not_sent() -> Result<()> {
    let late = |hooks: Hooks| hooks.command("PostToolUse", OsStr::new("sh"), &["-c", LATE], false);
    is_sent(late(Hooks::stanch()?), "cat a.txt")?;
    is_not_sent(late(Hooks::stanch()?.and_verifier()?), "cat a.txt")
}

#[test]
fn what_a_missing_post_tool_use_hook_lets_pass_is_not_sent() -> Result<()> {
    let missing = || Hooks::none().command("PostToolUse", OsStr::new(MISSING), &[], true);
    is_sent(missing(), "cat a.txt")?;
    is_not_sent(missing().and_verifier()?, "cat a.txt")
}

#[test]
fn without_a_post_tool_batch_hook_that_can_start_nothing_is_sent() -> Result<()> {
    is_not_sent(Hooks::none().command("PostToolBatch", OsStr::new(MISSING), &[], true), "cat a.txt")
}

#[test]
fn a_redacted_batch_goes_on() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = session(Hooks::stanch()?.and_verifier()?, "cat a.txt", &secret)?;
    assert!(evidence.tool_result_text("bash").contains("stanch_github_pat"), "{}", evidence.account());
    Ok(())
}
