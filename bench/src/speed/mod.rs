//! Speed and memory of the programs as people run them; the record is `docs/speed.md`.

pub mod against;
pub mod binaries;
pub mod check;
pub mod events;
pub mod inputs;
#[cfg(unix)]
pub mod lending;
pub mod machine;
pub mod paired;
pub mod plant;
#[cfg(unix)]
pub mod prefix;
pub mod quartiles;
pub mod record;
pub mod source;
pub mod text;
pub mod transcripts;
pub mod usage;

use std::path::Path;

use anyhow::Context;

use binaries::Binaries;
use inputs::{Inputs, Text};
use record::{Memory, Process, Record, Scan, Throughput};
use transcripts::Transcripts;

/// How often things are measured.
struct Effort {
    pairs: usize,
    passes: usize,
    memory_runs: usize,
    /// Bytes of transcripts.
    transcripts: usize,
}

/// For the record, and for a look whether everything runs.
const FULL: Effort = Effort { pairs: 500, passes: 9, memory_runs: 5, transcripts: 1_000_000_000 };
const QUICK: Effort = Effort { pairs: 20, passes: 1, memory_runs: 1, transcripts: 50_000_000 };

/// Measures everything.
///
/// # Errors
/// A program is missing, or does not do what it is there for.
pub fn run(quick: bool) -> anyhow::Result<Record> {
    let effort = if quick { QUICK } else { FULL };
    let binaries = Binaries::find()?;
    let inputs = Inputs::make(&binaries.inputs)?;
    let seen = check::outputs(&binaries, &inputs)?;
    Ok(Record {
        machine: machine::describe(),
        locale: machine::locale(),
        pairs: effort.pairs,
        passes: effort.passes,
        processes: processes(&binaries, &inputs, &effort)?,
        throughput: throughput(&binaries, &inputs, &effort)?,
        memory: memory(&binaries, &inputs, &effort)?,
        scan: scan(&binaries, &inputs, &effort)?,
        seen,
        inputs,
    })
}

/// The programs beside this one against another build; see [`against`].
///
/// # Errors
/// A program is missing or failed.
pub fn compare(other: &Path, quick: bool) -> anyhow::Result<String> {
    let Effort { pairs, passes, .. } = if quick { QUICK } else { FULL };
    against::run(other, pairs, passes)
}

/// What the shell prefix costs; see [`prefix`].
///
/// # Errors
/// A program is missing or failed.
#[cfg(unix)]
pub fn prefix(quick: bool) -> anyhow::Result<String> {
    let Effort { pairs, passes, .. } = if quick { QUICK } else { FULL };
    prefix::run(pairs, passes)
}

/// There is none.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn prefix(_: bool) -> anyhow::Result<String> {
    anyhow::bail!("stanch-shell is not for this system")
}

#[cfg(unix)]
pub use lending::be_client;

/// There is none.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn be_client(_: &Path, _: &Path) -> anyhow::Result<()> {
    lending(false).map(drop)
}

/// What a broker costs a hook; see [`lending`].
///
/// # Errors
/// A program is missing or failed.
#[cfg(unix)]
pub fn lending(quick: bool) -> anyhow::Result<String> {
    lending::run(if quick { QUICK } else { FULL }.pairs)
}

/// There is none.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn lending(_: bool) -> anyhow::Result<String> {
    anyhow::bail!("there is no broker on this system")
}

fn processes(binaries: &Binaries, inputs: &Inputs, effort: &Effort) -> anyhow::Result<Vec<Process>> {
    let mut processes = Vec::new();
    let mut add = |program: &Path, name: &'static str, event: &events::Event, path: &Path| {
        let paired = paired::run(program, &binaries.cat, path, effort.pairs)?;
        processes.push(Process { program: name, event: event.name.clone(), size: event.size, paired });
        anyhow::Ok(())
    };
    for (event, path) in &inputs.events {
        add(&binaries.hook, record::HOOK, event, path)?;
    }
    for (hook, event, path) in &inputs.others {
        add(binaries.other(hook)?, hook, event, path)?;
    }
    for size in inputs::EVENTS {
        let (event, path) = inputs.events.iter().find(|(e, _)| e.size == size).context("no event of this size")?;
        add(&binaries.echo, "a static program that echoes", event, path)?;
        add(&binaries.cat, "`cat` itself", event, path)?;
    }
    Ok(processes)
}

fn throughput(binaries: &Binaries, inputs: &Inputs, effort: &Effort) -> anyhow::Result<Vec<Throughput>> {
    let mut all = Vec::new();
    let mut add = |name: &'static str, program: &Path, arguments: &[&str], text: &Text| {
        // The first pass only warms the caches.
        usage::of(binaries, program, arguments, &text.path)?;
        let passes = (0..effort.passes).map(|_| usage::of(binaries, program, arguments, &text.path));
        let passes = passes.collect::<anyhow::Result<Vec<_>>>()?;
        all.push(Throughput::new(name, text, &passes)?);
        anyhow::Ok(())
    };
    for text in inputs.texts() {
        add(record::REDACT, &binaries.stanch, &["redact"], text)?;
    }
    add("`cat`", &binaries.cat, &[], &inputs.clean)?;
    add("`sed s/api_key/x/`", &binaries.sed, &["s/api_key/x/"], &inputs.clean)?;
    Ok(all)
}

/// `stanch scan` over transcripts, on two cores, however many there are.
fn scan(binaries: &Binaries, inputs: &Inputs, effort: &Effort) -> anyhow::Result<Scan> {
    let transcripts = Transcripts::make(&binaries.inputs.join("transcripts"), effort.transcripts)?;
    let folder = transcripts.folder.to_str().context("the folder's name is no text")?;
    let arguments = ["scan", "--threads", "2", folder];
    let (_, input) = inputs.events.first().context("no event")?;
    let pass = || usage::of(binaries, &binaries.stanch, &arguments, input);
    // The first pass warms the caches.
    check::finds_planted(binaries, &arguments, transcripts.files)?;
    let passes = (0..effort.passes).map(|_| pass()).collect::<anyhow::Result<Vec<_>>>()?;
    Scan::new(&transcripts, &passes)
}

fn memory(binaries: &Binaries, inputs: &Inputs, effort: &Effort) -> anyhow::Result<Vec<Memory>> {
    let mut all = Vec::new();
    let mut add = |name: &'static str, program: &Path, arguments: &[&str], input: String, size, path: &Path| {
        let runs = (0..effort.memory_runs).map(|_| usage::of(binaries, program, arguments, path));
        let runs = runs.collect::<anyhow::Result<Vec<_>>>()?;
        let peak = runs.iter().map(|run| run.peak).max().unwrap_or(0);
        let faults = runs.iter().map(|run| run.faults).max().unwrap_or(0);
        all.push(Memory { program: name, input, size, peak, faults });
        anyhow::Ok(())
    };
    for (event, path) in &inputs.events {
        add(record::HOOK, &binaries.hook, &[], event.name.clone(), event.size, path)?;
    }
    for text in inputs.texts() {
        add(record::REDACT, &binaries.stanch, &["redact"], text.name.to_owned(), text.length, &text.path)?;
    }
    if let Some((event, path)) = inputs.events.first() {
        add("a static program that echoes", &binaries.echo, &[], event.name.clone(), event.size, path)?;
        add("`cat`", &binaries.cat, &[], event.name.clone(), event.size, path)?;
    }
    Ok(all)
}
