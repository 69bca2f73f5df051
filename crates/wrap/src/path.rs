//! The tool behind the stand-in.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The first executable of that name on a search path that is not the stand-in itself.
pub fn tool(name: &OsStr, path: Option<&OsStr>) -> Option<PathBuf> {
    let own = std::env::current_exe().ok().as_deref().and_then(file);
    let folders = std::env::split_paths(path?);
    folders.map(|folder| folder.join(name)).find(|path| is_executable(path) && file(path) != own)
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

fn file(path: &Path) -> Option<(u64, u64)> {
    path.metadata().ok().map(|data| (data.dev(), data.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_in_is_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = std::env::current_exe().expect("a name");
        std::os::unix::fs::symlink(own, folder.path().join("sh")).expect("a link");
        let path = std::env::join_paths([folder.path(), Path::new("/bin")]).expect("a path");
        assert_eq!(tool(OsStr::new("sh"), Some(&path)), Some("/bin/sh".into()));
        assert_eq!(tool(OsStr::new("no such tool"), Some(&path)), None);
        assert_eq!(tool(OsStr::new("sh"), None), None);
    }
}
