//! A file put in the place of another, whole or not at all.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

/// Who may read a file and its folders where they are new.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Their owner alone.
    Owner,
    /// Every user of the machine.
    Everybody,
}

impl Readers {
    #[cfg(unix)]
    fn mode(self) -> u32 {
        if self == Self::Owner { 0o600 } else { 0o644 }
    }

    /// Makes a folder, with those above it.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make_folder(self, folder: &Path) -> std::io::Result<()> {
        #[cfg_attr(not(unix), allow(unused_mut, reason = "a folder has no mode there"))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, if self == Self::Owner { 0o700 } else { 0o755 });
        builder.recursive(true).create(folder)
    }
}

/// Writes a file: as another may read it as before, or `readers` if it is new. A link to it stays.
///
/// # Errors
/// The file is as it was; the message names it.
pub fn replace(path: &Path, content: &[u8], readers: Readers) -> anyhow::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let writing = || format!("writing {}", path.display());
    let folder = path.parent().with_context(writing)?;
    readers.make_folder(folder).with_context(writing)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(writing)?;
    #[cfg(unix)]
    let new = Some(std::os::unix::fs::PermissionsExt::from_mode(readers.mode()));
    #[cfg(not(unix))]
    let new = None;
    if let Some(mode) = fs::metadata(&path).ok().map(|there| there.permissions()).or(new) {
        file.as_file().set_permissions(mode).with_context(writing)?;
    }
    file.write_all(content).with_context(writing)?;
    file.as_file().sync_all().with_context(writing)?;
    file.persist(&path).map_err(|error| error.error).with_context(writing)?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_file_is_for_its_readers_and_an_old_one_for_those_it_had() {
        let home = tempfile::tempdir().expect("a folder");
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        for (readers, file, folder) in [(Readers::Owner, 0o600, 0o700), (Readers::Everybody, 0o644, 0o755)] {
            let path = home.path().join(format!("{file:o}/settings.json"));
            replace(&path, b"{}", readers).expect("written");
            assert_eq!((mode(&path), mode(path.parent().expect("a folder"))), (file, folder));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("changed");
            replace(&path, b"{ }", readers).expect("written");
            assert_eq!((mode(&path), fs::read(&path).expect("read")), (0o640, b"{ }".to_vec()));
        }
    }
}
