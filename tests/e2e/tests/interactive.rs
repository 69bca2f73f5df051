//! What a person does in the terminal: rewinding over what was stopped, starting anew, changing settings meanwhile.

use std::ffi::OsStr;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use stanch_e2e::terminal::marked;
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session, Terminal, Turn};

const DIRTY: &str = "show me the file";
const BLOCKED: &str = "UserPromptSubmit operation blocked by hook";

/// A first prompt that is answered, a second whose turn is stopped; then what `act` does.
fn after_a_stop(hooks: Hooks, secret: &str, act: impl FnOnce(&Terminal) -> Result<()>) -> Result<Evidence> {
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let script = Script::default()
        .says("Good day.")
        .call("bash", "Bash", json!({"command": "cat a.txt; exit 3", "description": "look"}))
        .says("First answer after it.");
    Session::new(playground, script).hooks(hooks).in_terminal(|terminal, _| {
        terminal.say("hello")?;
        terminal.wait_for("Good day.")?;
        terminal.say(DIRTY)?;
        terminal.wait_for("stanch ended the turn")?;
        act(terminal)
    })
}

fn rewind(terminal: &Terminal) -> Result<()> {
    terminal.press(&["C-u", "Escape", "Escape"])?;
    terminal.wait_for("Restore the code and/or conversation")?;
    terminal.press(&["Up"])?;
    terminal.wait_until("the prompt is chosen", |screen| marked(screen, DIRTY))?;
    terminal.press(&["Enter"])?;
    terminal.wait_for("1. Restore conversation")?;
    terminal.press(&["Enter"])?;
    terminal.wait_until("the passage is gone", |screen| !screen.contains("stanch ended the turn"))?;
    terminal.press(&["C-u"])
}

#[test]
fn after_a_rewind_the_second_prompt_is_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = after_a_stop(Hooks::all()?, &secret, |terminal| {
        terminal.say("and now?")?;
        terminal.wait_for(BLOCKED)?;
        rewind(terminal)?;
        terminal.say("and now?")?;
        terminal.wait_for(BLOCKED)?;
        // The client leaves the prompt where it was typed.
        terminal.press(&["Enter"])?;
        terminal.wait_for("First answer after it.")
    })?;
    assert!(evidence.on_wire(&secret).is_empty(), "{}", evidence.account());
    assert!(!evidence.on_wire("and now?").is_empty(), "{}", evidence.account());
    Ok(())
}

#[test]
fn without_a_rewind_no_prompt_and_no_compaction_carries_it() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = after_a_stop(Hooks::all()?, &secret, |terminal| {
        terminal.say("and now?")?;
        terminal.wait_for(BLOCKED)?;
        terminal.press(&["Enter"])?;
        terminal.wait_until("it is blocked twice", |screen| screen.matches(BLOCKED).count() == 2)?;
        terminal.press(&["C-u"])?;
        terminal.say("/compact")?;
        terminal.wait_for("Compaction blocked by PreCompact hook")
    })?;
    assert!(evidence.on_wire(&secret).is_empty(), "{}", evidence.account());
    Ok(())
}

#[test]
fn a_cleared_session_goes_on() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = after_a_stop(Hooks::all()?, &secret, |terminal| {
        terminal.say("/clear")?;
        terminal.wait_until("the screen is cleared", |screen| !screen.contains("stanch ended the turn"))?;
        terminal.say("and now?")?;
        terminal.wait_for("First answer after it.")
    })?;
    assert!(evidence.on_wire(&secret).is_empty(), "{}", evidence.account());
    Ok(())
}

/// A known leak: a side question carries the history, and the only event about it is that it has been answered; then it is
/// logged.
#[test]
fn a_side_question_carries_what_was_stopped() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = after_a_stop(Hooks::all()?, &secret, |terminal| {
        terminal.say("/btw what is it")?;
        terminal.wait_for("First answer after it.")
    })?;
    assert!(!evidence.on_wire(&secret).is_empty(), "closed?\n{}", evidence.account());
    let log = evidence.log();
    assert!(log.iter().any(|line| line["did"] == "leaked" && line["event"] == "SubagentStop"), "{}", Value::from(log));
    Ok(())
}

/// A known leak: a `!` command carries the history, and no hook is asked. With the next prompt it is told.
#[test]
fn a_shell_command_carries_what_was_stopped_and_it_is_told() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = after_a_stop(Hooks::all()?, &secret, |terminal| {
        terminal.press(&["!"])?;
        terminal.say("echo fine")?;
        terminal.wait_for("First answer after it.")?;
        terminal.say("and now?")?;
        terminal.wait_for("LEAKED: secrets went to the model (Bash: 1 × github_pat)")
    })?;
    assert!(!evidence.on_wire(&secret).is_empty(), "closed?\n{}", evidence.account());
    Ok(())
}

/// A known leak: the hook is asked about a prompt that is typed while a call runs when it is typed, and never again. If the
/// turn is stopped then, the client sends the prompt at once, and the history with it. With the next prompt it is told.
#[test]
fn a_prompt_that_waits_for_the_turn_carries_what_was_stopped_and_it_is_told() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let command = "until [ -e queued ]; do sleep 0.1; done; cat a.txt; exit 3";
    let script = Script::default()
        .call("bash", "Bash", json!({"command": command, "description": "look"}))
        .says("First answer after it.");
    let evidence = Session::new(playground, script).hooks(Hooks::all()?).in_terminal(|terminal, playground| {
        terminal.say(DIRTY)?;
        terminal.wait_for("until [ -e queued ]")?;
        terminal.say("and then?")?;
        terminal.wait_until("it waits", |screen| screen.contains("Press up to edit queued messages"))?;
        std::fs::write(playground.project().join("queued"), "")?;
        terminal.wait_for("stanch ended the turn")?;
        terminal.wait_for("First answer after it.")?;
        terminal.say("and now?")?;
        terminal.wait_for("LEAKED: secrets went to the model (Bash: 1 × github_pat)")
    })?;
    assert!(!evidence.on_wire(&secret).is_empty(), "closed?\n{}", evidence.account());
    Ok(())
}

/// Nothing of a blocked prompt stays on disk.
#[test]
fn a_blocked_prompt_is_not_kept() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence =
        Session::new(Playground::new()?, Script::default()).hooks(Hooks::all()?).in_terminal(|terminal, _| {
            terminal.say(&format!("log in with {secret}"))?;
            terminal.wait_for("The prompt holds secrets (1 × github_pat)")
        })?;
    assert!(evidence.on_wire(&secret).is_empty(), "{}", evidence.account());
    assert_eq!(evidence.on_disk(&secret), []);
    Ok(())
}

/// Settings that switch hooks off come into the repository while the session runs; then a file with a secret is read.
fn switched_off(hooks: Hooks, secret: &str, act: impl FnOnce(&Terminal) -> Result<()>) -> Result<Evidence> {
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let script = Script::default()
        .says("Good day.")
        .call("bash", "Bash", json!({"command": "cat a.txt", "description": "look"}))
        .says("It is read.");
    Session::new(playground, script).hooks(hooks).in_terminal(|terminal, playground| {
        terminal.say("hello")?;
        terminal.wait_for("Good day.")?;
        let folder = playground.project().join(".claude");
        std::fs::create_dir(&folder)?;
        std::fs::write(folder.join("settings.json"), json!({"disableAllHooks": true}).to_string())?;
        // The client watches the file and shows nothing when it has read it.
        std::thread::sleep(Duration::from_secs(5));
        terminal.say("read it")?;
        terminal.wait_for("It is read.")?;
        act(terminal)
    })
}

#[test]
fn settings_that_switch_hooks_off_do_not_hold_and_are_told() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let open = switched_off(Hooks::stanch()?, &secret, |_| Ok(()))?;
    assert!(!open.on_wire(&secret).is_empty(), "the control is void\n{}", open.account());
    let closed = switched_off(Hooks::all()?, &secret, |terminal| {
        terminal.wait_for("A change of settings would have switched stanch off")
    })?;
    assert!(closed.on_wire(&secret).is_empty(), "{}", closed.account());
    assert!(closed.log().iter().any(|line| line["did"] == "redacted"), "{}", Value::from(closed.log()));
    Ok(())
}

/// The client does not compact and takes no settings over past a hook that is gone.
#[test]
fn missing_hooks_keep_settings_and_compaction_back() -> Result<()> {
    let missing = |hooks: Hooks, event| hooks.command(event, OsStr::new("/nonexistent/stanch-hook"), &[], true);
    let secret = Seed::fresh().github_pat();
    let closed = switched_off(missing(missing(Hooks::stanch()?, "ConfigChange"), "PreCompact"), &secret, |terminal| {
        terminal.say("/compact")?;
        terminal.wait_for("Compaction blocked by PreCompact hook")
    })?;
    assert!(closed.on_wire(&secret).is_empty(), "{}", closed.account());
    Ok(())
}

/// The answer of the model to the request for a summary.
const SUMMARY: &str = "<summary>A file was read.</summary>";

/// A file is read, the history is compacted, and a prompt follows.
fn compacted(hooks: Hooks, secret: &str, act: impl FnOnce(&Terminal) -> Result<()>) -> Result<Evidence> {
    let mut playground = Playground::new()?;
    let file = playground.write("a.txt", &format!("token: {secret}\n"))?;
    let script = Script::default()
        .call("read", "Read", json!({"file_path": file}))
        .says("It is read.")
        .says("It goes on.")
        .request("Respond with TEXT ONLY", vec![Turn::Says(SUMMARY.to_owned())]);
    Session::new(playground, script).hooks(hooks).in_terminal(|terminal, _| {
        terminal.say("read it")?;
        terminal.wait_for("It is read.")?;
        terminal.say("/compact")?;
        act(terminal)
    })
}

#[test]
fn a_compaction_that_would_read_a_secret_again_is_blocked() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let open = compacted(Hooks::stanch()?, &secret, |terminal| {
        terminal.wait_for("Compacted")?;
        terminal.say("go on")?;
        terminal.wait_for("It goes on.")
    })?;
    assert!(!open.on_wire(&secret).is_empty(), "the control is void\n{}", open.account());
    let closed = compacted(Hooks::all()?, &secret, |terminal| {
        terminal.wait_for("Not compacted: the client would read")?;
        terminal.say("go on")?;
        terminal.wait_for("It goes on.")
    })?;
    assert!(closed.on_wire(&secret).is_empty(), "{}", closed.account());
    Ok(())
}
