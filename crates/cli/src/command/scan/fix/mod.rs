//! `--fix`: transcripts, spill files and logs of agents with placeholders for what was found in them.

mod live;
mod rewrite;

use std::collections::{BTreeMap, HashSet};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use config::Config;
use scrub::Mask;

use super::found::{Fault, Found};
use super::report::{Names, count};
use super::source::Source;
use crate::args::Scan;
use crate::ask;
use live::Live;

/// What came of it.
#[derive(Default)]
pub struct Fixed {
    /// Sources in which nothing is left.
    pub clean: HashSet<usize>,
    /// What went wrong.
    pub faults: Vec<Fault>,
}

/// Says what would be replaced, asks, and replaces it.
///
/// # Errors
/// The question cannot be asked or answered.
pub fn run(
    how: &Scan,
    config: &Config,
    sources: &[Source],
    found: &[Found],
    names: &Names<'_>,
) -> anyhow::Result<Fixed> {
    let mut fixed = Fixed::default();
    let mut say = io::stderr();
    let live = Live::now(Duration::from_secs(how.idle.saturating_mul(60)));
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    found.iter().for_each(|found| *counts.entry(found.source).or_default() += 1);
    let mut plan = Vec::new();
    for (&number, &secrets) in &counts {
        let source = &sources[number];
        let path = names.path(&source.path);
        match obstacle(source, &live) {
            Some(why) => writeln!(say, "left as it is: {path}: {why}")?,
            None => {
                writeln!(
                    say,
                    "{}: {path}: {}",
                    if how.dry_run { "would replace" } else { "to replace" },
                    count(secrets, "secret")
                )?;
                plan.push((number, secrets));
            }
        }
    }
    let total: usize = plan.iter().map(|(_, secrets)| secrets).sum();
    if plan.is_empty() || how.dry_run || !(how.yes || agreed(total, plan.len())?) {
        return Ok(fixed);
    }
    sources.iter().filter(|source| source.store.is_some()).for_each(|source| rewrite::sweep(&source.path));
    let scanner = config.scanner()?;
    let mask = Mask::new(*scanner.table());
    // The answer may have taken its time.
    let live = Live::now(Duration::from_secs(how.idle.saturating_mul(60)));
    for (number, _) in plan {
        let source = &sources[number];
        let path = names.path(&source.path);
        if let Some(why) = obstacle(source, &live) {
            writeln!(say, "left as it is: {path}: {why}")?;
            continue;
        }
        match rewrite::rewrite(&source.path, &scanner, &mask) {
            Ok(done) => {
                fixed.clean.insert(number);
                writeln!(say, "replaced: {path}: {}", count(done.secrets, "secret"))?;
                if done.other_names > 0 {
                    let reason = format!(
                        "it has {} more names (hard links) that still hold what was replaced here; delete them",
                        done.other_names
                    );
                    fixed.faults.push(Fault::of(path, reason));
                }
            }
            Err(reason) => fixed.faults.push(Fault::of(path, reason)),
        }
    }
    Ok(fixed)
}

/// Why a file is not rewritten.
fn obstacle(source: &Source, live: &Live) -> Option<String> {
    let Some(store) = source.store else {
        return Some("no transcript or log of an agent; stanch rewrites nothing else".to_owned());
    };
    store.keep.map(str::to_owned).or_else(|| live.reason(source, store))
}

fn agreed(secrets: usize, files: usize) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        anyhow::bail!(
            "nothing was replaced: there is no terminal to ask on; --yes replaces without asking, --dry-run only shows"
        );
    }
    let (secrets, files) = (count(secrets, "secret"), count(files, "file"));
    ask::agreed(io::stderr(), &format!("Replace {secrets} in {files}? It cannot be undone."))
}
