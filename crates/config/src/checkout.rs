//! Which folder's `.claude/settings.local.json` Claude Code (2.1.330) takes for the user's own settings of a project: that of
//! the repository, whatever folder or worktree of it the session runs in. The folder's own file is read too, and loses.
//!
//! `.claude/settings.json` is read in the session's folder alone.

use std::path::{Path, PathBuf};

/// The folders whose `.claude/settings.local.json` the client reads in `folder`, an absolute path; the first wins.
pub fn local_settings(folder: &Path) -> Vec<PathBuf> {
    let store = store(folder);
    if store == folder { vec![store] } else { vec![store, folder.to_owned()] }
}

/// The folder in which the client keeps those settings: the root of the main checkout, or `folder` itself if that is in no
/// repository, if the repository is the home folder, or if somebody else owns it.
pub fn store(folder: &Path) -> PathBuf {
    // The client does so where files have owners.
    if cfg!(not(unix)) {
        return folder.to_owned();
    }
    let root = folder.ancestors().find(|above| above.join(".git").exists());
    let Some(checkout) = root.map(|root| main_checkout(root).unwrap_or_else(|| root.to_owned())) else {
        return folder.to_owned();
    };
    let same = |other: &Path| real(other).is_some_and(|real| Some(real) == self::real(&checkout));
    let is_home = std::env::home_dir().is_some_and(|home| same(&home));
    if same(folder) || is_home || !is_own(&checkout) { folder.to_owned() } else { checkout }
}

fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// Where the main checkout of a linked worktree lies. `None` if `root` is no such worktree: the main checkout itself, a
/// submodule, or a `.git` that says something else than git writes there.
fn main_checkout(root: &Path) -> Option<PathBuf> {
    let read = |path: PathBuf| Some(std::fs::read_to_string(path).ok()?.trim().to_owned());
    let link = read(root.join(".git"))?;
    let of_worktree = real(&root.join(link.strip_prefix("gitdir:")?.trim()))?;
    let repository = real(&of_worktree.join(read(of_worktree.join("commondir"))?))?;
    let back = real(&of_worktree.join(read(of_worktree.join("gitdir"))?))?;
    let is_worktree = of_worktree.parent() == Some(&repository.join("worktrees")) && back == real(root)?.join(".git");
    let is_plain = repository.file_name().is_some_and(|name| name == ".git");
    is_worktree.then_some(())?;
    if is_plain { repository.parent().map(Path::to_owned) } else { Some(repository) }
}

/// Whether the folder, its `.git` and its `.claude` (which may be missing) belong to the user.
#[cfg(unix)]
fn is_own(checkout: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    let owner = |path: &Path| std::fs::symlink_metadata(path).map(|data| data.uid());
    let settings = match owner(&checkout.join(".claude")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(user),
        owner => owner.ok(),
    };
    let root = std::fs::metadata(checkout).map(|data| data.uid()).ok();
    [root, owner(&checkout.join(".git")).ok(), settings].iter().all(|owner| *owner == Some(user))
}

#[cfg(not(unix))]
fn is_own(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("a folder");
        (folder, path)
    }

    fn make(folders: &[PathBuf]) {
        folders.iter().for_each(|folder| fs::create_dir_all(folder).expect("a folder"));
    }

    #[test]
    fn the_repositorys_root_wins_over_a_folder_in_it() {
        let (_folder, at) = folder();
        make(&[at.join("app/.git"), at.join("app/deep/er"), at.join("app/other/.git"), at.join("none/deep")]);
        assert_eq!(local_settings(&at.join("app/deep/er")), [at.join("app"), at.join("app/deep/er")]);
        for alone in ["app", "app/other", "none/deep"] {
            assert_eq!(local_settings(&at.join(alone)), [at.join(alone)]);
        }
    }

    #[test]
    fn a_worktree_is_a_folder_of_its_main_checkout() {
        let (_folder, at) = folder();
        let git = at.join("app/.git/worktrees/tree");
        make(&[git.clone(), at.join("tree/deep")]);
        fs::write(at.join("tree/.git"), format!("gitdir: {}\n", git.display())).expect("a file");
        fs::write(git.join("commondir"), "../..\n").expect("a file");
        fs::write(git.join("gitdir"), format!("{}\n", at.join("tree/.git").display())).expect("a file");
        assert_eq!(local_settings(&at.join("tree/deep")), [at.join("app"), at.join("tree/deep")]);
        // A repository that names another one is not believed: that one does not name it.
        fs::write(git.join("gitdir"), format!("{}\n", at.join("app/.git").display())).expect("a file");
        assert_eq!(store(&at.join("tree/deep")), at.join("tree"));
        fs::write(at.join("tree/.git"), "gitdir: ../app/.git/modules/tree\n").expect("a file");
        assert_eq!(store(&at.join("tree/deep")), at.join("tree"));
    }
}
