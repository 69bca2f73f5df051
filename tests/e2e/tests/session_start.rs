//! session-start warns a person of what the client is going to send by itself.

use anyhow::{Context, Result};
use serde_json::Value;
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session};

/// The system messages that the client was given by hooks of SessionStart and printed.
fn messages(evidence: &Evidence) -> Vec<String> {
    let printed = evidence.printed();
    let responses =
        printed.iter().filter(|line| line["subtype"] == "hook_response" && line["hook_event"] == "SessionStart");
    let answers = responses.filter_map(|line| serde_json::from_str::<Value>(line["stdout"].as_str()?).ok());
    answers.filter_map(|answer| answer["systemMessage"].as_str().map(str::to_owned)).collect()
}

fn session_with_memory(text: &str) -> Result<Evidence> {
    let mut playground = Playground::new()?;
    playground.write("CLAUDE.md", text)?;
    Session::new(playground, Script::default()).hooks(Hooks::stanch()?).run()
}

#[test]
fn a_secret_in_claude_md_is_reported_and_not_repeated() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let evidence = session_with_memory(&format!("# Deploys\n\nUse the token {secret}.\n"))?;
    let messages = messages(&evidence);
    let message = messages.first().with_context(|| format!("no message\n{}", evidence.account()))?;
    assert!(message.contains("CLAUDE.md"), "the message does not say where: {message}");
    assert!(!message.contains(&secret), "the message repeats the secret");
    Ok(())
}

#[test]
fn a_clean_claude_md_is_not_reported() -> Result<()> {
    let evidence = session_with_memory("# Deploys\n\nAsk the release team.\n")?;
    let about_it = messages(&evidence).into_iter().filter(|message| message.contains("CLAUDE.md"));
    assert_eq!(about_it.count(), 0, "{}", evidence.account());
    assert_eq!(evidence.exit, Some(0));
    Ok(())
}
