//! What is taken out, decided in one place: the rules and how their placeholders look.

use scrub::{Mask, Scanner};

/// The rules and their placeholders.
pub struct Redaction {
    /// Finds.
    pub scanner: Scanner<'static>,
    /// Writes placeholders.
    pub mask: Mask<'static>,
}

impl Redaction {
    /// Reads what is to be taken out. An error says what is wrong and what to do, and holds no value.
    pub fn load() -> Result<Self, String> {
        let scanner = Scanner::builtin().map_err(|error| error.to_string())?;
        let mask = Mask::new(*scanner.table());
        Ok(Self { scanner, mask })
    }
}
