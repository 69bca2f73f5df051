//! `stanch allow`: values that are no secret.

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use config::allow::{KEY_FILE, Key};
use config::places;
use install::file::{self, Readers};
use toml_edit::{Table, value};
use zeroize::Zeroizing;

use crate::args::Allow;
use crate::session;
use crate::user_file::{self, UserFile};

/// A shorter value stands in too many texts by accident.
const SHORTEST: usize = 6;
/// A longer value is a file; allow what is in it.
const LONGEST: usize = 64 << 10;

/// Allows a value, takes that back, or lists what is allowed.
pub fn run(what: &Allow) -> anyhow::Result<ExitCode> {
    if what.value.is_some() {
        bail!("the value comes on standard input: on the command line, others on this machine can read it");
    }
    if what.list {
        return list();
    }
    if let Some(digest) = &what.remove {
        return remove(digest);
    }
    add(what.reason.as_deref().unwrap_or_default(), what.everywhere)
}

fn add(reason: &str, everywhere: bool) -> anyhow::Result<ExitCode> {
    if reason.trim().is_empty() {
        bail!("give a reason: who reads it later wants to know why the value is no secret");
    }
    let allowed = read()?;
    let config = session::config()?;
    let scanner = config.scanner()?;
    if !scanner.findings(reason.as_bytes())?.is_empty() || contains(reason.as_bytes(), &allowed) {
        bail!("the reason holds the value or another secret; it is kept in clear");
    }
    if allowed.starts_with(b"stanch_") {
        bail!("that is a placeholder; give the value that it stands for");
    }
    let found = !scanner.findings(&allowed)?.is_empty();

    let mut file = UserFile::open()?;
    let digest = key(&user_file::folder()?)?.digest(&allowed);
    let scope = if everywhere { None } else { Some(scope()?) };
    let entries = file.allow()?;
    let same = |entry: &Table| {
        let says = |name: &str| entry.get(name).and_then(|item| item.as_str());
        says("digest") == Some(&digest) && says("scope") == scope.as_deref()
    };
    let known = entries.iter().any(same);
    if !known {
        let mut entry = Table::new();
        entry["digest"] = value(&digest);
        entry["reason"] = value(reason);
        if let Some(scope) = &scope {
            entry["scope"] = value(scope);
        }
        entries.push(entry);
        file.save()?;
    }
    let mut stdout = io::stdout().lock();
    let place = scope.map_or_else(|| "everywhere".to_owned(), |scope| format!("in {scope}"));
    let how = if known { "was allowed already" } else { "is allowed" };
    writeln!(stdout, "{} {how} {place}; its digest stands in {}", &digest[..8], file.path().display())?;
    if !found {
        writeln!(
            stdout,
            "(No rule finds it standing alone: it counts where its surroundings would make it a finding.)"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The value: standard input without its last line break.
fn read() -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password("Value that is no secret (not shown): ").context("reading the value")?;
        Zeroizing::new(typed.into_bytes())
    } else {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
        io::stdin().lock().take(LONGEST as u64 + 1).read_to_end(&mut bytes).context("reading the value")?;
        bytes
    };
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    match bytes.len() {
        0 => bail!("no value came on standard input"),
        n if n < SHORTEST => {
            bail!("a value of {n} bytes is too short: it would be allowed wherever it stands by accident")
        }
        n if n > LONGEST => bail!("a value of more than {} KiB is a file; give the value that is in it", LONGEST >> 10),
        _ => Ok(bytes),
    }
}

fn contains(text: &[u8], value: &[u8]) -> bool {
    text.windows(value.len()).any(|part| part == value)
}

/// The project that the current folder lies in.
fn scope() -> anyhow::Result<String> {
    let here = std::env::current_dir().context("the current folder cannot be told")?;
    let project = places::project(&here);
    project.to_str().map(str::to_owned).context("the project's path is not UTF-8; use --everywhere")
}

/// The key of this user's digests; made when it is first wanted.
fn key(folder: &Path) -> anyhow::Result<Key> {
    if let Some(key) = Key::read(folder)? {
        return Ok(key);
    }
    let mut random = [0u8; 32];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("getting random bytes for the key: {e}"))?;
    let key = Key::new(random);
    file::replace(&folder.join(KEY_FILE), key.bytes(), Readers::Owner)?;
    Ok(key)
}

fn list() -> anyhow::Result<ExitCode> {
    let config = session::config()?;
    let mut stdout = io::stdout().lock();
    for entry in config.allowed() {
        let (line, allow) = (entry.place.0, &entry.value);
        let scope = allow.scope.as_ref().map_or_else(|| "everywhere".to_owned(), |scope| scope.display().to_string());
        writeln!(stdout, "{}  {scope}  {}  (line {line})", &allow.digest[..8], allow.reason)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(beginning: &str) -> anyhow::Result<ExitCode> {
    if beginning.len() < 4 {
        bail!("give at least four digits of the digest; `stanch allow --list` shows them");
    }
    let mut file = UserFile::open()?;
    let entries = file.allow()?;
    let begins = |entry: &Table| {
        entry.get("digest").and_then(|d| d.as_str()).is_some_and(|digest| digest.starts_with(beginning))
    };
    let mut digests: Vec<&str> =
        entries.iter().filter(|e| begins(e)).filter_map(|e| e.get("digest")?.as_str()).collect();
    digests.dedup();
    match digests.len() {
        0 => bail!("no entry's digest begins so; `stanch allow --list` shows them"),
        1 => {}
        n => bail!("{n} entries' digests begin so; give more of it"),
    }
    entries.retain(|entry| !begins(entry));
    file.save()?;
    writeln!(io::stdout(), "taken back; the value is redacted again")?;
    Ok(ExitCode::SUCCESS)
}
