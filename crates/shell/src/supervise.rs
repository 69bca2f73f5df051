//! A command whose output is read from a file when the prefix ends: the prefix stays in front of the shell.
//!
//! The agent signals the whole group, so the shell gets its signals by itself; the prefix lets them pass by and ends as the
//! shell ends. Before that, all that the shell and its children wrote until then is in the file. Whoever outlives the shell
//! goes on being filtered.

use std::ffi::OsStr;
use std::process::{Child, ExitCode};
use std::time::Duration;

use nix::sys::signal::SigSet;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};

use crate::caller::{Caller, Pipes};
use crate::holders;
use crate::lending::Known;
use crate::link::{Answer, Link, Task};
use crate::{Refusal, Role, bound, command, ending, say};

/// How long a command whose filter is gone has to end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// Runs the text and ends as it ends. What it shows holds none of the known values.
pub fn run(caller: &Caller, text: &OsStr, known: Known) -> Result<ExitCode, Refusal> {
    let (path, arguments) = command::shell(text, std::env::var_os("SHELL"), std::env::var_os(command::THEN))?;
    let pipes = Pipes::new(caller.one_stream)?;
    let group = caller.own_group.map_or(0, |group| group.as_raw_pid());
    let task = Task { messages: false, supervised: true, group, prefix: std::process::id() };
    let mut link = Link::start(Role::Filter, task)?;
    let stoppable = holders::Command::new(caller.own_group, &pipes.readers);
    let shell = if caller.one_stream {
        drop(pipes.err); // the same pipe
        let waiting = bound::wait(&path, &arguments, pipes.out)?;
        link.open(&pipes.readers, known)?;
        // The shell starts with no signal blocked; the prefix lets them pass by from here on.
        let _ = SigSet::all().thread_block();
        waiting.go()?
    } else {
        link.open(&pipes.readers, known)?;
        let shell = bound::go(&path, &arguments, pipes.out, pipes.err)?;
        let _ = SigSet::all().thread_block();
        shell
    };
    drop(pipes.readers);
    match wait(&shell, &mut link) {
        Some(status) => Ok(finish(status, &mut link)),
        None => Ok(stop(&shell, &stoppable)),
    }
}

/// Waits for the shell's end; `None` if the filter's comes first.
fn wait(shell: &Child, link: &mut Link) -> Option<WaitStatus> {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if is(pid, shell) => return Some(status),
            Ok(Some((pid, _))) if is(pid, link.filter()) => return None,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

fn is(pid: Pid, child: &Child) -> bool {
    u32::try_from(pid.as_raw_pid()) == Ok(child.id())
}

/// All that was written is filtered and in the file before this returns.
fn finish(status: WaitStatus, link: &mut Link) -> ExitCode {
    let fault = match link.drain() {
        Answer::Ready => return ending::like(status),
        Answer::Failed(reason) => reason,
        Answer::Gone => "the filter was killed; the end of the output is missing".to_owned(),
    };
    say(&fault);
    if status.exit_status() == Some(0) { ExitCode::FAILURE } else { ending::like(status) }
}

/// The filter is gone, and the command can write nothing any more: it is stopped, not left to act unseen.
fn stop(shell: &Child, command: &holders::Command) -> ExitCode {
    say("the filter was killed, so the command was stopped; what it had done until then stays done");
    command.signal(Signal::TERM);
    let step = Duration::from_millis(20);
    for _ in 0..GRACE.as_millis() / step.as_millis() {
        let ended = rustix::process::wait(WaitOptions::NOHANG);
        if ended.is_err() || ended.is_ok_and(|ended| ended.is_some_and(|(pid, _)| is(pid, shell))) {
            break;
        }
        std::thread::sleep(step);
    }
    // Ends the prefix too where it leads the group.
    command.signal(Signal::KILL);
    ExitCode::FAILURE
}
