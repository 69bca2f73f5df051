//! What an agent talks to when it is tested: a model's API on loopback that plays a [`Script`] and remembers every request,
//! and an MCP server whose answers stand in a file.

pub mod mcp;
pub mod openai;
pub mod script;
pub mod server;
pub mod sse;

pub use script::{Call, Script, Turn};
pub use server::{Endpoint, Request};
