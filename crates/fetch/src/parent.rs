//! Who asks: the broker beside this executable, which starts it, and which records what it does with the values.
//!
//! This is care and no wall: any program of the user can ask the user's own keyring, or pass for a broker with some pains, but none
//! comes to all values by running this one.

use std::fs::{metadata, read_to_string};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The broker's executable.
const BROKER: &str = "stanch-broker";

/// Whether the process that started this one is a broker. Without `/proc` it cannot be told; there is no broker there either.
pub fn is_broker() -> bool {
    let Some(parent) = rustix::process::getppid() else { return false };
    let folder = format!("/proc/{}", parent.as_raw_pid());
    match file(Path::new(&folder).join("exe").as_path()) {
        Ok(running) => {
            let own = std::env::current_exe().ok();
            let beside = own.as_deref().and_then(Path::parent).and_then(|folder| file(&folder.join(BROKER)).ok());
            beside == Some(running)
        }
        // A broker lets nobody look at itself. What is left of it to see is the name of its file, which the kernel has noted.
        Err(ErrorKind::PermissionDenied) => {
            read_to_string(Path::new(&folder).join("comm")).is_ok_and(|name| name.trim_end() == BROKER)
        }
        Err(_) => false,
    }
}

/// Device and number of a file.
fn file(path: &Path) -> Result<(u64, u64), ErrorKind> {
    metadata(path).map(|data| (data.dev(), data.ino())).map_err(|error| error.kind())
}
