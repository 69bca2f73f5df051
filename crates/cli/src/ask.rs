//! A question to the person at the terminal.

use std::io::{self, BufRead, Write};

use anyhow::Context;

/// Asks on `out` and waits for the answer; whatever is no yes is a no.
pub fn agreed(mut out: impl Write, question: &str) -> anyhow::Result<bool> {
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("reading the answer")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
