//! What is done about a secret in a tool's arguments: one table.

/// What to do with arguments that hold a secret.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Stop the call and say why.
    Deny,
    /// Make the call with placeholders: its arguments only carry text onward.
    Replace,
}

/// Tools whose arguments only carry text onward: nothing on disk depends on them. `*` at the end stands for any rest.
const REPLACE: &[&str] = &[
    "WebFetch",  // the address and the question
    "WebSearch", // the query
    "Agent",     // a subagent's prompt
    "Task",      // the same under its older name
    "mcp__*",    // what goes to an MCP server
];

/// The action for a tool. Unknown tools are denied: a changed path, command or `old_string` would do damage.
pub fn action(tool: &str) -> Action {
    let replace = REPLACE.iter().any(|entry| match entry.strip_suffix('*') {
        Some(start) => tool.starts_with(start),
        None => tool == *entry,
    });
    if replace { Action::Replace } else { Action::Deny }
}
