//! Qwen Code with the hooks: what it sends of a secret that stands in a command's output, in a file that is read, in
//! arguments. Without the hooks each is sent, which shows that these tests can fail.
//!
//! The commands end late: on a busy machine the agent loses the output of one that is quick.

use std::path::Path;
use std::sync::LazyLock;

use anyhow::Result;
use serde_json::json;
use stanch_e2e::{Agent, Evidence, Hooks, OtherSession, Playground, Script, Seed};

static WITH_HOOKS: LazyLock<Result<Run, String>> = LazyLock::new(|| run(Hooks::stanch_for(Agent::Qwen)));
static WITHOUT_HOOKS: LazyLock<Result<Run, String>> = LazyLock::new(|| run(Ok(Hooks::none())));

/// A finished session and the secrets in it.
struct Run {
    output: String,
    failed: String,
    file: String,
    argument: String,
    evidence: Evidence,
}

fn run(hooks: Result<Hooks>) -> Result<Run, String> {
    hooks.and_then(act).map_err(|problem| format!("{problem:#}"))
}

fn act(hooks: Hooks) -> Result<Run> {
    let mut seed = Seed::fresh();
    let [output, failed, file, argument] = std::array::from_fn(|_| seed.github_pat());
    let mut playground = Playground::new()?;
    playground.write("output.txt", &format!("before\ntoken: {output}\nafter\n"))?;
    playground.write("failed.txt", &format!("token: {failed}\n"))?;
    let read = playground.write("file.txt", &format!("token: {file}\n"))?;
    let shell = |command: &str| Agent::Qwen.shell(command);
    let (tool, command) = shell("cat output.txt; sleep 0.3");
    let script = Script::default()
        .call("output", tool, command)
        .call("failed", tool, shell("cat failed.txt; sleep 0.3; exit 3").1)
        .call("file", "read_file", json!({"file_path": read}))
        .call("argument", tool, shell(&format!("echo {argument} > ran.txt")).1);
    let evidence = OtherSession::new(Agent::Qwen, playground, script).hooks(hooks).run()?;
    Ok(Run { output, failed, file, argument, evidence })
}

fn finished(run: &'static LazyLock<Result<Run, String>>) -> &'static Run {
    match &**run {
        Ok(run) => run,
        Err(problem) => panic!("{problem}"),
    }
}

impl Run {
    fn outputs(&self) -> [&str; 3] {
        [&self.output, &self.failed, &self.file]
    }

    fn ran(&self) -> bool {
        self.evidence.files.contains_key(Path::new("project/ran.txt"))
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
        ("output", "before\ntoken: stanch_github_pat\nafter"),
        ("failed", "token: stanch_github_pat"),
        ("file", "token: stanch_github_pat"),
    ] {
        let given = run.evidence.other_result_text(call);
        assert!(given.contains(expected), "{call}: {given}\n{}", run.evidence.account());
    }
}

#[test]
fn a_call_with_a_secret_is_denied_and_does_not_run() {
    let run = finished(&WITH_HOOKS);
    assert!(!run.ran(), "the command ran\n{}", run.evidence.account());
    let said = run.evidence.other_result_text("argument");
    assert!(said.contains("stanch stopped this") && said.contains("github_pat"), "{said}");
}

#[test]
fn without_hooks_all_of_it_happens() {
    let run = finished(&WITHOUT_HOOKS);
    for secret in run.outputs() {
        let given = ["output", "failed", "file"].map(|call| run.evidence.other_result_text(call)).join("\n");
        assert!(!run.evidence.on_wire(secret).is_empty(), "the control is void: {given}\n{}", run.evidence.account());
    }
    assert!(run.ran() && !run.evidence.on_wire(&run.argument).is_empty(), "the control is void");
}

/// A red test here is a leak closed.
#[test]
fn known_leak_where_the_hook_cannot_start_the_output_is_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let (tool, read) = Agent::Qwen.shell("cat a.txt; sleep 0.3");
    let evidence = OtherSession::new(Agent::Qwen, playground, Script::default().call("a", tool, read))
        .hooks(Hooks::none().line("PostToolUse", "/nonexistent/stanch-hook", Agent::Qwen))
        .run()?;
    assert!(!evidence.on_wire(&secret).is_empty(), "closed: say so in docs/agents.md");
    Ok(())
}

#[test]
fn a_prompt_with_a_secret_is_not_sent() -> Result<()> {
    let session = |hooks: Hooks, secret: &str| {
        let session = OtherSession::new(Agent::Qwen, Playground::new()?, Script::default()).hooks(hooks);
        session.prompt(&format!("deploy with {secret}")).run()
    };
    let secret = Seed::fresh().github_pat();
    let evidence = session(Hooks::stanch_for(Agent::Qwen)?, &secret)?;
    assert!(evidence.on_wire(&secret).is_empty(), "{}", evidence.account());
    assert!(!session(Hooks::none(), &secret)?.on_wire(&secret).is_empty(), "the control is void");
    Ok(())
}

/// The agent makes the file a part of the prompt before it asks the hook.
#[test]
fn a_prompt_that_mentions_a_file_with_a_secret_is_not_sent() -> Result<()> {
    let secret = Seed::fresh().github_pat();
    let mut playground = Playground::new()?;
    playground.write("a.txt", &format!("token: {secret}\n"))?;
    let evidence = OtherSession::new(Agent::Qwen, playground, Script::default())
        .hooks(Hooks::stanch_for(Agent::Qwen)?)
        .prompt("look at @a.txt")
        .run()?;
    assert!(evidence.on_wire(&secret).is_empty(), "{}", evidence.account());
    Ok(())
}
