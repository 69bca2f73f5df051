//! What the local log says of this project.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use hooks::log;
use scrub::Table;
use serde::Deserialize;

/// A line of the log; docs/hooks.md describes it.
#[derive(Deserialize)]
struct Line {
    time: String,
    did: String,
    kinds: BTreeMap<String, usize>,
    tool: Option<String>,
    place: Option<String>,
    project: Option<String>,
}

/// How often: in the last day, and in all.
#[derive(Default)]
struct Count {
    day: usize,
    all: usize,
}

/// Counts by deed and kind, and the last leak; lines that are none are counted.
#[derive(Default)]
struct Counts {
    deeds: BTreeMap<(String, String), Count>,
    leak: Option<Line>,
    /// What went through while stanch was paused, in any project: events and commands.
    paused: Count,
    /// The last pause: when it began.
    pause: Option<String>,
    damaged: usize,
}

impl Counts {
    /// What is about no project.
    fn add_pause(&mut self, line: Line, a_day_ago: &str) {
        match line.did.as_str() {
            "paused" => {
                self.paused.all += 1;
                self.paused.day += usize::from(line.time.as_str() >= a_day_ago);
            }
            "begun" if self.pause.as_ref().is_none_or(|last| *last <= line.time) => self.pause = Some(line.time),
            _ => {}
        }
    }

    fn add(&mut self, line: Line, a_day_ago: &str) {
        for (kind, number) in &line.kinds {
            let count = self.deeds.entry((line.did.clone(), kind.clone())).or_default();
            count.all += number;
            // The times are of one form, UTC: their order is that of their letters.
            count.day += if line.time.as_str() >= a_day_ago { *number } else { 0 };
        }
        if line.did == "leaked" && self.leak.as_ref().is_none_or(|last| last.time <= line.time) {
            self.leak = Some(line);
        }
    }
}

/// What was done in a project, for people.
///
/// # Errors
/// The log is there and cannot be read.
pub fn told(project: &Path) -> anyhow::Result<String> {
    let Some(folder) = log::folder() else { return Ok("no log: you have no home folder\n".to_owned()) };
    let a_day_ago = SystemTime::now() - Duration::from_secs(24 * 3600);
    let a_day_ago = humantime::format_rfc3339_millis(a_day_ago).to_string();
    let mut counts = Counts::default();
    for name in ["log.1.jsonl", "log.jsonl"] {
        let path = folder.join(name);
        let reading = || format!("reading {}", path.display());
        let file = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            // A pipe would be waited for.
            Ok(data) if data.is_file() => std::fs::File::open(&path).with_context(reading)?,
            Ok(_) => anyhow::bail!("{} is no file; take it away", path.display()),
            Err(error) => return Err(error).with_context(reading),
        };
        for line in BufReader::new(file).split(b'\n') {
            match serde_json::from_slice::<Line>(&line.with_context(reading)?) {
                Ok(line) if line.project.as_ref().is_some_and(|of| Path::new(of).starts_with(project)) => {
                    counts.add(line, &a_day_ago);
                }
                Ok(line) if line.project.is_none() => counts.add_pause(line, &a_day_ago),
                Ok(_) => {}
                Err(_) => counts.damaged += 1,
            }
        }
    }
    shown(&counts, project, &folder)
}

fn shown(counts: &Counts, project: &Path, folder: &Path) -> anyhow::Result<String> {
    let log = folder.join("log.jsonl");
    let mut said = if counts.deeds.is_empty() {
        format!("nothing was found yet in {} ({})\n", project.display(), log.display())
    } else {
        let heading = format!("in {} ({})", project.display(), log.display());
        format!("{heading}\n  {:<10} {:<40} {:>9} {:>9}\n", "", "", "last 24 h", "all")
    };
    for ((deed, kind), Count { day, all }) in &counts.deeds {
        said.push_str(&format!("  {deed:<10} {kind:<40} {day:>9} {all:>9}\n"));
    }
    if let Some(began) = &counts.pause {
        let Count { day, all } = counts.paused;
        said.push_str(&format!(
            "paused last on {began}; {day} events and commands were let through unlooked-at in the last 24 h, {all} in all\n"
        ));
    }
    if counts.damaged > 0 {
        said.push_str(&format!("! {} lines of the log cannot be read; they are not counted\n", counts.damaged));
    }
    if let Some(Line { time, kinds, tool, place, .. }) = &counts.leak {
        let named: Vec<&str> = kinds.keys().map(String::as_str).collect();
        let by = [tool, place].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
        said.push_str(&format!("\nthe last leak: {} on {time} ({by}): it was sent. Revoke it:\n", named.join(", ")));
        for page in pages(&named)? {
            said.push_str(&format!("  {page}\n"));
        }
    }
    Ok(said)
}

/// Where keys of these kinds are revoked.
fn pages(kinds: &[&str]) -> anyhow::Result<Vec<String>> {
    let table = Table::builtin().context("the compiled rules are damaged; install stanch again")?;
    let of_kind = |kind: &&str| {
        let rule = (0..table.count()).map(|number| table.rule(number as u16)).find(|rule| rule.id() == *kind);
        rule.map_or_else(
            || format!("{kind} is a rule of your own: where you had the key from"),
            |rule| rule.revoke().to_owned(),
        )
    };
    let mut pages: Vec<String> = kinds.iter().map(of_kind).collect();
    pages.sort();
    pages.dedup();
    Ok(pages)
}
