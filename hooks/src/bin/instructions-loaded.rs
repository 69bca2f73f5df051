//! The executable `instructions-loaded`; see [`hooks::instructions_loaded`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::instructions_loaded::HOOK)
}
