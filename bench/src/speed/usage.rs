//! What one run of a program used, as the kernel counts it.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use super::binaries::Binaries;

/// What a run used.
#[derive(Clone, Copy)]
pub struct Usage {
    /// Seconds from before its start to after its end.
    pub wall: f64,
    /// Seconds of processor time, its own and the kernel's for it.
    pub processor: f64,
    /// Peak of resident memory in bytes, mapped files included.
    pub peak: u64,
    /// Page faults that needed no disk.
    pub faults: u64,
}

/// Runs a program once on a file, its output thrown away.
///
/// # Errors
/// It did not end well.
pub fn of(binaries: &Binaries, program: &Path, arguments: &[&str], input: &Path) -> anyhow::Result<Usage> {
    let stdin = File::open(input).with_context(|| format!("opening '{}'", input.display()))?;
    let output = Command::new(&binaries.alone).arg(program).args(arguments).stdin(stdin).output();
    let output = output.with_context(|| format!("starting '{}'", binaries.alone.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "'{}' on '{}': {}", program.display(), input.display(), said.trim());
    let line = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [wall, user, kernel, peak, faults] = numbers[..] else {
        anyhow::bail!("'{}' did not say what was used: '{}'", binaries.alone.display(), line.trim());
    };
    Ok(Usage { wall: wall as f64 / 1e9, processor: (user + kernel) as f64 / 1e6, peak: peak << 10, faults })
}
