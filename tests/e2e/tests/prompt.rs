//! user-prompt-submit: nothing goes out with a prompt that holds a secret; without the hook it does.

use anyhow::Result;
use serde_json::{Value, json};
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session, Turn};

/// Runs a prompt in a project and gives what was left, with and without the hooks.
fn both(run: impl Fn(Hooks) -> Result<Evidence>, secret: &str) -> Result<Evidence> {
    let open = run(Hooks::none())?;
    assert!(!open.on_wire(secret).is_empty(), "the control is void\n{}", open.account());
    let closed = run(Hooks::all()?)?;
    assert!(closed.on_wire(secret).is_empty(), "it was sent\n{}", closed.account());
    Ok(closed)
}

fn is_blocked(evidence: &Evidence, because: &str, secret: &str) {
    let result = evidence.result();
    assert!(result.contains("stanch blocked this prompt"), "{result}\n{}", evidence.account());
    assert!(result.contains(because) && !result.contains(secret), "{result}");
    let logged = evidence.log();
    assert!(
        logged.iter().any(|line| line["did"] == "blocked" && line["kinds"]["github_pat"] == 1),
        "{}",
        Value::from(logged)
    );
    let log = evidence.files.iter().filter(|(path, _)| path.ends_with("log.jsonl"));
    assert!(log.into_iter().all(|(_, text)| !String::from_utf8_lossy(text).contains(secret)), "the log has the value");
}

#[test]
fn a_prompt_with_a_secret_is_not_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let prompt = format!("log in with {secret}");
    let run = |hooks| Session::new(Playground::new()?, Script::default()).hooks(hooks).prompt(&prompt).run();
    is_blocked(&both(run, &secret)?, "The prompt holds secrets (1 × github_pat)", &secret);
    Ok(())
}

#[test]
fn a_clean_prompt_is_sent_and_nothing_is_logged() -> Result<()> {
    let mut playground = Playground::new()?;
    playground.write("clean.txt", "nothing in particular\n")?;
    let session = Session::new(playground, Script::default()).hooks(Hooks::all()?).prompt("see @clean.txt");
    let evidence = session.run()?;
    assert!(!evidence.on_wire("nothing in particular").is_empty(), "{}", evidence.account());
    assert_eq!(evidence.log(), Vec::<Value>::new());
    Ok(())
}

/// A file in the project, and the prompt that makes the client read it.
fn pulls_in(name: &str, prompt: &str, because: &str) -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let run = |hooks| {
        let mut playground = Playground::new()?;
        playground.write(name, &format!("first\ntoken: {secret}\n"))?;
        playground.write("src/main.rs", "fn main() {}\n")?;
        Session::new(playground, Script::default()).hooks(hooks).prompt(prompt).run()
    };
    is_blocked(&both(run, &secret)?, because, &secret);
    Ok(())
}

#[test]
fn a_mentioned_file_is_not_sent() -> Result<()> {
    pulls_in("notes.txt", "see @notes.txt, please", "/notes.txt:2, which holds secrets (1 × github_pat)")
}

#[test]
fn a_mentioned_file_with_a_blank_in_its_name_is_not_sent() -> Result<()> {
    pulls_in("my notes.txt", "see @\"my notes.txt\"", "my notes.txt:2")
}

#[test]
fn mentioned_lines_of_a_file_are_not_sent() -> Result<()> {
    pulls_in("notes.txt", "see @notes.txt#L1-2", "notes.txt:2")
}

#[test]
fn what_a_slash_command_says_is_not_sent() -> Result<()> {
    pulls_in(".claude/commands/look.md", "/look here", "commands/look.md:2")
}

#[test]
fn the_instructions_beside_a_mentioned_file_are_not_sent() -> Result<()> {
    pulls_in("src/CLAUDE.md", "see @src/main.rs", "src/CLAUDE.md:2: github_pat")
}

#[test]
fn instructions_block_until_they_are_clean() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let run = |hooks: Hooks, text: &str| {
        let mut playground = Playground::new()?;
        playground.write("CLAUDE.md", text)?;
        Session::new(playground, Script::default()).hooks(hooks).run()
    };
    let dirty = format!("# Deploys\n\nUse the token {secret}.\n");
    is_blocked(&both(|hooks| run(hooks, &dirty), &secret)?, "CLAUDE.md:3: github_pat", &secret);
    let clean = run(Hooks::all()?, "# Deploys\n\nAsk the release team.\n")?;
    assert!(!clean.on_wire("Ask the release team").is_empty(), "{}", clean.account());
    Ok(())
}

#[test]
fn what_a_monitor_sees_is_not_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let run = |hooks| {
        let mut playground = Playground::new()?;
        playground.write("a.txt", &format!("token: {secret}\n"))?;
        let watch =
            json!({"description": "watch", "command": "sleep 1; cat a.txt", "timeout_ms": 5000, "persistent": false});
        Session::new(playground, Script::default().call("watch", "Monitor", watch)).hooks(hooks).run()
    };
    let closed = both(run, &secret)?;
    assert!(
        closed.log().iter().any(|l| l["did"] == "blocked" && l["place"] == "report"),
        "{}",
        Value::from(closed.log())
    );
    Ok(())
}

#[test]
fn what_a_background_agent_reports_is_not_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let run = |hooks| {
        let errand = json!({
            "description": "errand", "prompt": "ERRAND", "subagent_type": "general-purpose", "run_in_background": true,
        });
        let script = Script::default()
            .call("errand", "Agent", errand)
            .thread("ERRAND", vec![Turn::Says(format!("The token is {secret}."))]);
        Session::new(Playground::new()?, script).hooks(hooks).run()
    };
    both(run, &secret)?;
    Ok(())
}

/// With a file in a folder the client puts that folder's CLAUDE.md before the model.
#[test]
fn the_instructions_beside_a_file_that_is_read_are_not_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let run = |hooks| {
        let mut playground = Playground::new()?;
        playground.write("sub/CLAUDE.md", &format!("Use {secret}.\n"))?;
        let file = playground.write("sub/x.txt", "x\n")?;
        let script = Script::default().call("read", "Read", json!({"file_path": file}));
        Session::new(playground, script).hooks(hooks).run()
    };
    let closed = both(run, &secret)?;
    let told = closed.tool_result_text("read");
    assert!(told.contains("sub/CLAUDE.md:1: github_pat"), "{told}");
    Ok(())
}
