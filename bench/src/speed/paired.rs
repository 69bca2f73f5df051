//! Whole processes, timed in turn: A B B A. What slows the machine down for a moment slows both of a pair, so that their
//! ratio keeps still where the times do not.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};

use super::quartiles::Quartiles;

/// Pairs that are thrown away: the first runs read the programs from disk.
const WARM_UP: usize = 10;

/// Two programs on the same input.
pub struct Paired {
    /// Microseconds of the one.
    pub ours: Quartiles,
    /// Microseconds of the other.
    pub theirs: Quartiles,
    /// The ratio, pair by pair.
    pub ratio: Quartiles,
}

/// Runs `ours` and `theirs` in turn, so many times each.
///
/// # Errors
/// One of them could not be run, or failed.
pub fn run(ours: &Path, theirs: &Path, input: &Path, pairs: usize) -> anyhow::Result<Paired> {
    let mut output = Vec::new();
    let mut times = Vec::with_capacity(pairs);
    for number in 0..WARM_UP + pairs {
        // Who comes second finds the machine as the first left it: that falls to both as often.
        let mut time = |program: &Path| once(program, input, &mut output);
        times.push(if number % 2 == 0 {
            (time(ours)?, time(theirs)?)
        } else {
            let theirs = time(theirs)?;
            (time(ours)?, theirs)
        });
    }
    let times = &times[WARM_UP..];
    let of = |value: fn(&(f64, f64)) -> f64| Quartiles::of(times.iter().map(value)).context("no pair was asked for");
    Ok(Paired { ours: of(|t| t.0)?, theirs: of(|t| t.1)?, ratio: of(|t| t.0 / t.1)? })
}

/// Microseconds from before the start of a process until its output is read and its end is known, as a client waits for a
/// hook. `Command` starts it without copying this process.
fn once(program: &Path, input: &Path, output: &mut Vec<u8>) -> anyhow::Result<f64> {
    let stdin = File::open(input).with_context(|| format!("opening '{}'", input.display()))?;
    let mut command = Command::new(program);
    command.stdin(stdin).stdout(Stdio::piped());
    output.clear();
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("starting '{}'", program.display()))?;
    if let Some(stdout) = &mut child.stdout {
        stdout.read_to_end(output)?;
    }
    let status = child.wait()?;
    let took = start.elapsed();
    ensure!(status.success(), "'{}' ended with {status} on '{}'", program.display(), input.display());
    Ok(took.as_nanos() as f64 / 1e3)
}
