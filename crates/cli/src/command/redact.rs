//! `stanch redact`: text in, text out.

use std::io::{self, BufRead, BufWriter, Read, Write};
use std::process::ExitCode;

use anyhow::Context;
use scrub::{Mask, Scanner, SessionKey, Sighting, Stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::args::Redact;
use crate::session;

/// What is read at once: it stays in the second-level cache with what is held and what is written.
const PIECE: usize = 64 << 10;

/// Redacts standard input to standard output.
pub fn run(how: &Redact) -> anyhow::Result<ExitCode> {
    let config = session::config()?;
    let scanner = config.scanner()?;
    let mask = if how.tag {
        let mut random = [0u8; 32];
        getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("getting random bytes for the tags: {e}"))?;
        Mask::with_key(*scanner.table(), SessionKey::new(random))
    } else {
        Mask::new(*scanner.table())
    };
    match (how.jsonl, how.explain) {
        (true, _) => lines(&scanner, &mask),
        (_, true) => explain(&scanner, &mask),
        _ => text(&scanner, &mask),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn text<'t>(scanner: &Scanner<'t>, mask: &Mask<'t>) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let mut stream = Stream::new(scanner, mask);
    let mut out = Vec::with_capacity(PIECE + PIECE / 4);
    pieces(|piece| {
        stream.push(piece, &mut out, None)?;
        stdout.write_all(&out).context("writing standard output")?;
        out.clear();
        Ok(())
    })?;
    stream.finish(&mut out, None)?;
    stdout.write_all(&out).and_then(|()| stdout.flush()).context("writing standard output")
}

/// One line for each finding: line and column, kind, length, what proves it.
fn explain<'t>(scanner: &Scanner<'t>, mask: &Mask<'t>) -> anyhow::Result<()> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    let mut failed = Ok(());
    let mut say = |sighting: Sighting<'_>| {
        let rule = scanner.table().rule(sighting.finding.rule);
        let length = sighting.finding.span.len();
        let proof = if sighting.finding.proven { ", its checksum or structure holds" } else { "" };
        let line =
            format!("{}:{}: {} ({}), {length} bytes{proof}", sighting.line, sighting.column, rule.id(), rule.name());
        if failed.is_ok() {
            failed = writeln!(stdout, "{line}");
        }
    };
    let mut stream = Stream::new(scanner, mask);
    let mut unused = Vec::new();
    pieces(|piece| {
        unused.clear();
        Ok(stream.push(piece, &mut unused, Some(&mut say))?)
    })?;
    stream.finish(&mut unused, Some(&mut say))?;
    failed.and_then(|()| stdout.flush()).context("writing standard output")
}

/// A record of `--jsonl`; the id may be any JSON. The text is a string, which may still be none: half of a surrogate pair.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    text: &'a RawValue,
}

#[derive(Serialize)]
struct Redacted<'a> {
    id: &'a RawValue,
    text: &'a str,
}

/// A record out for each record in, in the same order. A text that cannot be searched is withheld; the run goes on, and fails
/// at its end.
fn lines(scanner: &Scanner<'_>, mask: &Mask<'_>) -> anyhow::Result<()> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    let mut withheld: Vec<String> = Vec::new();
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let line = line.with_context(|| format!("reading line {}", number + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        let record: Record<'_> = serde_json::from_str(&line).map_err(|e| no_record(number, e.column()))?;
        if !record.text.get().starts_with('"') {
            return Err(no_record(number, line.find(record.text.get()).map_or(1, |at| at + 1)));
        }
        let text = redacted(scanner, mask, record.text.get()).unwrap_or_else(|reason| {
            withheld.push(format!("line {}: {reason:#}", number + 1));
            format!("(stanch withheld this text: {reason:#})")
        });
        serde_json::to_writer(&mut stdout, &Redacted { id: record.id, text: &text })
            .context("writing standard output")?;
        stdout.write_all(b"\n").context("writing standard output")?;
    }
    stdout.flush().context("writing standard output")?;
    match withheld.first() {
        Some(first) => Err(anyhow::anyhow!("{first}; {} texts were withheld", withheld.len())),
        None => Ok(()),
    }
}

fn no_record(line: usize, column: usize) -> anyhow::Error {
    anyhow::anyhow!("line {}, column {column}: not a record {{\"id\", \"text\"}}", line + 1)
}

fn redacted(scanner: &Scanner<'_>, mask: &Mask<'_>, string: &str) -> anyhow::Result<String> {
    // serde_json's message may quote the text.
    let text: String = serde_json::from_str(string).map_err(|_| anyhow::anyhow!("half of a surrogate pair"))?;
    let mut out = Vec::with_capacity(text.len());
    mask.write(text.as_bytes(), &scanner.findings_under(mask, text.as_bytes())?, &mut out);
    String::from_utf8(out).map_err(|_| anyhow::anyhow!("a placeholder cut a character"))
}

fn pieces(mut take: impl FnMut(&[u8]) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut buffer = vec![0u8; PIECE];
    loop {
        match stdin.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => take(&buffer[..n])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context("reading standard input"),
        }
    }
}
