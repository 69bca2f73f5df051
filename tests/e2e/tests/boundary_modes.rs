//! More ways through the shell prefix, none of them stopped by a hook: hooks of the user's own in shell form, and a subagent
//! that does all that the main conversation does in command_boundary.rs.
//!
//! Each way has a secret of its own; one session with the prefix and one without visit all of them.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anyhow::Result;
use serde_json::{Value, json};
use stanch_e2e::evidence::places;
use stanch_e2e::{Call, Evidence, Hooks, Playground, Script, Seed, Session, Turn};

static PREFIXED: LazyLock<Result<Tour, String>> =
    LazyLock::new(|| tour(true).map_err(|problem| format!("{problem:#}")));
static BARE: LazyLock<Result<Tour, String>> = LazyLock::new(|| tour(false).map_err(|problem| format!("{problem:#}")));

/// A finished session and the secret of each way.
struct Tour {
    secrets: BTreeMap<&'static str, String>,
    evidence: Evidence,
}

/// Each names a secret, and the file that holds it.
const WAYS: [&str; 11] = [
    "hook-prompt",
    "hook-batch",
    "hook-refusal",
    "agent-failed",
    "agent-background",
    "agent-monitor",
    "agent-mcp",
    "agent-mcp-error",
    "agent-curl",
    "agent-runner",
    "agent-parallel",
];

/// Answers every request with 404, on a port that it writes down.
const SERVER: &str = "import http.server
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)
open('port', 'w').write(str(server.server_port))
server.handle_request()
";

/// Prints the key that it logged in with, and fails with status 3.
const RUNNER: &str = "import sys
print('login with', open('agent-runner').read())
print('FAILED (failures=1)', file=sys.stderr)
sys.exit(3)
";

fn bash(command: &str) -> Value {
    json!({"command": command, "description": "look"})
}

fn tour(prefixed: bool) -> Result<Tour> {
    let mut seed = Seed::fresh();
    let secrets: BTreeMap<_, _> = WAYS.into_iter().map(|way| (way, seed.github_pat())).collect();
    let mut playground = Playground::new()?;
    for (way, secret) in &secrets {
        playground.write(way, &format!("token: {secret}\n"))?;
    }
    playground.write("server.py", SERVER)?;
    playground.write("runner.py", RUNNER)?;
    // What a hook prints for a prompt is added to it; what it says of a call that it refuses goes to the model.
    let refuses = r#"grep -q REFUSE-ME && { cat "$CLAUDE_PROJECT_DIR/hook-refusal" >&2; exit 2; } || true"#;
    let context = r#"printf '{"hookSpecificOutput":{"hookEventName":"PostToolBatch","additionalContext":"%s"}}' "$(cat "$CLAUDE_PROJECT_DIR/hook-batch")""#;
    let hooks = Hooks::none()
        .in_shell_form("UserPromptSubmit", r#"cat "$CLAUDE_PROJECT_DIR/hook-prompt""#)
        .in_shell_form("PreToolUse", refuses)
        .in_shell_form("PostToolBatch", context);
    let answers = json!({
        "text": format!("here is {}", secrets["agent-mcp"]),
        "fail": format!("refused for {}", secrets["agent-mcp-error"]),
    });
    let session = Session::new(playground, script()).hooks(hooks).mcp(&[env!("CARGO_BIN_EXE_mcp-server")], &answers)?;
    let evidence = if prefixed { session.prefixed()? } else { session }.run()?;
    Ok(Tour { secrets, evidence })
}

fn script() -> Script {
    let curl = "python3 server.py 2>server.log & until [ -s port ]; do sleep 0.05; done; \
                curl -fsSv -H \"Authorization: Bearer $(sed 's/.* //' agent-curl)\" http://127.0.0.1:$(cat port)/";
    let outputs = "sleep 1; grep -hs '^token: ' $(find ../tmp -name '*.output')";
    let monitor = json!({
        "command": "cat agent-monitor; sleep 0.3; cat agent-monitor >&2", "description": "watch", "timeout_ms": 5000,
        "persistent": false,
    });
    let in_background = json!({
        "command": "cat agent-background; exit 2", "description": "look", "run_in_background": true,
    });
    let agent = json!({
        "description": "errand", "prompt": "ERRAND: look around", "subagent_type": "general-purpose", "run_in_background": false,
    });
    let call = |id: &str, tool: &str, input: Value| Turn::Calls(vec![Call::new(id, tool, input)]);
    let parallel = |id: &str, end: &str| Call::new(id, "Bash", bash(&format!("cat agent-parallel {end}")));
    let errand = vec![
        call("agent-failed", "Bash", bash("cat agent-failed >&2; exit 9")),
        call("agent-start", "Bash", in_background),
        call("agent-background", "Bash", bash(outputs)),
        call("agent-select", "ToolSearch", json!({"query": "select:Monitor"})),
        call("agent-monitor", "Monitor", monitor),
        call("agent-wait", "Bash", bash("sleep 2; echo waited")),
        call("agent-mcp", "mcp__lab__text", json!({})),
        call("agent-mcp-error", "mcp__lab__fail", json!({})),
        call("agent-curl", "Bash", bash(curl)),
        call("agent-runner", "Bash", bash("python3 runner.py")),
        Turn::Calls(vec![parallel("agent-parallel", ""), parallel("agent-parallel-failed", "nonexistent")]),
        Turn::Says("done".to_owned()),
    ];
    Script::default()
        .call("refused", "Bash", bash("echo REFUSE-ME"))
        .call("agent", "Agent", agent)
        .thread("ERRAND", errand)
}

fn finished(tour: &'static LazyLock<Result<Tour, String>>) -> &'static Tour {
    match &**tour {
        Ok(tour) => tour,
        Err(problem) => panic!("{problem}"),
    }
}

/// Nothing sent, nothing kept, the placeholder in its place; and without the prefix it was sent, so that the way was visited.
fn nothing_passes(way: &str) {
    let (tour, bare) = (finished(&PREFIXED), finished(&BARE));
    let sent = tour.evidence.on_wire(&tour.secrets[way]);
    assert!(sent.is_empty(), "{way}: sent in {}\n{}", places(&sent), tour.evidence.account());
    let kept = tour.evidence.on_disk(&tour.secrets[way]);
    assert!(kept.is_empty(), "{way}: still in {}\n{}", places(&kept), tour.evidence.account());
    let control = bare.evidence.on_wire(&bare.secrets[way]);
    assert!(!control.is_empty(), "{way}: the control is void\n{}", bare.evidence.account());
}

/// And the result of the call has the placeholder in it, and what else was said.
fn is_redacted(way: &str, also: &str) {
    nothing_passes(way);
    let result = finished(&PREFIXED).evidence.tool_result_text(way);
    assert!(result.contains("stanch_github_pat") && result.contains(also), "{way}: {result}");
}

#[test]
fn what_a_hook_of_the_users_own_adds_is_redacted() {
    nothing_passes("hook-prompt");
    nothing_passes("hook-batch");
    let added = finished(&PREFIXED).evidence.on_wire("token: stanch_github_pat");
    assert!(!added.is_empty(), "nothing was added");
}

#[test]
fn what_a_hook_of_the_users_own_refuses_with_is_redacted() {
    nothing_passes("hook-refusal");
    let result = finished(&PREFIXED).evidence.tool_result_text("refused");
    assert!(result.contains("stanch_github_pat"), "{result}");
}

#[test]
fn a_subagents_failed_commands_are_redacted() {
    is_redacted("agent-failed", "Exit code 9");
    is_redacted("agent-runner", "Exit code 3");
    is_redacted("agent-runner", "FAILED (failures=1)");
    is_redacted("agent-curl", "The requested URL returned error");
    is_redacted("agent-parallel", "token: ");
    let failed = finished(&PREFIXED).evidence.tool_result_text("agent-parallel-failed");
    assert!(failed.contains("stanch_github_pat") && failed.contains("nonexistent"), "{failed}");
}

#[test]
fn a_subagents_background_command_is_clean_when_its_output_is_read() {
    is_redacted("agent-background", "token: ");
}

#[test]
fn the_events_of_a_subagents_monitor_are_redacted() {
    nothing_passes("agent-monitor");
}

#[test]
fn what_an_mcp_server_answers_a_subagent_is_redacted() {
    is_redacted("agent-mcp", "here is ");
    is_redacted("agent-mcp-error", "refused for ");
}
