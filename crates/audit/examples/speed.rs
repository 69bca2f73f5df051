//! What a record costs, on the disk of a folder that is given (the current one otherwise): the figures of docs/audit.md.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use audit::{Agent, Audit, Deed, Entry, Grant, Place, Refusal};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let home = tempfile::tempdir_in(folder)?;
    let place = Place { log: home.path().join("log"), key: home.path().join("key") };
    let audit = Audit::open(&place)?;
    let mut out = std::io::stdout();
    writeln!(out, "a refusal (not synced): {}", times(&audit, Refusal, 5000)?)?;
    writeln!(out, "a grant (synced):       {}", times(&audit, Grant, 300)?)?;
    let started = Instant::now();
    let summary = audit::verify(&place, None, &mut |_| {})?;
    let length = length(&place.log)?;
    writeln!(out, "verify: {} records, {length} bytes, {} µs", summary.records, started.elapsed().as_micros())?;
    Ok(())
}

/// The median and the slowest hundredth of so many records.
fn times<D: Deed + Copy>(audit: &Audit, deed: D, number: usize) -> Result<String, audit::Error> {
    let entry = Entry {
        session: Some("0c275938-8744-4a5e-984c-9e31ccba3c29"),
        agent: Some(Agent::Sub { kind: "general-purpose", id: "afd9af6bcd6158ee2" }),
        call: Some("toolu_01A09q90qw90lq917835lq9"),
        credential: Some("github"),
        source: Some("keyring"),
        tool: Some("git"),
        command: Some(audit.digest(b"git push")),
        pid: Some(std::process::id()),
        lease: Some("lease-1"),
        lifetime: Some(Duration::from_secs(300)),
        rule: Some("config.toml:12"),
        why: Some("git push to github.com is lent to the main thread alone"),
        ..Entry::of(deed)
    };
    let mut all = Vec::new();
    for _ in 0..number {
        let started = Instant::now();
        let _ = audit.record(&entry)?;
        all.push(started.elapsed());
    }
    all.sort();
    let micros = |at: usize| all[at].as_micros();
    Ok(format!("median {} µs, 99 of 100 within {} µs", micros(number / 2), micros(number * 99 / 100)))
}

fn length(folder: &Path) -> std::io::Result<u64> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}
