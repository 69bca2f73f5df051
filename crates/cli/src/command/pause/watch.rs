//! A pause while it lasts: how long it still is, and what ends it.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use hooks::log::{self, Deed};
use hooks::pause::{Hold, clock};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::EVENT;
use super::terminal::Terminal;

/// How soon an end shows.
const STEP: Duration = Duration::from_millis(100);

/// Pauses for so long, or until something else ends it.
pub fn over(time: Duration, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
    // Before there is anything to be ended.
    let signals = Signals::catch()?;
    let (began, until, offset) = (Instant::now(), SystemTime::now() + time, offset());
    let shown = clock(until, offset);
    // What is not on record does not happen.
    log::note(EVENT, Deed::Begun, Some(&format!("until {shown}")))
        .map_err(|error| anyhow::anyhow!("no pause: the log cannot be written ({}); `stanch doctor`", error.kind()))?;
    let hold = Hold::take(until, offset).inspect_err(|_| ended("not begun")).context("no pause")?;
    // By itself: a terminal that takes no more output must not hold the pause open.
    let mut screen = terminal.again().context("no pause")?;
    std::thread::spawn(move || count_down(&mut screen, began, time, &shown));
    let why = loop {
        if let Some(why) = signals.caught() {
            break why;
        } else if began.elapsed() >= time || SystemTime::now() >= until {
            break "the time is over";
        } else if !hold.stands() {
            break "stanch resume";
        } else if terminal.goes_within(STEP) {
            break "the terminal is closed";
        }
    };
    hold.release();
    ended(why);
    let _ = terminal.say(&format!(
        "\r\x1b[Kstanch is on again ({why}). What was started meanwhile goes on as it began: start MCP servers and \
         background commands anew. What was sent is sent.\n"
    ));
    Ok(ExitCode::SUCCESS)
}

fn ended(why: &str) {
    let _ = log::note(EVENT, Deed::Ended, Some(why));
}

fn count_down(screen: &mut Terminal, began: Instant, time: Duration, until: &str) {
    loop {
        let left = time.saturating_sub(began.elapsed()).as_secs();
        let said = format!("stanch is paused until {until}: nothing is redacted. {}:{:02} left", left / 60, left % 60);
        if left == 0 || screen.say(&format!("\r{said}; Ctrl-C ends it \x1b[K")).is_err() {
            return;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Seconds by which the person's clock is ahead of UTC.
fn offset() -> Option<i32> {
    let zone = TimeZone::system();
    (!zone.is_unknown()).then(|| zone.to_offset(Timestamp::now()).seconds())
}

/// What asks the process to end.
struct Signals([(Arc<AtomicBool>, &'static str); 4]);

impl Signals {
    fn catch() -> anyhow::Result<Self> {
        let ends = |signal| {
            let caught = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(signal, Arc::clone(&caught)).context("catching signals").map(|_| caught)
        };
        Ok(Self([
            (ends(SIGINT)?, "Ctrl-C"),
            (ends(SIGQUIT)?, "Ctrl-\\"),
            (ends(SIGHUP)?, "the terminal is closed"),
            (ends(SIGTERM)?, "SIGTERM"),
        ]))
    }

    fn caught(&self) -> Option<&'static str> {
        self.0.iter().find(|(caught, _)| caught.load(Ordering::Relaxed)).map(|(_, why)| *why)
    }
}
