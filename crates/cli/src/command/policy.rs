//! `stanch policy`: what is lent to whom, checked and explained by the code that decides it.

mod check;
mod explain;
mod json;

use std::process::ExitCode;

use crate::args::Policy;

/// Checks the policy of the current folder, or explains what it says about a command.
pub fn run(what: &Policy) -> anyhow::Result<ExitCode> {
    match what {
        Policy::Check => check::run(),
        Policy::Explain(how) => explain::run(how),
    }
}
