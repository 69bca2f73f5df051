//! A mistake in the configuration: where, what, and the mend.

use std::fmt;
use std::path::{Path, PathBuf};

use scrub::Scanner;

/// What is wrong with a configuration file: the place and names of settings. Shown without whatever reads as a secret, since
/// a value may have come into the wrong place, and a file may be named after one.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Line and column (in bytes), counted from 1; `None` if the whole file is meant.
    pub place: Option<(usize, usize)>,
    /// What was found, what was expected and the mend.
    pub message: String,
}

impl ConfigError {
    /// About a whole file.
    pub fn of(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), place: None, message: message.into() }
    }

    /// About the place at a byte of the file's text.
    pub fn at(file: &Path, text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        Self { file: file.to_owned(), place: Some((line, 1 + before.len() - line_start)), message: message.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
        let said = format!("{}{place}: {}", self.file.display(), self.message);
        let shown = Scanner::builtin().and_then(|scanner| scanner.redacted(&said));
        f.write_str(
            shown.as_deref().unwrap_or("a file of the configuration cannot be used; `stanch config check` says why"),
        )
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}
