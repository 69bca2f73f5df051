//! What is said between the processes of one client and its broker.
//!
//! The broker belongs to one process, the client's, named by pid and start time ([`Process`]): sessions change their ids, pids
//! are used again, the pair is not. Whoever wants to speak to it looks for the nearest process above itself that has a
//! broker ([`place::above`]), and asks over a socket in a folder of the user's own ([`place`]).
//!
//! A conversation is questions ([`Ask`]), each with its answer ([`Answer`]), as frames ([`frame`]); values follow an answer as frames of
//! their own and are in no JSON.

#![cfg(unix)]

mod client;
mod file;
pub mod frame;
mod line;
mod message;
pub mod place;
mod process;

pub use client::{Client, Reply, UNLOCKING, has_ended, is_none};
pub use file::File;
pub use line::Line;
pub use message::{Answer, Ask, By, Call, Fetched, Handed, Lent, Redacted, Report, Tool, Way};
pub use process::Process;
