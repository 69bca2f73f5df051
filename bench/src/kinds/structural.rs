//! Secrets that their surroundings tell: keys in PEM, connection strings, headers, credential files.

use crate::random::Random;

macro_rules! structure {
    ($id:literal, $write:expr) => {
        Structure { id: $id, write: $write }
    };
}

mod connections;
mod files;
mod keys;
mod requests;

/// A kind of text with its secrets.
pub struct Structure {
    /// As the report names it.
    pub id: &'static str,
    /// The text and its secrets.
    pub write: fn(&mut Random) -> (String, Vec<String>),
}

/// All kinds.
pub const STRUCTURES: [&[Structure]; 4] = [keys::KEYS, connections::CONNECTIONS, files::FILES, requests::REQUESTS];
