//! What a reply says of the secrets it hid: kinds and counts, so that a model leaves placeholders alone.

use scrub::{Finding, Table};

/// `2 × github_pat, 1 × password`, most frequent first.
pub fn kinds(table: &Table<'_>, findings: &[Finding]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for finding in findings.iter().filter(|f| !f.is_continued()) {
        let id = table.rule(finding.rule).id();
        match counts.iter_mut().find(|(kind, _)| *kind == id) {
            Some((_, count)) => *count += 1,
            None => counts.push((id, 1)),
        }
    }
    counts.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
    let said: Vec<String> = counts.iter().map(|(id, count)| format!("{count} × {id}")).collect();
    said.join(", ")
}

/// Said to the model beside a redacted output.
pub fn hidden(kinds: &str) -> String {
    format!(
        "stanch replaced secrets in this output by placeholders (stanch_<kind>): {kinds}. The real values are unchanged \
         where they come from. Do not repair, guess or write a placeholder into a file; refer to the variable, file or \
         store that holds the value."
    )
}

/// Said to the model beside replaced arguments.
pub fn replaced(tool: &str, kinds: &str) -> String {
    format!(
        "stanch replaced secrets in the arguments of this {tool} call by placeholders (stanch_<kind>): {kinds}. The call \
         was made with the placeholders. If it needs the value, ask the user how to provide it."
    )
}

/// Said to the model when a call is denied.
pub fn denied(tool: &str, places: &str) -> String {
    format!(
        "stanch stopped this {tool} call: its arguments hold a secret ({places}). Do not write secrets into arguments; \
         refer to an environment variable (\"$NAME\"), a file that the program reads itself, or a secret store. If no secret \
         is meant, ask the user."
    )
}
