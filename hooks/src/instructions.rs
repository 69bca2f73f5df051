//! The files that the client puts into the model's context by itself: no tool runs, so no hook can redact them.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use scrub::Scanner;

use crate::agent::Places;
use crate::{Agent, Refusal, text};
use config::plain::{self, Content};

/// Imports are followed this deep, as the client does.
const DEEPEST: usize = 5;
/// No more places than this are looked at, files and folders together: a repository may name any number.
const MOST_PLACES: usize = 1000;
/// No more bytes than this are searched.
const MOST_BYTES: usize = 16 << 20;
/// No more secrets than this are named.
const MOST_LINES: usize = 50;

/// What a search found.
#[derive(Default)]
pub struct Report {
    /// A line for each secret: `Secret in instructions that the model reads: /…/CLAUDE.md:3: github_pat. …`.
    pub secrets: Vec<String>,
    /// How many there are of each kind.
    pub kinds: BTreeMap<String, usize>,
    /// That something was not searched.
    pub left_out: Option<&'static str>,
}

/// The secrets in the files that a session in this folder begins with.
pub fn report(agent: Agent, folder: &Path, scanner: &Scanner<'_>) -> Result<Report, Refusal> {
    let mut search = Search::new(agent, scanner);
    search.session(folder)?;
    Ok(search.report())
}

/// The secrets in one instruction file and what it imports.
pub fn report_on(agent: Agent, file: &Path, scanner: &Scanner<'_>) -> Result<Report, Refusal> {
    let mut search = Search::new(agent, scanner);
    search.file(file, 0)?;
    Ok(search.report())
}

/// The secrets in the files that come with these paths below the folder: those in the folders on the way.
pub fn report_below(agent: Agent, folder: &Path, paths: &[PathBuf], scanner: &Scanner<'_>) -> Result<Report, Refusal> {
    let mut search = Search::new(agent, scanner);
    for path in paths {
        for on_the_way in path.ancestors().skip(1).take_while(|above| *above != folder && above.starts_with(folder)) {
            search.folder(on_the_way)?;
        }
    }
    Ok(search.report())
}

/// The search through the instruction files: each once, and not for ever.
struct Search<'s, 't> {
    scanner: &'s Scanner<'t>,
    agent: &'static Places,
    /// Files and folders that have been looked at, by their real paths.
    seen: HashSet<PathBuf>,
    places: usize,
    bytes: usize,
    /// Something has been left out.
    exhausted: bool,
    secrets: usize,
    lines: Vec<String>,
    kinds: BTreeMap<String, usize>,
}

impl<'s, 't> Search<'s, 't> {
    fn new(agent: Agent, scanner: &'s Scanner<'t>) -> Self {
        let (seen, lines, kinds) = (HashSet::new(), Vec::new(), BTreeMap::new());
        let agent = agent.places();
        Self { scanner, agent, seen, places: 0, bytes: 0, exhausted: false, secrets: 0, lines, kinds }
    }

    fn report(self) -> Report {
        let mut secrets = self.lines;
        if self.secrets > MOST_LINES {
            secrets.push(format!("{} more secrets in instructions that the model reads.", self.secrets - MOST_LINES));
        }
        let left_out =
            self.exhausted.then_some("There are too many instruction files to search: not all of them have been.");
        Report { secrets, kinds: self.kinds, left_out }
    }

    /// Instruction files of the session: the user's, those of the folder and of every folder above it, and what they import.
    fn session(&mut self, folder: &Path) -> Result<(), Refusal> {
        if let Some(user) = self.agent.user_folder() {
            for name in self.agent.user_instructions {
                self.file(&user.join(name), 0)?;
            }
            self.rules(&user.join("rules"), 0)?;
        }
        folder.ancestors().try_for_each(|above| self.folder(above))
    }

    fn folder(&mut self, folder: &Path) -> Result<(), Refusal> {
        for name in self.agent.instructions {
            self.file(&folder.join(name), 0)?;
        }
        self.rules(&folder.join(self.agent.folder).join("rules"), 0)
    }

    fn file(&mut self, path: &Path, depth: usize) -> Result<(), Refusal> {
        if depth > DEEPEST || !self.is_new(path) {
            return Ok(());
        }
        let Content::Whole(content) = plain::read(path) else { return Ok(()) };
        let text = plain::text(content);
        self.bytes += text.len();
        if self.bytes > MOST_BYTES {
            self.exhausted = true;
            return Ok(());
        }
        self.scan(path, &text)?;
        let parent = path.parent().unwrap_or(path);
        for import in imports(&String::from_utf8_lossy(&text)) {
            let target = match import.strip_prefix("~/") {
                Some(rest) => std::env::home_dir().unwrap_or_default().join(rest),
                None => parent.join(import),
            };
            self.file(&target, depth + 1)?;
            if self.exhausted {
                break;
            }
        }
        Ok(())
    }

    fn rules(&mut self, folder: &Path, depth: usize) -> Result<(), Refusal> {
        if depth > DEEPEST || !self.is_new(folder) {
            return Ok(());
        }
        let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
        let mut paths: Vec<PathBuf> = entries.take(MOST_PLACES + 1).filter_map(|e| Some(e.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.rules(&path, depth + 1)?;
            } else if path.extension().is_some_and(|e| e == "md") {
                self.file(&path, 0)?;
            }
        }
        Ok(())
    }

    /// Whether there is something at a path that has not been looked at, and may be.
    fn is_new(&mut self, path: &Path) -> bool {
        if self.exhausted {
            return false;
        }
        // The way there counts: a name that leads nowhere costs as much as one that leads somewhere.
        if !self.seen.insert(path.to_owned()) {
            return false;
        }
        self.places += 1;
        self.exhausted = self.places > MOST_PLACES;
        if self.exhausted {
            return false;
        }
        // Most names lead nowhere, and to resolve them costs more than to see that.
        if fs::metadata(path).is_err() {
            return false;
        }
        // By another way, the file or folder may have been reached before: links lead in circles.
        match fs::canonicalize(path) {
            Ok(real) => real == path || self.seen.insert(real),
            Err(_) => false,
        }
    }

    fn scan(&mut self, path: &Path, text: &[u8]) -> Result<(), Refusal> {
        for (line, finding) in text::findings(text, self.scanner)? {
            let rule = self.scanner.table().rule(finding.rule);
            self.secrets += 1;
            *self.kinds.entry(rule.id().to_owned()).or_default() += 1;
            if self.secrets <= MOST_LINES {
                self.lines.push(format!(
                    "Secret in instructions that the model reads: {}:{line}: {}. Take it out of the file, and revoke it: {}",
                    path.display(),
                    rule.id(),
                    rule.revoke()
                ));
            }
        }
        Ok(())
    }
}

/// `@path` at a word's start.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .filter_map(|word| word.strip_prefix('@'))
        .map(|path| path.trim_end_matches([',', '.', ';', ':', ')', '`', '"', '\'']))
        .filter(|path| !path.is_empty())
}
