//! One build against another, in turn: whether a change made the programs faster, told on a machine that is not quiet.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;

use super::binaries::{Binaries, installed};
use super::inputs::Inputs;
use super::quartiles::Quartiles;
use super::{paired, usage};

/// Times the programs beside this one against those in another folder; gives a table in which a ratio below 1 is faster.
///
/// # Errors
/// A program is missing or failed.
pub fn run(other: &Path, pairs: usize, passes: usize) -> anyhow::Result<String> {
    let binaries = Binaries::find()?;
    let inputs = Inputs::make(&binaries.inputs)?;
    let theirs = |program: &Path| {
        let path = other.join(program.file_name().unwrap_or_default());
        installed(&path, &binaries.inputs.join("against"))
    };
    let (their_hook, their_stanch) = (theirs(&binaries.hook)?, theirs(&binaries.stanch)?);
    let mut out = String::from("| | input | ratio | quartiles |\n| --- | --- | ---: | ---: |\n");
    let mut row = |what: &str, input: &str, Quartiles { lower, median, upper }: Quartiles| {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "| {what} | {input} | {median:.3} | {lower:.3} – {upper:.3} |");
    };
    for (event, path) in &inputs.events {
        let ratio = paired::run(&binaries.hook, &their_hook, path, pairs)?.ratio;
        row("whole `post-tool-use`", &format!("{}, {} KB", event.name, event.size / 1000), ratio);
    }
    for text in inputs.texts() {
        let pass = |stanch: &Path| usage::of(&binaries, stanch, &["redact"], &text.path);
        let ratios = (0..passes).map(|_| Ok(pass(&binaries.stanch)?.processor / pass(&their_stanch)?.processor));
        let ratios = ratios.collect::<anyhow::Result<Vec<_>>>()?;
        row("`stanch redact`, processor time", text.name, Quartiles::of(ratios).context("no pass was asked for")?);
    }
    Ok(out)
}
