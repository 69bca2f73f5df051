//! What is done about a secret, for each tool.

use std::fmt;

use serde::Deserialize;

/// What is done about a secret in a tool's arguments; the later, the tighter.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arguments {
    /// The call is made as it is: the tool is where the secret belongs.
    Pass,
    /// The person is asked.
    Ask,
    /// The call is made with placeholders: its arguments only carry text onward.
    Replace,
    /// The call is stopped.
    Deny,
}

/// What is done about a secret in a tool's output; the later, the tighter.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// The model gets it with placeholders.
    #[default]
    Redact,
    /// The model gets none of its text.
    Withhold,
    /// The turn ends.
    Stop,
}

/// Tools whose arguments only carry text onward: nothing on disk depends on them. The others are denied: a changed path,
/// command or `old_string` would do damage.
pub(crate) const CARRIERS: &[&str] = &[
    "WebFetch",  // the address and the question
    "WebSearch", // the query
    "Agent",     // a subagent's prompt
    "Task",      // the same under its older name
    "mcp__*",    // what goes to an MCP server
];

impl Arguments {
    /// What is done where nobody says otherwise.
    pub fn by_default(tool: &str) -> Self {
        if CARRIERS.iter().any(|pattern| fit(pattern, tool).is_some()) { Self::Replace } else { Self::Deny }
    }
}

impl fmt::Display for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Ask => "ask",
            Self::Replace => "replace",
            Self::Deny => "deny",
        })
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redact => "redact",
            Self::Withhold => "withhold",
            Self::Stop => "stop",
        })
    }
}

/// How well a pattern fits a tool's name: `*` at its end stands for any rest, and the longer pattern fits better.
pub(crate) fn fit(pattern: &str, tool: &str) -> Option<usize> {
    match pattern.strip_suffix('*') {
        Some(start) => tool.starts_with(start).then_some(start.len()),
        None => (tool == pattern).then_some(usize::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_name_fits_better_than_its_beginning() {
        assert!(fit("mcp__vault__put", "mcp__vault__put") > fit("mcp__vault__*", "mcp__vault__put"));
        assert!(fit("mcp__vault__*", "mcp__vault__put") > fit("mcp__*", "mcp__vault__put"));
        assert_eq!(fit("Bash", "BashOutput"), None);
    }
}
