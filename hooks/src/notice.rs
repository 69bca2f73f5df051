//! What a reply says of the secrets it hid: kinds and counts, so that a model leaves placeholders alone.

use std::path::Path;

use scrub::{Finding, Scanner, Table};

use crate::pause::{Doubt, Pause};

/// The kinds, and how often each; most frequent first.
pub fn counts<'t>(table: &Table<'t>, findings: &[Finding]) -> Vec<(&'t str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for finding in findings.iter().filter(|f| !f.is_continued()) {
        let id = table.rule(finding.rule).id();
        match counts.iter_mut().find(|(kind, _)| *kind == id) {
            Some((_, count)) => *count += 1,
            None => counts.push((id, 1)),
        }
    }
    counts.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
    counts
}

/// `2 × github_pat, 1 × password`, most frequent first.
pub fn kinds(table: &Table<'_>, findings: &[Finding]) -> String {
    let said: Vec<String> = counts(table, findings).iter().map(|(id, count)| format!("{count} × {id}")).collect();
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
         stands in the session's history and would go out with the next prompt, '!' command or /btw. Rewind to before it \
         (Esc twice, or /rewind), or start anew (/clear). A failed command cannot be redacted: let it write to a file, or \
         end with '; true'."
    )
}

/// Said to the user and the model when an output goes out as it is, because the agent takes no other in its place.
pub fn sent(left: &str) -> String {
    format!(
        "stanch could not redact what an earlier call of this batch gave back, because it failed: it holds secrets ({left}). \
         The model gets them. Rotate them, and do not repeat them."
    )
}

/// Said to the user and the model when a failed tool gave secrets back.
pub fn failed(tool: &str, kinds: &str, pages: &[&str]) -> String {
    format!(
        "stanch could not redact what this {tool} call gave back, because it failed: it holds secrets ({kinds}). Unless \
         the turn ends now, they go to the model; then rotate them: {}. Do not repeat them.",
        pages.join(", ")
    )
}

/// Said to the user when the prompt itself holds secrets.
pub fn prompt_blocked(kinds: &str) -> String {
    format!(
        "The prompt holds secrets ({kinds}). Take them out: name the variable, the file or the store that holds the value. \
         If you typed a live one, it stands in the terminal's and the client's own records: rotate it."
    )
}

/// Said to the user when a background task reports secrets.
pub fn report_held(kinds: &str) -> String {
    format!(
        "It holds secrets ({kinds}). The task's own output file keeps it. Let the task write to a file that the model does \
         not read, or filter its output (`… | stanch redact`)."
    )
}

/// Said to the user when what was stopped would go out with the prompt.
pub fn history_blocked(left: &str) -> String {
    format!(
        "The session's history holds secrets ({left}) that have not been sent and would go out with any prompt. Two ways out: \
         start anew (/clear, or a new session); or rewind to before it (Esc twice or /rewind, 'Restore conversation') and \
         send your prompt twice, for the rewind shows only after the first. Until then, no '!' command and no /btw: they \
         send the history and no hook can stop them."
    )
}

/// Said to the user when a fork may carry what was stopped, and whether it is marked as such.
pub fn forked(marked: bool) -> String {
    let said =
        "A session of this project holds secrets that were stopped, and this session is a fork: it may carry them.";
    if marked {
        said.to_owned()
    } else {
        format!("{said} stanch cannot write its state folder to keep that in mind: start anew.")
    }
}

/// Said to the user when the history of a fork cannot be seen yet.
pub fn fork_unknown() -> String {
    "This session is a fork, and a session of this project holds secrets that were stopped. Whether this one carries them \
     shows only now: send the prompt once more. Without a terminal, start without --fork-session."
        .to_owned()
}

/// Said to the user when a file that the prompt pulls in holds secrets.
pub fn mention_blocked(place: &str, kinds: &str) -> String {
    format!(
        "The prompt pulls in {place}, which holds secrets ({kinds}). Leave the '@' out, so that the file is read by a tool \
         and redacted, or take the secrets out of it."
    )
}

/// Said to the user when a file that the prompt pulls in cannot be searched.
pub fn mention_unread(path: &Path, limit: u64) -> String {
    format!(
        "The prompt pulls in {}, which cannot be searched: it is no plain file, may not be read or is larger than {limit} MiB. \
         Leave the '@' out.",
        path.display()
    )
}

/// Said to the user when a prompt mentions more than is looked at.
pub fn too_many_mentions() -> String {
    "The prompt mentions too many files to be searched. Leave out some '@'.".to_owned()
}

/// Said to the user when a compaction would read a file again.
pub fn read_again(place: &str, kinds: &str) -> String {
    format!(
        "Not compacted: the client would read {place} again, unredacted, and it holds secrets ({kinds}). Take them out of the \
         file, or move it, and compact again; or start anew (/clear)."
    )
}

/// Said to the model when a call would load instructions that hold secrets.
pub fn instructions_denied(tool: &str, lines: &str) -> String {
    format!(
        "stanch stopped this {tool} call: with that file the client puts the instructions of its folder before the model, and \
         they hold secrets. Ask the user to clean them.\n{lines}"
    )
}

/// Said to the user when an instruction file that holds secrets was loaded in the middle of a session.
pub fn instructions_leaked(lines: &str) -> String {
    format!("LEAKED: the client put an instruction file before the model that holds secrets. Rotate them now.\n{lines}")
}

/// Said to the user when a change of settings would switch stanch off.
pub fn settings_blocked(lines: &str) -> String {
    format!(
        "stanch kept a change of settings out of this session, which would have switched it off.\n{lines}\nIf you want it so, \
         start the client anew."
    )
}

/// Said to the user while stanch is paused.
pub fn paused(pause: &Pause) -> String {
    format!("stanch is paused until {}: nothing is redacted.", pause.clock())
}

/// Said to the user when something says that stanch is paused, and is not believed.
pub fn not_paused(file: &Path, doubt: &Doubt) -> String {
    format!(
        "{} says that stanch is paused, and is not believed: {doubt}. Nothing is paused; `stanch resume` takes it away.",
        file.display()
    )
}

/// Said to the model when it calls `stanch pause`.
pub fn pause_denied(tool: &str) -> String {
    format!(
        "stanch stopped this {tool} call: `stanch pause` is for a person at a terminal of their own, and does nothing when an \
         agent calls it. If stanch is in the way, say so to the user."
    )
}

/// Said to the user when secrets have been sent.
pub fn leaked(left: &str, pages: &[&str]) -> String {
    format!(
        "LEAKED: secrets went to the model ({left}). Rotate them now: {}. Nothing can take them back; stanch's log has the \
         time and the place.",
        pages.join(", ")
    )
}
