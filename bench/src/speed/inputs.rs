//! The files that the programs are run on, made anew each time.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::events::{self, Event};
use super::plant;
use super::source::Source;
use crate::random::Random;

/// Size of each large text.
const LARGE: usize = 100_000_000;
/// How far the planted secrets are apart.
pub const DISTANCE: usize = 10_000;
/// The sizes of events.
pub const EVENTS: [usize; 2] = [1_000, 10_000];

/// A large text.
pub struct Text {
    /// What it is, for the report.
    pub name: &'static str,
    /// Where it lies.
    pub path: PathBuf,
    /// Its length in bytes.
    pub length: usize,
    /// Its BLAKE3 hash: whether two people measured the same.
    pub hash: String,
}

/// All of them.
pub struct Inputs {
    /// Source code.
    pub clean: Text,
    /// The same with secrets.
    pub planted: Text,
    /// The secrets and their lines; see [`plant`].
    pub secrets: Vec<(usize, String)>,
    /// The source code on one line.
    pub one_line: Text,
    /// Random bytes.
    pub noise: Text,
    /// Source code before it repeats itself, in bytes.
    pub distinct: usize,
    /// Crates that the source code comes from.
    pub crates: usize,
    /// Events and where they lie.
    pub events: Vec<(Event, PathBuf)>,
    /// Events of other hooks, by the hook's name.
    pub others: Vec<(&'static str, Event, PathBuf)>,
}

impl Inputs {
    /// Makes and writes them.
    ///
    /// # Errors
    /// No source code could be had, or a file could not be written.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("making the folder '{}'", folder.display()))?;
        let Source { mut text, distinct, crates } = Source::of_length(LARGE)?;
        let clean = write(folder, "source code", &text)?;
        let planted = plant::plant(&text, DISTANCE);
        let with_secrets = write(folder, "source code, a secret every 10 KB", &planted.text)?;
        text.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
        let one_line = write(folder, "one line without end", &text)?;
        let noise = write(folder, "random bytes", &Random::named("noise", 0).bytes(LARGE))?;
        let events = events::all(&EVENTS)?.into_iter().enumerate().map(|(number, event)| {
            let path = folder.join(format!("event-{number}.json"));
            fs::write(&path, &event.json).with_context(|| format!("writing '{}'", path.display()))?;
            Ok((event, path))
        });
        let events = events.collect::<anyhow::Result<_>>()?;
        let others = events::of_others(&EVENTS)?.into_iter().enumerate().map(|(number, (hook, event))| {
            let path = folder.join(format!("event-of-others-{number}.json"));
            fs::write(&path, &event.json).with_context(|| format!("writing '{}'", path.display()))?;
            Ok((hook, event, path))
        });
        let others = others.collect::<anyhow::Result<_>>()?;
        let secrets = planted.secrets;
        Ok(Self { clean, planted: with_secrets, secrets, one_line, noise, distinct, crates, events, others })
    }

    /// The large texts.
    pub fn texts(&self) -> [&Text; 4] {
        [&self.clean, &self.planted, &self.one_line, &self.noise]
    }
}

fn write(folder: &Path, name: &'static str, text: &[u8]) -> anyhow::Result<Text> {
    let file: String = name.chars().filter(|c| *c != ',').map(|c| if c == ' ' { '-' } else { c }).collect();
    let path = folder.join(file);
    fs::write(&path, text).with_context(|| format!("writing '{}'", path.display()))?;
    Ok(Text { name, path, length: text.len(), hash: blake3::hash(text).to_hex().to_string() })
}
