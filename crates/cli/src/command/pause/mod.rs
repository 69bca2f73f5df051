//! `stanch pause` and `stanch resume`: a person's way out, for a while.

#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use hooks::log::{self, Deed};
use hooks::pause::{self, Look};

use crate::args::Pause;

/// The event under which the log has pauses.
const EVENT: &str = "Pause";

/// Pauses until the time is over or somebody ends it.
#[cfg(unix)]
pub fn run(how: &Pause) -> anyhow::Result<ExitCode> {
    pause::check_self().map_err(|doubt| {
        anyhow::anyhow!(
            "no pause: it is for a person at a terminal, and {doubt}. Open a terminal of your own, outside the agent, and run \
             `stanch pause` there"
        )
    })?;
    let mut terminal = terminal::Terminal::open().context(
        "no pause: it is for a person at a terminal, and there is none (/dev/tty). Open one and run `stanch pause` there",
    )?;
    if let Look::On(pause) = pause::look() {
        bail!(
            "stanch is paused already, until {} (process {}); `stanch resume` ends that",
            pause.clock(),
            pause.process
        );
    }
    let word = word()?;
    terminal.say(&format!(
        "For {} nothing will be redacted, in any session of yours: secrets go to the model.\n",
        humantime::format_duration(how.time)
    ))?;
    if !terminal.asks(&format!("To pause stanch, type {word}: "), &word, pause::PATIENCE)? {
        bail!("no pause: that is not the word");
    }
    watch::over(how.time, &mut terminal)
}

/// Nobody knows it before it is shown, and nobody needs to look twice to type it.
#[cfg(unix)]
fn word() -> anyhow::Result<String> {
    const SOUNDS: [&[u8]; 2] = [b"bdfgklmnprstvz", b"aeiou"];
    let mut random = [0u8; 6];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    let letter = |(at, byte): (usize, &u8)| char::from(SOUNDS[at % 2][usize::from(*byte) % SOUNDS[at % 2].len()]);
    Ok(random.iter().enumerate().map(letter).collect())
}

#[cfg(not(unix))]
pub fn run(_: &Pause) -> anyhow::Result<ExitCode> {
    bail!("there is no pause on Windows: nothing there shows a hook that a person asked for it. {BY_HAND}")
}

/// What to do where there is no pause.
#[cfg(not(unix))]
const BY_HAND: &str = "`claude --settings '{\"disableAllHooks\":true}'` starts a session without hooks";

/// Ends a pause, whoever asks.
pub fn resume() -> anyhow::Result<ExitCode> {
    let mut stdout = io::stdout().lock();
    let (look, path) = (pause::look(), pause::path().context("you have no home folder; set HOME")?);
    let taking = || format!("taking {} away", path.display());
    match look {
        Look::Off => writeln!(stdout, "stanch is not paused")?,
        Look::On(_) => {
            std::fs::remove_file(&path).with_context(taking)?;
            writeln!(stdout, "stanch is on again")?;
        }
        Look::Disbelieved(doubt) => {
            std::fs::remove_file(&path).with_context(taking)?;
            // The end of a pause whose process could not say it.
            let _ = log::note(EVENT, Deed::Ended, Some("stanch resume"));
            writeln!(stdout, "stanch was not paused: {} was not believed ({doubt}); it is taken away", path.display())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// That stanch is paused, or that something says so; and what to do about it.
pub fn state() -> Option<(String, &'static str)> {
    const MEND: &str = "stanch resume";
    match pause::look() {
        Look::Off => None,
        Look::On(pause) => {
            let until = pause.clock();
            Some((format!("stanch is paused until {until}: nothing is redacted (process {})", pause.process), MEND))
        }
        Look::Disbelieved(doubt) => {
            let file = pause::path().unwrap_or_default();
            let said = "says that stanch is paused, and is not believed: nothing is paused";
            Some((format!("{} {said} ({doubt})", file.display()), MEND))
        }
    }
}
