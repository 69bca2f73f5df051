//! What is put into an agent's settings.

use std::path::Path;

pub use hooks::registration::{CLAUDE_CODE, CODEX, Entry, PLUGIN, PREFIX, QWEN, TIMEOUT, of};

use crate::command_line;

/// Large results are counted by a request of their own, with the raw text, before any hook runs; not below these limits.
pub const LIMITS: [(&str, &str); 2] =
    [("CLAUDE_CODE_FILE_READ_MAX_OUTPUT_TOKENS", "1000000"), ("MAX_MCP_OUTPUT_TOKENS", "1000000")];

/// The executable that goes before every command.
pub const SHELL: &str = "stanch-shell";
/// The executables that lend credentials; there is a broker where there is a pidfd to tell it of its client's end.
#[cfg(unix)]
pub const LENDING: [&str; 3] = ["stanch-broker", "stanch-wrap", "stanch-fetch"];
#[cfg(not(unix))]
pub const LENDING: [&str; 0] = [];
/// The variable in which the prefix that the user had is kept: stanch-shell starts it, and it starts the command. In the
/// prefix itself it could not stand, for the agent takes what is before its last ` -` for the name of one program.
pub const THEN: &str = "STANCH_SHELL_THEN";

/// Reads that a user may want denied altogether: files that are nothing but secrets.
pub const SECRET_FILES: &[&str] = &[
    "Read(./.env)",
    "Read(./.env.*)",
    "Read(./**/*.pem)",
    "Read(~/.ssh/**)",
    "Read(~/.aws/credentials)",
    "Read(~/.netrc)",
];

/// The value of [`PREFIX`] for executables in `bin`.
pub fn prefix(bin: &Path) -> String {
    bin.join(SHELL).display().to_string()
}

/// Whether a prefix is stanch's, wherever it lies.
pub fn is_prefix(prefix: &str) -> bool {
    Path::new(prefix).file_name().is_some_and(|name| name == SHELL)
}

/// Whether a command of the settings is stanch's hook, wherever it lies: its executable, by itself or asked for an agent.
pub fn is_hook(command: &str, hook: &str) -> bool {
    let is = |program: &Path| {
        let named = program.file_stem().is_some_and(|name| name == hook);
        named && program.components().any(|part| part.as_os_str() == "stanch")
    };
    let asked = || command_line::words(command).filter(|(_, given)| command_line::is_for_an_agent(given));
    is(Path::new(command)) || asked().is_some_and(|(program, _)| is(Path::new(&program)))
}
