//! What stanch finds and what it leaves alone; the report is `docs/detection.md`.

use std::io::Write;
use std::path::PathBuf;

use clap::Parser;

/// Makes text with and without secrets, redacts it, and writes a report that names kinds and contexts, never values.
#[derive(Parser)]
struct Options {
    /// Date that the report bears.
    #[arg(long, default_value = "an unnamed day")]
    date: String,
    /// Instead: where in this folder of clean files something would change, and how often per MB.
    #[arg(long, value_name = "DIR")]
    clean: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let mut stdout = std::io::stdout().lock();
    match options.clean {
        Some(folder) => bench::clean::report(&folder, &mut stdout),
        None => Ok(stdout.write_all(bench::detection::run()?.report(&options.date).as_bytes())?),
    }
}
