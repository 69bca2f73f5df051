//! What an agent puts into the environment of the processes that it starts.

/// Claude Code, Codex, Qwen Code. Not what a person sets for them, such as `CLAUDE_CONFIG_DIR`.
const VARIABLES: [&str; 9] = [
    "CLAUDECODE",
    "CLAUDE_PID",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_CHILD_SESSION",
    "CODEX_THREAD_ID",
    "CODEX_TOOL_CALL_ID",
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "QWEN_CODE",
];

/// The first of those variables that is among these names.
pub(super) fn among<'n>(names: impl Iterator<Item = &'n [u8]>) -> Option<&'static str> {
    let mut marks = names.filter_map(|name| VARIABLES.into_iter().find(|mark| mark.as_bytes() == name));
    marks.next()
}
