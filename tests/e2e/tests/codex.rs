//! Codex with the hooks: what it sends of a secret that stands in a command's output, in arguments, in what an MCP server
//! says. Without the hooks each is sent, which shows that these tests can fail.

use std::path::Path;
use std::sync::LazyLock;

use anyhow::Result;
use serde_json::json;
use stanch_e2e::{Agent, Evidence, Hooks, OtherSession, Playground, Script, Seed};

static WITH_HOOKS: LazyLock<Result<Run, String>> = LazyLock::new(|| run(Hooks::stanch_for(Agent::Codex)));
static WITHOUT_HOOKS: LazyLock<Result<Run, String>> = LazyLock::new(|| run(Ok(Hooks::none())));

/// A finished session and the secrets in it.
struct Run {
    output: String,
    failed: String,
    text: String,
    structured: String,
    argument: String,
    patch: String,
    evidence: Evidence,
}

fn run(hooks: Result<Hooks>) -> Result<Run, String> {
    hooks.and_then(act).map_err(|problem| format!("{problem:#}"))
}

fn act(hooks: Hooks) -> Result<Run> {
    let mut seed = Seed::fresh();
    let [output, failed, text, structured, argument, patch] = std::array::from_fn(|_| seed.github_pat());
    let mut playground = Playground::new()?;
    playground.write("output.txt", &format!("before\ntoken: {output}\nafter\n"))?;
    playground.write("failed.txt", &format!("token: {failed}\n"))?;
    let (tool, read) = Agent::Codex.shell("cat output.txt");
    let script = Script::default()
        .call("output", tool, read)
        .call("failed", tool, json!({"cmd": "cat failed.txt; exit 3"}))
        .call("text", "mcp__lab__text", json!({}))
        .call("structured", "mcp__lab__structured", json!({}))
        .call("argument", tool, json!({"cmd": format!("echo {argument} > ran.txt")}))
        .call("mcp-argument", "mcp__lab__echo", json!({"text": format!("use {argument} please")}))
        .call(
            "patch",
            "apply_patch",
            json!(format!("*** Begin Patch\n*** Add File: patched.txt\n+{patch}\n*** End Patch")),
        );
    let answers = json!({"text": format!("it is {text}"), "structured": structured});
    let evidence = OtherSession::new(Agent::Codex, playground, script)
        .hooks(hooks)
        .mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &answers)?
        .run()?;
    Ok(Run { output, failed, text, structured, argument, patch, evidence })
}

fn finished(run: &'static LazyLock<Result<Run, String>>) -> &'static Run {
    match &**run {
        Ok(run) => run,
        Err(problem) => panic!("{problem}"),
    }
}

impl Run {
    /// What came out of tools and was written by none.
    fn outputs(&self) -> [&str; 4] {
        [&self.output, &self.failed, &self.text, &self.structured]
    }

    fn made(&self, file: &str) -> bool {
        self.evidence.files.contains_key(&Path::new("project").join(file))
    }
}

#[test]
fn no_secret_of_an_output_is_sent_be_it_of_a_command_that_failed() {
    let run = finished(&WITH_HOOKS);
    for secret in run.outputs() {
        let seen = run.evidence.on_wire(secret);
        assert!(seen.is_empty(), "{}\n{}", stanch_e2e::evidence::places(&seen), run.evidence.account());
    }
}

#[test]
fn the_rest_of_an_output_is_what_the_model_reads() {
    let run = finished(&WITH_HOOKS);
    for (call, expected) in [
        ("output", "before\ntoken: stanch_github_pat\nafter\n"),
        ("failed", "token: stanch_github_pat\n"),
        ("text", "it is stanch_github_pat"),
    ] {
        assert_eq!(run.evidence.other_result_text(call), expected, "{}", run.evidence.account());
    }
    assert!(run.evidence.other_result_text("structured").contains("stanch_github_pat"));
}

#[test]
fn a_call_with_a_secret_is_denied_and_does_not_run() {
    let run = finished(&WITH_HOOKS);
    assert!(!run.made("ran.txt") && !run.made("patched.txt"), "a call was made\n{}", run.evidence.account());
    assert!(!run.evidence.noted("mcp.jsonl").iter().any(|call| call["name"] == "echo"), "the server was asked");
    for call in ["argument", "mcp-argument", "patch"] {
        let said = run.evidence.other_result_text(call);
        assert!(said.contains("stanch stopped this") && said.contains("github_pat"), "{call}: {said}");
    }
}

#[test]
fn without_hooks_all_of_it_happens() {
    let run = finished(&WITHOUT_HOOKS);
    for secret in run.outputs() {
        assert!(!run.evidence.on_wire(secret).is_empty(), "the control is void\n{}", run.evidence.account());
    }
    assert!(run.made("ran.txt") && run.made("patched.txt"), "the control is void\n{}", run.evidence.account());
    assert!(run.evidence.noted("mcp.jsonl").iter().any(|call| call["arguments"].to_string().contains(&run.argument)));
    assert!(!run.evidence.on_wire(&run.patch).is_empty());
}

/// What no hook is asked about. A test that turns red here is good news: take the leak out of docs/agents.md.
#[test]
fn known_leaks_a_failed_mcp_call_and_the_first_part_of_a_long_command() -> Result<()> {
    let mut seed = Seed::fresh();
    let [failed, first, last] = std::array::from_fn(|_| seed.github_pat());
    let mut playground = Playground::new()?;
    playground.write("first.txt", &format!("token: {first}\n"))?;
    playground.write("last.txt", &format!("token: {last}\n"))?;
    let slow = json!({"cmd": "cat first.txt; sleep 2; cat last.txt", "yield_time_ms": 500});
    let script = Script::default().call("fail", "mcp__lab__fail", json!({})).call("slow", "exec_command", slow);
    let evidence = OtherSession::new(Agent::Codex, playground, script)
        .hooks(Hooks::stanch_for(Agent::Codex)?)
        .mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &json!({"fail": format!("refused for {failed}")}))?
        .run()?;
    for leak in [&failed, &first] {
        assert!(!evidence.on_wire(leak).is_empty(), "closed\n{}", evidence.account());
    }
    assert!(evidence.on_wire(&last).is_empty(), "{}", evidence.account());
    Ok(())
}

/// The hook says so with a reason, and Codex passes it on; a hook that cannot start is passed open.
#[test]
fn an_output_that_cannot_be_searched_is_withheld_and_one_without_a_hook_is_not() -> Result<()> {
    let session = |hooks: Hooks, secret: &str| -> Result<Evidence> {
        let mut playground = Playground::new()?;
        playground.write("a.txt", &format!("token: {secret}\n"))?;
        let (tool, read) = Agent::Codex.shell("cat a.txt");
        OtherSession::new(Agent::Codex, playground, Script::default().call("a", tool, read)).hooks(hooks).run()
    };
    let secret = Seed::fresh().github_pat();
    // An event of another kind: the hook has nothing that it could search.
    let hook = Hooks::stanch_command("post-tool-use", Agent::Codex)?;
    let wrong = format!("sed s/PostToolUse/Other/ | {hook}");
    let evidence = session(Hooks::none().line("PostToolUse", &wrong, Agent::Codex), &secret)?;
    assert!(evidence.on_wire(&secret).is_empty(), "{}", evidence.account());
    assert!(evidence.other_result_text("a").contains("not a PostToolUse event"), "{}", evidence.account());
    let missing = Hooks::none().line("PostToolUse", "/nonexistent/stanch-hook", Agent::Codex);
    assert!(!session(missing, &secret)?.on_wire(&secret).is_empty(), "closed: say so in docs/agents.md");
    Ok(())
}

/// `fixtures/codex/schema` is what answers are checked against without the executable.
#[test]
fn the_schemas_that_answers_are_checked_against_are_those_of_the_executable() -> Result<()> {
    let executable = std::fs::read(stanch_e2e::other::codex::located()?)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/codex/schema");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let schema = std::fs::read(&path)?;
        let found = memchr::memmem::find(&executable, schema.trim_ascii_end()).is_some();
        assert!(found, "{} is not in the executable: take it out of the new one", path.display());
        seen += 1;
    }
    assert!(seen >= 4, "only {seen} schemas");
    Ok(())
}

#[test]
fn a_prompt_with_a_secret_is_not_sent() -> Result<()> {
    let session = |hooks: Hooks, secret: &str| {
        let session = OtherSession::new(Agent::Codex, Playground::new()?, Script::default()).hooks(hooks);
        session.prompt(&format!("deploy with {secret}")).run()
    };
    let secret = Seed::fresh().github_pat();
    let evidence = session(Hooks::stanch_for(Agent::Codex)?, &secret)?;
    assert!(evidence.on_wire(&secret).is_empty(), "{}", evidence.account());
    assert!(!session(Hooks::none(), &secret)?.on_wire(&secret).is_empty(), "the control is void");
    Ok(())
}
