//! The folder of the tools' stand-ins.

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::Path;

/// The executable that stands in for a tool.
pub const WRAPPER: &str = "stanch-wrap";

/// Lays a stand-in for each tool into the folder, which is made anew.
///
/// # Errors
/// The stand-in is missing beside the broker, or the folder cannot be written.
pub fn lay<'t>(folder: &Path, tools: impl Iterator<Item = &'t str>) -> Result<()> {
    let own = std::env::current_exe()?;
    let wrapper = own.parent().map(|beside| beside.join(WRAPPER)).filter(|path| path.is_file());
    let missing =
        || Error::new(ErrorKind::NotFound, "stanch-wrap is missing beside the broker: run `stanch doctor --repair`");
    let wrapper = wrapper.ok_or_else(missing)?;
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::DirBuilder::new().mode(0o700).create(folder)?;
    for tool in tools.filter(|tool| !tool.contains('/') && !tool.is_empty() && *tool != WRAPPER) {
        match symlink(&wrapper, folder.join(tool)) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
