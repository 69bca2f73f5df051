//! Runs one program on its own standard input, its output thrown away, and says in one line what it used: wall time in
//! nanoseconds, processor time in microseconds in user mode and in the kernel, the peak of its memory in KiB, page faults
//! that needed no disk.
//!
//! A program of its own because the kernel counts towards a child's peak what the parent had when it started it: `speed`
//! holds hundreds of megabytes, this one next to nothing.

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().context("which program? alone PROGRAM [ARGUMENT]... < INPUT")?;
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().context("starting the program")?;
    let wall = start.elapsed().as_nanos();
    // There was only the one child.
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("asking what the program used")?;
    let (user, kernel) = (usage.user_time().num_microseconds(), usage.system_time().num_microseconds());
    let (peak, faults) = (usage.max_rss(), usage.minor_page_faults());
    writeln!(std::io::stdout(), "{wall} {user} {kernel} {peak} {faults}")?;
    // 1: a search that has found something.
    ensure!(matches!(status.code(), Some(0 | 1)), "the program ended with {status}");
    Ok(ExitCode::SUCCESS)
}
