//! The executable `config-change`; see [`hooks::config_change`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::config_change::HOOK)
}
