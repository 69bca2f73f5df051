//! The shell prefix alone, without any hook: nothing that a command or an MCP server writes reaches the model or stays on
//! disk with its secret, whether it succeeded or not. Without the prefix each secret does both.
//!
//! One session with the prefix and one without visit every path in turn, each path with a secret of its own.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anyhow::Result;
use serde_json::{Value, json};
use stanch_e2e::evidence::places;
use stanch_e2e::{Call, Evidence, Playground, Script, Seed, Session, Turn};

static PREFIXED: LazyLock<Result<Tour, String>> =
    LazyLock::new(|| tour(true).map_err(|problem| format!("{problem:#}")));
static BARE: LazyLock<Result<Tour, String>> = LazyLock::new(|| tour(false).map_err(|problem| format!("{problem:#}")));

/// A finished session and the secret of each path.
struct Tour {
    secrets: BTreeMap<&'static str, String>,
    evidence: Evidence,
}

/// Each names a secret and the call that shows it.
const PATHS: [&str; 20] = [
    "stdout",
    "stderr",
    "failed",
    "test-runner",
    "curl",
    "coloured",
    "in-parts",
    "unfinished",
    "large",
    "background",
    "background-failed",
    "monitor",
    "mcp-text",
    "mcp-fail",
    "mcp-large",
    "mcp-huge",
    "mcp-structured",
    "agent-failed",
    "agent-background",
    "agent-mcp",
];

/// Fails as a test runner does: with what it compared.
const RUNNER: &str = "import os, unittest
class Login(unittest.TestCase):
    def test_token(self):
        self.assertEqual(open('@').read(), 'expected')
unittest.main()
";

/// Answers every request with 404, on a port that it writes down.
const SERVER: &str = "import http.server
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)
open('port', 'w').write(str(server.server_port))
server.handle_request()
";

fn bash(command: &str) -> Value {
    json!({"command": command, "description": "look"})
}

fn in_background(command: &str) -> Value {
    json!({"command": command, "description": "look", "run_in_background": true})
}

fn tour(prefixed: bool) -> Result<Tour> {
    let mut seed = Seed::fresh();
    let secrets: BTreeMap<_, _> = PATHS.into_iter().map(|path| (path, seed.github_pat())).collect();
    let mut playground = Playground::new()?;
    for (path, secret) in &secrets {
        playground.write(path, &format!("token: {secret}\n"))?;
    }
    playground.write("runner.py", &RUNNER.replace('@', "test-runner"))?;
    playground.write("server.py", SERVER)?;
    let (start, end) = secrets["coloured"].split_at(12);
    let coloured = format!("{start}\u{1b}[01;31m\u{1b}[K{}\u{1b}[m\u{1b}[K\r{}", &end[..9], &end[9..]);
    playground.write("coloured.txt", &format!("token: {coloured}\n"))?;
    let filler = "2026-01-01 00:00:00 nothing happened here\n";
    playground.write("large.txt", &format!("{}\n{}{}\n", secrets["large"], filler.repeat(1500), secrets["large"]))?;
    let answers = json!({
        "text": secrets["mcp-text"],
        "fail": format!("refused for {} and {}", secrets["mcp-fail"], secrets["agent-mcp"]),
        "large": format!("{}\n{}", secrets["mcp-large"], filler.repeat(1500)),
        "huge": format!("{}\n{}", secrets["mcp-huge"], filler.repeat(6000)),
        "structured": secrets["mcp-structured"],
    });
    let session = Session::new(playground, script()).mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &answers)?;
    let evidence = if prefixed { session.prefixed()? } else { session }.run()?;
    Ok(Tour { secrets, evidence })
}

fn script() -> Script {
    let curl = "python3 server.py 2>server.log & until [ -s port ]; do sleep 0.05; done; \
                curl -fsSv -H \"Authorization: Bearer $(sed 's/.* //' curl)\" http://127.0.0.1:$(cat port)/";
    let in_parts = "t=$(sed 's/.* //' in-parts); printf 'token: %s' ${t:0:9}; sleep 0.4; printf %s ${t:9:9}; sleep 0.4; echo ${t:18}";
    let outputs = "sleep 1; grep -hs '^token: ' $(find ../tmp -name '*.output')";
    let monitor = json!({
        "command": "cat monitor; sleep 0.3; cat monitor >&2", "description": "watch", "timeout_ms": 5000, "persistent": false,
    });
    let agent = json!({
        "description": "errand", "prompt": "ERRAND: look around", "subagent_type": "general-purpose", "run_in_background": false,
    });
    let call = |id: &str, tool: &str, input: Value| Turn::Calls(vec![Call::new(id, tool, input)]);
    let errand = vec![
        call("agent-failed", "Bash", bash("cat agent-failed >&2; exit 9")),
        call("agent-start", "Bash", in_background("cat agent-background; exit 2")),
        call("agent-background", "Bash", bash(outputs)),
        call("agent-mcp", "mcp__lab__fail", json!({})),
        Turn::Says("done".to_owned()),
    ];
    Script::default()
        .call("stdout", "Bash", bash("cat stdout"))
        .call("stderr", "Bash", bash("cat stderr >&2"))
        .call("failed", "Bash", bash("cat failed; exit 3"))
        .call("test-runner", "Bash", bash("python3 runner.py"))
        .call("curl", "Bash", bash(curl))
        .call("coloured", "Bash", bash("cat coloured.txt; false"))
        .call("in-parts", "Bash", bash(in_parts))
        .call("unfinished", "Bash", bash("printf %s \"$(cat unfinished)\"; kill -TERM $$"))
        .call("large", "Bash", bash("cat large.txt"))
        .call("background-start", "Bash", in_background("cat background; sleep 0.2; echo end"))
        .call("background-failed-start", "Bash", in_background("cat background-failed >&2; exit 4"))
        .call("background", "Bash", bash(outputs))
        .call("select", "ToolSearch", json!({"query": "select:Monitor"}))
        .call("monitor", "Monitor", monitor)
        .call("monitor-wait", "Bash", bash("sleep 2; echo waited"))
        .call("mcp-text", "mcp__lab__text", json!({}))
        .call("mcp-fail", "mcp__lab__fail", json!({}))
        .call("mcp-large", "mcp__lab__large", json!({}))
        .call("mcp-huge", "mcp__lab__huge", json!({}))
        .call("mcp-structured", "mcp__lab__structured", json!({}))
        .call("agent", "Agent", agent)
        .thread("ERRAND", errand)
}

fn finished(tour: &'static LazyLock<Result<Tour, String>>) -> &'static Tour {
    match &**tour {
        Ok(tour) => tour,
        Err(problem) => panic!("{problem}"),
    }
}

/// Nothing sent, nothing kept; and without the prefix it was sent, so that the path was really visited.
fn nothing_passes(path: &str) {
    let (tour, bare) = (finished(&PREFIXED), finished(&BARE));
    let sent = tour.evidence.on_wire(&tour.secrets[path]);
    assert!(sent.is_empty(), "{path}: sent in {}\n{}", places(&sent), tour.evidence.account());
    let kept = tour.evidence.on_disk(&tour.secrets[path]);
    assert!(kept.is_empty(), "{path}: still in {}\n{}", places(&kept), tour.evidence.account());
    // Its beginning: some come in parts.
    let control = bare.evidence.on_wire(bare.secrets[path].get(..9).unwrap_or_default());
    assert!(
        !control.is_empty(),
        "{path}: the control is void: {}\n{}",
        bare.evidence.tool_result_text(path),
        bare.evidence.account()
    );
}

/// And the result of the call has the placeholder in it, and what else was said.
fn is_redacted(path: &str, also: &str) {
    nothing_passes(path);
    let result = finished(&PREFIXED).evidence.tool_result_text(path);
    let beginning: String = result.chars().take(600).collect();
    assert!(result.contains("stanch_github_pat"), "{path}: no placeholder in {beginning}");
    assert!(result.contains(also), "{path}: no '{also}' in {beginning}");
}

#[test]
fn what_a_command_writes_is_redacted_on_both_streams() {
    is_redacted("stdout", "token: ");
    is_redacted("stderr", "token: ");
}

#[test]
fn what_a_failed_command_writes_is_redacted_and_its_status_is_told() {
    is_redacted("failed", "Exit code 3");
    is_redacted("unfinished", "token: ");
    assert!(finished(&PREFIXED).evidence.tool_result("failed").is_some_and(|result| result["is_error"] == true));
}

#[test]
fn what_a_test_runner_compares_is_redacted() {
    is_redacted("test-runner", "AssertionError");
}

#[test]
fn what_curl_shows_of_a_failed_request_is_redacted() {
    is_redacted("curl", "The requested URL returned error");
}

#[test]
fn a_secret_in_colours_or_in_parts_is_redacted() {
    is_redacted("coloured", "token: ");
    is_redacted("in-parts", "token: ");
}

#[test]
fn the_file_that_holds_a_large_output_is_clean() {
    is_redacted("large", "nothing happened here");
}

#[test]
fn the_output_of_a_background_command_is_clean_when_it_is_read() {
    is_redacted("background", "token: ");
    nothing_passes("background-failed");
    let result = finished(&PREFIXED).evidence.tool_result_text("background");
    assert!(result.matches("stanch_github_pat").count() >= 2, "one of both was not read");
}

#[test]
fn the_events_of_a_monitor_are_redacted() {
    nothing_passes("monitor");
    let told = finished(&PREFIXED).evidence.on_wire("task-notification");
    assert!(!told.is_empty(), "no event was told");
}

#[test]
fn what_an_mcp_server_answers_is_redacted() {
    is_redacted("mcp-text", "stanch");
    is_redacted("mcp-structured", "value");
}

#[test]
fn what_an_mcp_server_reports_as_an_error_is_redacted() {
    is_redacted("mcp-fail", "refused for");
}

/// The client measures a large result, and spills it to a file, before any hook runs.
#[test]
fn a_large_answer_of_an_mcp_server_is_clean_before_the_client_measures_it() {
    nothing_passes("mcp-large");
    nothing_passes("mcp-huge");
}

#[test]
fn a_subagents_commands_are_redacted_too() {
    is_redacted("agent-failed", "Exit code 9");
    is_redacted("agent-background", "token: ");
    is_redacted("agent-mcp", "refused for");
}

/// A command in a prompt's template runs before any hook.
#[test]
fn a_command_in_a_slash_command_is_redacted() -> Result<()> {
    let visit = |prefixed: bool| {
        let secret = Seed::fresh().github_pat();
        let mut playground = Playground::new()?;
        playground.write("a.txt", &format!("token: {secret}\n"))?;
        playground
            .write(".claude/commands/show.md", "---\nallowed-tools: Bash(cat:*)\n---\nIt says: !`cat a.txt`\n")?;
        let session = Session::new(playground, Script::default()).prompt("/show");
        Ok::<_, anyhow::Error>((if prefixed { session.prefixed()? } else { session }.run()?, secret))
    };
    let (bare, secret) = visit(false)?;
    assert!(!bare.on_wire(&secret).is_empty(), "the control is void\n{}", bare.account());
    let (evidence, secret) = visit(true)?;
    assert!(evidence.on_wire(&secret).is_empty() && evidence.on_disk(&secret).is_empty(), "{}", evidence.account());
    assert!(!evidence.on_wire("stanch_github_pat").is_empty(), "{}", evidence.account());
    Ok(())
}

/// A command that the person types with `!` is no tool call: no tool hook sees it.
#[test]
fn a_command_that_is_typed_is_redacted() -> Result<()> {
    let visit = |prefixed: bool| {
        let secret = Seed::fresh().github_pat();
        let mut playground = Playground::new()?;
        playground.write("a.txt", &format!("token: {secret}\n"))?;
        let session = Session::new(playground, Script::default());
        let session = if prefixed { session.prefixed()? } else { session };
        let evidence = session.in_terminal(|terminal, _| {
            terminal.press(&["!", "cat a.txt; exit 3"])?;
            terminal.wait_for("cat a.txt; exit 3")?;
            terminal.press(&["Enter"])?;
            // The model is told of it, and answers.
            terminal.wait_for("Done.")
        });
        Ok::<_, anyhow::Error>((evidence?, secret))
    };
    let (bare, secret) = visit(false)?;
    assert!(!bare.on_wire(&secret).is_empty(), "the control is void\n{}", bare.account());
    let (evidence, secret) = visit(true)?;
    assert!(evidence.on_wire(&secret).is_empty() && evidence.on_disk(&secret).is_empty(), "{}", evidence.account());
    assert!(!evidence.on_wire("stanch_github_pat").is_empty(), "{}", evidence.account());
    Ok(())
}
