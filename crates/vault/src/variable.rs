//! A variable of the environment.

use secret::Secret;

use crate::{Failure, Provider, Vault};

/// `env:NAME`.
#[derive(Clone)]
pub struct Variable(String);

impl Variable {
    pub fn parse(text: &str) -> Result<Self, String> {
        if is_name(text) {
            return Ok(Self(text.to_owned()));
        }
        Err("names no variable: env: is followed by letters, digits and _, no digit first".to_owned())
    }
}

/// Whether a variable can have that name.
pub fn is_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    !text.is_empty() && text.bytes().all(plain) && !text.as_bytes()[0].is_ascii_digit()
}

impl Provider for Variable {
    fn fetch(&self, vault: &Vault) -> Result<Secret, Failure> {
        let value = vault.environment.get(&self.0)?.filter(|value| !value.is_empty());
        let missing = || {
            Failure::new(
                "the variable is not set, or empty, in the process that fetches",
                "set it before the client is started, or keep the value in the keyring (`stanch store NAME`)",
            )
        };
        Ok(Secret::new(value.ok_or_else(missing)?.into_encoded_bytes()))
    }
}
