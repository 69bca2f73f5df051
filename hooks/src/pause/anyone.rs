//! Where the system does not show what a process is: that the file is the user's and its lock held is all that is known of a
//! pause. `stanch pause` itself asks for a terminal and a typed word there too.

use super::{Doubt, mark};

#[cfg(unix)]
pub(super) fn check(_: &super::record::Record, _: &std::fs::File) -> Result<(), Doubt> {
    Ok(())
}

#[cfg(unix)]
pub(super) fn own_start() -> u64 {
    0
}

/// Whether this process may begin a pause.
///
/// # Errors
/// An agent has started it.
pub fn check_self() -> Result<(), Doubt> {
    let names: Vec<_> = std::env::vars_os().map(|(name, _)| name.into_encoded_bytes()).collect();
    match mark::among(names.iter().map(Vec::as_slice)) {
        Some(mark) => Err(Doubt::Agent(std::process::id(), mark)),
        None => Ok(()),
    }
}
