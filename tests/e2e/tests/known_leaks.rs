//! The leaks that neither hooks nor the shell prefix can stop, asserted as they are today with both in place.
//!
//! The session runs without `post-tool-batch`, which would end it at the first of them, and without `user-prompt-submit`, which
//! would not let it begin; `batch.rs`, `prompt.rs` and `history.rs` have what those stop.
//!
//! A test that turns red here is good news: the leak is closed. Turn the assertion round, move it to the file of its
//! kind, and take the leak out of the documents.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anyhow::Result;
use serde_json::json;
use stanch_e2e::evidence::places;
use stanch_e2e::web_page::WebPage;
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session};

static RUN: LazyLock<Result<Run, String>> = LazyLock::new(|| run().map_err(|problem| format!("{problem:#}")));

/// The finished session and the secret of each leak.
struct Run {
    secrets: BTreeMap<&'static str, String>,
    evidence: Evidence,
}

const LEAKS: [&str; 7] = ["large-read", "written-by-the-model", "prompt", "mention", "memory", "branch", "web-page"];

fn run() -> Result<Run> {
    let mut seed = Seed::fresh();
    let secrets: BTreeMap<_, _> = LEAKS.into_iter().map(|leak| (leak, seed.github_pat())).collect();
    let mut playground = Playground::new()?;
    let filler = "2026-01-01 00:00:00 nothing happened here\n";
    playground.write("mentioned.txt", &format!("token: {}\n", secrets["mention"]))?;
    playground.write("CLAUDE.md", &format!("Use the token {} for deploys.\n", secrets["memory"]))?;
    playground.write(".git/HEAD", &format!("ref: refs/heads/try-{}\n", secrets["branch"]))?;
    let large = playground.write("large.txt", &format!("{}\n{}", secrets["large-read"], filler.repeat(1000)))?;
    let page = WebPage::serve(&playground.aside("page"), "page", &format!("token: {}\n", secrets["web-page"]))?;
    let echo = json!({"text": format!("use {}", secrets["written-by-the-model"])});
    let script = Script::default()
        .call("large-read", "Read", json!({"file_path": large}))
        .call("written-by-the-model", "mcp__lab__echo", echo)
        .call("web-page", "WebFetch", json!({"url": page.url(), "prompt": "what is it"}));
    let evidence = Session::new(playground, script)
        .hooks(Hooks::stanch()?)
        .env("NODE_TLS_REJECT_UNAUTHORIZED", "0") // the page's certificate is its own
        .prompt(&format!("see @mentioned.txt and take {}", secrets["prompt"]))
        .mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &json!({}))?
        .prefixed()?
        .run()?;
    Ok(Run { secrets, evidence })
}

fn finished() -> &'static Run {
    match &*RUN {
        Ok(run) => run,
        Err(problem) => panic!("{problem}"),
    }
}

/// The leak is there: the model is sent the secret as part of a conversation.
fn is_sent(leak: &str) {
    let run = finished();
    let sent = run.evidence.on_wire(&run.secrets[leak]);
    assert!(sent.iter().any(|sighting| !sighting.in_count), "{leak}: closed?\n{}", run.evidence.account());
}

/// The leak is there and is no wider than known: only the request that measures a text holds the secret.
fn is_sent_to_be_counted_and_for_nothing_else(leak: &str) {
    let run = finished();
    let sent = run.evidence.on_wire(&run.secrets[leak]);
    assert!(!sent.is_empty(), "{leak}: closed?\n{}", run.evidence.account());
    assert!(sent.iter().all(|sighting| sighting.in_count), "{leak}: wider than known: {}", places(&sent));
}

/// The client measures a large text before PostToolUse runs.
#[test]
fn a_large_text_that_is_read_is_sent_to_be_counted() {
    is_sent_to_be_counted_and_for_nothing_else("large-read");
}

/// PreToolUse changes what is executed, not what the model said.
#[test]
fn what_the_model_wrote_into_a_tool_call_is_sent_back_to_it() {
    is_sent("written-by-the-model");
}

/// `user-prompt-submit`, which this session runs without, blocks it (prompt.rs).
#[test]
fn a_secret_in_the_prompt_is_sent() {
    is_sent("prompt");
}

/// A mention is no tool call; `user-prompt-submit` blocks it (prompt.rs).
#[test]
fn a_file_that_the_prompt_mentions_is_sent() {
    is_sent("mention");
}

/// session-start warns; `user-prompt-submit` blocks until it is clean (prompt.rs).
#[test]
fn the_projects_claude_md_is_sent() {
    is_sent("memory");
}

/// The client describes the repository to the model.
#[test]
fn the_name_of_the_git_branch_is_sent() {
    is_sent("branch");
}

/// WebFetch has a small model read the page before PostToolUse sees the summary.
#[test]
fn a_fetched_page_is_sent_to_the_small_model() {
    is_sent("web-page");
}
