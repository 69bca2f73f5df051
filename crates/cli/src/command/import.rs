//! `stanch rules import`: a file of rules becomes part of the user's configuration.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use config::own::OwnRules;
use install::file::{self, Readers};

use crate::user_file::{self, UserFile};

/// Folder of rule files in the user's folder.
const FOLDER: &str = "rules";

/// Checks a rule file, copies it and names it in the user's configuration.
pub fn run(path: &Path, name: Option<&str>, may_replace: bool) -> anyhow::Result<ExitCode> {
    let rules = OwnRules::read(path)?;
    rules.check()?;
    if rules.is_empty() {
        bail!("{}: no rule in it has a regex or a pattern; there is nothing to import", path.display());
    }
    let name = match name {
        Some(name) => name,
        None => path.file_stem().and_then(|stem| stem.to_str()).context("the file's name is not UTF-8; use --name")?,
    };
    let name = name.trim_start_matches('.').trim_end_matches(".toml");
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
        bail!("'{name}' is no name for a file of rules: letters, digits, '.', '_' and '-' alone; use --name");
    }
    let named = format!("{FOLDER}/{name}.toml");
    let target = user_file::folder()?.join(&named);
    let content = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    match fs::read(&target) {
        Ok(there) if there == content => {}
        Ok(_) if !may_replace => bail!("{} is there and differs; use --replace, or another --name", target.display()),
        _ => file::replace(&target, &content, Readers::Owner)?,
    }
    let mut file = UserFile::open()?;
    file.add_rules(&named)?;
    file.save()?;

    let mut stdout = io::stdout().lock();
    for rule in rules.labels() {
        writeln!(stdout, "{:<40} {}", rule.id, rule.name)?;
    }
    let count = rules.labels().len();
    writeln!(stdout, "{count} rules in {}, named in {}", target.display(), file.path().display())?;
    for rule in rules.always_tried() {
        writeln!(
            stdout,
            "note: {} is tried on every text; give it keywords, so that most texts are spared it",
            rule.id
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
