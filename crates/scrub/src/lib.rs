//! Finds secrets in text and writes placeholders over them.
//!
//! The rules are compiled by this crate's build script (see `crates/rules`) and lie in the binary as one table. A scan
//! looks at every second position of the text, asks a bitmap whether the four bytes there may belong to some rule's
//! evidence, and runs that rule's own anchored automaton only where they do. A clean text pays for no rule; nothing is
//! built when the process starts.
//!
//! - [`Scanner`] finds: text in, [`Finding`]s out.
//! - [`Mask`] writes: findings in, text with placeholders out.
//! - [`Stream`] does both for text of any length in bounded memory.
//! - [`Own`] adds a user's own rules, and the values that are no secret.
//! - [`known`] finds values that are known beforehand, by their digests.
//! - [`json`] does both inside a JSON document and changes nothing but the secrets.
//!
//! The crate does no I/O. It does not see a secret that a person would not recognise either: a password in prose, a value
//! that is split over lines, encrypted or encoded in ways other than JSON escapes and base64.

mod assign;
mod automaton;
mod base64;
mod block;
mod boundary;
mod context;
mod echo;
mod finding;
pub mod json;
mod judge;
pub mod known;
#[path = "../../rules/src/layout.rs"]
mod layout;
pub mod mask;
pub mod own;
mod pass;
mod pause;
mod proof;
mod scan;
mod settle;
mod shown;
mod sieve;
mod stream;
mod table;
mod terminal;
mod view;

pub use finding::Finding;
pub use mask::{Mask, SessionKey};
pub use own::{Label, Own};
pub use scan::{ScanError, Scanner};
pub use stream::{Sighting, Stream, Witness};
pub use table::{Rule, Table};
