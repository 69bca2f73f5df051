//! The files that the client puts into the model's context by itself: no tool runs, so no hook can redact them.

use std::fs;
use std::path::{Path, PathBuf};

use scrub::{Mask, Scanner, Stream};

use crate::Refusal;

/// Imports are followed this deep, as the client does.
const DEEPEST: usize = 5;
/// No more files than this are read.
const MOST: usize = 200;
/// A larger file is no instruction file.
const LARGEST: u64 = 4 << 20;

/// A line for each secret: `secret in instructions: /…/CLAUDE.md:3: github_pat; …`.
pub fn findings(folder: &Path, scanner: &Scanner<'_>) -> Result<Vec<String>, Refusal> {
    let mut lines = Vec::new();
    for path in files(folder) {
        let Some(text) = read(&path) else { continue };
        let mask = Mask::new(*scanner.table());
        let mut stream = Stream::new(scanner, &mask);
        let mut say = |sighting: scrub::Sighting<'_>| {
            let rule = scanner.table().rule(sighting.finding.rule);
            lines.push(format!(
                "Secret in instructions that the model reads: {}:{}: {}. Take it out of the file, and revoke it: {}",
                path.display(),
                sighting.line,
                rule.id(),
                rule.revoke()
            ));
        };
        let mut unused = Vec::new();
        stream.push(&text, &mut unused, Some(&mut say))?;
        stream.finish(&mut unused, Some(&mut say))?;
    }
    Ok(lines)
}

/// Instruction files of the session: the user's, those of the folder and of every folder above it, and what they import.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Some(config) = crate::settings::user_folder() {
        add(config.join("CLAUDE.md"), 0, &mut found);
        add_rules(&config.join("rules"), 0, &mut found);
    }
    for above in folder.ancestors() {
        for name in ["CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md"] {
            add(above.join(name), 0, &mut found);
        }
        add_rules(&above.join(".claude/rules"), 0, &mut found);
    }
    found
}

fn add(path: PathBuf, depth: usize, found: &mut Vec<PathBuf>) {
    if depth > DEEPEST || found.len() >= MOST || found.contains(&path) {
        return;
    }
    let Some(text) = read(&path) else { return };
    let parent = path.parent().map(Path::to_owned).unwrap_or_default();
    found.push(path);
    for import in imports(&String::from_utf8_lossy(&text)) {
        let target = match import.strip_prefix("~/") {
            Some(rest) => std::env::home_dir().unwrap_or_default().join(rest),
            None => parent.join(import),
        };
        add(target, depth + 1, found);
    }
}

fn add_rules(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && depth < DEEPEST {
            add_rules(&path, depth + 1, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            add(path, 0, found);
        }
    }
}

/// `@path` at a word's start.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .filter_map(|word| word.strip_prefix('@'))
        .map(|path| path.trim_end_matches([',', '.', ';', ':', ')', '`', '"', '\'']))
        .filter(|path| !path.is_empty())
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::metadata(path).ok()?;
    (metadata.is_file() && metadata.len() <= LARGEST).then(|| fs::read(path).ok())?
}
