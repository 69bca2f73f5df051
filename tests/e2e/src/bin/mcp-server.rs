//! `mcp-server ANSWERS NOTES`: the tests' MCP server on stdin and stdout.

use std::path::Path;

use anyhow::{Result, bail};
use stanch_e2e::mcp::Answers;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [answers, notes] = arguments.as_slice() else { bail!("usage: mcp-server ANSWERS NOTES") };
    Answers::read(Path::new(answers), Path::new(notes))?.serve(std::io::stdin().lock(), std::io::stdout().lock())
}
