//! `stanch list`: what is stored, and with `--check` whether it can be fetched.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use vault::index::{Entry, Index};
use vault::{BadReference, Fetched, Reference, Vault};

use super::{environment, folder, uses};
use crate::args::List;
use crate::session;

/// One line; the fields of `--json`.
#[derive(Serialize)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<String>,
    /// How long the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    /// Why it could not be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Lists what is stored, or what is asked for.
pub fn list(what: &List) -> anyhow::Result<ExitCode> {
    let mut lines: Vec<Line> = if what.sources.is_empty() {
        let stored = Index::read(&folder()?)?.credentials;
        let used = match stored.is_empty() {
            true => BTreeMap::new(),
            false => uses::last().unwrap_or_else(|why| {
                let _ = writeln!(io::stderr(), "stanch: when they were last lent cannot be told: {why:#}");
                let people = stored.values().filter(|_| !what.json);
                people.map(|entry| (entry.source.clone(), "?".to_owned())).collect()
            }),
        };
        stored.into_iter().map(|(name, entry)| Line::stored(name, entry, &used)).collect()
    } else {
        let stored = Index::read(&folder()?)?.credentials;
        // One that is none may be a value: which it is, is said by its number.
        let line = |(number, text): (usize, &String)| {
            let text = stored.get(text).map_or(text, |entry| &entry.source);
            let wrong = |why: BadReference| {
                anyhow::anyhow!("argument {}: no credential of that name is stored, and as a source: {why}", number + 1)
            };
            Reference::parse(text).map(|source| Line::of(&source)).map_err(wrong)
        };
        what.sources.iter().enumerate().map(line).collect::<anyhow::Result<_>>()?
    };
    if what.check {
        let fetched = fetched(&lines)?;
        lines.iter_mut().for_each(|line| line.checked(&fetched));
    }
    let failed = lines.iter().any(|line| line.error.is_some());
    let mut stdout = BufWriter::new(io::stdout().lock());
    if what.json {
        serde_json::to_writer_pretty(&mut stdout, &BTreeMap::from([("credentials", lines)]))?;
        writeln!(stdout)?;
    } else if lines.is_empty() {
        writeln!(stdout, "nothing is stored yet (`stanch store NAME`)")?;
    } else {
        written(&mut stdout, &lines, what.check)?;
    }
    stdout.flush()?;
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

impl Line {
    fn stored(name: String, Entry { source, created }: Entry, used: &BTreeMap<String, String>) -> Self {
        let used = used.get(&source).cloned();
        Self { name: Some(name), source, created: Some(created), used, bytes: None, error: None }
    }

    fn of(source: &Reference) -> Self {
        Self { name: None, source: source.to_string(), created: None, used: None, bytes: None, error: None }
    }

    fn checked(&mut self, fetched: &Fetched) {
        let result = fetched.iter().find(|(reference, _)| reference.as_str() == self.source).map(|(_, result)| result);
        match result {
            Some(Ok(value)) => self.bytes = Some(value.len()),
            Some(Err(error)) => self.error = Some(error.to_string()),
            None => self.error = Some(format!("{}: is no source; mend the index", self.source)),
        }
    }
}

fn fetched(lines: &[Line]) -> anyhow::Result<Fetched> {
    let vault = Vault::new(environment()?, &session::config()?.sources())?;
    let references: Vec<Reference> = lines.iter().filter_map(|line| Reference::parse(&line.source).ok()).collect();
    Ok(vault.fetch_all(&references, |reference, time| {
        let _ = writeln!(io::stderr(), "waiting for {reference} since {} seconds …", time.as_secs());
    }))
}

fn written(out: &mut impl Write, lines: &[Line], checked: bool) -> io::Result<()> {
    let column =
        |of: fn(&Line) -> &str, least: usize| lines.iter().map(|line| of(line).len()).max().unwrap_or(0).max(least);
    let name = |line: &Line| line.name.clone().unwrap_or_default();
    let names = column(|line| line.name.as_deref().unwrap_or_default(), 0);
    let sources = column(|line| &line.source, 6);
    let titled = if names > 0 { names.max(4) + 2 } else { 0 };
    if names > 0 {
        writeln!(out, "{:titled$}{:sources$}  {:<14}  last use", "name", "source", "stored")?;
    }
    for line in lines {
        let mut said = format!("{:titled$}{:sources$}", name(line), line.source);
        if names > 0 {
            let used = line.used.as_deref().map_or_else(|| "never".to_owned(), ago);
            said.push_str(&format!("  {:<14}  {used:<14}", line.created.as_deref().map_or_else(String::new, ago)));
        }
        match (checked, line.bytes) {
            (false, _) => {}
            (true, Some(bytes)) => said.push_str(&format!("  ok, {bytes} bytes")),
            (true, None) => {
                let why = line.error.as_deref().unwrap_or_default();
                said.push_str(&format!("  ! {}", why.strip_prefix(&format!("{}: ", line.source)).unwrap_or(why)));
            }
        }
        writeln!(out, "{}", said.trim_end())?;
    }
    Ok(())
}

/// How long ago a time was, in its largest unit.
fn ago(time: &str) -> String {
    let Ok(then) = humantime::parse_rfc3339(time) else { return time.to_owned() };
    let Ok(passed) = SystemTime::now().duration_since(then) else { return "just now".to_owned() };
    told(passed)
}

fn told(passed: Duration) -> String {
    let seconds = passed.as_secs();
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86400 => (seconds / 3600, "hour"),
        _ => (seconds / 86400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_its_largest_unit() {
        for (seconds, said) in [(0, "just now"), (60, "1 minute ago"), (7199, "1 hour ago"), (3 * 86400, "3 days ago")]
        {
            assert_eq!(told(Duration::from_secs(seconds)), said);
        }
    }
}
