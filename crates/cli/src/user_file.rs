//! The user's configuration file, edited in place: what is not concerned stays as it was, comments and order included.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use config::places;
use install::file::{self, Readers};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

/// The file, open for changes that [`UserFile::save`] writes.
pub struct UserFile {
    path: PathBuf,
    document: DocumentMut,
}

/// The user's folder for configuration; it may not be there yet.
pub fn folder() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder cannot be told")?;
    places::user_folder(&here)?.context("you have no home folder; set HOME")
}

impl UserFile {
    /// Reads the file, or begins an empty one.
    pub fn open() -> anyhow::Result<Self> {
        let path = folder()?.join(places::FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        // Its mistakes are named better there.
        config::file::parse(&path, &text)?;
        let document = text.parse().with_context(|| format!("reading {}", path.display()))?;
        Ok(Self { path, document })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The `[redact]` table.
    fn redact(&mut self) -> anyhow::Result<&mut Table> {
        let redact = self.document.entry("redact").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        redact
            .as_table_mut()
            .with_context(|| format!("{}: `redact` is an inline table; write it as [redact]", self.path.display()))
    }

    /// The entries `[[redact.allow]]`.
    pub fn allow(&mut self) -> anyhow::Result<&mut ArrayOfTables> {
        let allow = self.redact()?.entry("allow").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        allow.as_array_of_tables_mut().context("`redact.allow` is an inline array; write it as [[redact.allow]]")
    }

    /// Names a rule file, unless it is named already.
    pub fn add_rules(&mut self, name: &str) -> anyhow::Result<()> {
        let rules = self.redact()?.entry("rules").or_insert_with(|| toml_edit::value(toml_edit::Array::new()));
        let rules = rules.as_array_mut().context("`redact.rules` is no array")?;
        if !rules.iter().any(|rule| rule.as_str() == Some(name)) {
            rules.push(name);
        }
        Ok(())
    }

    /// Writes the file, whole or not at all.
    pub fn save(&self) -> anyhow::Result<()> {
        let mut text = self.document.to_string();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        // What cannot be read back would close every hook.
        config::file::parse(&self.path, &text)?;
        file::replace(&self.path, text.as_bytes(), Readers::Owner)
    }
}
