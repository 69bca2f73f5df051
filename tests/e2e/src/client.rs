//! The real client, headless, in a world of its own.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use endpoint::{Endpoint, Script};
use serde_json::{Value, json};

use crate::evidence::Evidence;
use crate::hooks::Hooks;
use crate::playground::Playground;
use crate::repository;
use crate::terminal::Terminal;

/// No run of these tests takes a quarter of it.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the client has for a key.
const KEY: &str = "not-a-key";

/// One run of the client, before it starts.
pub struct Session {
    playground: Playground,
    script: Script,
    hooks: Hooks,
    prompt: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    mcp: Option<Value>,
    prefix: Option<PathBuf>,
    launcher: Vec<OsString>,
    before: Vec<Vec<String>>,
    folder: PathBuf,
}

impl Session {
    /// A session in which the model follows the script and every tool of the script is allowed.
    pub fn new(playground: Playground, script: Script) -> Self {
        Self {
            playground,
            script,
            hooks: Hooks::none(),
            prompt: "go".to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            mcp: None,
            prefix: None,
            launcher: Vec::new(),
            before: Vec::new(),
            folder: PathBuf::new(),
        }
    }

    /// In a folder of the project.
    pub fn in_folder(mut self, name: &str) -> Self {
        self.folder = PathBuf::from(name);
        self
    }

    /// With the shell prefix under test in the user's settings.
    pub fn prefixed(mut self) -> Result<Self> {
        self.prefix = Some(crate::executables::named("stanch-shell")?);
        Ok(self)
    }

    /// With this shell prefix in the user's settings.
    pub fn prefixed_by(mut self, prefix: &Path) -> Self {
        self.prefix = Some(prefix.to_owned());
        self
    }

    /// Started by `stanch run`, with all of stanch installed in the home and nothing of it in the settings.
    #[cfg(unix)]
    pub fn by_stanch_run(mut self) -> Result<Self> {
        let stanch = crate::executables::named("stanch")?;
        Hooks::all()?;
        let built = crate::executables::named("stanch-shell")?;
        let home = self.playground.root().join("home/.local/lib/stanch");
        fs::create_dir_all(&home)?;
        std::os::unix::fs::symlink(built.parent().context("it lies in a folder")?, home.join("bin"))?;
        self.launcher = vec![stanch.into(), "run".into(), "--".into()];
        Ok(self)
    }

    /// Started by these words, which are followed by the client's own command line: under a limit, on another disk.
    pub fn launched_by(mut self, words: &[&OsStr]) -> Self {
        self.launcher = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// After one of the client's own commands, such as `plugin install`.
    pub fn after(mut self, arguments: &[&str]) -> Self {
        self.before.push(arguments.iter().map(|word| (*word).to_owned()).collect());
        self
    }

    /// With these hooks in the user's settings.
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = hooks;
        self
    }

    /// With another prompt than "go".
    pub fn prompt(mut self, prompt: &str) -> Self {
        prompt.clone_into(&mut self.prompt);
        self
    }

    /// With one more argument, such as `--continue` for the session that ran last in this playground.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// With one more environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With the MCP server `lab`: `server` is its command line, `answers` what its tools say. What the server is told
    /// is noted in `mcp.jsonl` ([`Evidence::noted`]).
    pub fn mcp(mut self, server: &[&str], answers: &Value) -> Result<Self> {
        let (program, arguments) = server.split_first().context("an MCP server has a command")?;
        let answers = self.playground.write("mcp-answers.json", &answers.to_string())?;
        let mut arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        arguments.push(answers.display().to_string());
        arguments.push(self.playground.aside("mcp.jsonl").display().to_string());
        self.mcp = Some(json!({"mcpServers": {"lab": {"command": program, "args": arguments}}}));
        Ok(self)
    }

    /// The folder of everything, where the client's home and project lie.
    pub fn folder(&self) -> &Path {
        self.playground.root()
    }

    /// Runs the client to its end, or stops it when it takes too long.
    pub fn run(self) -> Result<Evidence> {
        Ok(self.run_and_keep()?.0)
    }

    /// The same, and the playground is still there.
    pub fn run_and_keep(self) -> Result<(Evidence, Playground)> {
        let program = locate()?;
        self.configure()?;
        for arguments in &self.before {
            let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let (done, said) = says(&self.playground, &words)?;
            ensure!(done, "claude {}:\n{said}", words.join(" "));
        }
        let tools = self.script.tools().join(",");
        let endpoint = Endpoint::start(self.script)?;
        let mut words = self.launcher.iter().cloned().chain([program.into()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command.args(["-p", &self.prompt, "--output-format", "stream-json", "--verbose"]);
        command.args(["--permission-mode", "acceptEdits"]);
        if !tools.is_empty() {
            command.args(["--allowedTools", &tools]);
        }
        command.args(&self.arguments);
        if self.mcp.is_some() {
            command.arg("--mcp-config").arg(self.playground.aside("mcp.json"));
        }
        enclose(&mut command, &self.playground, &endpoint.url());
        command.current_dir(self.playground.project().join(&self.folder));
        command.envs(self.environment);
        let exit = finish(command.spawn().context("the client does not start")?)?.and_then(|status| status.code());
        let requests = endpoint.stop();
        let (files, aside) = (self.playground.left_behind()?, self.playground.beside()?);
        Ok((Evidence { requests, files, aside, exit }, self.playground))
    }

    /// Runs the client in a terminal, where `act` does what a person would do.
    pub fn in_terminal(self, act: impl FnOnce(&Terminal, &Playground) -> Result<()>) -> Result<Evidence> {
        Ok(self.in_terminal_and_keep(act)?.0)
    }

    /// The same, and the playground is still there.
    pub fn in_terminal_and_keep(
        self,
        act: impl FnOnce(&Terminal, &Playground) -> Result<()>,
    ) -> Result<(Evidence, Playground)> {
        let program = locate()?;
        self.configure()?;
        let tools = self.script.tools().join(",");
        let endpoint = Endpoint::start(self.script)?;
        let mut command = Command::new(program);
        command.args(["--permission-mode", "acceptEdits", "--allowedTools", &tools]).args(&self.arguments);
        enclose(&mut command, &self.playground, &endpoint.url());
        command.current_dir(self.playground.project().join(&self.folder));
        command.envs(self.environment);
        let terminal = Terminal::start(&command)?;
        let acted = terminal.wait_for("accept edits on").and_then(|()| act(&terminal, &self.playground));
        drop(terminal);
        let requests = endpoint.stop();
        acted?;
        let (files, aside) = (self.playground.left_behind()?, self.playground.beside()?);
        Ok((Evidence { requests, files, aside, exit: None }, self.playground))
    }

    /// Writes what a person who has used the client before has on disk.
    fn configure(&self) -> Result<()> {
        let config = self.playground.config();
        let project = self.playground.project();
        let known = json!({
            "hasCompletedOnboarding": true, "numStartups": 5,
            "customApiKeyResponses": {"approved": [KEY], "rejected": []},
            "projects": {project.to_string_lossy(): {"hasTrustDialogAccepted": true}},
        });
        fs::write(config.join(".claude.json"), known.to_string())?;
        let mut settings = self.hooks.settings();
        settings["skipWebFetchPreflight"] = json!(true); // WebFetch else asks a service of its vendor about the address
        if let Some(prefix) = &self.prefix {
            settings["env"] = json!({"CLAUDE_CODE_SHELL_PREFIX": prefix});
        }
        fs::write(config.join("settings.json"), settings.to_string())?;
        if let Some(mcp) = &self.mcp {
            fs::write(self.playground.aside("mcp.json"), mcp.to_string())?;
        }
        Ok(())
    }
}

/// One of the client's own commands that ask no model: whether it was done, and what it said.
pub fn says(playground: &Playground, arguments: &[&str]) -> Result<(bool, String)> {
    let mut command = Command::new(locate()?);
    command.args(arguments);
    enclose(&mut command, playground, "http://127.0.0.1:1");
    let status = finish(command.spawn().context("the client does not start")?)?;
    let said = |name: &str| fs::read_to_string(playground.root().join(name));
    Ok((status.is_some_and(|status| status.success()), said("stdout.jsonl")? + &said("stderr.txt")?))
}

/// The client's executable: `STANCH_CLIENT`, or the one that `tests/client` pins.
pub fn locate() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("STANCH_CLIENT") {
        return Ok(PathBuf::from(path));
    }
    let packages = repository().join("tests/client/node_modules/@anthropic-ai");
    let platform = format!("claude-code-{}-{}", npm_os(), npm_arch());
    let names = [platform.clone(), format!("{platform}-musl")];
    let found = names.iter().map(|name| packages.join(name).join(npm_executable())).find(|path| path.is_file());
    match found {
        Some(path) => Ok(path),
        None => bail!(
            "the client is missing: no {platform} in tests/client/node_modules. \
             Install it with `./tests/run` (or `cd tests/client && npm ci`), or name one in STANCH_CLIENT."
        ),
    }
}

fn npm_os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

fn npm_arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn npm_executable() -> &'static str {
    if cfg!(windows) { "claude.exe" } else { "claude" }
}

/// Takes everything from the client but `PATH`, and gives it the playground instead.
fn enclose(command: &mut Command, playground: &Playground, endpoint: &str) {
    let root = playground.root();
    let output = |name: &str| File::create(root.join(name)).map_or_else(|_| Stdio::null(), Stdio::from);
    command.env_clear().current_dir(playground.project()).stdin(Stdio::null());
    command.stdout(output("stdout.jsonl")).stderr(output("stderr.txt"));
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("HOME", root.join("home")).env("CLAUDE_CONFIG_DIR", playground.config());
    command.env("TMPDIR", root.join("tmp")).env("CLAUDE_CODE_TMPDIR", root.join("tmp"));
    command.env("ANTHROPIC_BASE_URL", endpoint).env("ANTHROPIC_API_KEY", KEY);
    command.envs([("LANG", "C.UTF-8"), ("TERM", "dumb"), ("SHELL", "/bin/bash")]);
    for switch in ["DISABLE_TELEMETRY", "DISABLE_AUTOUPDATER", "DISABLE_ERROR_REPORTING"] {
        command.env(switch, "1");
    }
    command.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
}

/// Waits; `None` says that the client had to be killed.
pub(crate) fn finish(mut client: Child) -> Result<Option<ExitStatus>> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(status) = client.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    client.kill()?;
    client.wait()?;
    Ok(None)
}
