//! Stores of credentials as they are: each is started in a folder of its own, on loopback or on a bus of its own, and ended
//! with the test. What must be installed for that is installed by `./tests/run`; a test that lacks it fails and names it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub mod openbao;
pub mod secret_service;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use vault::{Environment, Reference, Vault};

/// `stanch`, as the variable names it or as cargo builds it.
static STANCH: LazyLock<PathBuf> = LazyLock::new(|| {
    if let Some(folder) = std::env::var_os("STANCH_HOOKS_DIR") {
        return PathBuf::from(folder).join("stanch");
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["build", "--package", "stanch", "--message-format", "json-render-diagnostics"];
    let output =
        Command::new(cargo).args(arguments).current_dir(repository()).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "cargo build --package stanch has failed");
    let lines = String::from_utf8(output.stdout).unwrap();
    let named = lines.lines().rev().find_map(|line| line.split("\"executable\":\"").nth(1)?.split('"').next());
    PathBuf::from(named.expect("cargo names what it has built"))
});

/// The repository that this package lies in.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

/// Fails with the name of what is to be installed.
pub fn needs(command: &str, package: &str) {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|folder| folder.join(command).is_file());
    assert!(found, "{command} is missing: ./tests/run installs it, or `apt-get install {package}`");
}

/// A value that stands nowhere else, made up while the test runs.
pub fn made_up(what: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    format!("{what}-{now:x}-{:x}", std::process::id())
}

/// Waits for something to be so.
pub fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A home of its own, and the environment of a machine without a desktop.
pub struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What a command has said.
pub struct Said {
    /// Its exit status; -1 if it was killed.
    pub code: i32,
    /// On standard output.
    pub out: String,
    /// On standard error.
    pub err: String,
    /// How long it took.
    pub took: Duration,
}

impl Home {
    /// One with a folder for the session's sockets, in which there are none.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("run")).unwrap();
        let home = folder.path().to_str().unwrap().to_owned();
        let variables = vec![
            ("HOME".to_owned(), home.clone()),
            ("XDG_RUNTIME_DIR".to_owned(), format!("{home}/run")),
            ("PATH".to_owned(), std::env::var("PATH").unwrap()),
        ];
        Self { folder, variables }
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a variable for everything that is run here.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.push((name.to_owned(), value.into()));
    }

    /// What a variable was set to, the last time.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().rev().find(|(named, _)| named == name).map(|(_, value)| value.as_str())
    }

    /// A command in this home.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.variables.iter().map(|(n, v)| (n, v))).current_dir(self.path());
        command
    }

    /// Runs a command on an input; what it writes, without the line end. It must succeed.
    pub fn run(&self, program: &str, arguments: &[&str], input: &str) -> String {
        let output = fed(&mut self.command(program, arguments), input);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        assert!(output.status.success(), "{program} {arguments:?}: {} {}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs `stanch` here.
    pub fn stanch(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = self.command(&*STANCH, arguments);
        let began = Instant::now();
        let output = fed(&mut command, input);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let code = output.status.code().unwrap_or(-1);
        Said { code, out: text(&output.stdout), err: text(&output.stderr), took: began.elapsed() }
    }

    /// The path of `stanch`.
    pub fn stanch_path() -> &'static Path {
        &STANCH
    }

    /// Fetches in this process, with the variables of this home: the value, or the error.
    pub fn fetch(&self, reference: &str, sources: &str) -> Result<String, String> {
        let sources = config::file::parse(Path::new("config.toml"), sources).unwrap().sources;
        let vault = Vault::new(Environment::of(self.variables.clone()), &sources).unwrap();
        let value = vault.fetch(&Reference::parse(reference).unwrap()).map_err(|error| error.to_string())?;
        Ok(value.expose(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
    }

    /// The files below the home that hold a text.
    pub fn files_with(&self, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    let content = fs::read(entry.path()).unwrap_or_default();
                    if content.windows(text.len()).any(|part| part == text.as_bytes()) {
                        found.push(entry.path());
                    }
                }
            }
        }
        found
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Said {
    /// Both streams; a test asserts that no value is in them.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

fn fed(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    // One that refuses early need not read it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}
