//! `stanch doctor`: what is wrong with an installation, and how it is mended.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use install::doctor::{self, Ailment};

use super::install::beside;
use crate::args::Doctor;
use crate::session;

/// Looks, mends if that was asked for, and looks again.
pub fn run(how: &Doctor) -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    let private = tempfile::Builder::new().prefix("stanch-doctor-").tempdir().context("making a temporary folder")?;
    let look = || -> anyhow::Result<Vec<Ailment>> {
        let paused = super::pause::state().map(|(what, mend)| Ailment::by_hand(what, mend));
        let mut wrong: Vec<Ailment> = paused.into_iter().collect();
        wrong.extend(doctor::examine(&folder, private.path())?);
        wrong.extend(own_files(&folder));
        Ok(wrong)
    };
    let (mut wrong, mut said) = (look()?, String::new());
    if how.repair && wrong.iter().any(|ailment| ailment.repair.is_some()) {
        said.push_str(&told(&wrong));
        let from = match &how.from {
            Some(folder) => folder.clone(),
            None => beside()?,
        };
        for done in doctor::repair(&wrong, &folder, &from)? {
            said.push_str(&format!("mended: {done}\n"));
        }
        wrong = look()?;
        if !wrong.is_empty() {
            said.push_str("\nstill wrong:\n");
        }
    }
    said.push_str(&told(&wrong));
    if wrong.is_empty() {
        said.push_str("nothing is wrong; `stanch verify` tries whether it works\n");
    } else if !how.repair && wrong.iter().any(|ailment| ailment.repair.is_some()) {
        said.push_str("\n`stanch doctor --repair` mends what is marked with *\n");
    }
    // What stands in settings may be a key.
    let said = session::redacted(&said)?;
    let mut stdout = BufWriter::new(io::stdout().lock());
    stdout.write_all(said.as_bytes())?;
    stdout.flush()?;
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What is the user's own: the configuration and the log.
fn own_files(folder: &Path) -> Vec<Ailment> {
    let checked = config::Config::load(folder).and_then(|config| config.rules().check());
    let config = checked.err().map(|error| {
        Ailment::by_hand(
            format!("{error}; hooks withhold everything until it is mended"),
            "mend it; `stanch config check` looks again",
        )
    });
    let lend = config::Config::load(folder).ok().and_then(|config| config.lend().err()).map(|error| {
        Ailment::by_hand(
            format!("{error}; nothing is lent until it is mended"),
            "mend it; `stanch policy check` looks again",
        )
    });
    let log = hooks::log::problem()
        .map(|what| Ailment::by_hand(what, "give that folder back to yourself (chown, chmod u+w)"));
    config.into_iter().chain(lend).chain(log).collect()
}

fn told(wrong: &[Ailment]) -> String {
    let line = |Ailment { what, mend, repair }: &Ailment| {
        format!("{} {what}\n  -> {mend}\n", if repair.is_some() { "*" } else { "!" })
    };
    wrong.iter().map(line).collect()
}
