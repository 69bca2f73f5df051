//! Detection rules as data: read from TOML, checked, compiled into one table.
//!
//! A rule is written in one place, a vendor's file in `data/`. [`file`] reads it and says what is wrong with file and
//! line; [`shape`] finds where in a match a few narrow bytes stand, so that one cheap pass over a text can tell which
//! rules to try; [`table`] joins the pieces and the rules' automata into the bytes that `scrub` carries.
//!
//! This crate runs when stanch is built and when a person checks a rule file. No hook links it.

pub mod file;
pub mod layout;
pub mod shape;
pub mod table;
pub mod usual;

use std::fmt;
use std::path::Path;

pub use file::{Rule, RuleFile, ValueIs};
pub use table::{compile, compile_with};
pub use usual::Usual;

/// What is wrong with a rule file, where, and what to do.
#[derive(Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The file as it was named by the caller.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// What was found, what was expected and the mend, in one sentence.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl fmt::Debug for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for RuleError {}

/// Reads every `*.toml` of a folder, in the order of their names.
///
/// All mistakes of all files are reported together.
pub fn load_folder(folder: &Path) -> Result<Vec<RuleFile>, Vec<RuleError>> {
    let unreadable = |what: &Path, error: std::io::Error| {
        vec![RuleError { file: what.display().to_string(), line: 1, message: format!("cannot read: {error}") }]
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))? {
        let path = entry.map_err(|e| unreadable(folder, e))?.path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        match std::fs::read_to_string(&path) {
            Ok(text) => match file::parse(&path.display().to_string(), &text) {
                Ok(file) => files.push(file),
                Err(found) => errors.extend(found),
            },
            Err(error) => errors.extend(unreadable(&path, error)),
        }
    }
    errors.extend(file::same_id_twice(&files));
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}
