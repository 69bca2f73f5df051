//! The executable `post-tool-use-failure`; see [`hooks::post_tool_use_failure`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::post_tool_use_failure::HOOK)
}
