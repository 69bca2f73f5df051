//! The executable `session-end`; see [`hooks::session_end`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::session_end::HOOK)
}
