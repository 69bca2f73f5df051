//! What tools give back: with the hooks no secret in it reaches the model or stays on disk; without them it does both,
//! which shows that these tests can fail.
//!
//! One session with hooks and one without visit every path in turn, each path with a secret of its own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anyhow::Result;
use serde_json::json;
use stanch_e2e::evidence::places;
use stanch_e2e::{Call, Evidence, Hooks, Playground, Script, Seed, Session, Turn};

static WITH_HOOKS: LazyLock<Result<Tour, String>> = LazyLock::new(|| tour(Hooks::stanch()));
static WITHOUT_HOOKS: LazyLock<Result<Tour, String>> = LazyLock::new(|| tour(Ok(Hooks::none())));

/// A finished session and the secret of each path.
struct Tour {
    secrets: BTreeMap<&'static str, String>,
    evidence: Evidence,
}

/// The paths. Each names a secret; most name the tool call whose result carries it.
const PATHS: [&str; 14] = [
    "bash-stdout",
    "bash-stderr",
    "bash-password",
    "bash-large-head",
    "bash-large-middle",
    "read-text",
    "read-notebook",
    "grep",
    "glob",
    "edit",
    "mcp-text",
    "mcp-structured",
    "agent-errand",
    "agent-report",
];

fn tour(hooks: Result<Hooks>) -> Result<Tour, String> {
    hooks.and_then(walk).map_err(|problem| format!("{problem:#}"))
}

fn walk(hooks: Hooks) -> Result<Tour> {
    let mut seed = Seed::fresh();
    let mut secrets: BTreeMap<_, _> = PATHS.into_iter().map(|path| (path, seed.github_pat())).collect();
    secrets.insert("bash-password", seed.password());
    let mut playground = Playground::new()?;
    plant(&mut playground, &secrets)?;
    let script = script(&playground, &secrets);
    let answers = json!({"text": secrets["mcp-text"], "structured": secrets["mcp-structured"]});
    let server = [env!("CARGO_BIN_EXE_mcp-server")];
    let evidence = Session::new(playground, script).hooks(hooks).mcp(&server, &answers)?.run()?;
    Ok(Tour { secrets, evidence })
}

fn plant(playground: &mut Playground, secrets: &BTreeMap<&str, String>) -> Result<()> {
    let filler = "2026-01-01 00:00:00 nothing happened here\n".repeat(500);
    let large = format!("{} {filler}{} {filler}", secrets["bash-large-head"], secrets["bash-large-middle"]);
    let source = [format!("token = '{}'\n", secrets["read-notebook"])];
    let cell = json!({"cell_type": "code", "id": "c1", "metadata": {}, "outputs": [], "execution_count": null, "source": source});
    let notebook = json!({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    playground.write("stdout.txt", &format!("token: {}\n", secrets["bash-stdout"]))?;
    playground.write("stderr.txt", &format!("token: {}\n", secrets["bash-stderr"]))?;
    playground.write("app.env", &format!("DB_HOST=db\nDB_PASSWORD={}\nDB_PORT=5432\n", secrets["bash-password"]))?;
    playground.write("large.log", &large)?;
    playground.write("notes.txt", &format!("first line\ntoken: {}\nlast line\n", secrets["read-text"]))?;
    playground.write("notes.ipynb", &notebook.to_string())?;
    playground.write("found.txt", &format!("needle {}\n", secrets["grep"]))?;
    playground.write(&format!("globbed/key-{}.txt", secrets["glob"]), "nothing\n")?;
    playground.write("edited.ini", &format!("color = red\ntoken = {}\n", secrets["edit"]))?;
    playground.write("errand.txt", &format!("token: {}\n", secrets["agent-errand"]))?;
    Ok(())
}

fn script(playground: &Playground, secrets: &BTreeMap<&str, String>) -> Script {
    let path = |name: &str| playground.project().join(name).display().to_string();
    let bash = |command: &str| json!({"command": command, "description": "look"});
    let edit = json!({"file_path": path("edited.ini"), "old_string": "color = red", "new_string": "color = blue"});
    let agent = json!({
        "description": "errand", "prompt": "ERRAND: look into errand.txt", "subagent_type": "general-purpose",
        "run_in_background": false,
    });
    let errand = vec![
        Turn::Calls(vec![Call::new("agent-errand", "Bash", bash("cat errand.txt"))]),
        Turn::Says(format!("It says {}.", secrets["agent-report"])),
    ];
    Script::default()
        .call("bash-stdout", "Bash", bash("cat stdout.txt"))
        .call("bash-stderr", "Bash", bash("cat stderr.txt >&2"))
        .call("bash-password", "Bash", bash("cat app.env"))
        .call("bash-large", "Bash", bash("cat large.log"))
        .call("read-text", "Read", json!({"file_path": path("notes.txt")}))
        .call("read-notebook", "Read", json!({"file_path": path("notes.ipynb")}))
        .call("grep", "Grep", json!({"pattern": "needle", "path": path("found.txt"), "output_mode": "content"}))
        .call("glob", "Glob", json!({"pattern": "globbed/*.txt"}))
        .call("edit-read", "Read", json!({"file_path": path("edited.ini")}))
        .call("edit", "Edit", edit)
        .call("mcp-text", "mcp__lab__text", json!({}))
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

/// The whole promise about a path: nothing sent, nothing kept, and a placeholder in the result of the call.
fn nothing_remains(path: &str, call: &str) {
    nothing_is_sent(path, call);
    let tour = finished(&WITH_HOOKS);
    let kept = tour.evidence.on_disk(&tour.secrets[path]);
    assert!(kept.is_empty(), "{path}: still in {}\n{}", places(&kept), tour.evidence.account());
}

/// The part about the model: nothing sent, and a placeholder in the result of the call.
fn nothing_is_sent(path: &str, call: &str) {
    let tour = finished(&WITH_HOOKS);
    let sent = tour.evidence.on_wire(&tour.secrets[path]);
    assert!(sent.is_empty(), "{path}: sent in {}\n{}", places(&sent), tour.evidence.account());
    let result = tour.evidence.tool_result_text(call);
    let beginning: String = result.chars().take(400).collect();
    assert!(result.contains("stanch_"), "{path}: no placeholder in {beginning}\n{}", tour.evidence.account());
}

/// The control: without hooks the secret reaches the model.
fn is_sent_without_hooks(path: &str) {
    let tour = finished(&WITHOUT_HOOKS);
    let sent = tour.evidence.on_wire(&tour.secrets[path]);
    assert!(!sent.is_empty(), "{path}: the control is void\n{}", tour.evidence.account());
}

/// The control: without hooks the secret stays on disk.
fn is_kept_without_hooks(path: &str) {
    let tour = finished(&WITHOUT_HOOKS);
    let kept = tour.evidence.on_disk(&tour.secrets[path]);
    assert!(!kept.is_empty(), "{path}: the control is void\n{}", tour.evidence.account());
}

// With the hooks.

#[test]
fn a_secret_in_bash_stdout_is_neither_sent_nor_kept() {
    nothing_remains("bash-stdout", "bash-stdout");
}

#[test]
fn a_secret_in_bash_stderr_is_neither_sent_nor_kept() {
    nothing_remains("bash-stderr", "bash-stderr");
}

#[test]
fn a_password_without_a_format_in_bash_output_is_neither_sent_nor_kept() {
    nothing_remains("bash-password", "bash-password");
}

#[test]
fn a_secret_in_the_preview_of_a_large_bash_output_is_neither_sent_nor_kept() {
    nothing_remains("bash-large-head", "bash-large");
}

#[test]
fn a_secret_in_a_text_that_is_read_is_neither_sent_nor_kept() {
    nothing_remains("read-text", "read-text");
}

#[test]
fn a_secret_in_a_notebook_that_is_read_is_neither_sent_nor_kept() {
    nothing_remains("read-notebook", "read-notebook");
}

#[test]
fn a_secret_in_a_line_that_grep_finds_is_neither_sent_nor_kept() {
    nothing_remains("grep", "grep");
}

#[test]
fn a_secret_in_a_file_name_that_glob_finds_is_neither_sent_nor_kept() {
    nothing_remains("glob", "glob");
}

#[test]
fn a_secret_in_an_mcp_text_is_neither_sent_nor_kept() {
    nothing_remains("mcp-text", "mcp-text");
}

#[test]
fn a_secret_in_the_result_of_a_subagents_tool_is_neither_sent_nor_kept() {
    nothing_remains("agent-errand", "agent-errand");
}

/// The middle of a large output never goes to the model; the client spills it to a file before any hook runs.
#[test]
fn a_secret_in_the_middle_of_a_large_bash_output_does_not_stay_in_the_spill_file() {
    nothing_remains("bash-large-middle", "bash-large");
}

/// Edit's answer to the hooks, and from there to the transcript, holds the whole old file; the model gets one line.
#[test]
fn a_secret_in_a_file_that_is_edited_is_neither_sent_nor_kept() {
    nothing_remains("edit", "edit-read");
}

/// On disk it stays: see `known_leaks.rs`.
#[test]
fn a_secret_in_mcp_structured_content_is_not_sent() {
    nothing_is_sent("mcp-structured", "mcp-structured");
}

/// The subagent's own transcript keeps what its model wrote.
#[test]
fn a_secret_in_a_subagents_report_is_not_sent_to_the_main_conversation() {
    nothing_is_sent("agent-report", "agent");
}

// The controls.

#[test]
fn without_hooks_bash_stdout_is_sent_and_kept() {
    is_sent_without_hooks("bash-stdout");
    is_kept_without_hooks("bash-stdout");
}

#[test]
fn without_hooks_bash_stderr_is_sent_and_kept() {
    is_sent_without_hooks("bash-stderr");
    is_kept_without_hooks("bash-stderr");
}

#[test]
fn without_hooks_a_password_in_bash_output_is_sent_and_kept() {
    is_sent_without_hooks("bash-password");
    is_kept_without_hooks("bash-password");
}

#[test]
fn without_hooks_the_preview_of_a_large_bash_output_is_sent_and_kept() {
    is_sent_without_hooks("bash-large-head");
    is_kept_without_hooks("bash-large-head");
}

#[test]
fn without_hooks_a_text_that_is_read_is_sent_and_kept() {
    is_sent_without_hooks("read-text");
    is_kept_without_hooks("read-text");
}

#[test]
fn without_hooks_a_notebook_that_is_read_is_sent_and_kept() {
    is_sent_without_hooks("read-notebook");
    is_kept_without_hooks("read-notebook");
}

#[test]
fn without_hooks_a_line_that_grep_finds_is_sent_and_kept() {
    is_sent_without_hooks("grep");
    is_kept_without_hooks("grep");
}

#[test]
fn without_hooks_a_file_name_that_glob_finds_is_sent_and_kept() {
    is_sent_without_hooks("glob");
    is_kept_without_hooks("glob");
}

#[test]
fn without_hooks_a_file_that_is_read_and_edited_is_sent_and_kept() {
    is_sent_without_hooks("edit");
    is_kept_without_hooks("edit");
}

#[test]
fn without_hooks_an_mcp_text_is_sent_and_kept() {
    is_sent_without_hooks("mcp-text");
    is_kept_without_hooks("mcp-text");
}

#[test]
fn without_hooks_mcp_structured_content_is_sent_and_kept() {
    is_sent_without_hooks("mcp-structured");
    is_kept_without_hooks("mcp-structured");
}

#[test]
fn without_hooks_the_result_of_a_subagents_tool_is_sent_and_kept() {
    is_sent_without_hooks("agent-errand");
    is_kept_without_hooks("agent-errand");
}

#[test]
fn without_hooks_a_subagents_report_is_sent_and_kept() {
    is_sent_without_hooks("agent-report");
    is_kept_without_hooks("agent-report");
}

#[test]
fn without_hooks_the_middle_of_a_large_bash_output_is_kept() {
    is_kept_without_hooks("bash-large-middle");
}
