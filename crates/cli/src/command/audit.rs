//! `stanch audit`: what was decided about credentials, and whether the log of it is whole.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use audit::{Hash, Place, Records};
use serde::Deserialize;

use crate::args::{Audit, AuditCommand};
use crate::columns;

/// How often a log that is followed is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// Shows the log, or verifies it.
pub fn run(how: &Audit) -> anyhow::Result<ExitCode> {
    let here = std::env::current_dir().context("the current folder cannot be told")?;
    let place = Place::of_user(&here)?;
    match &how.what {
        Some(AuditCommand::Verify { expect }) => verify(&place, *expect),
        None => show(&place, how),
    }
}

fn verify(place: &Place, expected: Option<Hash>) -> anyhow::Result<ExitCode> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    let mut told = Ok(());
    let summary = audit::verify(place, expected, &mut |finding| {
        let mark = if finding.what.is_wrong() { '!' } else { ' ' };
        let line = writeln!(stdout, "{mark} {finding}");
        if told.is_ok() {
            told = line;
        }
    })?;
    told?;
    let log = place.log.display();
    let how = if summary.is_whole { "whole" } else { "NOT whole" };
    match summary.last {
        Some((number, hash)) => {
            let (records, files) = (counted(summary.records, "record"), counted(summary.files as u64, "file"));
            writeln!(stdout, "{how}: {records} in {files} ({log})\nlast record: {number} {hash}")?;
        }
        None if summary.is_whole => writeln!(stdout, "nothing has been recorded yet ({log})")?,
        None => writeln!(stdout, "{how} ({log})")?,
    }
    stdout.flush()?;
    Ok(if summary.is_whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn show(place: &Place, how: &Audit) -> anyhow::Result<ExitCode> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    let mut unread = 0usize;
    let mut heading = !how.json;
    loop {
        let Some(mut records) = Records::open(place)? else {
            if !how.follow {
                let log = place.log.display();
                // The key is made with the log.
                if place.key.exists() {
                    writeln!(io::stderr(), "stanch: the log was taken away ({log}); `stanch audit verify` says more")?;
                    return Ok(ExitCode::from(1));
                }
                writeln!(io::stderr(), "stanch: nothing has been recorded yet ({log})")?;
                return Ok(ExitCode::SUCCESS);
            }
            thread::sleep(PAUSE);
            continue;
        };
        loop {
            while let Some(line) = records.next_line()? {
                match serde_json::from_slice::<Record>(line) {
                    Ok(record) if !record.is_of(how) => {}
                    Ok(_) if how.json => {
                        stdout.write_all(line)?;
                        stdout.write_all(b"\n")?;
                    }
                    Ok(record) => {
                        if std::mem::take(&mut heading) {
                            let names = ["TIME (UTC)", "SESSION", "AGENT", "WHAT", "CREDENTIAL", "CALL"];
                            writeln!(stdout, "{}", row(names.map(str::to_owned), "WHY"))?;
                        }
                        writeln!(stdout, "{}", record.row())?;
                    }
                    Err(_) => unread += 1,
                }
            }
            stdout.flush()?;
            if !how.follow {
                break;
            }
            thread::sleep(PAUSE);
        }
        if heading && !how.follow {
            writeln!(io::stderr(), "stanch: no record fits")?;
        }
        if unread > 0 {
            let lines = counted(unread as u64, "line");
            writeln!(io::stderr(), "stanch: {lines} cannot be read; `stanch audit verify` says which, and why")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
}

/// A line of the log; docs/audit.md describes it.
#[derive(Deserialize)]
struct Record {
    time: String,
    did: String,
    session: Option<String>,
    agent: Option<String>,
    agent_type: Option<String>,
    agent_id: Option<String>,
    call: Option<String>,
    credential: Option<String>,
    source: Option<String>,
    tool: Option<String>,
    lifetime: Option<u64>,
    #[serde(default)]
    kinds: BTreeMap<String, u64>,
    place: Option<String>,
    how: Option<String>,
    rule: Option<String>,
    why: Option<String>,
    found: Option<String>,
}

impl Record {
    fn is_of(&self, how: &Audit) -> bool {
        let begins = |id: &Option<String>, with: &str| id.as_deref().is_some_and(|id| id.starts_with(with));
        let is = |name: &Option<String>, wanted: &str| name.as_deref() == Some(wanted);
        let agent = |wanted: &str| match wanted {
            "main" => is(&self.agent, "main"),
            wanted => is(&self.agent_type, wanted) || begins(&self.agent_id, wanted),
        };
        // The times are of one form, UTC: their order is that of their letters.
        let after = |since: SystemTime| self.time >= humantime::format_rfc3339_millis(since).to_string();
        how.session.as_deref().is_none_or(|wanted| begins(&self.session, wanted))
            && how.agent.as_deref().is_none_or(agent)
            && how.credential.as_deref().is_none_or(|wanted| is(&self.credential, wanted))
            && how.since.is_none_or(after)
    }

    fn row(&self) -> String {
        let time = self.time.get(..19).unwrap_or(&self.time).replacen('T', " ", 1);
        let session = self.session.as_deref().unwrap_or("-").chars().take(8).collect();
        let agent = match (&self.agent_type, &self.agent_id) {
            (Some(kind), Some(id)) => format!("{kind} {}", id.chars().take(8).collect::<String>()),
            _ => self.agent.clone().unwrap_or_else(|| "-".to_owned()),
        };
        // Ids of calls begin alike.
        let call = self.call.as_deref().map_or_else(|| "-".to_owned(), |call| end(call, 12));
        let credential = self.credential.clone().unwrap_or_else(|| "-".to_owned());
        row([time, session, agent, self.did.clone(), credential, call], &self.why())
    }

    fn why(&self) -> String {
        let source = self.source.as_ref().map(|source| format!("from {source}"));
        let to = if self.did == "refused" || self.did == "failed" { "for" } else { "to" };
        let tool = self.tool.as_ref().filter(|_| self.kinds.is_empty()).map(|tool| format!("{to} {tool}"));
        let lifetime =
            self.lifetime.map(|secs| format!("for {}", humantime::format_duration(Duration::from_secs(secs))));
        let found = self.found.as_deref().map(|found| match found {
            "torn" => "an unfinished line before it".to_owned(),
            "cut" => "the log was cut before it".to_owned(),
            "headless" => "the head was missing or changed".to_owned(),
            other => format!("what stanch did not write before it ({other})"),
        });
        let rule = self.rule.as_ref().map(|rule| format!("by {rule}"));
        let all = [self.secrets(), self.why.clone(), source, tool, lifetime, found, rule];
        all.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// `denied: 2 × github_pat, 1 × password in arguments (Bash)`
    fn secrets(&self) -> Option<String> {
        if self.kinds.is_empty() {
            return None;
        }
        let kinds: Vec<String> = self.kinds.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
        let how = self.how.as_ref().filter(|how| **how != self.did).map(|how| format!("{how}: ")).unwrap_or_default();
        let place = self.place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
        let tool = self.tool.as_ref().map(|tool| format!(" ({tool})")).unwrap_or_default();
        Some(format!("{how}{}{place}{tool}", kinds.join(", ")))
    }
}

fn end(text: &str, length: usize) -> String {
    let cut = text.chars().count().saturating_sub(length);
    let rest: String = text.chars().skip(if cut == 0 { 0 } else { cut + 1 }).collect();
    if cut == 0 { rest } else { format!("…{rest}") }
}

/// Constant widths: the rows are written as they are read. A file can be changed by others, so what it says is made visible.
fn row(columns: [String; 6], last: &str) -> String {
    const WIDTHS: [usize; 6] = [19, 8, 24, 8, 20, 12];
    let mut row = String::new();
    for (text, width) in columns.iter().zip(WIDTHS) {
        let text = columns::visible_text(text);
        let cut = if text.chars().count() > width {
            format!("{}…", text.chars().take(width - 1).collect::<String>())
        } else {
            text
        };
        row.push_str(&format!("{cut:width$}  "));
    }
    row.push_str(&columns::visible_text(last));
    row.trim_end().to_owned()
}
