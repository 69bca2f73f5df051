//! What hooks would do for this user in this folder: the same configuration, the same rules.

use anyhow::Context;
use config::Config;
use scrub::{Mask, Scanner};

/// The configuration that holds in the current folder.
pub fn config() -> anyhow::Result<Config> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    Config::load(&folder).map_err(|error| {
        // What stands in a file may be in the wrong place.
        let said = redacted(error.to_string().as_bytes()).unwrap_or_default();
        anyhow::anyhow!("{}", String::from_utf8_lossy(&said))
    })
}

/// Finds with the built-in rules and the user's own.
pub fn scanner(config: &Config) -> anyhow::Result<Scanner<'_>> {
    let scanner = Scanner::builtin()?;
    Ok(match config.own() {
        Some(own) => scanner.with(own),
        None => scanner,
    })
}

/// A text without its secrets, for people to see.
pub fn redacted(text: &[u8]) -> anyhow::Result<Vec<u8>> {
    let scanner = Scanner::builtin()?;
    let mut clean = Vec::with_capacity(text.len());
    Mask::new(*scanner.table()).write(text, &scanner.findings(text)?, &mut clean);
    Ok(clean)
}
