//! What was measured, held against the targets, as a Markdown record.

use std::fmt::Write;

use anyhow::Context;

use super::binaries::BUILD;
use super::check::Seen;
use super::inputs::{Inputs, Text};
use super::paired::Paired;
use super::quartiles::Quartiles;
use super::transcripts::Transcripts;
use super::usage::Usage;

/// The hook, as the record calls it.
pub const HOOK: &str = "`post-tool-use`";
/// The command, as the record calls it.
pub const REDACT: &str = "`stanch redact`";
/// The search, as the record calls it.
pub const SCAN: &str = "`stanch scan`";

/// Targets: how many times the time of `cat`; MB a second; bytes.
const PROCESS: f64 = 1.2;
const CLEAN: f64 = 500.0;
const PLANTED: f64 = 300.0;
/// Seconds for a thousand million bytes.
const TRANSCRIPTS: f64 = 5.0;
const SCAN_PEAK: u64 = 128_000_000;
const HOOK_PEAK: u64 = 8_000_000;
const REDACT_PEAK: u64 = 32_000_000;

/// A program against `cat` on an event.
pub struct Process {
    /// The program.
    pub program: &'static str,
    /// The event's name.
    pub event: String,
    /// The event's size.
    pub size: usize,
    /// The times.
    pub paired: Paired,
}

/// A program on a large text.
pub struct Throughput {
    program: &'static str,
    text: &'static str,
    /// MB a second by the clock.
    wall: Quartiles,
    /// MB a second of processor time.
    processor: Quartiles,
}

impl Throughput {
    /// From the passes over one text.
    ///
    /// # Errors
    /// There was none.
    pub fn new(program: &'static str, text: &Text, passes: &[Usage]) -> anyhow::Result<Self> {
        let rate = |seconds: fn(&Usage) -> f64| {
            // The clock of processor time ticks in microseconds at best.
            let rates = passes.iter().map(|pass| text.length as f64 / 1e6 / seconds(pass).max(1e-6));
            Quartiles::of(rates).context("no pass was asked for")
        };
        let (wall, processor) = (rate(|pass| pass.wall)?, rate(|pass| pass.processor)?);
        Ok(Self { program, text: text.name, wall, processor })
    }
}

/// `stanch scan` over transcripts.
pub struct Scan {
    /// Bytes of them.
    length: usize,
    /// How many they are.
    files: usize,
    /// Seconds by the clock.
    wall: Quartiles,
    /// Seconds of processor time.
    processor: Quartiles,
    /// Peak of memory in bytes, the largest of the passes.
    peak: u64,
}

impl Scan {
    /// From the passes over them.
    ///
    /// # Errors
    /// There was none.
    pub fn new(transcripts: &Transcripts, passes: &[Usage]) -> anyhow::Result<Self> {
        let seconds = |of: fn(&Usage) -> f64| Quartiles::of(passes.iter().map(of)).context("no pass was asked for");
        Ok(Self {
            length: transcripts.length,
            files: transcripts.files,
            wall: seconds(|pass| pass.wall)?,
            processor: seconds(|pass| pass.processor)?,
            peak: passes.iter().map(|pass| pass.peak).max().unwrap_or(0),
        })
    }

    /// Seconds that a thousand million bytes take.
    fn pace(&self) -> f64 {
        self.wall.median * 1e9 / self.length as f64
    }
}

/// A program's peak memory.
pub struct Memory {
    /// The program.
    pub program: &'static str,
    /// What it was run on.
    pub input: String,
    /// The size of that.
    pub size: usize,
    /// Peak in bytes, the largest of the runs.
    pub peak: u64,
    /// Page faults that needed no disk, the most of the runs.
    pub faults: u64,
}

/// Everything that was measured.
pub struct Record {
    /// See [`super::machine`].
    pub machine: String,
    /// See [`super::machine`].
    pub locale: String,
    /// Pairs of processes for each event.
    pub pairs: usize,
    /// Passes over each large text.
    pub passes: usize,
    /// Whole processes.
    pub processes: Vec<Process>,
    /// Large texts.
    pub throughput: Vec<Throughput>,
    /// Memory.
    pub memory: Vec<Memory>,
    /// Transcripts.
    pub scan: Scan,
    /// What became of the planted secrets.
    pub seen: Seen,
    /// What it was measured on.
    pub inputs: Inputs,
}

/// A target and how it was met.
struct Target {
    what: String,
    wanted: String,
    measured: String,
    met: bool,
    /// Whether a busy machine leaves the figure as it is.
    steady: bool,
}

impl Record {
    /// Targets that are missed on any machine, in words; those on time are the record's affair.
    pub fn faults(&self) -> Vec<String> {
        let missed = self.targets().into_iter().filter(|target| target.steady && !target.met);
        missed.map(|t| format!("{}: {}, the target is {}", t.what, t.measured, t.wanted)).collect()
    }

    fn targets(&self) -> Vec<Target> {
        let mut targets = Vec::new();
        let hooks = [HOOK].into_iter().chain(super::binaries::OTHERS);
        let each = hooks.flat_map(|hook| super::inputs::EVENTS.map(|size| (hook, size)));
        for (hook, size) in each {
            let ours = self.processes.iter().filter(|p| p.program == hook && p.size == size);
            // The slowest sort of event counts.
            let worst = ours.map(|p| p.paired.ratio).max_by(|a, b| a.median.total_cmp(&b.median));
            targets.extend(worst.map(|ratio| Target {
                what: format!(
                    "`{}`, whole process, event of {} KB, against `cat`",
                    hook.trim_matches('`'),
                    size / 1000
                ),
                wanted: format!("≤ {PROCESS} ×"),
                measured: format!("{:.2} ×", ratio.median),
                met: ratio.median <= PROCESS,
                steady: false,
            }));
        }
        for (text, least) in [(self.inputs.clean.name, CLEAN), (self.inputs.planted.name, PLANTED)] {
            let ours = self.throughput.iter().find(|t| t.program == REDACT && t.text == text);
            targets.extend(ours.map(|t| Target {
                what: format!("{REDACT}, one core, {text}"),
                wanted: format!("≥ {least} MB/s"),
                measured: format!("{:.0} MB/s", t.wall.median),
                met: t.wall.median >= least,
                steady: false,
            }));
        }
        targets.push(Target {
            what: format!("{SCAN}, two cores, 1 GB of transcripts"),
            wanted: format!("≤ {TRANSCRIPTS} s"),
            measured: format!("{:.1} s", self.scan.pace()),
            met: self.scan.pace() <= TRANSCRIPTS,
            steady: false,
        });
        let small = |m: &&Memory| m.program == HOOK && m.size == super::inputs::EVENTS[0];
        let hook = self.memory.iter().filter(small).map(|m| m.peak).max();
        let redact = self.memory.iter().filter(|m| m.program == REDACT).map(|m| m.peak).max();
        let peaks = [
            (HOOK, "event of 1 KB", HOOK_PEAK, hook),
            (REDACT, "any stream", REDACT_PEAK, redact),
            (SCAN, "transcripts, two threads", SCAN_PEAK, Some(self.scan.peak)),
        ];
        targets.extend(peaks.into_iter().map(|(program, input, most, peak)| Target {
            what: format!("{program}, peak memory, {input}"),
            wanted: format!("≤ {} MB", most / 1_000_000),
            measured: peak.map_or_else(|| "nothing".to_owned(), |peak| format!("{:.1} MB", peak as f64 / 1e6)),
            met: peak.is_some_and(|peak| peak <= most),
            steady: true,
        }));
        targets
    }

    /// The record under a date.
    pub fn markdown(&self, date: &str) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = self.write(date, &mut out);
        out
    }

    fn write(&self, date: &str, out: &mut String) -> std::fmt::Result {
        let Inputs { clean, planted, secrets, distinct, crates, .. } = &self.inputs;
        writeln!(out, "# Speed\n\nWhat stanch costs. Made on {date} by\n\n```sh")?;
        writeln!(out, "{BUILD}")?;
        writeln!(
            out,
            "cargo run --release -p stanch-bench --bin speed -- --date {date} > docs/speed.md\n```\n\non {}.\n",
            self.machine
        )?;
        writeln!(out, "| | target | measured | |\n| --- | ---: | ---: | --- |")?;
        for Target { what, wanted, measured, met, .. } in self.targets() {
            writeln!(out, "| {what} | {wanted} | {measured} | {} |", if met { "met" } else { "missed" })?;
        }
        let (pairs, passes, size) = (self.pairs, self.passes, clean.length as f64 / 1e6);
        let distinct = *distinct as f64 / 1e6;
        writeln!(
            out,
            "
## How

The programs are copied first, as `cargo install` does: the file that a linker leaves starts more slowly than its copy. Whole
processes are started in turn, the program and `cat` on the same file, {pairs} pairs (A B B A) for each event after a warm-up,
and timed from before the start until their output is read to its end. The ratio is taken pair by pair; the table gives
its median, and the quartiles behind it. What is held against the target is the slowest sort of event. `cat` against itself
shows the noise. `cat` reads the files of the locale when it starts, here with {}; in the locale C it
opens none, starts faster, and all ratios are higher.

The source code is the Rust files of the {crates} crates that `Cargo.lock` pins: {distinct:.1} MB, repeated to {size:.1} MB. In
it {} lines change where nothing was planted, test values of those crates most of them. Throughput is the median of
{passes} passes, standard output thrown away; `stanch redact` has one thread. MB are millions of bytes.

| text | bytes | BLAKE3 |
| --- | ---: | --- |",
            self.locale, self.seen.changed
        )?;
        for text in self.inputs.texts() {
            writeln!(out, "| {} | {} | `{}` |", text.name, text.length, &text.hash[..32])?;
        }
        let (planted, number, left) = (planted.name, secrets.len(), self.seen.left);
        writeln!(out, "\nIn '{planted}' there are {number}; the run looks at each: {left} of them were left.")?;
        self.write_processes(out)?;
        self.write_throughput(out)?;
        self.write_scan(out)?;
        self.write_memory(out)
    }

    fn write_processes(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n## Whole processes\n\n| program | event | size | µs | `cat`, µs | ratio | quartiles |")?;
        writeln!(out, "| --- | --- | ---: | ---: | ---: | ---: | ---: |")?;
        for Process { program, event, size, paired: Paired { ours, theirs, ratio } } in &self.processes {
            let (kilobytes, ours, theirs) = (size / 1000, ours.median, theirs.median);
            let Quartiles { lower, median, upper } = ratio;
            writeln!(
                out,
                "| {program} | {event} | {kilobytes} KB | {ours:.0} | {theirs:.0} | {median:.2} | {lower:.2} – {upper:.2} |"
            )?;
        }
        Ok(())
    }

    fn write_throughput(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n## 100 MB\n\n| program | text | MB/s | quartiles | MB/s of processor time |")?;
        writeln!(out, "| --- | --- | ---: | ---: | ---: |")?;
        for Throughput { program, text, wall, processor } in &self.throughput {
            let Quartiles { lower, median, upper } = wall;
            let processor = processor.median;
            writeln!(out, "| {program} | {text} | {median:.0} | {lower:.0} – {upper:.0} | {processor:.0} |")?;
        }
        Ok(())
    }

    fn write_scan(&self, out: &mut String) -> std::fmt::Result {
        let Scan { length, files, wall, processor, .. } = &self.scan;
        writeln!(out, "\n## Transcripts\n\n| program | files | MB | s | quartiles | s of processor time |")?;
        writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
        let (length, processor) = (*length as f64 / 1e6, processor.median);
        let Quartiles { lower, median, upper } = wall;
        writeln!(
            out,
            "| {SCAN} | {files} | {length:.0} | {median:.2} | {lower:.2} – {upper:.2} | {processor:.2} |\n\n\
             Made up after real ones (`bench/src/speed/transcripts.rs`): source code that was read, logs that were \
             printed, edits; a third of\nall bytes in one file. The file system has them in memory."
        )
    }

    fn write_memory(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "\n## Peak memory\n\nResident, the touched parts of the executable included; the largest of the runs.\n"
        )?;
        writeln!(out, "| program | input | bytes | peak, MB | page faults |\n| --- | --- | ---: | ---: | ---: |")?;
        for Memory { program, input, size, peak, faults } in &self.memory {
            writeln!(out, "| {program} | {input} | {size} | {:.1} | {faults} |", *peak as f64 / 1e6)?;
        }
        Ok(())
    }
}
