//! The shell prefix under test.

use std::path::PathBuf;
use std::sync::LazyLock;

use anyhow::{Result, anyhow, ensure};

use crate::hooks::{built, executable};

const NAME: &str = "stanch-shell";

/// The executable: in the folder that `STANCH_HOOKS_DIR` names, or as cargo builds it from this workspace.
pub fn locate() -> Result<PathBuf> {
    FOUND.as_ref().map(PathBuf::clone).map_err(|problem| anyhow!("{problem}"))
}

/// Found (and built) once in a test process.
static FOUND: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
    let folder =
        std::env::var_os("STANCH_HOOKS_DIR").map_or_else(|| built(&[NAME]), |folder| Ok(PathBuf::from(folder)));
    let found = folder.and_then(|folder| {
        let path = executable(&folder, NAME);
        ensure!(path.is_file(), "no prefix at {} (STANCH_HOOKS_DIR names its folder)", path.display());
        Ok(path)
    });
    found.map_err(|problem| format!("{problem:#}"))
});
