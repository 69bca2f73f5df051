//! The executable `session-start`; see [`hooks::session_start`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::session_start::HOOK)
}
