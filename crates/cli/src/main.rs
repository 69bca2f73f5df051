//! `stanch`: the command for people. Reads its arguments and runs one command.

mod args;
mod ask;
mod columns;
mod command;
mod session;
mod since;
mod user_file;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match command::run(args::Args::parse()) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "stanch: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// `stanch redact | head` is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|e| e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}
