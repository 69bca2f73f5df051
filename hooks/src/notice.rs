//! What a reply says of the secrets it hid: kinds and counts, so that a model leaves placeholders alone.

use scrub::{Finding, Scanner, Table};

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

/// Said to the person who is asked.
pub fn asked(tool: &str, places: &str) -> String {
    format!("stanch: the arguments of this {tool} call hold a secret ({places}). Your configuration says to ask you.")
}

/// Said when an output is withheld because the configuration says so.
pub fn withheld(kinds: &str) -> String {
    format!("stanch withheld the output of this call: it holds secrets ({kinds}), and the configuration says so.")
}

/// Said when the turn ends because the configuration says so.
pub fn stopped_by_policy(tool: &str, kinds: &str) -> String {
    format!(
        "stanch ended the turn: the output of this {tool} call holds secrets ({kinds}), and the configuration says to stop. \
         It has not been sent, but stands in the session's history: rewind to before it (Esc twice, or /rewind), or start \
         anew (/clear)."
    )
}

/// A tool's name is text of the event too: say it only if it is a plain name with no secret in it.
pub fn tool<'n>(tool: &'n str, scanner: &Scanner<'_>) -> &'n str {
    let plain =
        (1..=64).contains(&tool.len()) && tool.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let clean = plain && scanner.findings(tool.as_bytes()).is_ok_and(|found| found.is_empty());
    if clean { tool } else { "tool" }
}

/// `Bash: 1 × github_pat`.
pub fn left(tool: &str, scanner: &Scanner<'_>, findings: &[Finding]) -> String {
    format!("{}: {}", self::tool(tool, scanner), kinds(scanner.table(), findings))
}

/// Where such secrets are revoked, each page once.
pub fn revoke<'t>(table: &Table<'t>, findings: &[Finding]) -> Vec<&'t str> {
    let mut pages: Vec<&str> = findings.iter().map(|f| table.rule(f.rule).revoke()).collect();
    pages.sort_unstable();
    pages.dedup();
    pages
}

/// Said to the user when a turn ends before its batch is sent.
pub fn stopped(left: &str) -> String {
    format!(
        "stanch ended the turn: what the model was about to get holds secrets ({left}). It has not been sent, but it \
         stands in the session's history and would go out with the next prompt. Rewind to before it (Esc twice, or \
         /rewind), or start anew (/clear). A failed command cannot be redacted: let it write to a file, or end with \
         '; true'."
    )
}

/// Said to the user and the model when a failed tool gave secrets back.
pub fn failed(tool: &str, kinds: &str, pages: &[&str]) -> String {
    format!(
        "stanch could not redact what this {tool} call gave back, because it failed: it holds secrets ({kinds}). Unless \
         the turn ends now, the model gets them. Rotate them: {}. Do not repeat them.",
        pages.join(", ")
    )
}
