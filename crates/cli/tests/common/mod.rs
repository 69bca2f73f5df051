//! A home folder of its own for each test, and `stanch` run in it.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders it needs, last changed an hour ago.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(&path).unwrap().set_modified(hour_ago).unwrap();
        path
    }

    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env_clear().env("HOME", self.path()).env("TMPDIR", self.path().join("tmp"));
        command.env("PATH", std::env::var_os("PATH").unwrap());
        // git asks nobody who we are, and reads nobody's settings.
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command
    }

    pub fn scan(&self, arguments: &[&str]) -> Said {
        self.scan_with(arguments, b"")
    }

    pub fn scan_with(&self, arguments: &[&str], input: &[u8]) -> Said {
        Said::of(&fed(self.command(env!("CARGO_BIN_EXE_stanch")).arg("scan").args(arguments), input))
    }

    pub fn git(&self, arguments: &[&str]) {
        let output = self.command("git").args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Where cargo has built the executables: beside `stanch`. They are of other packages, which cargo does not build for one test
/// alone.
pub fn built() -> &'static Path {
    let folder = Path::new(env!("CARGO_BIN_EXE_stanch")).parent().unwrap();
    let names = hooks::HOOKS.iter().map(|hook| hook.name).chain(["stanch-shell"]).chain(install::registration::LENDING);
    let missing: Vec<&str> = names.filter(|name| !folder.join(name).is_file()).collect();
    assert!(missing.is_empty(), "no {missing:?} in {}: run `cargo build` first", folder.display());
    folder
}

/// `stanch` as a user with that home runs it in the folder `app` there: exit status, and all that it says.
pub fn stanch(home: &Path, arguments: &[&str]) -> (i32, String) {
    built();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
    command.env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin").current_dir(home.join("app"));
    let output = command.args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), said)
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

/// Runs a command on an input; one that refuses early need not read it.
pub fn fed(command: &mut Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    })
}

pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let said = Self { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) };
        // Whatever is done, the value is never said.
        assert!(!said.out.contains(&token()[..12]) && !said.err.contains(&token()[..12]), "{}{}", said.out, said.err);
        said
    }

    /// `path:line:column` of each finding.
    pub fn places(&self) -> Vec<&str> {
        self.out.lines().map(|line| line.split_once(": ").unwrap().0).collect()
    }
}

/// Put together here, so that scanners stay quiet.
pub fn token() -> String {
    format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U")
}
