//! The executable `pre-compact`; see [`hooks::pre_compact`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::pre_compact::HOOK)
}
