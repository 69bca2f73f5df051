//! The executables in their private folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::file::Readers;
use crate::registration::{LENDING, SHELL};

/// All executables, whatever the agent: they lie in one folder for all.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    hooks::HOOKS.iter().map(|hook| hook.name).chain([SHELL, "stanch"]).chain(LENDING)
}

/// Those of `names` that are missing in a folder.
pub fn missing<'n>(folder: &Path, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    names.filter(|name| !file(folder, name).is_file()).collect()
}

/// Copies executables from one folder to another, each whole or not at all; what runs at the moment goes on running.
///
/// # Errors
/// One is missing, or cannot be written.
pub fn copy<'n>(from: &Path, to: &Path, names: impl Iterator<Item = &'n str> + Clone) -> anyhow::Result<()> {
    let missing = missing(from, names.clone());
    if !missing.is_empty() {
        bail!(
            "{} is not complete: {} is missing there; build all of it (`cargo build --release`), or name the folder with \
             --from",
            from.display(),
            missing.join(", ")
        );
    }
    Readers::Everybody.make_folder(to).with_context(|| format!("making {}", to.display()))?;
    for name in names {
        let (source, target) = (file(from, name), file(to, name));
        if same(&source, &target) {
            continue;
        }
        let copying = || format!("copying {} to {}", source.display(), target.display());
        let temporary = tempfile::Builder::new().prefix(".new-").tempfile_in(to).with_context(copying)?;
        fs::copy(&source, temporary.path()).with_context(copying)?;
        temporary.as_file().sync_all().with_context(copying)?;
        temporary.persist(&target).map_err(|error| error.error).with_context(copying)?;
    }
    Ok(())
}

/// Takes executables away, and the folder if it is empty then.
pub fn remove<'n>(folder: &Path, names: impl Iterator<Item = &'n str>) -> anyhow::Result<()> {
    for name in names {
        let path = file(folder, name);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("removing {}", path.display())),
        }
    }
    // Something else of the user's may lie there.
    let _ = fs::remove_dir(folder);
    Ok(())
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn same(a: &Path, b: &Path) -> bool {
    // One that cannot be executed any more is not the same.
    let data = |path: &Path| fs::metadata(path).map(|data| (data.len(), data.permissions())).ok();
    data(a) == data(b) && fs::read(a).ok() == fs::read(b).ok()
}
