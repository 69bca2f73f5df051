//! A command that is run for its output, and ended with everything of its process group when the time is over.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{ErrorKind, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use secret::Secret;
use zeroize::Zeroizing;

/// How often its end is looked for, while its output stays open.
const TICK: Duration = Duration::from_millis(10);
/// How long its output may stay open behind its end.
const GRACE: Duration = Duration::from_secs(1);
/// So much of what it says is searched.
const SAID: usize = 8 << 10;

/// What is to be run.
pub struct Run<'r> {
    /// The program and its arguments.
    pub command: &'r [String],
    /// Its whole environment.
    pub environment: BTreeMap<OsString, OsString>,
    /// Where it runs.
    pub folder: PathBuf,
    /// What it reads on standard input.
    pub stdin: Option<Secret>,
    /// How long it may take.
    pub limit: Duration,
    /// How much it may write.
    pub largest: usize,
}

/// How it ended.
#[cfg_attr(not(unix), allow(dead_code, reason = "no terminal stops a process there"))]
pub enum Ended {
    /// With exit code 0; what it wrote.
    Wrote(Secret),
    /// With another, or by a signal; the beginning of what it said on standard error.
    Failed {
        code: Option<i32>,
        said: Zeroizing<Vec<u8>>,
    },
    TimedOut,
    /// It was stopped by the terminal, which it wanted to read.
    WantsTerminal,
    WroteTooMuch,
    /// Something that it started holds its output open.
    LeftSomething,
    NotFound,
    NotStarted(ErrorKind),
}

/// Runs it to its end.
pub fn run(what: Run<'_>) -> Ended {
    let Some((program, arguments)) = what.command.split_first() else { return Ended::NotFound };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(&what.environment).current_dir(&what.folder);
    command.stdin(if what.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ended::NotFound,
        Err(error) => return Ended::NotStarted(error.kind()),
    };
    let deadline = Instant::now() + what.limit;
    if let (Some(mut stdin), Some(value)) = (child.stdin.take(), what.stdin) {
        // In a thread: a command need not read it.
        thread::spawn(move || value.expose(|bytes| stdin.write_all(bytes).and_then(|()| stdin.write_all(b"\n"))));
    }
    let (sender, written) = mpsc::sync_channel(1);
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || sender.send(Secret::read(stdout, what.largest)));
    }
    let (sender, said) = mpsc::sync_channel(1);
    if let Some(stderr) = child.stderr.take() {
        thread::spawn(move || sender.send(beginning(stderr)));
    }
    let mut output = None;
    let status = loop {
        match output {
            None => output = written.recv_timeout(TICK).ok(),
            Some(Err(_)) => return ended(&mut child, Ended::WroteTooMuch),
            Some(Ok(_)) => thread::sleep(TICK),
        }
        match state(&mut child) {
            State::Ended => break child.wait().ok(),
            State::Stopped => return ended(&mut child, Ended::WantsTerminal),
            State::Runs if Instant::now() >= deadline => return ended(&mut child, Ended::TimedOut),
            State::Runs => {}
        }
    };
    if !status.is_some_and(|status| status.success()) {
        let said = said.recv_timeout(TICK * 20).unwrap_or_default();
        return Ended::Failed { code: status.as_ref().and_then(ExitStatus::code), said };
    }
    match output.or_else(|| written.recv_timeout(GRACE).ok()) {
        Some(Ok(written)) => Ended::Wrote(written),
        Some(Err(_)) => Ended::WroteTooMuch,
        None => Ended::LeftSomething,
    }
}

/// Reads to the end, and keeps the beginning.
fn beginning(mut from: impl Read) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(SAID));
    let _ = from.by_ref().take(SAID as u64).read_to_end(&mut kept);
    let _ = std::io::copy(&mut from, &mut std::io::sink());
    kept
}

#[cfg_attr(not(unix), allow(dead_code, reason = "no terminal stops a process there"))]
enum State {
    Runs,
    Stopped,
    Ended,
}

/// Its end is seen and not taken note of, so that its number stays its own until the group is ended.
#[cfg(unix)]
fn state(child: &mut Child) -> State {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::Pid(Pid::from_child(child)), options) {
        Ok(None) => State::Runs,
        Ok(Some(status)) if status.stopped() => State::Stopped,
        _ => State::Ended,
    }
}

#[cfg(not(unix))]
fn state(child: &mut Child) -> State {
    match child.try_wait() {
        Ok(None) => State::Runs,
        _ => State::Ended,
    }
}

fn ended(child: &mut Child, how: Ended) -> Ended {
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(rustix::process::Pid::from_child(child), rustix::process::Signal::KILL);
    let _ = child.kill();
    let _ = child.wait();
    how
}
