//! The executable `pre-tool-use`; see [`hooks::pre_tool_use`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::pre_tool_use::HOOK)
}
