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

/// What becomes of a hook that guards a prompt or a batch.
#[derive(Clone, Copy)]
enum Fault {
    Deleted,
    Killed,
    TimedOut,
}

const FAULTS: [Fault; 3] = [Fault::Deleted, Fault::Killed, Fault::TimedOut];

impl Fault {
    fn hook(self, hooks: Hooks, event: &str, closed: bool) -> Hooks {
        let sh = OsStr::new("sh");
        match self {
            Self::Deleted => hooks.command(event, OsStr::new(MISSING), &[], closed),
            Self::Killed => hooks.command(event, sh, &["-c", "kill -9 $$"], closed),
            Self::TimedOut => hooks.command_within(1, event, sh, &["-c", "sleep 5"], closed),
        }
    }
}

#[test]
fn a_prompt_hook_that_fails_keeps_the_prompt_back() -> Result<()> {
    for fault in FAULTS {
        let run = |closed| {
            let hooks = fault.hook(Hooks::none(), "UserPromptSubmit", closed);
            Session::new(Playground::new()?, Script::default()).hooks(hooks).prompt("MARKED prompt").run()
        };
        let (closed, open) = (run(true)?, run(false)?);
        assert!(closed.on_wire("MARKED prompt").is_empty(), "it was sent\n{}", closed.account());
        assert!(!open.on_wire("MARKED prompt").is_empty(), "the control is void\n{}", open.account());
    }
    Ok(())
}

#[test]
fn a_tool_hook_that_fails_stops_the_tool() -> Result<()> {
    for fault in FAULTS {
        let evidence = session(fault.hook(Hooks::none(), "PreToolUse", true), "echo > ran.txt")?;
        assert!(!ran(&evidence), "the tool ran\n{}", evidence.account());
    }
    Ok(())
}

/// The client passes a failed PostToolUse hook open; behind it stands the next.
#[test]
fn an_output_hook_that_fails_is_made_good_by_the_batch_hook() -> Result<()> {
    for fault in FAULTS {
        let secret = Seed::fresh().github_pat();
        let hooks = fault.hook(Hooks::none().and_verifier()?, "PostToolUse", true);
        let mut playground = Playground::new()?;
        playground.write("a.txt", &format!("token: {secret}\n"))?;
        let script = Script::default().call("bash", "Bash", json!({"command": "cat a.txt", "description": "look"}));
        let evidence = Session::new(playground, script).hooks(hooks).run()?;
        assert!(evidence.on_wire(&secret).is_empty(), "it was sent\n{}", evidence.account());
        assert!(!evidence.on_disk(&secret).is_empty(), "the tool did not run\n{}", evidence.account());
    }
    Ok(())
}

#[test]
fn a_batch_hook_that_fails_ends_the_turn() -> Result<()> {
    for fault in FAULTS {
        let evidence = session(fault.hook(Hooks::none(), "PostToolBatch", true), "echo > ran.txt; echo MARKED")?;
        assert!(ran(&evidence), "the tool did not run\n{}", evidence.account());
        assert!(evidence.tool_result("bash").is_none(), "the batch was sent\n{}", evidence.account());
    }
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

/// The executables of an installation are gone: what the person is told, and the ways out that the README names.
#[cfg(unix)]
#[test]
fn an_installation_without_executables_names_them_and_has_a_way_out() -> Result<()> {
    let gone = "/nonexistent/stanch/bin";
    let session = |arguments: &[&str]| -> Result<Evidence> {
        let script = Script::default().call("bash", "Bash", json!({"command": "echo > ran.txt", "description": "act"}));
        let session = Session::new(Playground::new()?, script)
            .hooks(Hooks::all_in(Path::new(gone)))
            .prefixed_by(&Path::new(gone).join("stanch-shell"));
        arguments.iter().fold(session, |session, argument| session.argument(argument)).prompt("MARKED prompt").run()
    };
    let blocked = session(&[])?;
    assert!(blocked.on_wire("MARKED prompt").is_empty(), "it was sent\n{}", blocked.account());
    assert!(blocked.result().contains(gone), "{}", blocked.result());
    let out = session(&["--settings", r#"{"disableAllHooks":true,"env":{"CLAUDE_CODE_SHELL_PREFIX":""}}"#])?;
    assert!(ran(&out), "{}", out.account());
    Ok(())
}
