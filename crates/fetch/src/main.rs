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
    use std::io::{Write, stdin, stdout};
    use std::path::PathBuf;

    use config::Config;
    use rustix::fs::{FileType, fstat};
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use scrub::known::{Key, Known};
    use vault::{Environment, News, Reference, Vault};
    use wire::{Fetched, frame};

    /// Descriptors, as systems give them to a process by themselves (getrlimit(2), systemd.exec(5)).
    const USUAL_FILES: u64 = 1024;

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
        // The broker has more than programs expect that it starts: some close every number there may be.
        let files = getrlimit(Resource::Nofile);
        let current = files.current.map_or(USUAL_FILES, |current| current.min(USUAL_FILES));
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(current), ..files });
        let (folder, sources, key): (PathBuf, Vec<String>, [u8; 32]) =
            frame::hear(&mut stdin()).map_err(|error| format!("no question came: {}", error.kind()))?;
        let mut out = stdout().lock();
        let vault =
            Config::load(&folder).and_then(|config| Vault::new(Environment::of_session(&folder), &config.sources()));
        let vault = match vault {
            Ok(vault) => vault,
            Err(error) => return sources.iter().try_for_each(|source| failed(&mut out, source, error.to_string())),
        };
        let mut references = Vec::new();
        for source in &sources {
            match Reference::parse(source) {
                Ok(reference) => references.push(reference),
                Err(error) => failed(&mut out, source, error.to_string())?,
            }
        }
        let key = Key::new(key);
        let mut heard = Ok(());
        vault.fetch_each(&references, |reference, news| {
            // Behind half a message nothing can be understood.
            if heard.is_ok() {
                heard = told(&mut out, reference, news, &key);
            }
        });
        heard
    }

    fn told(out: &mut impl Write, reference: &Reference, news: News, key: &Key) -> Result<(), String> {
        let source = reference.as_str().to_owned();
        let value = match news {
            News::Waits(since) => {
                let what =
                    format!("{}:…, for {} seconds; it may want to be unlocked", reference.scheme(), since.as_secs());
                return say(out, &Fetched::Waiting { source, what });
            }
            News::Came(Err(error)) => return failed(out, &source, error.for_agents()),
            News::Came(Ok(value)) => value,
        };
        let forms = value.expose(|value| crate::forms::of(key, value));
        if forms.len() > crate::forms::MOST {
            let why = "it has too many parts to be looked for in what tools show; store the part that the tool needs";
            return failed(out, &source, why.to_owned());
        }
        let known = Known::new(key.clone(), forms).to_text();
        say(out, &Fetched::Value { source, known })?;
        value.expose(|value| frame::write(out, value)).and_then(|()| out.flush()).map_err(|error| unheard(&error))
    }

    fn failed(out: &mut impl Write, source: &str, why: String) -> Result<(), String> {
        say(out, &Fetched::Failed { source: source.to_owned(), why })
    }

    fn say(out: &mut impl Write, what: &Fetched) -> Result<(), String> {
        frame::say(out, what).and_then(|()| out.flush()).map_err(|error| unheard(&error))
    }

    fn unheard(error: &std::io::Error) -> String {
        format!("nobody listens: {}", error.kind())
    }
}
