//! Text without secrets, of the sorts that tools print: whatever changes in it is a false alarm.

use crate::random::Random;

/// A sort of text.
pub struct Sort {
    /// As the report names it.
    pub name: &'static str,
    /// The text.
    pub write: fn(&mut Random) -> String,
}

macro_rules! sort {
    ($name:literal, $write:expr) => {
        Sort { name: $name, write: $write }
    };
}

mod printed;
mod written;

/// `count` lines.
fn lines(random: &mut Random, count: usize, line: impl Fn(&mut Random) -> String) -> String {
    (0..count).map(|_| line(random) + "\n").collect()
}

/// Names that code gives to credentials; none is one.
const NAMES: &[&str] = &[
    "token",
    "password",
    "api_key",
    "secret",
    "accessToken",
    "passwordHash",
    "authToken",
    "apiKey",
    "clientSecret",
    "privateKey",
    "secretName",
    "tokenizer",
    "session_key",
    "credentials",
    "passwd",
    "keyId",
    "tokenType",
    "passphrase",
    "primaryKey",
];

/// All sorts.
pub const SORTS: [&[Sort]; 2] = [printed::PRINTED, written::WRITTEN];
