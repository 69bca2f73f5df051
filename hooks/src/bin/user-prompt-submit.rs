//! The executable `user-prompt-submit`; see [`hooks::user_prompt_submit`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hooks::run(&hooks::user_prompt_submit::HOOK)
}
