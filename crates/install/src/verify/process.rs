//! Running a hook or the prefix as the client does, beside the user's sessions: nothing that it writes is the user's.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::files::{Files, Origin};
use super::registered::{Registered, is_in_project};

/// No hook needs longer; the client may wait for ten minutes.
const LONGEST: Duration = Duration::from_secs(20);

/// Where probes run.
pub struct Stage<'f> {
    folder: &'f Path,
    private: &'f Path,
    environment: Vec<(String, String)>,
    client: Option<PathBuf>,
}

/// What a process has answered.
pub struct Said {
    /// Its exit status.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl<'f> Stage<'f> {
    /// In the session's folder, so that the configuration is the one that holds there; what is written goes to `private`.
    pub fn new(files: &'f Files, private: &'f Path) -> Self {
        Self { folder: &files.folder, private, environment: files.environment(), client: None }
    }

    /// With this client in the place of the one on the `PATH`.
    pub fn with_client(mut self, client: Option<&Path>) -> Self {
        // What runs here runs in another folder.
        self.client = client.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        self
    }

    /// Runs a hook with an event on its standard input.
    ///
    /// # Errors
    /// It does not start, or does not answer in time: says how.
    pub fn hook(&self, hook: &Registered<'_>, event: &str) -> Result<Said, String> {
        let mut command = match &hook.arguments {
            Some(given) => {
                let mut command = Command::new(hook.command);
                command.args(given);
                command
            }
            None => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", hook.command]);
                shell
            }
        };
        let limit = hook.timeout.map_or(LONGEST, |s| Duration::try_from_secs_f64(s).unwrap_or(LONGEST).min(LONGEST));
        self.run(&mut command, event, limit, false)
    }

    /// Runs a shell text behind the prefix; both streams go to one file, as a command's do.
    ///
    /// # Errors
    /// See [`Self::hook`].
    pub fn behind(&self, prefix: &str, text: &str) -> Result<Said, String> {
        // As the client (2.1.330) takes it apart: what comes before the last " -" is the program.
        let (program, given) = match prefix.rfind(" -") {
            Some(at) if at > 0 => (&prefix[..at], &prefix[at + 1..]),
            _ => (prefix, ""),
        };
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("{} {given} {}", quoted(program), quoted(text))]);
        self.run(&mut shell, "", LONGEST, true)
    }

    /// The first line of what a program says of its version.
    pub fn version(&self, program: &Path) -> Option<String> {
        let said = self.run(Command::new(program).arg("--version"), "", Duration::from_secs(10), false).ok()?;
        (said.code == Some(0)).then(|| said.out.lines().next().unwrap_or_default().trim().to_owned())
    }

    fn run(&self, command: &mut Command, input: &str, limit: Duration, together: bool) -> Result<Said, String> {
        let file = |name: &str| -> PathBuf { self.private.join(name) };
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => "its executable is not there".to_owned(),
            std::io::ErrorKind::PermissionDenied => "its executable cannot be executed".to_owned(),
            kind => format!("it cannot be started ({kind})"),
        };
        fs::write(file("input"), input).map_err(failed)?;
        let (out, err) = (File::create(file("out")).map_err(failed)?, File::create(file("err")).map_err(failed)?);
        command.stdin(File::open(file("input")).map_err(failed)?);
        command.stderr(if together { out.try_clone().map_err(failed)? } else { err }).stdout(out);
        command.envs(self.environment.iter().map(|(name, value)| (name, value))).current_dir(self.folder);
        // The configuration is the user's; log, marks and temporary files are not.
        let of_agents = hooks::Agent::ALL.map(|agent| agent.places().variable);
        for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "TMPDIR"].into_iter().chain(of_agents) {
            command.env(name, self.private);
        }
        let mut child = command.spawn().map_err(failed)?;
        let start = Instant::now();
        let code = loop {
            match child.try_wait().map_err(failed)? {
                Some(status) => break status.code(),
                None if start.elapsed() < limit => std::thread::sleep(Duration::from_millis(2)),
                None => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("it does not answer within {:.0} s", limit.as_secs_f64()));
                }
            }
        };
        let read = |name: &str| fs::read(file(name)).map(|text| String::from_utf8_lossy(&text).into_owned());
        Ok(Said { code, out: read("out").map_err(failed)?, err: read("err").map_err(failed)? })
    }

    /// The client of that name, and what it says of its version.
    pub fn client(&self, name: &str) -> Option<String> {
        self.version(&self.client_path(name)?)
    }

    /// Where that client is.
    pub fn client_path(&self, name: &str) -> Option<PathBuf> {
        if self.client.is_some() {
            return self.client.clone();
        }
        let paths = std::env::var_os("PATH")?;
        std::env::split_paths(&paths).filter(|p| p.is_absolute()).map(|p| p.join(name)).find(|p| p.is_file())
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether the prefix of a file may be started: see [`Registered::is_trusted`].
pub fn is_trusted_prefix(files: &Files, origin: Origin, prefix: &str) -> bool {
    !origin.is_repository()
        || (crate::registration::is_prefix(prefix) && !is_in_project(Path::new(prefix), &files.folder))
}
