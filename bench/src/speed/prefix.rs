//! What the shell prefix costs: `true` with it and without, in turn; a gigabyte of output through it.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};

use super::binaries::Binaries;
use super::machine;
use super::quartiles::Quartiles;
use super::source::Source;

/// Pairs that are thrown away: the first runs read the programs from disk.
const WARM_UP: usize = 10;
/// One text of that length, so many times: a gigabyte.
const LENGTH: usize = 100_000_000;
const TIMES: usize = 10;

/// How a client takes the output.
#[derive(Clone, Copy)]
enum Taken {
    File,
    Pipe,
}

/// Measures and gives the section of `docs/command-boundary.md`.
///
/// # Errors
/// A program is missing, or did not do what it is there for.
pub fn run(pairs: usize, passes: usize) -> anyhow::Result<String> {
    let binaries = Binaries::find()?;
    let mut out =
        format!("On {}.\n\n| | target | measured | quartiles |\n| --- | ---: | ---: | ---: |\n", machine::describe());
    for (taken, what) in [(Taken::File, "read from a file (Bash)"), (Taken::Pipe, "read as it comes (MCP, monitors)")] {
        let Quartiles { lower, median, upper } = overhead(&binaries, taken, pairs)?;
        writeln!(
            out,
            "| `true`, {what}: more than without, {pairs} pairs | ≤ 2 ms | {median:.2} ms | {lower:.2} – {upper:.2} |"
        )?;
    }
    let plain = Source::of_length(LENGTH)?.text;
    for (name, text, target) in
        [("source code", &plain, "≥ 300 MB/s"), ("source code in colours", &coloured(&plain), "")]
    {
        let path = binaries.inputs.join("prefix-input");
        fs::write(&path, text)?;
        let runs = (0..passes).map(|_| through(&binaries, &path, text.len())).collect::<anyhow::Result<Vec<_>>>()?;
        let of = |value: fn(&Passed) -> f64| Quartiles::of(runs.iter().map(value)).context("no pass was asked for");
        let (wall, own, peak) = (of(|run| run.wall)?, of(|run| run.processor)?, of(|run| run.peak)?);
        writeln!(
            out,
            "| 1 GB of {name} | {target} | {:.0} MB/s | {:.0} – {:.0} |",
            wall.median, wall.lower, wall.upper
        )?;
        writeln!(
            out,
            "| the same, by the filter's processor time | | {:.0} MB/s | {:.0} – {:.0} |",
            own.median, own.lower, own.upper
        )?;
        writeln!(out, "| the filter's peak memory | | {:.1} MB | |", peak.upper)?;
    }
    Ok(out)
}

/// Milliseconds that `true` takes longer with the prefix, pair by pair.
fn overhead(binaries: &Binaries, taken: Taken, pairs: usize) -> anyhow::Result<Quartiles> {
    let file = binaries.inputs.join("prefix-output");
    let mut more = Vec::with_capacity(pairs);
    for number in 0..WARM_UP + pairs {
        let with = |prefixed: bool| once(&command(binaries, prefixed), taken, &file);
        // Who comes second finds the machine as the first left it: that falls to both as often.
        let first = with(number % 2 == 0)?;
        let second = with(number % 2 == 1)?;
        more.push(if number % 2 == 0 { first - second } else { second - first });
    }
    Quartiles::of(more.into_iter().skip(WARM_UP)).context("no pair was asked for")
}

/// The program and its arguments.
fn command(binaries: &Binaries, prefixed: bool) -> Vec<&std::ffi::OsStr> {
    let words: &[&str] = if prefixed { &["true"] } else { &["-c", "true"] };
    let program = if prefixed { binaries.shell.as_os_str() } else { std::ffi::OsStr::new("/bin/bash") };
    std::iter::once(program).chain(words.iter().map(std::ffi::OsStr::new)).collect()
}

/// Milliseconds from before the start until the end is known, and a pipe is read to its end.
fn once(words: &[&std::ffi::OsStr], taken: Taken, file: &Path) -> anyhow::Result<f64> {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env("SHELL", "/bin/bash").stdin(Stdio::null()).process_group(0);
    match taken {
        Taken::File => {
            let file = File::create(file)?;
            command.stdout(file.try_clone()?).stderr(file);
        }
        Taken::Pipe => {
            command.stdout(Stdio::piped());
        }
    }
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("starting '{}'", words[0].display()))?;
    if let Some(stdout) = &mut child.stdout {
        stdout.read_to_end(&mut Vec::new())?;
    }
    let status = child.wait()?;
    let took = start.elapsed();
    ensure!(status.success(), "'{}' ended with {status}", words[0].display());
    Ok(took.as_secs_f64() * 1e3)
}

/// Keywords in colour, as many as a highlighter would: the codes stand where words begin and end.
fn coloured(text: &[u8]) -> Vec<u8> {
    let words = ["fn ", "let ", "pub ", "self", "impl ", "use "];
    words
        .iter()
        .fold(String::from_utf8_lossy(text).into_owned(), |text, word| {
            text.replace(word, &format!("\u{1b}[1;35m{word}\u{1b}[0m"))
        })
        .into_bytes()
}

/// One gigabyte that has passed.
struct Passed {
    /// MB a second, from before the prefix starts to its end.
    wall: f64,
    /// MB a second of the filter's processor time.
    processor: f64,
    /// Megabytes of the filter.
    peak: f64,
}

fn through(binaries: &Binaries, input: &Path, length: usize) -> anyhow::Result<Passed> {
    let (output, facts) = (binaries.inputs.join("prefix-output"), binaries.inputs.join("prefix-facts"));
    // At the end the command looks at the other child of its parent: the filter.
    let text = format!(
        "for i in $(seq {TIMES}); do cat '{}'; done\nfor p in $(cat /proc/$PPID/task/$PPID/children); do \
         [ $p = $$ ] || {{ cat /proc/$p/stat; grep VmHWM /proc/$p/status; }}; done > '{}'",
        input.display(),
        facts.display()
    );
    let file = File::create(&output)?;
    let mut command = Command::new(&binaries.shell);
    command.arg(&text).env("SHELL", "/bin/bash").stdin(Stdio::null()).process_group(0);
    let start = Instant::now();
    let status = command.stdout(file.try_clone()?).stderr(file).status()?;
    let took = start.elapsed().as_secs_f64();
    let written = fs::metadata(&output)?.len() as f64;
    fs::remove_file(&output)?;
    let whole = (length * TIMES) as f64;
    ensure!(status.success() && (written / whole - 1.0).abs() < 0.01, "{written} bytes of {whole} came, {status}");
    let facts = fs::read_to_string(&facts)?;
    let numbers: Vec<f64> = facts.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    // Processor time in hundredths of a second is the 14th and 15th word, of which the second is a name and the third a letter.
    let (Some(user), Some(kernel), Some(peak)) = (numbers.get(11), numbers.get(12), numbers.last()) else {
        anyhow::bail!("the command did not see the filter: '{}'", facts.trim());
    };
    let processor = (user + kernel) / 100.0;
    Ok(Passed { wall: whole / 1e6 / took, processor: whole / 1e6 / processor, peak: peak / 1e3 })
}
