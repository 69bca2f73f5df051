//! `stanch scan`: secrets at rest, in files, in what git has staged, in the transcripts of agents.

mod agents;
mod encoding;
#[cfg(unix)]
mod fix;
mod found;
mod look;
mod paths;
mod pieces;
mod progress;
mod report;
mod run;
mod source;
mod staged;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::args::{Format, Scan};
use crate::session;
use found::Fault;
use paths::Listing;
use progress::Progress;
use report::{LeftOut, Names, Writer};

/// Searches what is asked for. Exit code 0: nothing found; 1: found, 2: something could not be searched.
///
/// # Errors
/// Nothing could be searched at all.
pub fn run(how: &Scan) -> anyhow::Result<ExitCode> {
    // The message of a panic may quote a text; its place does not.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
        let _ = writeln!(io::stderr(), "stanch: an error in stanch itself{place}; please report it");
    }));
    if how.fix && !cfg!(unix) {
        anyhow::bail!("--fix puts files in each other's place as Unix does; it is not there on this system yet");
    }
    let config = session::config()?;
    let (listing, mut left_out) = list(how)?;
    let Listing { sources, faults, .. } = listing;
    let progress = Progress::of(sources.iter().map(|source| source.size).sum());
    let mut writer = Writer::new(how.format, Names::new(config.scanner()?, &sources), &progress);
    for fault in faults {
        run::Report::fault(&mut writer, fault);
    }
    let threads = how.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, |threads| threads.get());
    let searched = run::run(&config, &sources, threads, &mut writer, &progress)?;
    progress.end();
    (left_out.texts, left_out.bytes) = (searched.texts, searched.bytes);
    (left_out.packed, left_out.too_long) = (searched.packed, searched.too_long);
    match writer.end(&left_out) {
        // `stanch scan . | head`: what was found was found.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        ended => ended.context("writing standard output")?,
    }
    let Writer { names, found, mut faults, .. } = writer;
    if how.format == Format::Human {
        write!(io::stderr(), "{}", report::summary(&names, &found, &left_out))?;
    }
    let mut left = found.len();
    #[cfg(unix)]
    if how.fix {
        let fixed = fix::run(how, &config, &sources, &found, &names)?;
        for fault in &fixed.faults {
            writeln!(io::stderr(), "stanch: {}", names.text(&fault.to_string()))?;
        }
        left = found.iter().filter(|found| !fixed.clean.contains(&found.source)).count();
        faults.extend(fixed.faults);
    }
    Ok(ExitCode::from(match (faults.is_empty(), left) {
        (false, _) => 2,
        (true, 0) => 0,
        _ => 1,
    }))
}

/// What there is to search.
fn list(how: &Scan) -> anyhow::Result<(Listing, LeftOut)> {
    let mut listing = Listing::default();
    let mut left_out = LeftOut::default();
    let places = if how.transcripts || how.fix { agents::places() } else { Vec::new() };
    if how.staged {
        listing.sources = staged::sources()?;
    }
    for path in &how.paths {
        if how.fix {
            fixable(path, &places)?;
        }
        listing.add(path, how.no_ignore || how.fix);
    }
    if how.fix {
        for source in &mut listing.sources {
            source.store = agents::store_of(&places, &source.path).map(|place| place.store);
        }
    }
    if how.transcripts {
        for place in &places {
            let before = listing.sources.len();
            listing.add_place(place);
            left_out.looked_at.push((place.store.agent, place.path.clone(), listing.sources.len() - before));
        }
        if places.is_empty() {
            writeln!(io::stderr(), "no agent has left anything here that stanch knows of")?;
        }
    }
    left_out.ignored = listing.ignored;
    left_out.ignored_secrets = std::mem::take(&mut listing.ignored_secrets);
    left_out.special = listing.special;
    Ok((listing, left_out))
}

/// Refuses to rewrite what no agent has written.
fn fixable(path: &Path, places: &[agents::Place]) -> anyhow::Result<()> {
    if path.exists() && agents::store_of(places, path).is_none() {
        let path = Fault::of(path.display().to_string(), "no transcript or log of an agent that stanch knows");
        bail!("{path}; --fix rewrites nothing else. Take the secret out of it by hand, and revoke it");
    }
    Ok(())
}
