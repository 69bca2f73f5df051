//! Source code that anybody has: the Rust files of the crates that `Cargo.lock` pins.
//!
//! The registry's checksums fix every byte of them, so that two people with the same `Cargo.lock` measure the same text.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::clean;

/// Left out: bindings written by a program, the same for each of twenty architectures, a third of all bytes.
const GENERATED: &[&str] = &["linux-raw-sys"];

/// The same platform on every machine: it decides which crates are looked at.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Source code.
pub struct Source {
    /// The text.
    pub text: Vec<u8>,
    /// How much of it there is before it repeats itself.
    pub distinct: usize,
    /// Crates that it comes from.
    pub crates: usize,
}

impl Source {
    /// Source code of at most `length` bytes, cut at the end of a line; what there is, repeated as often as that takes.
    ///
    /// # Errors
    /// Cargo cannot tell where the crates are, or a file cannot be read.
    pub fn of_length(length: usize) -> anyhow::Result<Self> {
        let crates = crates()?;
        let mut text = Vec::with_capacity(length);
        for (_, folder) in &crates {
            append_files(folder, &mut text)?;
        }
        let distinct = text.len();
        ensure!(distinct > 0, "the crates of Cargo.lock hold no Rust source");
        while text.len() < length {
            text.extend_from_within(..distinct.min(length - text.len()));
        }
        text.truncate(length);
        let end = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        text.truncate(end);
        Ok(Self { text, distinct: distinct.min(end), crates: crates.len() })
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    /// `None` for the crates of this repository.
    source: Option<String>,
    manifest_path: PathBuf,
}

/// Name with version, and folder, of every crate from the registry, sorted by the former.
fn crates() -> anyhow::Result<Vec<(String, PathBuf)>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1", "--filter-platform", PLATFORM])
        .args(["--manifest-path", manifest])
        .output()
        .context("starting 'cargo metadata'")?;
    ensure!(output.status.success(), "'cargo metadata' failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("reading what 'cargo metadata' printed")?;
    let foreign = |p: &Package| p.source.is_some() && !GENERATED.contains(&p.name.as_str());
    let mut crates: Vec<_> = metadata
        .packages
        .into_iter()
        .filter(foreign)
        .map(|p| {
            let folder = p.manifest_path.parent().map(Path::to_owned).unwrap_or_default();
            (format!("{}-{}", p.name, p.version), folder)
        })
        .collect();
    crates.sort();
    Ok(crates)
}

fn append_files(folder: &Path, text: &mut Vec<u8>) -> anyhow::Result<()> {
    for path in clean::files(folder)?.iter().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
        let file = fs::read(path).with_context(|| format!("reading '{}'", path.display()))?;
        if std::str::from_utf8(&file).is_ok() {
            text.extend_from_slice(&file);
            if file.last().is_some_and(|&byte| byte != b'\n') {
                text.push(b'\n');
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_long_as_asked_for_and_the_same_twice() -> anyhow::Result<()> {
        let source = Source::of_length(1 << 20)?;
        assert!(source.text.len() <= 1 << 20 && source.text.len() > (1 << 20) - 4096);
        assert!(source.text.ends_with(b"\n"));
        assert!(std::str::from_utf8(&source.text).is_ok());
        assert!(source.text == Source::of_length(1 << 20)?.text);
        Ok(())
    }

    #[test]
    fn what_is_missing_is_repeated() -> anyhow::Result<()> {
        let source = Source::of_length(100_000_000)?;
        let distinct = source.distinct;
        assert!(source.text.len() > 99_990_000 && distinct > 10_000_000, "{distinct} bytes of source");
        if distinct * 2 < source.text.len() {
            assert!(source.text[..distinct] == source.text[distinct..2 * distinct]);
        }
        Ok(())
    }
}
