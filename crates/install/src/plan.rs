//! What an installation changes, made up before anything is changed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::binaries;
use crate::file::{self, Readers};
use crate::place::Place;
use crate::record::{self, Record, Records};
use crate::registration::{Entry, SECRET_FILES};
use crate::settings::{self, Settings};

/// A change to a settings file, and to the executables that it names.
pub struct Plan<'p> {
    place: &'p Place,
    entries: &'p [Entry],
    before: Option<String>,
    after: Option<String>,
    denied: Vec<String>,
    /// What else the user has that matters.
    pub notes: Vec<String>,
}

/// Whether reads of files that are nothing but secrets are to be denied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SecretFiles {
    /// The user agrees.
    Denied,
    /// As they are.
    Unchanged,
}

impl<'p> Plan<'p> {
    /// What it takes to install.
    ///
    /// # Errors
    /// The settings cannot be read, or are none.
    pub fn install(place: &'p Place, entries: &'p [Entry], files: SecretFiles) -> anyhow::Result<Self> {
        let before = read(&place.settings)?;
        let settings = parse(place, before.as_deref().unwrap_or_default())?;
        let mut denied = Records::read(&place.home)?.of(&place.settings).map_or(Vec::new(), |r| r.denied.clone());
        if files == SecretFiles::Denied {
            let new = settings.not_denied(SECRET_FILES);
            settings.deny(&new)?;
            denied.extend(new.into_iter().map(str::to_owned));
        }
        if let Some(why) = before.as_deref().filter(|text| !text.trim().is_empty()).and_then(place.agent.refuses) {
            bail!("{}{why}; mend it first", place.settings.display());
        }
        let add = if place.agent.form.prefix { Settings::add } else { Settings::add_hooks };
        let mut notes = add(&settings, entries, &place.bin()).with_context(|| place.settings.display().to_string())?;
        notes.extend((place.agent.beside)(place.whose, &place.settings));
        let mut after = settings.text();
        if before.is_none() {
            after.push('\n');
        }
        settings::check(&after, entries, &place.bin())?;
        Ok(Self { place, entries, before, after: Some(after), denied, notes })
    }

    /// What it takes to take stanch away: the file as it was, if nobody has touched it since; else without stanch's entries.
    ///
    /// # Errors
    /// The settings cannot be read, or are none.
    pub fn uninstall(place: &'p Place, entries: &'p [Entry]) -> anyhow::Result<Self> {
        let records = Records::read(&place.home)?;
        let record = records.of(&place.settings);
        let before = read(&place.settings)?;
        let mut notes = Vec::new();
        let after = match (&before, record) {
            (None, _) => None,
            (Some(text), Some(record)) if record.is_untouched(text) && record.is_recoverable() => {
                match &record.backup {
                    None => None,
                    Some(backup) => read(backup)?,
                }
            }
            (Some(text), record) => {
                if let Some(backup) = record.and_then(|record| record.backup.as_ref()) {
                    notes
                        .push(format!("the file has changed since; as it was before, it lies in {}", backup.display()));
                }
                let settings = parse(place, text)?;
                let behind = settings.behind(entries);
                if place.agent.form.by_place && !behind.is_empty() {
                    let title = place.agent.title;
                    notes.push(format!("{} moves up, and {title} will ask you to trust it again", behind.join(", ")));
                }
                settings.remove(entries, record.map_or(&[], |record| &record.denied))?;
                Some(settings.text())
            }
        };
        Ok(Self { place, entries, before, after, denied: Vec::new(), notes })
    }

    /// The settings file.
    pub fn settings(&self) -> &Path {
        &self.place.settings
    }

    /// The settings before and after; empty where there is no file.
    pub fn texts(&self) -> (&str, &str) {
        (self.before.as_deref().unwrap_or_default(), self.after.as_deref().unwrap_or_default())
    }

    /// Whether the settings change.
    pub fn changes_settings(&self) -> bool {
        self.before != self.after
    }

    /// Installs: executables from the folder `from`, then the settings.
    pub fn put_in_place(&self, from: &Path) -> anyhow::Result<()> {
        let Some(after) = &self.after else { bail!("nothing to install") };
        binaries::copy(from, &self.place.bin(), binaries::names())?;
        let mut records = Records::read(&self.place.home)?;
        let old = records.of(&self.place.settings).cloned();
        let untouched = old.filter(|old| self.before.as_deref().is_some_and(|text| old.is_untouched(text)));
        let backup = match (untouched, &self.before) {
            (Some(old), _) => old.backup,
            (None, None) => None,
            (None, Some(text)) => Some(self.back_up(text)?),
        };
        records.put(Record {
            settings: self.place.settings.clone(),
            backup,
            left: record::digest(after),
            denied: self.denied.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        });
        // First how to undo it, then what is to be undone.
        records.save(self.place.readers)?;
        if self.changes_settings() {
            file::replace(&self.place.settings, after.as_bytes(), self.place.readers)
        } else {
            Ok(())
        }
    }

    /// A copy of the settings without stanch, beside them.
    fn back_up(&self, text: &str) -> anyhow::Result<PathBuf> {
        let settings = parse(self.place, text)?;
        settings.remove(self.entries, &[])?;
        let mut path = self.place.settings.clone().into_os_string();
        path.push(".before-stanch");
        let path = PathBuf::from(path);
        file::replace(&path, settings.text().as_bytes(), Readers::Owner)?;
        if let Ok(there) = fs::metadata(&self.place.settings) {
            fs::set_permissions(&path, there.permissions()).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(path)
    }

    /// Takes stanch away: the settings first, then the executables, unless other settings name them.
    pub fn take_away(&self) -> anyhow::Result<()> {
        let mut records = Records::read(&self.place.home)?;
        let old = records.of(&self.place.settings).cloned();
        match &self.after {
            _ if !self.changes_settings() => {}
            Some(after) => file::replace(&self.place.settings, after.as_bytes(), self.place.readers)?,
            None => fs::remove_file(&self.place.settings)
                .with_context(|| format!("removing {}", self.place.settings.display()))?,
        }
        records.forget(&self.place.settings);
        records.save(self.place.readers)?;
        if let Some(backup) = old.and_then(|old| old.backup)
            && read(&backup)?.as_deref() == self.after.as_deref()
        {
            fs::remove_file(&backup).with_context(|| format!("removing {}", backup.display()))?;
        }
        if records.all().is_empty() {
            binaries::remove(&self.place.bin(), binaries::names())?;
            let _ = fs::remove_dir(&self.place.home);
        }
        Ok(())
    }
}

impl Record {
    /// Whether what was there before is known: nothing, or a copy that still lies there.
    fn is_recoverable(&self) -> bool {
        self.backup.as_ref().is_none_or(|backup| backup.is_file())
    }
}

fn parse(place: &Place, text: &str) -> anyhow::Result<Settings> {
    Settings::parse(text).with_context(|| format!("{} cannot be edited", place.settings.display()))
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}
