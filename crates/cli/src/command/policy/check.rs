//! `stanch policy check`: mistakes, and what may not be meant.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::bail;
use config::lend::terms::Said;
use config::lend::{Credential, Lend};
use vault::{Reference, Vault};

use crate::command::credentials::environment;
use crate::session;

pub fn run() -> anyhow::Result<ExitCode> {
    let config = session::config()?;
    let lend = config.lend()?;
    let unknown = unknown_sources(&lend, &Vault::new(environment()?, &config.sources())?);
    if !unknown.is_empty() {
        bail!("{}", session::redacted(&unknown.join("\n"))?);
    }
    let warnings = policy::check::warnings(&lend);
    let mut said: String = warnings.iter().map(|warning| format!("{}: {}\n", warning.at, warning.message)).collect();
    if lend.credentials().is_empty() {
        said.push_str("nothing is lent: no file of yours or of the administrator has [lend] (docs/lending.md)\n");
    }
    if warnings.is_empty() {
        said.push_str("ok\n");
    }
    // What stands in settings may be a key.
    io::stdout().write_all(session::redacted(&said)?.as_bytes())?;
    Ok(ExitCode::from(u8::from(!warnings.is_empty())))
}

/// The mistakes of sources that could never be fetched. What the configuration itself cannot tell, the stores know.
fn unknown_sources(lend: &Lend, vault: &Vault) -> Vec<String> {
    let wrong = |credential: &Credential| {
        let Said { value: source, at } = &credential.granted.source;
        let why = match Reference::parse(source.whole()) {
            Ok(reference) if vault.lacks_preset(&reference) => {
                "names a preset that is not there; write [sources.preset.NAME] with `run` (docs/credentials.md)"
                    .to_owned()
            }
            Ok(_) => return None,
            Err(error) => error.to_string(),
        };
        Some(format!("{at}: lend.{}: `source` {why}", credential.name.value))
    };
    lend.credentials().iter().filter_map(wrong).collect()
}
