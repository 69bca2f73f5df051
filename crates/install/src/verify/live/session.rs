//! One start of the client, headless, and what came of it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use endpoint::{Endpoint, Request, Script};
use serde_json::{Value, json};

use super::Trial;
use super::trace::Trace;
use super::walls;
use super::world::World;

/// How the client is started.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// By itself.
    Plain,
    /// By `stanch run`.
    Guarded,
}

/// One session, before it starts.
pub struct Session<'t> {
    /// Where it runs.
    pub world: World,
    /// What the model says.
    pub script: Script,
    /// What the person says.
    pub prompt: String,
    /// How it is started.
    pub start: Start,
    /// Arguments beside those that every session has.
    pub arguments: Vec<&'static str>,
    /// What the MCP server answers, by tool.
    pub answers: Value,
    trial: &'t Trial<'t>,
}

/// What a session left.
pub struct Evidence {
    /// Every request, in the order in which they came.
    pub requests: Vec<Request>,
    /// What it left on disk, what it printed included.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// Whether it came to its end by itself.
    pub ended: bool,
    /// Its folder.
    pub world: World,
}

impl<'t> Session<'t> {
    /// A session in a folder of its own, with the settings that hold here.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(trial: &'t Trial<'t>) -> anyhow::Result<Self> {
        Ok(Self {
            world: trial.world()?,
            script: Script::default(),
            prompt: "go".to_owned(),
            start: Start::Plain,
            arguments: Vec::new(),
            answers: json!({}),
            trial,
        })
    }

    /// Runs it to its end, or ends it when it takes too long.
    ///
    /// # Errors
    /// The client cannot be started, or the scripted model cannot listen.
    pub fn run(self) -> anyhow::Result<Evidence> {
        let Self { world, script, prompt, start, arguments, answers, trial } = self;
        let tools = script.tools().join(",");
        let model = Endpoint::start(script)?;
        let client = &trial.client.path;
        let mut command = Command::new(if start == Start::Guarded { trial.how.stanch } else { client });
        if start == Start::Guarded {
            command.args(["run", "--"]).arg(client);
        }
        // A plugin that is installed is loaded by neither of these; one on the command line would be.
        if start == Start::Plain && !arguments.contains(&"--bare") {
            world.plugins.iter().for_each(|plugin| {
                command.arg("--plugin-dir").arg(plugin);
            });
        }
        command.args(arguments).args(["-p", &prompt, "--output-format", "stream-json", "--verbose"]);
        command.args(["--permission-mode", "acceptEdits", "--strict-mcp-config"]);
        if !tools.is_empty() {
            command.args(["--allowedTools", &tools]);
        }
        let walls = walls::environment(&model.url());
        // WebFetch asks its vendor about an address otherwise.
        let over = json!({ "skipWebFetchPreflight": true, "env": walls.iter().cloned().collect::<std::collections::BTreeMap<_, _>>() });
        command.args([OsString::from("--settings"), over.to_string().into()]);
        let servers = world.aside("servers.json");
        let answering = world.aside("answers.json");
        let server =
            json!({ "command": trial.how.stanch, "args": ["probe-server", answering, world.aside("told.jsonl")] });
        fs::write(&answering, answers.to_string())
            .and_then(|()| fs::write(&servers, json!({ "mcpServers": { SERVER: server } }).to_string()))
            .with_context(|| format!("writing {}", servers.display()))?;
        command.arg("--mcp-config").arg(servers);
        command.env_clear().envs(walls::inherited()).envs(walls).envs(world.environment());
        command.env("TERM", "dumb").current_dir(world.project()).stdin(Stdio::null());
        let printed = |stream: &str| File::create(world.printed(stream)).context("writing what the client prints");
        command.stdout(printed("stdout.jsonl")?).stderr(printed("stderr.txt")?);
        let child = command.spawn().with_context(|| {
            format!("{} cannot be started; name the executable of Claude Code with --client", client.display())
        })?;
        let ended = wait(child, trial.how.limit)?;
        let requests = model.stop();
        let files = world.left();
        Ok(Evidence { requests, files, ended, world })
    }
}

/// The MCP server's name.
pub const SERVER: &str = "stanch_probe";

impl Evidence {
    /// No request holds a probe.
    ///
    /// # Errors
    /// Which one does.
    pub fn sent_nothing_of(&self, trace: &Trace) -> Result<(), String> {
        let Some(at) = self.requests.iter().position(|request| holds(request, trace)) else { return Ok(()) };
        let Request { method, path, .. } = &self.requests[at];
        let route = path.split('?').next().unwrap_or_default();
        // The address itself may hold it.
        let route = if trace.is_in(route) { "an address" } else { route };
        Err(format!("the made-up secret was sent: request {} of {} ({method} {route})", at + 1, self.requests.len()))
    }

    /// No file that is left holds a probe.
    ///
    /// # Errors
    /// Which one does.
    pub fn kept_nothing_of(&self, trace: &Trace) -> Result<(), String> {
        let mut named = self.files.iter().map(|(path, bytes)| (path.to_string_lossy(), String::from_utf8_lossy(bytes)));
        let Some((name, _)) = named.find(|(name, text)| trace.is_in(name) || trace.is_in(text)) else { return Ok(()) };
        let name = if trace.is_in(&name) { "by its name".into() } else { name };
        Err(format!("the made-up secret stands in a file that the client keeps ({name})"))
    }

    /// Whether a plain text went to the model.
    pub fn shows(&self, text: &str) -> bool {
        self.questions().any(|request| request.body.contains(text))
    }

    /// The questions to the model.
    pub fn questions(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|request| request.is_message())
    }

    /// Whether the model has made this call.
    pub fn called(&self, id: &str) -> bool {
        self.requests.iter().any(|request| request.calls.iter().any(|call| call == id))
    }

    /// What the model was told that a call gave back; none if it was told nothing.
    pub fn result(&self, id: &str) -> Option<String> {
        let wanted = format!("toolu_{id}");
        let bodies = self.questions().map(Request::json);
        let blocks = bodies.flat_map(|mut body| match body["messages"].take() {
            Value::Array(messages) => messages,
            _ => Vec::new(),
        });
        let mut blocks = blocks.flat_map(|mut message| match message["content"].take() {
            Value::Array(blocks) => blocks,
            _ => Vec::new(),
        });
        let block = blocks.find(|block| block["type"] == "tool_result" && block["tool_use_id"] == wanted.as_str())?;
        Some(match &block["content"] {
            Value::String(text) => text.clone(),
            parts => parts.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str()).collect(),
        })
    }

    /// The same for a sentence.
    pub fn said(&self) -> String {
        match self.last_word() {
            word if word.is_empty() => "the client said nothing".to_owned(),
            word => format!("the client said '{word}'"),
        }
    }

    /// The last word of the client: the beginning of the result that it prints, or else of its complaints.
    pub fn last_word(&self) -> String {
        let text = |name: &str| {
            let file = self.files.iter().find(|(path, _)| path.to_str() == Some(name));
            file.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
        };
        let result = text("stdout.jsonl").lines().rev().find_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["type"] == "result").then(|| line["result"].as_str().unwrap_or_default().to_owned())
        });
        let result = result.map(|result| beginning(&result)).filter(|result| !result.is_empty());
        result.unwrap_or_else(|| beginning(&text("stderr.txt")))
    }
}

/// As much of a text as fits into a sentence.
pub fn beginning(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(200).collect()
}

fn holds(request: &Request, trace: &Trace) -> bool {
    [&request.path, &request.headers, &request.body].iter().any(|text| trace.is_in(text))
}

/// Waits for the end; whether it came by itself. A client that is asked to end takes its commands along.
fn wait(mut client: Child, limit: Duration) -> anyhow::Result<bool> {
    let end_by = |client: &mut Child, limit: Duration| -> std::io::Result<bool> {
        let start = Instant::now();
        while start.elapsed() < limit {
            if client.try_wait()?.is_some() {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(false)
    };
    if end_by(&mut client, limit)? {
        return Ok(true);
    }
    ask_to_end(&client);
    if !end_by(&mut client, Duration::from_secs(3))? {
        client.kill()?;
        client.wait()?;
    }
    Ok(false)
}

#[cfg(unix)]
fn ask_to_end(client: &Child) {
    let pid = i32::try_from(client.id()).ok().and_then(rustix::process::Pid::from_raw);
    let _ = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::TERM));
}

#[cfg(not(unix))]
fn ask_to_end(_client: &Child) {}
