//! `record-other-fixtures DIR`: writes real hook events of the other agents to `DIR/<agent>/<event>/<case>.in.json`, as
//! `record-fixtures` does for Claude Code.
#![allow(clippy::print_stdout, reason = "a command for people: it says what it wrote")]

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use stanch_e2e::fixture::neutral;
use stanch_e2e::mcp::Answers;
use stanch_e2e::{Agent, Evidence, Hooks, OtherSession, Playground, Script, Seed};

/// Event, call in the script (none: the event has no call), and the file it becomes.
const CODEX: [(&str, &str, &str); 11] = [
    ("SessionStart", "", "session-start/startup"),
    ("UserPromptSubmit", "", "user-prompt-submit/prompt"),
    ("PreToolUse", "argument", "pre-tool-use/shell"),
    ("PreToolUse", "patch", "pre-tool-use/apply-patch"),
    ("PreToolUse", "mcp-argument", "pre-tool-use/mcp"),
    ("PreToolUse", "clean", "pre-tool-use/clean"),
    ("PostToolUse", "output", "post-tool-use/shell"),
    ("PostToolUse", "failed", "post-tool-use/shell-failed"),
    ("PostToolUse", "clean", "post-tool-use/clean"),
    ("PostToolUse", "text", "post-tool-use/mcp-text"),
    ("PostToolUse", "structured", "post-tool-use/mcp-structured"),
];

/// The same of Qwen Code.
const QWEN: [(&str, &str, &str); 8] = [
    ("SessionStart", "", "session-start/startup"),
    ("UserPromptSubmit", "", "user-prompt-submit/prompt"),
    ("PreToolUse", "argument", "pre-tool-use/shell"),
    ("PreToolUse", "clean", "pre-tool-use/clean"),
    ("PostToolUse", "output", "post-tool-use/shell"),
    ("PostToolUse", "file", "post-tool-use/read-file"),
    ("PostToolBatch", "failed", "post-tool-batch/shell-failed"),
    ("PostToolBatch", "clean", "post-tool-batch/clean"),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["mcp", answers, notes] => Answers::read(Path::new(answers), Path::new(notes))?
            .serve(std::io::stdin().lock(), std::io::stdout().lock()),
        [folder] => {
            record(Agent::Codex, &CODEX, &Path::new(folder).join("codex"))?;
            record(Agent::Qwen, &QWEN, &Path::new(folder).join("qwen"))
        }
        _ => bail!("usage: record-other-fixtures DIR"),
    }
}

fn record(agent: Agent, cases: &[(&str, &str, &str)], folder: &Path) -> Result<()> {
    let mut seed = Seed::fixed(20_261_126);
    let (github, password) = (seed.github_pat_with_wrong_checksum(), seed.password());
    let mut playground = Playground::new()?;
    playground.write("app.env", &format!("DB_USER=app\nDB_PASSWORD={password}\nGITHUB_TOKEN={github}\nPORT=8080\n"))?;
    let path = playground.project().join("app.env").display().to_string();
    let shell = |command: &str| agent.shell(command);
    let (tool, read) = shell("cat app.env; sleep 0.3");
    let script = Script::default()
        .call("output", tool, read)
        .call("failed", tool, shell("cat app.env; sleep 0.3; exit 3").1)
        .call("clean", tool, shell("echo done; sleep 0.3").1)
        .call("argument", tool, shell(&format!("GITHUB_TOKEN={github} sh ./deploy.sh")).1);
    let script = match agent {
        Agent::Codex => script
            .call("text", "mcp__lab__text", json!({}))
            .call("structured", "mcp__lab__structured", json!({}))
            .call("mcp-argument", "mcp__lab__echo", json!({"text": format!("log in with {github}")}))
            .call(
                "patch",
                "apply_patch",
                json!(format!("*** Begin Patch\n*** Add File: a.env\n+T={github}\n*** End Patch")),
            ),
        Agent::Qwen => script.call("file", "read_file", json!({"file_path": path})),
    };
    let observed = playground.aside("events");
    fs::create_dir(&observed)?;
    let mut events: Vec<&str> = cases.iter().map(|(event, ..)| *event).collect();
    events.dedup();
    let hooks = events.iter().fold(Hooks::none(), |hooks, event| hooks.observed_by(agent, event, &observed));
    let own = std::env::current_exe()?.display().to_string();
    let answers = json!({"text": format!("GITHUB_TOKEN={github}"), "structured": github});
    let session = OtherSession::new(agent, playground, script).hooks(hooks);
    let session = session.prompt(&format!("deploy with {github}")).mcp(&[&own, "mcp"], &answers)?;
    let (evidence, playground) = session.run_and_keep()?;
    for (event, call, case) in cases {
        let text = observed_event(&evidence, event, call);
        let text = text.with_context(|| format!("no event for {case}\n{}", evidence.account()))?;
        let path = folder.join(format!("{case}.in.json"));
        fs::create_dir_all(path.parent().context("a case has an event")?)?;
        fs::write(&path, fixed(&text, agent, &playground)?)?;
        println!("{}", path.display());
    }
    ensure!(!cases.is_empty(), "nothing to record");
    Ok(())
}

/// What changes with the run and is not named in every event: the transcript's place, process groups, file names.
fn fixed(text: &str, agent: Agent, playground: &Playground) -> Result<String> {
    let event: Value = serde_json::from_str(text)?;
    let transcript = event["transcript_path"].as_str().unwrap_or_default().to_owned();
    let config = playground.config().display().to_string();
    let home = format!("/home/dev/.{}", agent.name());
    let session = format!("{home}/sessions/00000000-0000-4000-8000-000000000000.jsonl");
    let exchanges = [(transcript.as_str(), session.as_str()), (config.as_str(), home.as_str())];
    let exchanges: Vec<(&str, &str)> = exchanges.into_iter().filter(|(from, _)| !from.is_empty()).collect();
    neutral(text, playground, &exchanges)
}

/// The event of a call as the observer kept it.
fn observed_event(evidence: &Evidence, event: &str, call: &str) -> Option<String> {
    let id = format!("toolu_{call}");
    let of_call = |value: &Value| {
        call.is_empty() && value["prompt"] != ""
            || value["tool_call_id"] == id.as_str()
            || value["tool_use_id"] == id.as_str()
    };
    let texts = evidence.aside.iter().filter(|(path, _)| path.starts_with("events"));
    let mut texts = texts.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
    texts.find(|text| {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return false };
        value["hook_event_name"] == event && (of_call(&value) || of_call(&value["tool_calls"][0]) && !call.is_empty())
    })
}
