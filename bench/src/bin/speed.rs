//! What stanch costs: time of whole processes, throughput, memory; the record is `docs/speed.md`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Measures the release binaries beside this one and writes the record. Takes some minutes, on a machine that does nothing
/// else.
#[derive(Parser)]
struct Options {
    /// Date that the record bears.
    #[arg(long, default_value = "an unnamed day")]
    date: String,
    /// Only a look whether everything runs, finds what it should and keeps within its memory; the times mean little.
    #[arg(long)]
    quick: bool,
    /// Instead: these programs against those in this folder (another build's `release`), in turn.
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// Instead: what the shell prefix costs, for docs/command-boundary.md. Takes some minutes and two gigabytes of disk.
    #[arg(long)]
    prefix: bool,
    /// Instead: what a broker costs a hook, for docs/broker.md.
    #[arg(long)]
    lending: bool,
    /// For `--lending`: a client with that home that runs that hook.
    #[arg(long, hide = true, num_args = 2, value_names = ["HOME", "HOOK"])]
    as_client: Option<Vec<PathBuf>>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some(other) = &options.against {
        let table = bench::speed::compare(other, options.quick)?;
        std::io::stdout().lock().write_all(table.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some([home, hook]) = options.as_client.as_deref() {
        bench::speed::be_client(home, hook)?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.prefix {
        std::io::stdout().lock().write_all(bench::speed::prefix(options.quick)?.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.lending {
        std::io::stdout().lock().write_all(bench::speed::lending(options.quick)?.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let record = bench::speed::run(options.quick)?;
    std::io::stdout().lock().write_all(record.markdown(&options.date).as_bytes())?;
    let faults = record.faults();
    for fault in &faults {
        writeln!(std::io::stderr(), "speed: {fault}")?;
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
