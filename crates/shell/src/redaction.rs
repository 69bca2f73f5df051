//! What is taken out, decided in one place: the built-in rules, the user's own, and how placeholders look.

use config::Config;
use scrub::known::Known;
use scrub::{Mask, Scanner};

/// The rules and their placeholders.
pub struct Redaction<'c> {
    /// Finds.
    pub scanner: Scanner<'c>,
    /// Writes placeholders.
    pub mask: Mask<'c>,
}

/// The configuration that holds where the command starts. An error says what is wrong and what to do, and holds no value.
pub fn configuration() -> Result<Config, String> {
    let folder =
        std::env::current_dir().map_err(|error| format!("the current folder cannot be told: {}", error.kind()))?;
    // A rule is compiled when a text calls for it: to compile all of them first would cost more than the command.
    Config::load(&folder).map_err(|error| error.to_string())
}

/// Takes in by what values are known; nothing, if nothing is lent here.
pub fn learn(config: &Config, known: &str) -> Result<(), String> {
    if known.is_empty() {
        return Ok(());
    }
    let known = Known::from_text(known).ok_or("what the broker says of the values that it lends is not understood")?;
    config.knows(known);
    Ok(())
}

impl<'c> Redaction<'c> {
    /// What the configuration asks for.
    pub fn new(config: &'c Config) -> Result<Self, String> {
        let scanner = config.scanner().map_err(|error| error.to_string())?;
        let mask = Mask::new(*scanner.table());
        Ok(Self { scanner, mask })
    }
}
