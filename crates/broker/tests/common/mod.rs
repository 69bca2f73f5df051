//! A client, its broker, and those who ask, in a folder of their own.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use std::time::{Duration, Instant};

use tempfile::TempDir;
use wire::Process;

/// A busy machine starts the process that fetches within this.
const PATIENCE: Duration = Duration::from_secs(20);
/// Names under which the broker is asked.
const ASK: [&str; 10] = [
    "pre-tool-use",
    "post-tool-use",
    "post-tool-use-failure",
    "user-prompt-submit",
    "session-start",
    "stanch-shell",
    "stanch-wrap",
    "stanch-fetch",
    "stanch",
    "somebody",
];

/// The stage of one test.
pub struct Stage {
    pub folder: TempDir,
    pub client: Client,
    pub value: String,
}

/// A shell that plays the client: it starts what it is told to, and so is its parent.
pub struct Client {
    shell: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

/// The folder of the sockets, as the client's user has it.
pub fn places() -> PathBuf {
    match other_user() {
        Some(_) => "/tmp/stanch-65534".into(),
        None => wire::place::folder().expect("there is one"),
    }
}

impl Stage {
    /// With that `[lend]` in the user's configuration, and the client not yet with a broker.
    pub fn new(lend: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a folder");
        let (bin, config) = (folder.path().join("bin"), folder.path().join("home/.config/stanch"));
        for part in [&bin, &config, &folder.path().join("project"), &folder.path().join("state")] {
            fs::create_dir_all(part).expect("a folder");
        }
        fs::copy(env!("CARGO_BIN_EXE_stanch-broker"), bin.join("stanch-broker")).expect("a copy");
        for name in ASK {
            fs::copy(env!("CARGO_BIN_EXE_ask"), bin.join(name)).expect("a copy");
        }
        let lend = lend.replace("PROJECT", &folder.path().join("project").display().to_string());
        fs::write(config.join("config.toml"), lend).expect("a file");
        if let Some(user) = other_user() {
            own(folder.path(), user);
        }
        // Made at run time, so that no file of the repository holds it.
        let value = format!("{:x}{:x}", std::process::id(), folder.path().to_string_lossy().len() * 0x9e37_79b9_7f4a);
        let value = format!("made-up-{value}-{}", folder.path().file_name().expect("a name").to_string_lossy());
        fs::write(folder.path().join("value"), &value).expect("a file");
        let client = Client::start(&folder);
        Self { folder, client, value }
    }

    pub fn bin(&self, name: &str) -> PathBuf {
        self.folder.path().join("bin").join(name)
    }

    /// Has the client start its broker, and waits until the values are there: a command that began before has none.
    pub fn with_broker(mut self) -> Self {
        let said = self.broker();
        assert_eq!(said, "", "the broker does not start");
        let start = Instant::now();
        while self.ask("somebody", &["\"Report\""]).contains("waiting for") && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }

    /// What the start of a broker says, if it does not succeed.
    pub fn broker(&mut self) -> String {
        let client = self.client.process();
        let broker = self.bin("stanch-broker").display().to_string();
        self.client.run(&format!("{broker} --client {client} 2>&1 </dev/null"))
    }

    /// Asks under a name, as a child of the client; the answers, a line each.
    pub fn ask(&mut self, name: &str, questions: &[&str]) -> String {
        let line = format!("cd {}/project; {}", self.folder.path().display(), self.asking(name, questions));
        self.client.run(&line)
    }

    /// The shell words that ask.
    pub fn asking(&self, name: &str, questions: &[&str]) -> String {
        let questions: Vec<String> = questions.iter().map(|q| format!("'{}'", q.replace('\'', r"'\''"))).collect();
        format!("{} {} 2>&1", self.bin(name).display(), questions.join(" "))
    }

    /// Registers a call of the main thread.
    pub fn call(&mut self, id: &str, agent: Option<&str>, command: &str) {
        let agent = agent.map_or("null".to_owned(), |agent| format!("{agent:?}"));
        let folder = self.folder.path().join("project").display().to_string();
        let id_of_agent = if agent == "null" { "null" } else { "\"a1\"" };
        let call = format!(
            r#"{{"Call":{{"id":"{id}","session":"s1","agent":{id_of_agent},"agent_type":{agent},"command":"{command}","folder":"{folder}"}}}}"#
        );
        assert_eq!(self.ask("pre-tool-use", &[&call]), "\"Done\"\n");
    }

    /// Where the broker listens.
    pub fn socket(&self) -> PathBuf {
        places().join(format!("{}.sock", self.client.process()))
    }

    /// The broker's process.
    pub fn broker_pid(&mut self) -> i32 {
        let said = self.ask("somebody", &["\"Report\""]);
        let at = said.find("\"pid\":").map(|at| at + 6).unwrap_or_else(|| panic!("no report: {said}"));
        said[at..].split([',', '}']).next().expect("a number").parse().expect("a number")
    }

    /// The audit log's text.
    pub fn audit(&self) -> String {
        let folder = self.folder.path().join("state/stanch/audit");
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
    }
}

impl Client {
    fn start(folder: &TempDir) -> Self {
        let mut command = match other_user() {
            Some(_) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "bash"]);
                command
            }
            None => Command::new("bash"),
        };
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("STANCH_TEST_VALUE", folder.path().join("value"));
        command.env("HOME", folder.path().join("home")).env("XDG_STATE_HOME", folder.path().join("state"));
        command.current_dir(folder.path().join("project")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = command.spawn().expect("bash and setpriv");
        let (to, from) = (shell.stdin.take().expect("piped"), shell.stdout.take().expect("piped"));
        let mut client = Self { shell, to, from: BufReader::new(from) };
        client.run("true");
        client
    }

    /// Its process.
    pub fn process(&self) -> Process {
        Process::of(i32::try_from(self.shell.id()).expect("a pid")).expect("runs")
    }

    /// What a line of shell prints.
    pub fn run(&mut self, line: &str) -> String {
        const END: &str = "--end-of-line--";
        writeln!(self.to, "{line}\necho {END}").expect("the client listens");
        let mut said = String::new();
        loop {
            let mut next = String::new();
            assert!(self.from.read_line(&mut next).expect("text") > 0, "the client is gone");
            match next.strip_suffix(&format!("{END}\n")) {
                Some(last) => return said + last,
                None => said += &next,
            }
        }
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        let _ = self.shell.kill().and_then(|()| self.shell.wait());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What the kernel keeps from other processes it does not keep from root: as root, all of it runs as nobody.
pub fn other_user() -> Option<&'static str> {
    rustix::process::geteuid().is_root().then_some("nobody:nogroup")
}

fn own(path: &Path, user: &str) {
    let done = Command::new("chown").args(["-R", user]).arg(path).status().expect("chown");
    assert!(done.success());
}
