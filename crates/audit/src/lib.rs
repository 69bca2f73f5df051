//! The audit log: every decision about a credential, recorded before it acts.
//!
//! [`Audit::record`] appends a line and gives back a [`Recorded`] of that deed, which nothing else makes: what may only
//! happen when it is on record asks for one, and the wrong order does not compile. A record that cannot be written is an
//! error; then nothing may happen.
//!
//! Each line carries a hash of itself and of the line before it, under a key of the user's; [`verify`](verify()) finds a line
//! that was changed, removed, put elsewhere or cut off. Several processes write side by side; one that is killed in the
//! middle of a line leaves a log that the next one goes on from. Nothing here ever shortens or rewrites a log.
//!
//! What it cannot find: docs/audit.md. Never in a record: a value, a command.

mod chain;
mod deed;
mod entry;
mod error;
mod folder;
mod head;
mod key;
mod lines;
mod log;
mod place;
mod read;
mod tail;
mod verify;

pub use chain::Hash;
pub use deed::{Deed, Failure, Grant, Redaction, Refusal, Return, Sighting, Start, Stop, Use};
pub use entry::{Agent, Entry};
pub use error::Error;
pub use key::Digest;
pub use log::{Audit, Recorded};
pub use place::Place;
pub use read::Records;
pub use verify::{Finding, Summary, What, verify};
