//! What the model puts into a tool call: pre-tool-use keeps a secret from being executed or handed on; without hooks
//! it is, which shows that these tests can fail.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::Result;
use serde_json::{Value, json};
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session};

static WITH_HOOKS: LazyLock<Result<Run, String>> = LazyLock::new(|| run(Hooks::stanch()));
static WITHOUT_HOOKS: LazyLock<Result<Run, String>> = LazyLock::new(|| run(Ok(Hooks::none())));

/// A finished session and the secrets that the model wrote.
struct Run {
    in_bash: String,
    in_mcp: String,
    in_url: String,
    evidence: Evidence,
}

fn run(hooks: Result<Hooks>) -> Result<Run, String> {
    hooks.and_then(act).map_err(|problem| format!("{problem:#}"))
}

fn act(hooks: Hooks) -> Result<Run> {
    let mut seed = Seed::fresh();
    let (in_bash, in_mcp, in_url) = (seed.github_pat(), seed.github_pat(), seed.github_pat());
    let playground = Playground::new()?;
    // WebFetch asks a closed port: it fails, and the event of the failure shows the input that was used.
    let hooks = hooks.observed("PostToolUseFailure", &playground.aside(""));
    let url = format!("https://127.0.0.1:9/?token={in_url}");
    let script = Script::default()
        .call("bash", "Bash", json!({"command": format!("echo {in_bash} > ran.txt"), "description": "write"}))
        .call("mcp", "mcp__lab__echo", json!({"text": format!("use {in_mcp} please")}))
        .call("webfetch", "WebFetch", json!({"url": url, "prompt": "what is it"}));
    let evidence =
        Session::new(playground, script).hooks(hooks).mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &json!({}))?.run()?;
    Ok(Run { in_bash, in_mcp, in_url, evidence })
}

fn finished(run: &'static LazyLock<Result<Run, String>>) -> &'static Run {
    match &**run {
        Ok(run) => run,
        Err(problem) => panic!("{problem}"),
    }
}

impl Run {
    /// Did the Bash command run? It would have made a file.
    fn bash_ran(&self) -> bool {
        self.evidence.files.contains_key(Path::new("project/ran.txt"))
    }

    /// The text that the MCP server was given.
    fn told_to_mcp(&self) -> String {
        self.evidence.noted("mcp.jsonl").iter().filter_map(|call| call["arguments"]["text"].as_str()).collect()
    }

    /// The address that WebFetch went to.
    fn fetched(&self) -> String {
        let of_failure = |path: &PathBuf| path.to_string_lossy().starts_with("PostToolUseFailure");
        let events = self.evidence.aside.iter().filter(|(path, _)| of_failure(path));
        let events = events.filter_map(|(_, bytes)| serde_json::from_slice::<Value>(bytes).ok());
        let mut urls = events.filter_map(|event| event["tool_input"]["url"].as_str().map(str::to_owned));
        urls.next().unwrap_or_default()
    }
}

#[test]
fn a_bash_command_with_a_secret_is_denied_and_does_not_run() {
    let run = finished(&WITH_HOOKS);
    assert!(!run.bash_ran(), "the command ran\n{}", run.evidence.account());
    let result = run.evidence.tool_result("bash").unwrap_or_default();
    assert_eq!(result["is_error"], true, "not denied\n{}", run.evidence.account());
    assert!(!result.to_string().contains(&run.in_bash), "the reason repeats the secret");
}

#[test]
fn an_mcp_server_is_given_a_placeholder_for_a_secret() {
    let run = finished(&WITH_HOOKS);
    let told = run.told_to_mcp();
    assert!(told.starts_with("use stanch_") && told.ends_with(" please"), "told {told}\n{}", run.evidence.account());
    assert!(!told.contains(&run.in_mcp));
}

#[test]
fn webfetch_does_not_take_a_secret_to_an_address() {
    let run = finished(&WITH_HOOKS);
    let (fetched, result) = (run.fetched(), run.evidence.tool_result("webfetch").unwrap_or_default());
    let replaced = fetched.starts_with("https://127.0.0.1:9/?token=stanch_");
    let denied = fetched.is_empty() && result["is_error"] == true;
    assert!(replaced || denied, "fetched {fetched}\n{}", run.evidence.account());
    assert!(!fetched.contains(&run.in_url) && !result.to_string().contains(&run.in_url));
}

#[test]
fn without_hooks_a_bash_command_with_a_secret_runs() {
    let run = finished(&WITHOUT_HOOKS);
    assert!(run.bash_ran(), "the control is void\n{}", run.evidence.account());
}

#[test]
fn without_hooks_an_mcp_server_is_given_the_secret() {
    let run = finished(&WITHOUT_HOOKS);
    assert!(run.told_to_mcp().contains(&run.in_mcp), "the control is void\n{}", run.evidence.account());
}

#[test]
fn without_hooks_webfetch_takes_the_secret_to_the_address() {
    let run = finished(&WITHOUT_HOOKS);
    assert!(run.fetched().contains(&run.in_url), "the control is void\n{}", run.evidence.account());
}
