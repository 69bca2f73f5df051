//! What was found, for people and for programs.

mod human;
mod json;
mod sarif;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use scrub::{Mask, Rule, Scanner};

use super::found::{Fault, Found};
use super::progress::Progress;
use super::run::Report;
use super::source::Source;
use crate::args::Format;

pub use human::{count, summary};

/// Takes what is found as it comes, and writes it in one of the formats.
pub struct Writer<'w, 's> {
    /// Names and paths.
    pub names: Names<'s>,
    /// All that was found.
    pub found: Vec<Found>,
    /// All that was not searched.
    pub faults: Vec<Fault>,
    format: Format,
    progress: &'w Progress,
    out: io::BufWriter<io::Stdout>,
    failed: io::Result<()>,
}

// What threads give it, they give it one after the other; a scanner is not shared while it is at it.
impl<'w, 's> Writer<'w, 's> {
    /// A writer to standard output.
    pub fn new(format: Format, names: Names<'s>, progress: &'w Progress) -> Self {
        let out = io::BufWriter::new(io::stdout());
        Self { names, found: Vec::new(), faults: Vec::new(), format, progress, out, failed: Ok(()) }
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// Standard output takes no more.
    pub fn end(&mut self, left_out: &LeftOut) -> io::Result<()> {
        std::mem::replace(&mut self.failed, Ok(()))?;
        match self.format {
            Format::Human => {}
            Format::Json => json::write(&mut self.out, &self.names, &self.found, &self.faults, left_out)?,
            Format::Sarif => sarif::write(&mut self.out, &self.names, &self.found, &self.faults)?,
        }
        self.out.flush()
    }
}

impl Report for Writer<'_, '_> {
    fn found(&mut self, found: Found) {
        if self.format == Format::Human && self.failed.is_ok() {
            let line = human::line(&self.names, &found);
            let out = &mut self.out;
            self.failed = self.progress.beside(|| {
                writeln!(out, "{line}")?;
                out.flush()
            });
        }
        self.found.push(found);
    }

    fn fault(&mut self, fault: Fault) {
        let said = self.names.text(&fault.to_string());
        let _ = self.progress.beside(|| writeln!(io::stderr(), "stanch: {said}"));
        self.faults.push(fault);
    }
}

/// What was searched and what was not.
#[derive(Default)]
pub struct LeftOut {
    /// Texts searched.
    pub texts: usize,
    /// Bytes searched.
    pub bytes: u64,
    /// Files and folders that .gitignore names.
    pub ignored: usize,
    /// Of those, files whose name says that secrets are in them.
    pub ignored_secrets: Vec<PathBuf>,
    /// Links, pipes, sockets, devices.
    pub special: usize,
    /// Packed files.
    pub packed: usize,
    /// Documents and records that were too long to be read as JSON.
    pub too_long: usize,
    /// Folders of agents: agent, path, files.
    pub looked_at: Vec<(&'static str, PathBuf, usize)>,
}

/// The names behind numbers, fit to be shown.
pub struct Names<'s> {
    scanner: Scanner<'s>,
    sources: &'s [Source],
}

impl<'s> Names<'s> {
    /// Names of rules and sources.
    pub fn new(scanner: Scanner<'s>, sources: &'s [Source]) -> Self {
        Self { scanner, sources }
    }

    fn rule(&self, number: u16) -> Rule<'s> {
        self.scanner.table().rule(number)
    }

    fn source(&self, number: usize) -> &'s Path {
        &self.sources[number].path
    }

    /// A path as it may be shown: a file may be called after a secret, and a name may hold what moves a terminal's cursor.
    pub fn path(&self, path: &Path) -> String {
        self.text(&path.to_string_lossy())
    }

    /// The same for a text that has a path in it.
    pub fn text(&self, text: &str) -> String {
        let mask = Mask::new(*self.scanner.table());
        let Ok(findings) = self.scanner.findings_under(&mask, text.as_bytes()) else { return "…".to_owned() };
        let mut out = Vec::with_capacity(text.len());
        mask.write(text.as_bytes(), &findings, &mut out);
        let shown = String::from_utf8_lossy(&out);
        shown.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
    }
}
