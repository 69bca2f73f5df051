//! What git has staged: the files as they would be committed, whatever the work tree holds.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};

use super::source::{Origin, Source};

/// Mode of a submodule: a commit of another repository, no text.
const SUBMODULE: &[u8] = b"160000";

/// git, which a repository's settings do not make start another program (`core.fsmonitor`).
fn git() -> Command {
    let mut git = Command::new("git");
    git.args(["-c", "core.fsmonitor=false"]);
    git
}

/// The files that the next commit adds or changes, named from the top of the work tree.
///
/// # Errors
/// No git, or no repository.
pub fn sources() -> anyhow::Result<Vec<Source>> {
    let output = git()
        .args(["diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative"])
        .args(["--diff-filter=ACMRT", "--ignore-submodules=none", "--no-ext-diff"])
        .stdin(Stdio::null())
        .output();
    let output = output.context("starting 'git'; --staged needs it")?;
    if !output.status.success() {
        // Its message may hold anything that stands in a configuration file.
        let inside = git().args(["rev-parse", "--is-inside-work-tree"]).output();
        if !inside.is_ok_and(|inside| inside.status.success()) {
            bail!("this folder is in no git repository; go to one, or name files: stanch scan PATH");
        }
        bail!("'git diff --cached' failed; run it by hand to see why");
    }
    let mut sources = Vec::new();
    let mut fields = output.stdout.split(|byte| *byte == 0);
    while let (Some(entry), Some(path)) = (fields.next().filter(|entry| !entry.is_empty()), fields.next()) {
        // `:mode mode object object status`
        let parts: Vec<&[u8]> = entry.strip_prefix(b":").unwrap_or(entry).split(|byte| *byte == b' ').collect();
        let [_, mode, _, object, _] = parts[..] else { bail!("'git diff --cached --raw' wrote something unknown") };
        if mode != SUBMODULE {
            let name = String::from_utf8(object.to_vec()).context("reading the name of an object")?;
            let path = named(path);
            sources.push(Source { path, origin: Origin::Blob(name), size: 0, store: None });
        }
    }
    Ok(sources)
}

/// Files below a folder that git has although .gitignore names them: it names them since they are there, most often. None if
/// git or the repository is missing.
pub fn ignored(folder: &Path) -> Vec<PathBuf> {
    let listed = git()
        .arg("-C")
        .arg(folder)
        .args(["ls-files", "-z", "--cached", "--ignored", "--exclude-standard"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| folder.join(named(name))).collect()
}

/// A process that gives out objects of the repository.
pub struct Blobs {
    git: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    /// Starts it.
    ///
    /// # Errors
    /// No git.
    pub fn start() -> anyhow::Result<Self> {
        let mut git = git()
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting 'git cat-file'")?;
        let (Some(requests), Some(answers)) = (git.stdin.take(), git.stdout.take()) else {
            bail!("'git cat-file' has no pipes");
        };
        Ok(Self { git, requests, answers: BufReader::new(answers) })
    }

    /// The content of an object.
    ///
    /// # Errors
    /// It is missing, or git has ended.
    pub fn read(&mut self, name: &str) -> io::Result<Vec<u8>> {
        writeln!(self.requests, "{name}")?;
        self.requests.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let missing = || io::Error::other("git does not have the staged object");
        let length = header.trim_end().rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(missing)?;
        let mut content = Vec::new();
        (&mut self.answers).take(length).read_to_end(&mut content)?;
        self.answers.read_exact(&mut [0])?;
        if content.len() as u64 == length { Ok(content) } else { Err(missing()) }
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        let _ = self.git.kill();
        let _ = self.git.wait();
    }
}

/// A path as git writes it: its bytes, which are UTF-8 where the system's own paths are no bytes.
fn named(path: &[u8]) -> PathBuf {
    #[cfg(unix)]
    return PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(path));
    #[cfg(not(unix))]
    PathBuf::from(String::from_utf8_lossy(path).into_owned())
}
