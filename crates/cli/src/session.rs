//! What hooks would do for this user in this folder: the same configuration, the same rules.

use anyhow::Context;
use config::Config;
use scrub::Scanner;

/// The configuration that holds in the current folder.
pub fn config() -> anyhow::Result<Config> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    Ok(Config::load(&folder)?)
}

/// A text without its secrets, for people to see.
pub fn redacted(text: &str) -> anyhow::Result<String> {
    Ok(Scanner::builtin()?.redacted(text)?)
}
