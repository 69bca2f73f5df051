//! The tool's executable: the one that the client finds, and found when it was started.
//!
//! The command that starts a tool has set what it likes, and an agent may write into folders in which the client looks for
//! programs. Neither must choose which program gets a credential.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wire::{File, Process};

use crate::environment::Environment;
use crate::wrappers::WRAPPER;

/// The tools of a policy, as they were when the broker started.
pub struct Tools {
    /// The client's environment.
    pub environment: Environment,
    /// The folder of the programs that git is made of, as git names it.
    pub git_programs: Result<PathBuf, String>,
    found: HashMap<String, Result<Found, String>>,
}

/// An executable, and its file as it was.
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What is there.
    pub file: File,
}

impl Tools {
    /// Looks for them.
    pub fn at_start<'t>(environment: Environment, names: impl IntoIterator<Item = &'t str>) -> Self {
        let find = |name: &str| {
            let path = environment.path().map_err(String::clone)?;
            let found = find(name, path).and_then(|path| Some(Found { file: File::of(&path)?, path }));
            found.ok_or_else(|| format!("there was no {name} when the client was started; start the client anew"))
        };
        let found: HashMap<_, _> = names.into_iter().map(|name| (name.to_owned(), find(name))).collect();
        let git = found.get("git").and_then(|found| found.as_ref().ok());
        let git_programs = git.and_then(|git| programs(&git.path, &environment));
        let git_programs = git_programs.ok_or_else(|| {
            "git did not say where its programs are when the client was started; start the client anew".to_owned()
        });
        Self { environment, git_programs, found }
    }

    /// A tool's executable, if its file is what it was. Why it is not to be trusted; `None` if it is none of the tools.
    pub fn program(&self, name: &str) -> Option<Result<&Found, String>> {
        Some(match self.found.get(name)? {
            Ok(found) if File::of(&found.path) == Some(found.file) => Ok(found),
            Ok(found) => Err(format!(
                "{} is not the file that it was when the client was started; look at what has changed it, and start the client \
                 anew",
                plain(&found.path)
            )),
            Err(why) => Err(why.clone()),
        })
    }

    /// The executable of an MCP server that a process is about to become. Its shell looks for it in its own way: what it finds
    /// must be what the client finds.
    pub fn of_server(&self, name: &str, process: Process) -> Result<PathBuf, String> {
        if name.contains('/') {
            return Ok(name.into());
        }
        let expected = find(name, self.environment.path()?);
        let environment = std::fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
        let folder = std::fs::read_link(format!("/proc/{}/cwd", process.pid)).unwrap_or_default();
        let path = environment.split(|b| *b == 0).find_map(|variable| variable.strip_prefix(b"PATH="));
        let found = path.and_then(|path| find_from(&folder, name, OsStr::from_bytes(path)));
        match (expected, found) {
            (Some(expected), Some(found)) if expected == found => Ok(expected),
            (_, Some(found)) => Err(format!(
                "its command would be {}, which is not where the client itself looks for programs; write the whole path of \
                 the server's command",
                plain(&found)
            )),
            (_, None) => Err("its command is not found; write the whole path of the server's command".to_owned()),
        }
    }
}

/// Where git keeps the programs that it is made of. What a repository's settings set must not have a say in it.
fn programs(git: &Path, environment: &Environment) -> Option<PathBuf> {
    let mut ask = Command::new(git);
    ask.arg("--exec-path").env_clear().envs(environment.for_tool().ok()?);
    let said = ask.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let said = String::from_utf8(said.ok()?.stdout).ok()?;
    Some(PathBuf::from(said.trim_end()))
}

/// The executable of that name on a search path.
fn find(tool: &str, path: &OsStr) -> Option<PathBuf> {
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(tool)).find(|path| is_program(path))
}

/// The same as a shell in that folder finds it, which takes folders below it, too.
fn find_from(folder: &Path, tool: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|there| folder.join(there).join(tool)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    let is_executable = path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    // A session in a session: the stand-in of the outer one is no tool.
    is_executable && path.canonicalize().is_ok_and(|real| real.file_name().is_none_or(|name| name != WRAPPER))
}

/// Fit for a line on a terminal.
fn plain(path: &Path) -> String {
    path.display().to_string().chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lays an executable, and says what a client with that folder on its path finds.
    fn lay(path: &Path, text: &str) {
        std::fs::write(path, text).expect("a file");
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("a file");
    }

    #[test]
    fn a_tool_that_was_changed_put_there_or_taken_away_is_no_tool() {
        let folder = tempfile::tempdir().expect("a folder");
        let [same, written, replaced, new] =
            ["same", "written", "replaced", "new"].map(|name| folder.path().join(name));
        for path in [&same, &written, &replaced] {
            lay(path, "#!/bin/sh\n");
        }
        let environment = Environment::of_variables(&[("PATH", folder.path().to_str().expect("text"))]);
        let tools = Tools::at_start(environment, ["same", "written", "replaced", "new"]);
        std::fs::write(&written, "#!/bin/cat\n").expect("a file");
        std::fs::remove_file(&replaced).expect("gone");
        lay(&replaced, "#!/bin/sh\n");
        lay(&new, "#!/bin/sh\n");
        assert!(tools.program("same").is_some_and(|found| found.is_ok_and(|found| found.path == same)));
        for (name, why) in [("written", "not the file"), ("replaced", "not the file"), ("new", "there was no new")] {
            let said = tools.program(name).expect("a tool").map(drop).expect_err(name);
            assert!(said.contains(why) && said.contains("start the client anew"), "{said}");
        }
        assert!(tools.program("other").is_none());
    }

    #[test]
    fn a_server_is_what_its_own_path_finds_and_the_clients() {
        let of_server = |path: &str, client: &str, name: &str| {
            let mut server =
                std::process::Command::new("/bin/sleep").arg("60").env("PATH", path).spawn().expect("sleep");
            let process = Process::of(i32::try_from(server.id()).expect("a pid")).expect("runs");
            // The system shows it a moment after the start.
            let environ = format!("/proc/{}/environ", process.pid);
            while std::fs::read(&environ).expect("runs").is_empty() {}
            let tools = Tools::at_start(Environment::of_variables(&[("PATH", client)]), []);
            let said = tools.of_server(name, process);
            let _ = server.kill().and_then(|()| server.wait());
            said
        };
        let folder = tempfile::tempdir().expect("a folder");
        lay(&folder.path().join("cat"), "#!/bin/sh\n");
        let other = format!("{}:/bin", folder.path().display());
        assert_eq!(of_server("/bin", "/bin", "cat"), Ok("/bin/cat".into()));
        assert_eq!(of_server("/bin", "/bin", "/any/where"), Ok("/any/where".into()));
        assert!(of_server(&other, "/bin", "cat").is_err_and(|why| why.contains("whole path")));
        assert!(of_server("/bin", "/bin", "no such server").is_err_and(|why| why.contains("not found")));
    }
}
