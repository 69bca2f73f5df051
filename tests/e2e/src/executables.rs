//! The executables under test, all in one folder: they look for one another beside themselves.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use crate::repository;

/// Where they lie: the folder that `STANCH_HOOKS_DIR` names, or what cargo builds from this workspace.
///
/// Found (and built) once in a test process.
///
/// # Errors
/// Cargo cannot build them.
pub fn folder() -> Result<&'static Path> {
    static FOUND: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| match std::env::var_os("STANCH_HOOKS_DIR") {
        Some(folder) => Ok(folder.into()),
        None => build().map_err(|problem| format!("{problem:#}")),
    });
    FOUND.as_deref().map_err(|problem| anyhow!("{problem}"))
}

/// One of them by its name.
///
/// # Errors
/// It is not there.
pub fn named(name: &str) -> Result<PathBuf> {
    let path = at(folder()?, name);
    ensure!(path.is_file(), "no executable {} (STANCH_HOOKS_DIR names the folder of all)", path.display());
    Ok(path)
}

/// Where one would lie in a folder.
pub(crate) fn at(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

fn build() -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository()).args(["build", "--release", "--message-format=json-render-diagnostics"]);
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("the executables cannot be built:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    built_folder(&String::from_utf8_lossy(&output.stdout)).context("cargo built them and did not say where")
}

fn built_folder(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut paths = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    paths.next_back()?.parent().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_taken_from_cargos_own_words() {
        let messages = "{\"reason\":\"x\",\"executable\":null}\nnoise\n{\"executable\":\"/t/release/post-tool-use\"}\n";
        assert_eq!(built_folder(messages), Some(PathBuf::from("/t/release")));
    }
}
