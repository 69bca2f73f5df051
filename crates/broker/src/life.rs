//! When a broker ends: with its client, when nobody has asked for long or can ask any more, or when it is told to, by a question or
//! by a signal (a log-out, a machine that goes down).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use wire::Process;

/// How often a process is looked at for which there is no handle.
const STEP: Duration = Duration::from_millis(200);
/// How often it is looked whether anybody can still ask.
const LOOK: Duration = Duration::from_secs(3);

/// Why it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The client is gone.
    Client,
    /// Nobody asked for so long.
    Idle,
    /// Nobody finds it any more.
    Lost,
    /// It was told to.
    Told,
}

/// Waits for the end.
pub struct Life {
    ends: Receiver<End>,
    signs: std::sync::Arc<AtomicBool>,
}

/// Says that somebody asked, or that it is to end.
#[derive(Clone)]
pub struct Pulse {
    end: Sender<End>,
    signs: std::sync::Arc<AtomicBool>,
}

impl Pulse {
    /// From here on a signal that asks a process to end is heeded.
    ///
    /// # Errors
    /// The system has no thread, or no pipe, for that.
    pub fn heed_signals(&self) -> std::io::Result<()> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let pulse = self.clone();
        std::thread::Builder::new().spawn(move || {
            for _ in &mut signals {
                pulse.stop();
            }
        })?;
        Ok(())
    }

    /// Somebody asked.
    pub fn beat(&self) {
        self.signs.store(true, Ordering::Relaxed);
    }

    /// It is to end.
    pub fn stop(&self) {
        let _ = self.end.send(End::Told);
    }
}

impl Life {
    /// A life as long as the client's.
    ///
    /// # Errors
    /// The system has no thread that could wait for the client's end.
    pub fn of(client: Process) -> std::io::Result<(Self, Pulse)> {
        let (sender, ends) = channel();
        let signs = std::sync::Arc::default();
        let pulse = Pulse { end: sender.clone(), signs: std::sync::Arc::clone(&signs) };
        std::thread::Builder::new().spawn(move || {
            wait(client);
            let _ = sender.send(End::Client);
        })?;
        Ok((Self { ends, signs }, pulse))
    }

    /// Waits for it: at most until nobody has asked for as long as `idle` and a look more, or can ask.
    pub fn end(&self, idle: Duration, is_found: impl Fn() -> bool) -> End {
        let mut asked = Instant::now();
        loop {
            match self.ends.recv_timeout(LOOK.min(idle)) {
                Ok(end) => return end,
                Err(RecvTimeoutError::Disconnected) => return End::Client,
                Err(RecvTimeoutError::Timeout) if !is_found() => return End::Lost,
                Err(RecvTimeoutError::Timeout) if self.signs.swap(false, Ordering::Relaxed) => asked = Instant::now(),
                Err(RecvTimeoutError::Timeout) if asked.elapsed() >= idle => return End::Idle,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Returns when the process is gone.
pub fn wait(process: Process) {
    wait_until(process, None);
}

/// Waits until the process is gone, but no longer than to `end`. Whether it is gone.
pub fn wait_until(process: Process, end: Option<Instant>) -> bool {
    let held = Pid::from_raw(process.pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    loop {
        // Before the handle was there, the number may have gone to another.
        if !process.is_alive() {
            return true;
        }
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return false;
        }
        match &held {
            Some(held) => {
                let left = left.and_then(|left| left.try_into().ok());
                if matches!(poll(&mut [PollFd::new(held, PollFlags::IN)], left.as_ref()), Ok(1)) {
                    return true;
                }
            }
            None => std::thread::sleep(left.unwrap_or(STEP).min(STEP)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_ends_with_the_client_by_word_and_when_nobody_asks_or_can() {
        let mut client = std::process::Command::new("sleep").arg("60").spawn().expect("sleep");
        let process = Process::of(i32::try_from(client.id()).expect("a pid")).expect("runs");
        let (life, pulse) = Life::of(process).expect("a thread");
        pulse.beat();
        let start = Instant::now();
        let end = |life: &Life, idle| life.end(Duration::from_millis(idle), || true);
        assert_eq!(end(&life, 100), End::Idle);
        assert!(start.elapsed() >= Duration::from_millis(200));
        assert_eq!(life.end(Duration::from_millis(100), || false), End::Lost);
        pulse.stop();
        assert_eq!(end(&life, 60_000), End::Told);
        let _ = client.kill().and_then(|()| client.wait());
        assert_eq!(end(&life, 60_000), End::Client);
        let gone = Life::of(process).expect("a thread").0;
        assert_eq!(end(&gone, 60_000), End::Client);
    }
}
