//! A pause: for a while nothing is looked at, because a person says so (`stanch pause`).
//!
//! A file that says so is nothing: any command of an agent's could write one. So a pause lives as long as the process of that
//! command, at a terminal of the person's. The process holds a lock on a file that names it ([`Hold`]); who asks looks whether
//! the lock is held and, on Linux, whether the process is what it should be ([`person`]). Whatever is unsure is no pause.
//!
//! A program of the user's that detaches itself and makes a terminal of its own can imitate a person; docs/hooks.md says what
//! shows it. Where there is no pause, looking costs one failed call of `open`.

mod command;
mod doubt;
#[cfg(unix)]
mod hold;
mod mark;
#[cfg(target_os = "linux")]
mod person;
#[cfg(not(target_os = "linux"))]
#[path = "pause/anyone.rs"]
mod person;
#[cfg(unix)]
mod record;

use std::panic::catch_unwind;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

pub use command::asks_for_one;
pub use doubt::Doubt;
#[cfg(unix)]
pub use hold::Hold;
pub use person::check_self;

/// No pause is longer.
pub const LONGEST: Duration = Duration::from_secs(3600);
/// So long a person may take to type the word that `stanch pause` asks for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Whether there is a pause.
pub enum Look {
    /// None.
    Off,
    /// There is one.
    On(Pause),
    /// Something says so, and is not believed.
    Disbelieved(Doubt),
}

/// A pause that is believed.
#[derive(Clone, Copy)]
pub struct Pause {
    /// The process whose end is its end.
    pub process: u32,
    /// When it ends at the latest.
    pub until: SystemTime,
    /// Seconds by which the person's clock is ahead of UTC, if that is known.
    pub offset: Option<i32>,
}

impl Pause {
    /// `14:32:05`, by the person's clock.
    pub fn clock(&self) -> String {
        clock(self.until, self.offset)
    }
}

/// `14:32:05` by a clock that is ahead of UTC by so many seconds, or in UTC.
pub fn clock(time: SystemTime, offset: Option<i32>) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let shown = since.saturating_add_signed(offset.unwrap_or_default().into()) % (24 * 3600);
    let zone = if offset.is_none() { " UTC" } else { "" };
    format!("{:02}:{:02}:{:02}{zone}", shown / 3600, shown / 60 % 60, shown % 60)
}

/// Looks whether stanch is paused.
pub fn look() -> Look {
    // A fault of the look's own is no pause.
    catch_unwind(found).unwrap_or(Look::Disbelieved(Doubt::Fault))
}

#[cfg(unix)]
fn found() -> Look {
    let Some(path) = path() else { return Look::Off };
    match record::open(&path) {
        Ok(None) => Look::Off,
        Ok(Some(file)) => believed(&file).map_or_else(Look::Disbelieved, Look::On),
        Err(doubt) => Look::Disbelieved(doubt),
    }
}

#[cfg(unix)]
fn believed(file: &std::fs::File) -> Result<Pause, Doubt> {
    moved()?;
    let record = record::read(file)?;
    record::is_held(file)?;
    let pause = record.pause(SystemTime::now())?;
    person::check(&record, file)?;
    Ok(pause)
}

/// A repository's settings must not lead to a file of its own.
#[cfg(unix)]
fn moved() -> Result<(), Doubt> {
    let folder = std::env::current_dir().map_err(|_| Doubt::Unsure("the current folder cannot be told"))?;
    let sets = |variable| config::repository::sets(&folder, variable);
    match ["HOME", "XDG_STATE_HOME"].into_iter().find_map(sets) {
        Some(file) => Err(Doubt::Moved(file)),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn found() -> Look {
    Look::Off
}

/// Where the file lies.
pub fn path() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".local/state"));
    Some(state.or_else(home)?.join("stanch/pause.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_the_persons_where_it_is_known() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(20_000 * 24 * 3600 + 23 * 3600 + 59 * 60 + 7);
        assert_eq!(clock(time, None), "23:59:07 UTC");
        assert_eq!(clock(time, Some(3600)), "00:59:07");
        assert_eq!(clock(time, Some(-5 * 3600 - 1800)), "18:29:07");
    }
}
