//! The tool's executable, and the environment that leads it to its configuration: as the client has them.
//!
//! The command that starts a tool has set what it likes. It must not choose which program gets a credential.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::wrappers::WRAPPER;

/// Variables that lead a tool to its configuration, to the certificates that it trusts, to a proxy, to its helpers.
const LEADING: [&str; 20] = [
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "GH_CONFIG_DIR",
    "GH_HOST",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "PATH",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "XDG_CONFIG_HOME",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Those variables as the client gave them to its hooks, from which the broker has them.
pub fn environment() -> Vec<(String, Option<String>)> {
    LEADING.iter().map(|name| ((*name).to_owned(), std::env::var(name).ok())).collect()
}

/// The executable of a command on the client's search path; `None` if there is none.
pub fn find(tool: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(tool)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    let is_executable = path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    // A session in a session: the stand-in of the outer one is no tool.
    is_executable && path.canonicalize().is_ok_and(|real| real.file_name().is_none_or(|name| name != WRAPPER))
}
