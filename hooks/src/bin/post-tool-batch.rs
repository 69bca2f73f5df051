//! The executable `post-tool-batch`; see [`hooks::post_tool_batch`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::post_tool_batch::HOOK)
}
