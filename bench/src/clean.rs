//! False alarms on files of one's own: lines that change, by rule and by megabyte.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use scrub::{Mask, Scanner, Stream};

/// Redacts every file under `folder` and writes what would change: where and by which rule, never the text.
///
/// # Errors
/// A file cannot be read, or `out` not be written.
pub fn report(folder: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let scanner = Scanner::builtin()?;
    let mask = Mask::new(*scanner.table());
    let (mut bytes, mut lines, mut by_rule) = (0u64, 0usize, BTreeMap::<&str, usize>::new());
    for path in files(folder)? {
        let text = fs::read(&path).with_context(|| format!("reading '{}'", path.display()))?;
        // A file with a NUL is no text.
        if text.contains(&0) {
            continue;
        }
        bytes += text.len() as u64;
        let mut sightings = Vec::new();
        let mut see = |s: scrub::Sighting<'_>| sightings.push((s.line, scanner.table().rule(s.finding.rule).id()));
        let mut stream = Stream::new(&scanner, &mask);
        let mut unused = Vec::new();
        stream.push(&text, &mut unused, Some(&mut see))?;
        stream.finish(&mut unused, Some(&mut see))?;
        for (line, rule) in &sightings {
            writeln!(out, "{}:{line}: {rule}", path.display())?;
            *by_rule.entry(rule).or_default() += 1;
        }
        sightings.dedup_by_key(|(line, _)| *line);
        lines += sightings.len();
    }
    let megabytes = bytes as f64 / 1e6;
    writeln!(
        out,
        "\n{lines} lines changed in {megabytes:.1} MB: {:.2} lines per MB",
        lines as f64 / megabytes.max(1e-6)
    )?;
    for (rule, count) in by_rule {
        writeln!(out, "{count:>6} {rule}")?;
    }
    Ok(())
}

/// The plain files under a folder, sorted; links are not followed, and `.git` is no source.
pub fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("reading folder '{}'", folder.display()))? {
            let entry = entry?;
            let sort = entry.file_type()?;
            if sort.is_dir() && entry.file_name() != ".git" {
                folders.push(entry.path());
            } else if sort.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
