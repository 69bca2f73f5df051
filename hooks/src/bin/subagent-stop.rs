//! The executable `subagent-stop`; see [`hooks::subagent_stop`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::subagent_stop::HOOK)
}
