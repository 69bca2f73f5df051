//! The real client, a scripted model, and what became of a secret.
//!
//! A test lays out a [`Playground`], writes a [`Script`] for the model, and starts a [`Session`]: the client that
//! `tests/client` pins, headless, with hooks or without. The [`Evidence`] then answers two questions about any text:
//! was it sent to the model's endpoint, and does it stand in a file that the run left behind.
//!
//! An [`OtherSession`] is the same for the agents that `tests/codex` and `tests/qwen` pin.
//!
//! Promise: a session reads and writes only below its own temporary folder, talks only to its own endpoint on
//! loopback, and inherits nothing from the caller's environment but `PATH`.
//!
//! Limits: it sees what the client sends to the endpoint it was told to use. What a tool itself sends elsewhere
//! (a `curl` in Bash) is not watched, and a value that was compressed or encrypted on its way is not recognised.

pub mod client;
pub mod evidence;
pub mod executables;
pub mod fixture;
#[cfg(unix)]
pub mod git_server;
pub mod hooks;
pub mod other;
pub mod plant;
pub mod playground;
#[cfg(unix)]
pub mod postgres;
pub mod terminal;
#[cfg(target_os = "linux")]
pub mod watch;
pub mod web_page;

pub use client::Session;
pub use endpoint::{Call, Script, Turn, mcp};
pub use evidence::Evidence;
pub use hooks::Hooks;
pub use other::{Agent, OtherSession};
pub use plant::Seed;
pub use playground::Playground;
pub use terminal::Terminal;

/// The repository that this package was built in.
fn repository() -> &'static std::path::Path {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}
