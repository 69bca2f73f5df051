//! `stanch store`, `list`, `forget`: credentials in the keyring, and what is known of them.

mod list;
mod uses;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use scrub::Scanner;
use secret::Secret;
use vault::Environment;
use vault::index::{Entry, Index};
use vault::store::Store as Keyring;

use crate::args::{Store, Where};
pub use list::list;

/// Stores a value.
pub fn store(what: &Store) -> anyhow::Result<ExitCode> {
    // `NAME=VALUE` is no name, and what stands there no less known.
    if !what.value.is_empty() || what.name.contains('=') {
        bail!(
            "the value does not go on the command line, where every process on this machine can read it and the shell keeps \
             it: type it when you are asked, or give it on standard input. What stood there just now is known to others: \
             revoke it"
        );
    }
    let name = &what.name;
    // Before anything that could show it.
    if !Scanner::builtin()?.findings(name.as_bytes())?.is_empty() {
        bail!(
            "the name reads as a secret; a value on the command line is known to others: revoke it, and give it a name"
        );
    }
    Keyring::Keyring
        .reference(name)
        .map_err(|why| anyhow::anyhow!(why.to_string().replacen("source", "credential", 1)))?;
    let environment = environment()?;
    let chosen = match what.keyring {
        Some(Where::Keyring) => Keyring::Keyring,
        Some(Where::Keyutils) => Keyring::Keyutils,
        None => patiently(|| Keyring::usual(&environment)).map_err(|why| at("the keyring", &why))?,
    };
    let reference = chosen.reference(name)?;
    let folder = folder()?;
    let earlier = Index::read(&folder)?.credentials.get(name).cloned();
    if !what.force {
        let there =
            earlier.is_some() || patiently(|| chosen.has(name, &environment)).map_err(|why| at(&reference, &why))?;
        if there {
            bail!("there is a credential of that name already; `stanch store --force {name}` replaces it");
        }
    }
    // Nothing is put into a keyring that could not be listed.
    Index::change(&folder, |_| ())?;
    let value = read(name)?;
    let length = value.len();
    // Of several lines each random word is looked for.
    let short = value.expose(|value| !value.contains(&b'\n') && !scrub::known::is_telling(value));
    patiently(|| chosen.put(name, value, &environment)).map_err(|why| at(&reference, &why))?;
    Index::change(&folder, |index| index.credentials.insert(name.clone(), Entry::new(&reference)))
        .with_context(|| format!("the value is in the keyring all the same (`stanch forget {name}` takes it out)"))?;
    // The one that is replaced may lie in the other keyring.
    if earlier.is_some_and(|entry| entry.source != reference.as_str()) {
        let _ = other(chosen).remove(name, &environment);
    }
    let mut stdout = io::stdout().lock();
    let bytes = if length == 1 { "byte" } else { "bytes" };
    writeln!(stdout, "stored, {length} {bytes}; its source is {reference}")?;
    if short {
        writeln!(
            stdout,
            "It is too short, or too plain, to be looked for in what commands show: where it is lent, nothing would take it out."
        )?;
    }
    if chosen == Keyring::Keyutils {
        let why = if what.keyring.is_none() { " because there is no desktop's keyring here" } else { "" };
        writeln!(
            stdout,
            "It is in the kernel's memory{why}: it is lost at a reboot and after some days without use, and every process of \
             yours can read it."
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a credential out of its keyring and out of the index.
pub fn forget(name: &str) -> anyhow::Result<ExitCode> {
    let (environment, folder) = (environment()?, folder()?);
    let known = Index::read(&folder)?.credentials.get(name).map(|entry| entry.source.clone());
    let keyrings = [Keyring::Keyring, Keyring::Keyutils];
    let mut stdout = io::stdout().lock();
    if let Some(source) = known {
        let keyring =
            keyrings.into_iter().find(|keyring| keyring.reference(name).is_ok_and(|of| of.as_str() == source));
        let keyring =
            keyring.with_context(|| format!("{source} is no entry of a keyring; take it out of the index by hand"))?;
        let there = patiently(|| keyring.has(name, &environment)).map_err(|why| at(&source, &why))?;
        if there {
            patiently(|| keyring.remove(name, &environment)).map_err(|why| at(&source, &why))?;
        }
        Index::change(&folder, |index| index.credentials.remove(name))?;
        let gone = if there { "forgotten" } else { "forgotten; it was not in the keyring any more" };
        writeln!(stdout, "{gone}. Whoever issued it still takes it: revoke it there if it should end.")?;
        return Ok(ExitCode::SUCCESS);
    }
    // The index may have been lost.
    for keyring in keyrings {
        if patiently(|| keyring.has(name, &environment)).unwrap_or(false) {
            patiently(|| keyring.remove(name, &environment)).map_err(|why| at("the keyring", &why))?;
            writeln!(stdout, "forgotten, though the index did not know it")?;
            return Ok(ExitCode::SUCCESS);
        }
    }
    bail!("there is no credential of that name; `stanch list` shows those there are")
}

/// The value, typed without echo or from standard input, without its last line end.
fn read(name: &str) -> anyhow::Result<Secret> {
    let value = if io::stdin().is_terminal() {
        let typed =
            rpassword::prompt_password(format!("Value of {name} (not shown): ")).context("reading the value")?;
        Secret::new(typed.into_bytes())
    } else {
        Secret::read(io::stdin().lock(), vault::LARGEST)
            .with_context(|| format!("reading the value (no more than {} KiB)", vault::LARGEST >> 10))?
            .without_line_end()
    };
    if value.is_empty() {
        bail!("no value came; type it when you are asked, or give it on standard input");
    }
    if value.expose(|bytes| bytes.starts_with(b"stanch_")) {
        bail!("that is a placeholder; give the value that it stands for");
    }
    Ok(value)
}

fn other(keyring: Keyring) -> Keyring {
    if keyring == Keyring::Keyring { Keyring::Keyutils } else { Keyring::Keyring }
}

fn at(what: impl std::fmt::Display, why: &vault::Failure) -> anyhow::Error {
    anyhow::anyhow!("{what}: {why}")
}

/// The environment that sources are fetched in.
pub fn environment() -> anyhow::Result<Environment> {
    Ok(Environment::of_session(&std::env::current_dir().context("the current folder cannot be told")?))
}

/// Where the index lies.
fn folder() -> anyhow::Result<PathBuf> {
    hooks::log::folder().context("you have no home folder; set HOME")
}

/// Says what is waited for, if it takes long: a keyring may have opened a dialog somewhere.
fn patiently<T>(call: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (done, waited) = mpsc::channel::<()>();
        scope.spawn(move || {
            if waited.recv_timeout(Duration::from_secs(2)) == Err(RecvTimeoutError::Timeout) {
                let _ = writeln!(io::stderr(), "waiting for the keyring, which may be asking for its password …");
            }
        });
        let result = call();
        drop(done);
        result
    })
}
