//! Counts the sequences of three and four bytes of ordinary text: the command behind `crates/rules/src/usual_grams.txt`.
//!
//! ```sh
//! cargo run --release -p stanch-rules --example usual-grams -- ~/.cargo/registry/src /usr/lib/python3 /usr/include \
//!     /usr/lib/node_modules /usr/share/doc /usr/share/perl /var/log > crates/rules/src/usual_grams.txt
//! ```
//!
//! Every sort of file (by its ending) counts alike, however much of it there is.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Endings that are read: what tools print is source, documentation, data and logs.
const ENDINGS: [&str; 16] =
    ["rs", "py", "js", "ts", "c", "h", "pm", "sh", "md", "rst", "txt", "json", "toml", "html", "css", "log"];
/// Text of one ending.
const MOST: usize = 8 << 20;
/// Of one file, so that no generated one decides.
const MOST_OF_FILE: usize = 64 << 10;
/// An ending with less is no sample.
const LEAST: usize = 128 << 10;
/// Sequences rarer than this, in a million places, are not written.
const RARE: f64 = 4.0;

fn main() -> std::io::Result<()> {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if folders.is_empty() {
        return Err(std::io::Error::other("name folders with source, documentation and logs"));
    }
    let mut files: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    for folder in &folders {
        collect(folder, &mut files)?;
    }
    let mut shares: HashMap<(usize, u32), f64> = HashMap::new();
    let mut sorts = Vec::new();
    for (ending, paths) in files {
        let text = sample(paths);
        if text.len() < LEAST {
            continue;
        }
        sorts.push(ending);
        let each = 1e6 / text.len() as f64;
        for window in text.windows(4) {
            for length in [3, 4] {
                let gram = window[..length].iter().fold(0, |gram, b| gram << 8 | u32::from(*b));
                *shares.entry((length, rules::layout::fold(gram))).or_default() += each;
            }
        }
    }
    let mut usual: Vec<_> = shares.into_iter().map(|(gram, share)| (share / sorts.len() as f64, gram)).collect();
    usual.retain(|(share, _)| *share >= RARE);
    usual.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(
        out,
        "# Three and four bytes of ordinary text, case folded as the matcher does, in hexadecimal, and in how many of"
    )?;
    writeln!(out, "# a million places they stand. Counted over files that end in {} by", sorts.join(", "))?;
    writeln!(out, "# `cargo run --release -p stanch-rules --example usual-grams`.")?;
    for (share, (length, gram)) in usual {
        let gram = format!("{gram:08x}");
        writeln!(out, "{} {share:.0}", &gram[8 - 2 * length..])?;
    }
    out.flush()
}

fn collect(folder: &Path, files: &mut BTreeMap<&'static str, Vec<PathBuf>>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if kind.is_file()
            && let Some(ending) = ENDINGS.into_iter().find(|e| entry.path().extension().is_some_and(|x| x == *e))
        {
            files.entry(ending).or_default().push(entry.path());
        }
    }
    Ok(())
}

/// Beginnings of files from all over the list.
fn sample(mut paths: Vec<PathBuf>) -> Vec<u8> {
    paths.sort();
    let wanted = MOST / MOST_OF_FILE * 8;
    let step = (paths.len() / wanted).max(1);
    let mut text = Vec::new();
    for path in paths.into_iter().step_by(step) {
        let Ok(bytes) = std::fs::read(path) else { continue };
        text.extend_from_slice(&bytes[..bytes.len().min(MOST_OF_FILE)]);
        if text.len() >= MOST {
            break;
        }
    }
    text
}
