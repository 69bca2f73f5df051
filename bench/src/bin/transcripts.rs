//! Writes made-up transcripts of a coding agent, to time `stanch scan` by hand.

use std::io::Write;
use std::path::PathBuf;

use bench::speed::transcripts::Transcripts;
use clap::Parser;

/// Writes transcripts; a folder that is there is replaced.
#[derive(Parser)]
struct Options {
    /// The folder.
    folder: PathBuf,
    /// Millions of bytes.
    #[arg(default_value_t = 1000)]
    megabytes: usize,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let made = Transcripts::make(&options.folder, options.megabytes * 1_000_000)?;
    writeln!(std::io::stdout(), "{} files, {} bytes", made.files, made.length)?;
    Ok(())
}
