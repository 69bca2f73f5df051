//! What was installed: what it takes to put a settings file back as it was.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::file::{self, Readers};

/// One settings file that stanch has changed.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq)]
pub struct Record {
    /// The settings file.
    pub settings: PathBuf,
    /// A copy of it as it was; `None` if there was none.
    pub backup: Option<PathBuf>,
    /// Digest of what was written.
    pub left: String,
    /// Rules that were added to those that deny.
    pub denied: Vec<String>,
    /// Version of stanch that wrote it.
    pub version: String,
}

impl Record {
    /// Whether the settings file is as stanch left it.
    pub fn is_untouched(&self, text: &str) -> bool {
        self.left == digest(text)
    }
}

/// The digest of a file's text.
pub fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// All that is installed from one folder.
pub struct Records {
    path: PathBuf,
    records: Vec<Record>,
}

impl Records {
    /// The file of an installation's folder.
    pub fn path(home: &Path) -> PathBuf {
        home.join("installed.json")
    }

    /// Those of an installation's folder.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn read(home: &Path) -> anyhow::Result<Self> {
        let path = Self::path(home);
        let records = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|e| {
                anyhow::anyhow!(
                    "{}:{}:{}: is damaged; take it away and install again",
                    path.display(),
                    e.line(),
                    e.column()
                )
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        Ok(Self { path, records })
    }

    /// The record of a settings file.
    pub fn of(&self, settings: &Path) -> Option<&Record> {
        self.records.iter().find(|record| record.settings == settings)
    }

    /// All of them.
    pub fn all(&self) -> &[Record] {
        &self.records
    }

    /// Puts a record in the place of that of the same settings file.
    pub fn put(&mut self, record: Record) {
        self.records.retain(|other| other.settings != record.settings);
        self.records.push(record);
    }

    /// Forgets a settings file.
    pub fn forget(&mut self, settings: &Path) {
        self.records.retain(|record| record.settings != settings);
    }

    /// Writes them; none leaves no file.
    pub fn save(&self, readers: Readers) -> anyhow::Result<()> {
        if self.records.is_empty() {
            return match fs::remove_file(&self.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(error).with_context(|| format!("removing {}", self.path.display()))
                }
                _ => Ok(()),
            };
        }
        // What it names is in the user's own folder, or in the machine's, where everybody's `stanch status` reads it.
        file::replace(&self.path, serde_json::to_string_pretty(&self.records)?.as_bytes(), readers)
    }
}
