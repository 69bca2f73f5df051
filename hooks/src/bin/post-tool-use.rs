//! The executable `post-tool-use`; see [`hooks::post_tool_use`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::post_tool_use::HOOK)
}
