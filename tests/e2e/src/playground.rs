//! The folder of one run: a home, a configuration, a project and a place for temporary files, all made new.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// The parts of a playground that the client may write to, its own output included.
const WATCHED: [&str; 6] = ["home", "config", "project", "tmp", "stdout.jsonl", "stderr.txt"];

/// A run's own folder. It is deleted with this value, unless `STANCH_E2E_KEEP` is set.
///
/// Limit: what a test writes with [`Playground::write`] is the planted material; it stands on disk by intention and
/// is not counted among the files left behind, not even after the client has changed it.
pub struct Playground {
    folder: TempDir,
    planted: Vec<PathBuf>,
}

impl Playground {
    /// Makes the folder and its parts.
    pub fn new() -> Result<Self> {
        let mut folder = tempfile::Builder::new().prefix("stanch-e2e-").tempdir().context("no temporary folder")?;
        folder.disable_cleanup(std::env::var_os("STANCH_E2E_KEEP").is_some());
        for part in ["home", "config", "project", "tmp", "aside"] {
            fs::create_dir(folder.path().join(part))?;
        }
        Ok(Self { folder, planted: Vec::new() })
    }

    /// Plants a file in the project and gives its absolute path.
    pub fn write(&mut self, name: &str, content: &str) -> Result<PathBuf> {
        let path = self.project().join(name);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        self.planted.push(path.clone());
        Ok(path)
    }

    /// The folder of everything.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The client's working folder.
    pub fn project(&self) -> PathBuf {
        self.root().join("project")
    }

    /// The client's `CLAUDE_CONFIG_DIR`.
    pub fn config(&self) -> PathBuf {
        self.root().join("config")
    }

    /// A file of the harness itself: the client is not told of it and it is never counted as left behind.
    pub fn aside(&self, name: &str) -> PathBuf {
        self.root().join("aside").join(name)
    }

    /// Every file that the run left, by its path below the playground, planted ones excepted.
    pub fn left_behind(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut found = BTreeMap::new();
        for part in WATCHED {
            collect(&self.root().join(part), &mut found)?;
        }
        for path in &self.planted {
            found.remove(path);
        }
        Ok(named_below(self.root(), found))
    }

    /// Every file of the harness itself, by its name.
    pub fn beside(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut found = BTreeMap::new();
        collect(&self.aside(""), &mut found)?;
        Ok(named_below(&self.aside(""), found))
    }
}

fn named_below(root: &Path, files: BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<PathBuf, Vec<u8>> {
    let below = |path: PathBuf| path.strip_prefix(root).map(Path::to_owned).unwrap_or(path);
    files.into_iter().map(|(path, bytes)| (below(path), bytes)).collect()
}

/// Reads all files below a path. What goes away meanwhile (a socket, a lock) was not left behind.
fn collect(path: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    let Ok(kind) = fs::symlink_metadata(path).map(|data| data.file_type()) else { return Ok(()) };
    if kind.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), into)?;
        }
    } else if kind.is_file() {
        into.insert(path.to_owned(), fs::read(path)?);
    } else if kind.is_symlink() {
        into.insert(path.to_owned(), fs::read_link(path)?.into_os_string().into_encoded_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_planted_is_not_left_behind_and_what_was_not_is() -> Result<()> {
        let mut playground = Playground::new()?;
        playground.write("deep/planted.txt", "a")?;
        fs::write(playground.project().join("made.txt"), "b")?;
        let left = playground.left_behind()?;
        assert_eq!(left.keys().collect::<Vec<_>>(), [Path::new("project/made.txt")]);
        Ok(())
    }
}
