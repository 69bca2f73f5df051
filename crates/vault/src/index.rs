//! The names that `stanch store` has given, with the source of each and when it was stored. A file in the user's folder of states;
//! never a value. When one was last lent the audit log knows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use config::places;
use config::plain::{self, Content};
use serde::{Deserialize, Serialize};

use crate::Reference;

/// The file's name in the folder.
pub const FILE: &str = "credentials.json";

/// What is known of one credential.
#[derive(Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Its reference.
    pub source: String,
    /// When it was stored (RFC 3339).
    pub created: String,
}

/// The index; what is in a file of a later version is kept out.
#[derive(Default, Serialize, Deserialize)]
pub struct Index {
    /// By name.
    pub credentials: BTreeMap<String, Entry>,
}

/// The index cannot be read or written: the file, and why.
#[derive(Debug)]
pub struct IndexError {
    file: PathBuf,
    why: String,
}

impl Index {
    /// The index in a folder; empty if there is none yet.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn read(folder: &Path) -> Result<Self, IndexError> {
        let file = folder.join(FILE);
        let wrong = |why: &str| IndexError { file: file.clone(), why: why.to_owned() };
        match plain::read(&file) {
            Content::Missing => Ok(Self::default()),
            Content::Unread => Err(wrong("is no plain file, or may not be read; mend its permissions")),
            // Its own message could quote it.
            Content::Whole(text) => serde_json::from_slice(&text).map_err(|error| {
                let place = format!("line {}, column {}", error.line(), error.column());
                wrong(&format!("is damaged at {place}; move it away: the values are in the keyring, `stanch store --force` adds a name again"))
            }),
        }
    }

    /// Changes the index, while no other process does.
    ///
    /// # Errors
    /// It cannot be read or written. It is as it was then.
    pub fn change<T>(folder: &Path, change: impl FnOnce(&mut Self) -> T) -> Result<T, IndexError> {
        let file = folder.join(FILE);
        let wrong = |error: std::io::Error| IndexError {
            file: file.clone(),
            why: format!("cannot be written ({})", error.kind()),
        };
        places::make_private(folder).map_err(wrong)?;
        let lock = File::create(folder.join("credentials.lock")).map_err(wrong)?;
        lock.lock().map_err(wrong)?;
        let mut index = Self::read(folder)?;
        let done = change(&mut index);
        let text = serde_json::to_vec_pretty(&index).map_err(|_| wrong(std::io::ErrorKind::InvalidData.into()))?;
        // Only its owner can read what this makes.
        let mut new = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
        new.write_all(&text).map_err(wrong)?;
        new.persist(&file).map_err(|error| wrong(error.error))?;
        Ok(done)
    }
}

impl Entry {
    /// One that is stored now.
    pub fn new(source: &Reference) -> Self {
        Self { source: source.to_string(), created: now() }
    }
}

fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

impl std::fmt::Display for IndexError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.file.display(), self.why)
    }
}

impl std::error::Error for IndexError {}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn changes_of_several_at_once_are_all_kept() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("stanch");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let folder = &folder;
                scope.spawn(move || {
                    let source = Reference::of_keyring(&format!("n{number}")).expect("a name");
                    Index::change(folder, |index| index.credentials.insert(format!("n{number}"), Entry::new(&source)))
                });
            }
        });
        let index = Index::read(&folder).expect("the index");
        assert_eq!(index.credentials.len(), 8);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it_and_damage_is_not_quoted() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("stanch");
        Index::change(&folder, |_| ()).expect("made");
        let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(FILE))), (0o700, 0o600));
        fs::write(folder.join(FILE), "{\"credentials\": {\"a\": \"hunter2x\"}}").expect("written");
        let said = Index::read(&folder).map(|_| ()).expect_err("damaged").to_string();
        assert!(said.contains("is damaged at line 1") && !said.contains("hunter2x"), "{said}");
    }
}
