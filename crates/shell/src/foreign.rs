//! Variables of an MCP server's environment that a repository's settings have set, and with which its program loads other code.
//!
//! The client hands on what settings say to the servers that it starts. A server that is to have a credential must be the
//! program that policy names and nothing beside it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use config::repository::Settings;

/// The loader's, interpreters' and package runners', by their beginnings (ld.so(8), dyld(1), node(1), python(1), perlrun(1), npm
/// config): they load code, or lead to other servers, certificates and registries.
const BEGINNINGS: [&str; 12] =
    ["LD_", "DYLD_", "BASH_", "NODE_", "PYTHON", "PERL5", "RUBY", "JAVA_", "JDK_", "npm_config_", "NPM_CONFIG_", "UV_"];
/// Those that name a shell's start file, the shell, a prefix, where programs and their configuration are found, and proxies.
const NAMES: [&str; 19] = [
    "ALL_PROXY",
    "CLASSPATH",
    "DENO_DIR",
    "ENV",
    "GEM_HOME",
    "GEM_PATH",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "PATH",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "XDG_CONFIG_HOME",
    "ZDOTDIR",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    crate::command::THEN,
];
/// The client's own settings, which begin like bash's.
const HARMLESS: [&str; 3] = ["BASH_DEFAULT_TIMEOUT_MS", "BASH_MAX_TIMEOUT_MS", "BASH_MAX_OUTPUT_LENGTH"];

/// The first of these variables that is set and that a repository's settings set, or may; and the file.
pub fn variable(folder: &Path) -> Option<(String, PathBuf)> {
    among(std::env::vars_os().map(|(name, _)| name), &Settings::of_session(folder))
}

fn among(names: impl Iterator<Item = OsString>, settings: &Settings) -> Option<(String, PathBuf)> {
    names.filter(|name| matters(name)).find_map(|name| {
        let name = name.into_string().ok()?;
        let file = settings.sets(&name)?;
        Some((name, file))
    })
}

fn matters(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let is_listed = NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    is_listed && !HARMLESS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_repository_sets_is_found_if_it_loads_code() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(".claude")).expect("a folder");
        let path = folder.path().join(".claude/settings.json");
        let found = |set: &str, there: &str| {
            std::fs::write(&path, format!(r#"{{"env":{{"{set}":"/x"}}}}"#)).expect("a file");
            among([OsString::from(there)].into_iter(), &Settings::of_session(folder.path()))
        };
        for name in ["LD_PRELOAD", "BASH_ENV", "NODE_OPTIONS", "PYTHONPATH", "PATH", "SHELL", "STANCH_SHELL_THEN"] {
            assert_eq!(found(name, name), Some((name.to_owned(), path.clone())));
            assert_eq!(found("OTHER", name), None, "{name} is the user's");
        }
        for name in ["BASH_MAX_TIMEOUT_MS", "MCP_TIMEOUT", "CLAUDE_CODE_SHELL_PREFIX", "LANG"] {
            assert_eq!(found(name, name), None, "{name}");
        }
    }
}
