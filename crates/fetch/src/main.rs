//! Fetches values for a broker: told on standard input where, it says on standard output what came of each, as it comes, and
//! ends.
//!
//! A process of its own, so that what keyrings, parsers and TLS leave in memory does not stay where values are held.

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    use std::process::ExitCode;

    // A message could quote what is in memory.
    std::panic::set_hook(Box::new(|_| ()));
    match fetcher::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("stanch-fetch: {why}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod parent;

#[cfg(unix)]
mod forms;

#[cfg(unix)]
mod fetcher {
    use std::io::{Stdout, stdin, stdout};
    use std::path::PathBuf;
    use std::sync::{Mutex, PoisonError};

    use config::Config;
    use rustix::fs::{FileType, fstat};
    use scrub::known::{Key, Known};
    use vault::{Environment, Progress, Reference, Vault};
    use wire::{Fetched, frame};

    /// Fetches what the broker asks for. Its error is for a person who runs it by hand.
    pub fn run() -> Result<(), String> {
        // Values go to a process that asks for them, never to a terminal or a file.
        let is_pipe = |data: rustix::fs::Stat| FileType::from_raw_mode(data.st_mode) == FileType::Fifo;
        if !fstat(stdout()).is_ok_and(is_pipe) || !fstat(stdin()).is_ok_and(is_pipe) {
            return Err("is not run by hand: a broker starts it; `stanch list --check` tries the sources".to_owned());
        }
        if !crate::parent::is_broker() {
            return Err("answers the stanch-broker that lies beside it and started it, and nobody else".to_owned());
        }
        harden::process().map_err(|error| format!("the system does not protect its memory: {}", error.kind()))?;
        let (folder, sources, key): (PathBuf, Vec<String>, [u8; 32]) =
            frame::hear(&mut stdin()).map_err(|error| format!("no question came: {}", error.kind()))?;
        let out = Mutex::new(stdout());
        let vault =
            Config::load(&folder).and_then(|config| Vault::new(Environment::of_session(&folder), &config.sources()));
        std::thread::scope(|scope| {
            for source in &sources {
                let (vault, out) = (&vault, &out);
                scope.spawn(move || match vault {
                    Ok(vault) => one(vault, source, &Key::new(key), out),
                    Err(error) => say(out, &Fetched::Failed { source: source.clone(), why: error.to_string() }),
                });
            }
        });
        Ok(())
    }

    fn one(vault: &Vault, source: &str, key: &Key, out: &Mutex<Stdout>) {
        let failed = |why: String| say(out, &Fetched::Failed { source: source.to_owned(), why });
        let reference = match Reference::parse(source) {
            Ok(reference) => reference,
            Err(error) => return failed(error.to_string()),
        };
        let progress = |progress: Progress<'_>| {
            if let Progress::Waits(reference, since) = progress {
                let what = format!("{reference}, for {} seconds; it may want to be unlocked", since.as_secs());
                say(out, &Fetched::Waiting { source: source.to_owned(), what });
            }
        };
        match vault.fetch_all(std::slice::from_ref(&reference), progress).remove(&reference) {
            Some(Ok(value)) => {
                let forms = value.expose(|value| crate::forms::of(key, value));
                if forms.len() > crate::forms::MOST {
                    return failed(
                        "it has too many parts to be looked for in what tools show; store the part that the tool needs"
                            .to_owned(),
                    );
                }
                let known = Known::new(key.clone(), forms).to_text();
                let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
                // Who does not listen any more has no use for the rest.
                let _ = frame::say(&mut *out, &Fetched::Value { source: source.to_owned(), known })
                    .and_then(|()| value.expose(|value| frame::write(&mut *out, value)))
                    .and_then(|()| std::io::Write::flush(&mut *out));
            }
            Some(Err(error)) => failed(error.to_string()),
            None => failed("nothing came of it".to_owned()),
        }
    }

    fn say(out: &Mutex<Stdout>, what: &Fetched) {
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = frame::say(&mut *out, what).and_then(|()| std::io::Write::flush(&mut *out));
    }
}
