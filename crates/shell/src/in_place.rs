//! A command whose output is read as it comes: the prefix becomes the shell.
//!
//! Signals, exit status and standard input are then exact without anyone passing them on. The filter is nobody's child and
//! in a session of its own: what stops the command does not stop it, and it ends with the output.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use crate::caller::{Caller, Pipes};
use crate::lending::Known;
use crate::link::{Link, Task};
use crate::{Refusal, Role, command, lending};

/// Runs the text; returns only if it cannot.
pub fn run(caller: &Caller, text: &OsStr, known: Known) -> Result<ExitCode, Refusal> {
    let (path, arguments) = command::shell(text, std::env::var_os("SHELL"), std::env::var_os(command::THEN))?;
    let pipes = Pipes::new(caller.one_stream)?;
    let task = Task { messages: true, supervised: false, group: 0, prefix: std::process::id() };
    let mut link = Link::start(Role::Detach, task)?;
    link.open(&pipes.readers, known)?;
    link.filter().wait().map_err(Refusal::system("starting the filter"))?;
    let mut shell = Command::new(&path);
    let lent = lending::to_server(text);
    if !lent.variables.is_empty() {
        link.tell(&lent.known)?;
    }
    shell.envs(lent.variables);
    let error = shell.args(arguments).stdout(pipes.out).stderr(pipes.err).exec();
    Err(Refusal::Shell(path.display().to_string(), error.kind()))
}
