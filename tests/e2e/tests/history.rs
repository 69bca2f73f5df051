//! What was stopped stands in the session's history: no later prompt carries it out.

use std::ffi::OsStr;

use anyhow::Result;
use serde_json::{Value, json};
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session, Turn};

/// Gives back the output of a Bash call as it came, and does so late: another plugin's hook that has the last word.
const LATE: &str = r#"sleep 0.3; printf '{"hookSpecificOutput":{"hookEventName":"PostToolUse","updatedToolOutput":'
    sed 's/.*"tool_response"://; s/,"tool_use_id".*//'; printf '}}'"#;

fn bash(command: &str) -> Script {
    Script::default().call("bash", "Bash", json!({"command": command, "description": "look"}))
}

/// A session whose first turn is stopped.
fn stopped(hooks: Hooks, command: &str, secret: &str) -> Result<Playground> {
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let (evidence, playground) = Session::new(playground, bash(command)).hooks(hooks).run_and_keep()?;
    assert!(evidence.on_wire(secret).is_empty(), "the turn was not stopped\n{}", evidence.account());
    assert!(!evidence.on_disk(secret).is_empty(), "the tool did not run\n{}", evidence.account());
    assert!(evidence.log().iter().any(|line| line["did"] == "stopped"), "{}", Value::from(evidence.log()));
    Ok(playground)
}

fn next(playground: Playground, hooks: Hooks, arguments: &[&str]) -> Result<(Evidence, Playground)> {
    let session = Session::new(playground, Script::default()).hooks(hooks).prompt("and now?");
    arguments.iter().fold(session, |session, argument| session.argument(argument)).run_and_keep()
}

#[test]
fn the_next_prompt_is_blocked_and_a_new_session_is_not() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let playground = stopped(Hooks::all()?, "cat a.txt; exit 3", &secret)?;
    let (blocked, playground) = next(playground, Hooks::all()?, &["--continue"])?;
    assert!(blocked.on_wire(&secret).is_empty(), "{}", blocked.account());
    let result = blocked.result();
    assert!(
        result.contains("Bash: 1 × github_pat") && result.contains("/clear") && result.contains("/rewind"),
        "{result}"
    );
    // As often as it is tried.
    let (blocked, playground) = next(playground, Hooks::all()?, &["--continue"])?;
    assert!(
        blocked.on_wire(&secret).is_empty() && blocked.result().contains("stanch blocked"),
        "{}",
        blocked.account()
    );
    let (anew, playground) = next(playground, Hooks::all()?, &[])?;
    assert_eq!(anew.result(), "Done.", "{}", anew.account());
    assert!(anew.on_wire(&secret).is_empty(), "{}", anew.account());
    // The control: without the hook it goes out.
    drop(playground);
    let playground = stopped(Hooks::all()?, "cat a.txt; exit 3", &secret)?;
    let (open, _) = next(playground, Hooks::stanch()?.and_verifier()?, &["--continue"])?;
    assert!(!open.on_wire(&secret).is_empty(), "the control is void\n{}", open.account());
    Ok(())
}

#[test]
fn what_another_hook_put_back_is_carried_by_no_later_prompt() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let late = || Ok::<_, anyhow::Error>(Hooks::all()?.command("PostToolUse", OsStr::new("sh"), &["-c", LATE], false));
    let playground = stopped(late()?, "cat a.txt", &secret)?;
    let (blocked, _) = next(playground, late()?, &["--continue"])?;
    assert!(blocked.on_wire(&secret).is_empty(), "{}", blocked.account());
    assert!(blocked.result().contains("stanch blocked"), "{}", blocked.account());
    Ok(())
}

/// A fork has no transcript when its first prompt comes.
#[test]
fn a_fork_does_not_carry_it_out() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let playground = stopped(Hooks::all()?, "cat a.txt; exit 3", &secret)?;
    let (blocked, _) = next(playground, Hooks::all()?, &["--continue", "--fork-session"])?;
    assert!(blocked.on_wire(&secret).is_empty(), "{}", blocked.account());
    assert!(blocked.result().contains("This session is a fork"), "{}", blocked.result());
    // Where nothing was stopped, forks go on.
    let (_, playground) = Session::new(Playground::new()?, Script::default()).hooks(Hooks::all()?).run_and_keep()?;
    let (fork, _) = next(playground, Hooks::all()?, &["--continue", "--fork-session"])?;
    assert_eq!(fork.result(), "Done.", "{}", fork.account());
    Ok(())
}

/// A result among others hangs on its call alone.
#[test]
fn the_result_of_one_of_many_calls_is_found() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let calls = ["cat a.txt; exit 3", "sleep 0.3; echo fine"];
    let calls = calls.iter().enumerate().map(|(n, command)| {
        stanch_e2e::Call::new(&format!("c{n}"), "Bash", json!({"command": command, "description": "look"}))
    });
    let script = Script::default().calls(calls.collect());
    let (first, playground) = Session::new(playground, script).hooks(Hooks::all()?).run_and_keep()?;
    assert!(first.on_wire(&secret).is_empty(), "{}", first.account());
    let (blocked, _) = next(playground, Hooks::all()?, &["--continue"])?;
    assert!(
        blocked.on_wire(&secret).is_empty() && blocked.result().contains("stanch blocked"),
        "{}",
        blocked.account()
    );
    Ok(())
}

/// What has been sent is not taken back by blocking: it is said, once, with where to rotate it.
#[test]
fn what_has_been_sent_is_reported() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let (open, playground) = Session::new(playground, bash("cat a.txt")).hooks(Hooks::none()).run_and_keep()?;
    assert!(!open.on_wire(&secret).is_empty(), "the control is void\n{}", open.account());
    let (resumed, _) = next(playground, Hooks::all()?, &["--continue"])?;
    assert_eq!(resumed.result(), "Done.", "{}", resumed.account());
    let printed = resumed.printed().iter().map(Value::to_string).collect::<String>();
    assert!(printed.contains("LEAKED") && printed.contains("Bash: 1 × github_pat"), "{printed}");
    assert!(printed.contains("https://github.com/settings/tokens"), "{printed}");
    let leaked = resumed.log().into_iter().find(|line| line["did"] == "leaked");
    let leaked = leaked.unwrap_or_default();
    assert_eq!((&leaked["tool"], &leaked["call"]), (&json!("Bash"), &json!("toolu_bash")), "{leaked}");
    Ok(())
}

/// Nothing redacts here: what a subagent and the last turn send is in the log when they end.
#[test]
fn what_no_prompt_follows_is_logged_all_the_same() -> Result<()> {
    let mut seed = Seed::fresh();
    let (in_errand, in_turn) = (seed.github_pat(), seed.github_pat());
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {in_errand}\n"))?;
    playground.write("b.txt", &format!("token: {in_turn}\n"))?;
    let bash = |command: &str| json!({"command": command, "description": "look"});
    let errand = json!({
        "description": "errand", "prompt": "ERRAND", "subagent_type": "general-purpose", "run_in_background": false,
    });
    let look = stanch_e2e::Call::new("look", "Bash", bash("cat a.txt"));
    let script = Script::default()
        .call("errand", "Agent", errand)
        .call("bash", "Bash", bash("cat b.txt"))
        .thread("ERRAND", vec![Turn::Calls(vec![look]), Turn::Says("Nothing there.".to_owned())]);
    let evidence = Session::new(playground, script).hooks(Hooks::none().and_around()?).run()?;
    for secret in [&in_errand, &in_turn] {
        assert!(!evidence.on_wire(secret).is_empty(), "the control is void\n{}", evidence.account());
    }
    let leaked = |event: &str, call: &str| {
        evidence.log().iter().any(|l| l["did"] == "leaked" && l["event"] == event && l["call"] == call)
    };
    assert!(leaked("SubagentStop", "toolu_look"), "{}", Value::from(evidence.log()));
    assert!(leaked("SessionEnd", "toolu_bash"), "{}", Value::from(evidence.log()));
    Ok(())
}
