//! The shell's process before it is the shell: it binds its life to the prefix's, and waits at a gate until the filter can
//! work, so that both start side by side.
//!
//! A process can only ask for itself that it be killed with its parent, so the executable is started under another name
//! and becomes the shell.

use std::ffi::OsString;
use std::io::{PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use crate::link::this_executable;
use crate::{Refusal, Role};

/// Waits at its gate.
pub struct Waiting {
    child: Child,
    /// Its other end stands where standard output will be, until the gate opens. If it closes instead, the process ends.
    gate: UnixStream,
}

/// Starts a shell that waits, for a caller whose streams are one.
pub fn wait(path: &Path, arguments: &[OsString], both: PipeWriter) -> Result<Waiting, Refusal> {
    let (gate, theirs) = UnixStream::pair().map_err(Refusal::system("making a socket"))?;
    let child = start("wait", path, arguments, OwnedFd::from(theirs).into(), both.into())?;
    Ok(Waiting { child, gate })
}

impl Waiting {
    /// Lets it become the shell.
    pub fn go(mut self) -> Result<Child, Refusal> {
        self.gate.write_all(b"g").map_err(Refusal::system("starting the shell"))?;
        Ok(self.child)
    }
}

/// Starts a shell.
pub fn go(path: &Path, arguments: &[OsString], out: PipeWriter, err: PipeWriter) -> Result<Child, Refusal> {
    start("go", path, arguments, out.into(), err.into())
}

fn start(gate: &str, path: &Path, arguments: &[OsString], out: Stdio, err: Stdio) -> Result<Child, Refusal> {
    let mut command = Command::new(this_executable());
    command.arg0(Role::Bound.name()).arg(rustix::process::getpid().to_string()).arg(gate).arg(path).args(arguments);
    command.stdout(out).stderr(err).spawn().map_err(Refusal::system("starting the shell"))
}

/// Becomes the shell.
pub fn run(arguments: &[OsString]) -> Result<ExitCode, Refusal> {
    let [prefix, gate, path, rest @ ..] = arguments else { return Err(Refusal::NoShell) };
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .map_err(Refusal::system("binding the command to its prefix"))?;
    // Killed before that.
    let parent = rustix::process::getppid().map(|parent| parent.to_string());
    if parent.as_deref() != prefix.to_str() || gate == "wait" && !is_open()? {
        return Ok(ExitCode::FAILURE);
    }
    let error = Command::new(path).args(rest).exec();
    Err(Refusal::Shell(path.to_string_lossy().into_owned(), error.kind()))
}

/// Waits for the gate; then both streams are one.
fn is_open() -> Result<bool, Refusal> {
    let (out, err) = (rustix::stdio::stdout(), rustix::stdio::stderr());
    let mut word = [0];
    let read = rustix::io::retry_on_intr(|| rustix::io::read(out, &mut word));
    if read != Ok(1) {
        return Ok(false); // the prefix has said why
    }
    rustix::stdio::dup2_stdout(err).map_err(Refusal::system("joining the streams"))?;
    Ok(true)
}
