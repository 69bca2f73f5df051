//! `record-fixtures DIR`: writes real hook events of the pinned client to `DIR/<event>/<case>.in.json`.
//!
//! The client runs against the scripted endpoint with observers for hooks. The secrets in the events are made up, the
//! same in every recording, and have wrong checksums where their kind has one.
//!
//! `record-fixtures mcp ANSWERS NOTES` is the MCP server of the recording: one executable is enough for
//! `cargo run -p stanch-e2e --bin record-fixtures -- DIR`.
#![allow(clippy::print_stdout, reason = "a command for people: it says what it wrote")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use stanch_e2e::fixture::neutral;
use stanch_e2e::mcp::Answers;
use stanch_e2e::web_page::WebPage;
use stanch_e2e::{Evidence, Hooks, Playground, Script, Seed, Session, Turn};

/// Event, call in the script (none: the event has no call), and the file it becomes.
const CASES: [(&str, &str, &str); 20] = [
    ("PostToolUse", "bash-env-dump", "post-tool-use/bash-env-dump"),
    ("PostToolUse", "bash-stderr", "post-tool-use/bash-stderr"),
    ("PostToolUse", "bash-large", "post-tool-use/bash-large"),
    ("PostToolUse", "read-text", "post-tool-use/read-text"),
    ("PostToolUse", "read-notebook", "post-tool-use/read-notebook"),
    ("PostToolUse", "grep-content", "post-tool-use/grep-content"),
    ("PostToolUse", "glob", "post-tool-use/glob"),
    ("PostToolUse", "write", "post-tool-use/write"),
    ("PostToolUse", "edit", "post-tool-use/edit"),
    ("PostToolUse", "mcp-text", "post-tool-use/mcp-text"),
    ("PostToolUse", "mcp-structured", "post-tool-use/mcp-structured"),
    ("PostToolUse", "agent", "post-tool-use/agent"),
    ("PostToolUse", "webfetch", "post-tool-use/webfetch"),
    ("PreToolUse", "bash", "pre-tool-use/bash"),
    ("PreToolUse", "write", "pre-tool-use/write"),
    ("PreToolUse", "edit", "pre-tool-use/edit"),
    ("PreToolUse", "webfetch", "pre-tool-use/webfetch"),
    ("PreToolUse", "mcp", "pre-tool-use/mcp"),
    ("PreToolUse", "agent", "pre-tool-use/agent"),
    ("SessionStart", "", "session-start/startup"),
];

/// The same for the second recording, in a terminal: what happens around prompts.
const AROUND: [(&str, &str, &str); 8] = [
    ("UserPromptSubmit", "", "user-prompt-submit/prompt"),
    ("PostToolUseFailure", "failed", "post-tool-use-failure/bash"),
    ("PostToolBatch", "failed", "post-tool-batch/bash"),
    ("InstructionsLoaded", "", "instructions-loaded/nested"),
    ("SubagentStop", "", "subagent-stop/general-purpose"),
    ("PreCompact", "", "pre-compact/manual"),
    ("ConfigChange", "", "config-change/project"),
    ("SessionEnd", "", "session-end/exit"),
];

/// The made-up secrets of a recording.
struct Secrets {
    github: String,
    grafana: String,
    password: String,
    url: String,
}

impl Secrets {
    fn made_up() -> Self {
        let mut seed = Seed::fixed(20_261_123);
        let password = seed.password();
        let url = format!("postgres://app:{}@db.internal:5432/app", seed.password());
        let grafana = seed.grafana_token_with_wrong_checksum();
        Self { github: seed.github_pat_with_wrong_checksum(), grafana, password, url }
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["mcp", answers, notes] => Answers::read(Path::new(answers), Path::new(notes))?
            .serve(std::io::stdin().lock(), std::io::stdout().lock()),
        [folder] => record(Path::new(folder)),
        _ => bail!("usage: record-fixtures DIR"),
    }
}

fn record(folder: &Path) -> Result<()> {
    let secrets = Secrets::made_up();
    let mut playground = Playground::new()?;
    plant(&mut playground, &secrets)?;
    let page = WebPage::serve(
        &playground.aside("page"),
        &format!("setup?token={}", secrets.grafana),
        "The service listens on port 8080.\n",
    )?;
    let script = calls_with_results(Script::default(), &playground, &secrets);
    let script = calls_with_arguments(script, &page, &secrets);
    let script = script
        .thread("ERRAND", vec![Turn::Says(format!("The deploy token is {}.", secrets.github))])
        .thread("Web page content", vec![Turn::Says(format!("Connect with {}.", secrets.url))]);
    let observed = playground.aside("events");
    fs::create_dir(&observed)?;
    let hooks =
        ["SessionStart", "PreToolUse", "PostToolUse"].into_iter().fold(Hooks::none(), |h, e| h.observed(e, &observed));
    let own = std::env::current_exe()?.display().to_string();
    let answers = json!({"text": format!("GITHUB_TOKEN={}", secrets.github), "structured": secrets.grafana});
    let session = Session::new(playground, script).hooks(hooks).env("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    let (evidence, playground) = session.mcp(&[&own, "mcp"], &answers)?.run_and_keep()?;
    let wrong = write_all(&CASES, folder, &evidence, &playground, &[(&page.origin(), "https://docs.example.com")])?;
    ensure!(wrong.is_empty(), "no event for {}\n{}", wrong.join(", "), evidence.account());
    record_around(folder, &secrets)
}

fn record_around(folder: &Path, secrets: &Secrets) -> Result<()> {
    let mut playground = Playground::new()?;
    let nested = playground.write("service/main.py", "import os\n")?;
    playground.write("service/CLAUDE.md", "Run `make test` first.\n")?;
    playground.write("app.env", &format!("GITHUB_TOKEN={}\n", secrets.github))?;
    let errand = json!({
        "description": "An errand", "prompt": "ERRAND: look around", "subagent_type": "general-purpose",
        "run_in_background": false,
    });
    let script = Script::default()
        .call("failed", "Bash", json!({"command": "cat app.env; exit 3", "description": "Show the environment"}))
        .call("nested", "Read", json!({"file_path": nested}))
        .call("errand", "Agent", errand)
        .says("It is done.")
        .thread("ERRAND", vec![Turn::Says("Nothing there.".to_owned())])
        .request("Respond with TEXT ONLY", vec![Turn::Says("<summary>An errand.</summary>".to_owned())]);
    let observed = playground.aside("events");
    fs::create_dir(&observed)?;
    let events: BTreeSet<&str> = AROUND.iter().map(|(event, ..)| *event).collect();
    let hooks = events.iter().fold(Hooks::none(), |hooks, event| hooks.observed(event, &observed));
    let prompt = format!("log in with {}", secrets.github);
    let session = Session::new(playground, script).hooks(hooks);
    let (evidence, playground) = session.in_terminal_and_keep(|terminal, playground| {
        terminal.say(&prompt)?;
        terminal.wait_for("It is done.")?;
        fs::create_dir(playground.project().join(".claude"))?;
        fs::write(playground.project().join(".claude/settings.json"), "{\"includeCoAuthoredBy\":false}")?;
        let seen = |event: &str| -> Result<bool> {
            let files = fs::read_dir(playground.aside("events"))?;
            Ok(files.flatten().any(|file| file.file_name().to_string_lossy().starts_with(event)))
        };
        let start = Instant::now();
        while !seen("ConfigChange")? && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(200));
        }
        terminal.say("/compact")?;
        terminal.wait_for("Compacted")?;
        terminal.say("/exit")?;
        let start = Instant::now();
        while !seen("SessionEnd")? && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    })?;
    let wrong = write_all(&AROUND, folder, &evidence, &playground, &[])?;
    ensure!(wrong.is_empty(), "no event for {}\n{}", wrong.join(", "), evidence.account());
    Ok(())
}

fn plant(playground: &mut Playground, secrets: &Secrets) -> Result<()> {
    let Secrets { github, grafana, password, url } = secrets;
    let env = format!(
        "PATH=/usr/local/bin:/usr/bin:/bin\nHOME=/home/dev\nLANG=C.UTF-8\nNODE_ENV=production\n\
         GIT_COMMIT=5f2b6c1e9d3a47808c1b2f4e6a9d0c7b3e5f1a28\nBUILD_ID=3d1f0c52-8a7e-4b6d-9c55-0e2f7a1b4c88\n\
         DB_HOST=db.internal\nDB_USER=app\nDB_PASSWORD={password}\nDATABASE_URL={url}\n\
         GITHUB_TOKEN={github}\nGRAFANA_TOKEN={grafana}\nPORT=8080\n"
    );
    let filler = "2026-01-01T00:00:00Z INFO request served in 12 ms\n".repeat(400);
    let source = ["import os\n".to_owned(), format!("os.environ['GRAFANA_TOKEN'] = '{grafana}'\n")];
    let cell = json!({"cell_type": "code", "id": "c1", "metadata": {}, "outputs": [], "execution_count": null, "source": source});
    let notebook = json!({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    playground.write("app.env", &env)?;
    playground.write("app.log", &format!("{filler}WARN cannot reach {url}\n{filler}"))?;
    playground.write("settings.ini", &format!("[db]\nuser = app\npassword = {password}\ntimeout = 30\n"))?;
    playground.write("explore.ipynb", &notebook.to_string())?;
    playground.write(&format!("keys/{github}.txt"), "revoked\n")?;
    playground.write("deploy.sh", "#!/bin/sh\nexit 0\n")?;
    Ok(())
}

/// Calls whose results hold the secrets.
fn calls_with_results(script: Script, playground: &Playground, secrets: &Secrets) -> Script {
    let path = |name: &str| playground.project().join(name).display().to_string();
    let bash = |command: &str, description: &str| json!({"command": command, "description": description});
    let content = format!("[grafana]\ntoken = {}\n", secrets.grafana);
    let (old, new) = ("timeout = 30", format!("timeout = 60\nurl = {}", secrets.url));
    script
        .call("bash-env-dump", "Bash", bash("env -i $(cat app.env) env", "Show the environment"))
        .call("bash-stderr", "Bash", bash("echo done; grep TOKEN app.env >&2", "Show tokens"))
        .call("bash-large", "Bash", bash("cat app.log", "Show the log"))
        .call("read-text", "Read", json!({"file_path": path("settings.ini")}))
        .call("read-notebook", "Read", json!({"file_path": path("explore.ipynb")}))
        .call(
            "grep-content",
            "Grep",
            json!({"pattern": "TOKEN", "path": path("app.env"), "output_mode": "content", "-n": true}),
        )
        .call("glob", "Glob", json!({"pattern": "keys/*.txt"}))
        .call("write", "Write", json!({"file_path": path("grafana.ini"), "content": content}))
        .call("edit", "Edit", json!({"file_path": path("settings.ini"), "old_string": old, "new_string": new}))
        .call("mcp-text", "mcp__lab__text", json!({}))
        .call("mcp-structured", "mcp__lab__structured", json!({}))
}

/// Calls whose arguments hold the secrets.
fn calls_with_arguments(script: Script, page: &WebPage, secrets: &Secrets) -> Script {
    let command = format!("GRAFANA_TOKEN={} sh ./deploy.sh --url '{}'", secrets.grafana, secrets.url);
    let prompt = format!("ERRAND: find out where the token {} is used", secrets.github);
    let agent = json!({
        "description": "Find a token", "prompt": prompt, "subagent_type": "general-purpose", "run_in_background": false,
    });
    script
        .call("bash", "Bash", json!({"command": command, "description": "Deploy"}))
        .call("mcp", "mcp__lab__echo", json!({"text": format!("log in as app with password={}", secrets.password)}))
        .call("agent", "Agent", agent)
        .call("webfetch", "WebFetch", json!({"url": page.url(), "prompt": "How do I connect?"}))
}

/// Writes the fixtures and gives the cases for which no event came.
fn write_all(
    cases: &[(&'static str, &'static str, &'static str)],
    folder: &Path,
    evidence: &Evidence,
    playground: &Playground,
    also: &[(&str, &str)],
) -> Result<Vec<&'static str>> {
    let mut missing = Vec::new();
    for (event, call, case) in cases.iter().copied() {
        let Some(text) = observed(evidence, event, call) else {
            missing.push(case);
            continue;
        };
        let path = folder.join(format!("{case}.in.json"));
        fs::create_dir_all(path.parent().context("a case has an event")?)?;
        fs::write(&path, neutral(&text, playground, also)?)?;
        println!("{}", path.display());
    }
    Ok(missing)
}

/// The event of a call as the observer kept it.
fn observed(evidence: &Evidence, event: &str, call: &str) -> Option<String> {
    let id = format!("toolu_{call}");
    let is = |value: &Value| value["tool_use_id"] == id.as_str();
    let of_call = |value: &Value| call.is_empty() || is(value) || is(&value["tool_calls"][0]);
    let texts = evidence.aside.iter().filter(|(path, _)| path.starts_with("events"));
    let mut texts = texts.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    texts.find(|text| serde_json::from_str(text).is_ok_and(|v: Value| v["hook_event_name"] == event && of_call(&v)))
}
