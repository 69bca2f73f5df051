//! Rules of a user's own, in the built-in format or in gitleaks'; compiled only when a text calls for them.
//!
//! A text calls for a rule when one of the rule's literals stands in it, in any case: its keywords, or what its pattern
//! cannot match without. A rule without a literal is tried on every text.

mod gitleaks;
pub use gitleaks::is_one as is_gitleaks;
mod literals;
mod table;

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use scrub::own::OWN;
use scrub::{Label, ScanError};

use crate::file::{File, Placed};
use crate::plain::{self, Content};
use crate::{ConfigError, places};

/// The rules of a user's own.
#[derive(Default)]
pub struct OwnRules {
    labels: Vec<Label>,
    sets: Vec<Set>,
    wanted: OnceLock<Option<Wanted>>,
}

/// Rules that are compiled together.
struct Set {
    file: PathBuf,
    /// Number of its first rule.
    first: usize,
    /// One of them stands in every text in which one of the rules finds something; none: that is not known.
    literals: Vec<String>,
    search: Search,
}

enum Search {
    Table(table::Rules),
    Gitleaks(Box<gitleaks::Rule>),
}

impl Search {
    fn search(&self, text: &[u8]) -> Result<Vec<(usize, Range<usize>)>, String> {
        match self {
            Self::Table(rules) => rules.search(text),
            Self::Gitleaks(rule) => Ok(rule.search(text)?.into_iter().map(|span| (0, span)).collect()),
        }
    }
}

impl OwnRules {
    /// Reads the rule files that configuration files name; those of a project must lie in it.
    ///
    /// # Errors
    /// A file is missing, cannot be read or is no rule file.
    pub(crate) fn load<'f>(files: impl Iterator<Item = (&'f File, Option<&'f Path>)>) -> Result<Self, ConfigError> {
        let mut own = Self::default();
        for (file, project) in files {
            for named in &file.rules {
                let path = file.path.parent().unwrap_or(Path::new("")).join(&named.value);
                own.add(&text_of(file, named, &path, project)?, &path)?;
            }
        }
        Ok(own)
    }

    /// The rules of one file.
    ///
    /// # Errors
    /// It cannot be read, or is no rule file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let mut own = Self::default();
        match plain::read(path) {
            Content::Whole(bytes) => own.add(&utf8(path, bytes)?, path)?,
            Content::Missing => return Err(ConfigError::of(path, "there is no such file")),
            Content::Unread => return Err(ConfigError::of(path, "is no plain file, too large, or may not be read")),
        }
        Ok(own)
    }

    fn add(&mut self, text: &str, path: &Path) -> Result<(), ConfigError> {
        let first = self.labels.len();
        if gitleaks::is_one(text) {
            for (i, (label, literals, rule)) in gitleaks::parse(path, text)?.into_iter().enumerate() {
                self.labels.push(label);
                let search = Search::Gitleaks(Box::new(rule));
                self.sets.push(Set { file: path.to_owned(), first: first + i, literals, search });
            }
        } else {
            let (labels, literals, rules) = table::parse(path, text)?;
            self.labels.extend(labels);
            self.sets.push(Set { file: path.to_owned(), first, literals, search: Search::Table(rules) });
        }
        Ok(())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The rules; a rule's number is its place here.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// What the rules find in a text.
    ///
    /// # Errors
    /// A rule that the text calls for cannot be compiled.
    pub(crate) fn search(&self, text: &[u8]) -> Result<Vec<(usize, Range<usize>)>, ScanError> {
        if self.sets.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = self.wanted.get_or_init(|| Wanted::new(&self.sets)).as_ref().ok_or(ScanError::OwnRule)?;
        let mut found = Vec::new();
        for set in wanted.by(text) {
            let set = &self.sets[set];
            let spans = set.search.search(text).map_err(|_| ScanError::OwnRule)?;
            found.extend(spans.into_iter().map(|(rule, span)| (set.first + rule, span)));
        }
        Ok(found)
    }

    /// Whether every rule can be compiled: what a text finds out only when it calls for the rule.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.sets.iter().try_for_each(|set| {
            let checked = set.search.search(b"");
            checked.map(|_| ()).map_err(|why| ConfigError::of(&set.file, why))
        })
    }

    /// The rules that are tried on every text, because nothing says which texts they are for.
    pub fn always_tried(&self) -> impl Iterator<Item = &Label> {
        self.sets.iter().filter(|set| set.literals.is_empty()).map(|set| &self.labels[set.first])
    }
}

/// Which sets a text calls for.
struct Wanted {
    literals: AhoCorasick,
    /// By literal: the set.
    of: Vec<usize>,
    always: Vec<usize>,
}

impl Wanted {
    fn new(sets: &[Set]) -> Option<Self> {
        let listed = || sets.iter().enumerate().flat_map(|(set, s)| s.literals.iter().map(move |l| (l, set)));
        let literals = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            // Built for one text, most often: what is quick to build counts.
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(listed().map(|(literal, _)| literal))
            .ok()?;
        let always = sets.iter().enumerate().filter(|(_, s)| s.literals.is_empty()).map(|(set, _)| set).collect();
        Some(Self { literals, of: listed().map(|(_, set)| set).collect(), always })
    }

    fn by(&self, text: &[u8]) -> Vec<usize> {
        let mut sets: HashSet<usize> = self.always.iter().copied().collect();
        let all = sets.len() + self.of.iter().collect::<HashSet<_>>().len();
        for hit in self.literals.find_overlapping_iter(text) {
            if sets.insert(self.of[hit.pattern().as_usize()]) && sets.len() == all {
                break;
            }
        }
        let mut sets: Vec<usize> = sets.into_iter().collect();
        sets.sort_unstable();
        sets
    }
}

/// The text of a rule file that a configuration file names.
fn text_of(file: &File, named: &Placed<String>, path: &Path, project: Option<&Path>) -> Result<String, ConfigError> {
    let wrong = |message: String| ConfigError { file: file.path.clone(), place: Some(named.place), message };
    if let Some(project) = project {
        // A link could lead anywhere; what is not the project's is none of its business.
        let inside = path.canonicalize().and_then(|real| Ok(real.starts_with(project.canonicalize()?)));
        if !inside.unwrap_or(true) {
            return Err(wrong(format!(
                "'{}' lies outside the project; a {} names files in it",
                named.value,
                places::PROJECT_FILE
            )));
        }
    }
    match plain::read(path) {
        Content::Whole(bytes) => utf8(path, bytes),
        Content::Missing => {
            Err(wrong(format!("there is no rule file '{}'; write it, or take the name out", path.display())))
        }
        Content::Unread => Err(wrong(format!("'{}' is no plain file, too large, or may not be read", path.display()))),
    }
}

fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String, ConfigError> {
    String::from_utf8(bytes)
        .map_err(|e| ConfigError::of(path, format!("is not UTF-8 at byte {}", e.utf8_error().valid_up_to())))
}

/// A rule's id as a kind of placeholder: `acme-token` is `own_acme_token`.
fn kind(id: &str) -> String {
    let mut kind = OWN.to_owned();
    for c in id.strip_prefix(OWN).unwrap_or(id).chars().take(40) {
        kind.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    kind
}
