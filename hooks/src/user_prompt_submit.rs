//! Before a prompt is sent: nothing goes out with it that holds a secret.
//!
//! The prompt itself; the files that it mentions and the folders' instructions that come with them; the text of a slash
//! command; the reports of background tasks, which arrive here as prompts; the instruction files that a session begins with;
//! and what stands in the session's history and has not been sent, because `post-tool-batch` ended the turn before it.
//!
//! The client cannot be given another prompt: the answer is yes or no, and every no says what to do.

use std::path::Path;

use config::plain::{self, Content};
use scrub::{Finding, Scanner};

use crate::event::Event;
use crate::history::{self, History, Place, Reach};
use crate::log::{Deed, Entry, Source};
use crate::{Agent, Context, Hook, Refusal, Reply, fork, instructions, leak, mention, notice, settings, slash, text};

/// The hook. Its closed answer is exit status 2: the prompt is not sent.
pub const HOOK: Hook = Hook {
    name: "user-prompt-submit",
    event: "UserPromptSubmit",
    reads_files: true,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

/// A larger file is not searched; the client itself pulls in no more than a part of a file of a quarter of a megabyte.
const LARGEST_MENTIONED: u64 = 64 << 20;

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let (prompt, folder) = (event.prompt()?, event.folder()?);
    let scanner = context.scanner()?;
    // Another agent's history holds what the hooks made of it, and its transcript is written otherwise.
    let keeps = context.agent.keeps_what_was_stopped();
    let history = if keeps { history::read(event.transcript()?, Reach::Turn, &scanner)? } else { History::default() };
    let check = Check { event: &event, agent: context.agent, scanner: &scanner };
    let mut reasons = Vec::new();
    reasons.extend(check.prompt(prompt)?);
    reasons.extend(check.history(&history));
    reasons.extend((keeps && fork::is_unknown(&event)?).then(notice::fork_unknown));
    reasons.extend(check.instructions(folder)?);
    reasons.extend(check.mentions(prompt, folder)?);
    if reasons.is_empty() {
        return check.happened(&history, folder);
    }
    let begin =
        if is_report(prompt) { "stanch held back a background task's report." } else { "stanch blocked this prompt." };
    reasons.insert(0, begin.to_owned());
    Ok(Reply::Block { reason: scanner.redacted(&reasons.join("\n"))? })
}

/// The client hands on what a background task, a Monitor or a subagent reports as if the user had said it.
fn is_report(prompt: &str) -> bool {
    prompt.trim_start().starts_with("<task-notification>") && prompt.trim_end().ends_with("</task-notification>")
}

/// What is looked at, each a reason to block or none.
struct Check<'c, 'e, 't> {
    event: &'c Event<'e>,
    agent: Agent,
    scanner: &'c Scanner<'t>,
}

impl Check<'_, '_, '_> {
    fn blocked(&self, source: Source, findings: &[Finding], place: &str) {
        let mut entry = Entry::new(HOOK.event, self.event, Deed::Blocked, source, self.scanner, findings);
        entry.place = Some(place.to_owned());
        entry.append(self.scanner);
    }

    fn prompt(&self, prompt: &str) -> Result<Option<String>, Refusal> {
        let findings = self.scanner.findings(prompt.as_bytes())?;
        if findings.is_empty() {
            return Ok(None);
        }
        let (source, place) = if is_report(prompt) { (Source::Report, "report") } else { (Source::Prompt, "prompt") };
        self.blocked(source, &findings, place);
        let kinds = notice::kinds(self.scanner.table(), &findings);
        Ok(Some(if is_report(prompt) { notice::report_held(&kinds) } else { notice::prompt_blocked(&kinds) }))
    }

    fn history(&self, history: &History) -> Option<String> {
        if history.unsent.is_empty() {
            return None;
        }
        for Place { what, call, findings } in &history.unsent {
            let mut entry = Entry::new(HOOK.event, self.event, Deed::Blocked, Source::History, self.scanner, findings);
            (entry.tool, entry.call) = (Some(what.as_str()), call.as_deref());
            entry.place = Some("history".to_owned());
            entry.append(self.scanner);
        }
        Some(notice::history_blocked(&history::said(&history.unsent, self.scanner)))
    }

    fn instructions(&self, folder: &Path) -> Result<Vec<String>, Refusal> {
        let report = instructions::report(self.agent, folder, self.scanner)?;
        Ok(self.report(report))
    }

    fn report(&self, report: instructions::Report) -> Vec<String> {
        if !report.secrets.is_empty() {
            let mut entry = Entry::new(HOOK.event, self.event, Deed::Blocked, Source::Instructions, self.scanner, &[]);
            entry.kinds = report.kinds.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
            entry.place = Some("instructions".to_owned());
            entry.append(self.scanner);
        }
        report.secrets
    }

    /// The files that the prompt mentions, and the file of its slash command with those that it mentions.
    fn mentions(&self, prompt: &str, folder: &Path) -> Result<Vec<String>, Refusal> {
        // Nobody's words: a report's text is handed on as it is.
        if is_report(prompt) {
            return Ok(Vec::new());
        }
        let Ok(mut paths) = mention::paths(prompt, folder) else { return Ok(vec![notice::too_many_mentions()]) };
        for command in slash::files(prompt, folder) {
            let Content::Whole(content) = plain::read(&command) else { continue };
            match mention::paths(&String::from_utf8_lossy(&plain::text(content)), folder) {
                Ok(more) => paths.extend(more),
                Err(mention::TooMany) => return Ok(vec![notice::too_many_mentions()]),
            }
            paths.push(command);
        }
        let mut reasons = Vec::new();
        for path in &paths {
            reasons.extend(self.file(path)?);
        }
        reasons.extend(self.report(instructions::report_below(self.agent, folder, &paths, self.scanner)?));
        Ok(reasons)
    }

    fn file(&self, path: &Path) -> Result<Option<String>, Refusal> {
        if path.is_dir() {
            return self.names(path);
        }
        let content = match plain::read_up_to(path, LARGEST_MENTIONED) {
            Content::Whole(content) => plain::text(content),
            Content::Missing => return Ok(None),
            Content::Unread => return Ok(Some(notice::mention_unread(path, LARGEST_MENTIONED >> 20))),
        };
        let findings = text::findings(&content, self.scanner)?;
        let Some((line, _)) = findings.first() else { return Ok(None) };
        let place = format!("{}:{line}", path.display());
        let findings: Vec<Finding> = findings.into_iter().map(|(_, finding)| finding).collect();
        self.blocked(Source::File, &findings, &place);
        Ok(Some(notice::mention_blocked(&place, &notice::kinds(self.scanner.table(), &findings))))
    }

    /// Of a folder the client gives the names.
    fn names(&self, folder: &Path) -> Result<Option<String>, Refusal> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().take(10_000);
        let names: Vec<String> =
            entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect();
        let findings = self.scanner.findings(names.join("\n").as_bytes())?;
        if findings.is_empty() {
            return Ok(None);
        }
        let place = format!("{} (names of its files)", folder.display());
        self.blocked(Source::File, &findings, &place);
        Ok(Some(notice::mention_blocked(&place, &notice::kinds(self.scanner.table(), &findings))))
    }

    /// What has happened since the last prompt and cannot be taken back, said once: secrets that were sent, settings that changed.
    fn happened(&self, history: &History, folder: &Path) -> Result<Reply, Refusal> {
        let mut said = Vec::new();
        said.extend(leak::report(HOOK.event, self.event, self.scanner, &history.sent));
        said.extend(history.began.map(|then| settings::changed_since(self.agent, folder, then)).into_iter().flatten());
        if said.is_empty() {
            return Ok(Reply::Silent);
        }
        Ok(Reply::Say { user: Some(self.scanner.redacted(&said.join("\n"))?), model: None })
    }
}
