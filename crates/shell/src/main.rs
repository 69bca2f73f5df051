//! `stanch-shell '<text>'`: runs the text with the user's shell, its output without secrets.

use std::process::ExitCode;

fn main() -> ExitCode {
    shell::run(std::env::args_os())
}
