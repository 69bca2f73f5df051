//! Reading the event, with a limit on time and size.

use crate::Refusal;

/// Largest event: 64 MiB of text and what JSON adds for its line breaks. The largest seen from a real client is some 10 MB.
pub const LARGEST: usize = 72 << 20;
/// Room for an event, asked for before the first read; most fit, and what is not written to costs nothing.
const ROOM: usize = 32 << 10;

/// Reads standard input to its end.
pub fn read() -> Result<Vec<u8>, Refusal> {
    let mut stdin = stdin::Stdin::new();
    if stdin.is_terminal() {
        return Err(Refusal::NoInput);
    }
    let mut event = Vec::new();
    loop {
        if event.len() == event.capacity() {
            event.reserve(ROOM);
        }
        if stdin.append_to(&mut event)? == 0 {
            return Ok(event);
        }
        if event.len() > LARGEST {
            return Err(Refusal::TooLarge(LARGEST));
        }
    }
}

/// Standard input without std's buffer before it: the bytes go where they stay, and no other memory is touched.
#[cfg(unix)]
mod stdin {
    use std::io::{Error, IsTerminal};
    use std::os::fd::BorrowedFd;
    use std::time::{Duration, Instant};

    use rustix::buffer::spare_capacity;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    use super::ROOM;
    use crate::Refusal;

    /// The client writes the event at once. Its own limit is a minute and more: ours must come first.
    const PATIENCE: Duration = Duration::from_secs(10);

    pub(super) struct Stdin {
        descriptor: BorrowedFd<'static>,
        /// Since when time counts: since there was nothing to read, or much has been read. Most events lie ready, whole.
        since: Option<Instant>,
    }

    impl Stdin {
        pub(super) fn new() -> Self {
            Self { descriptor: rustix::stdio::stdin(), since: None }
        }

        pub(super) fn is_terminal(&self) -> bool {
            self.descriptor.is_terminal()
        }

        /// Reads what there is, as much as fits into the spare capacity; waits for it, not beyond the limit. 0 is the end.
        pub(super) fn append_to(&mut self, event: &mut Vec<u8>) -> Result<usize, Refusal> {
            if event.len() >= ROOM {
                self.since.get_or_insert_with(Instant::now);
            }
            loop {
                self.wait()?;
                match rustix::io::read(self.descriptor, spare_capacity(event)) {
                    Ok(read) => return Ok(read),
                    Err(Errno::INTR) => {}
                    Err(error) => return Err(unreadable(error)),
                }
            }
        }

        fn wait(&mut self) -> Result<(), Refusal> {
            loop {
                let left = self.left()?;
                let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
                match poll(&mut [PollFd::new(&self.descriptor, PollFlags::IN)], Some(&left)) {
                    Ok(0) | Err(Errno::INTR) => self.since.get_or_insert_with(Instant::now),
                    Ok(_) => return Ok(()),
                    Err(error) => return Err(unreadable(error)),
                };
            }
        }

        /// How long to wait: at first not at all.
        fn left(&self) -> Result<Duration, Refusal> {
            self.since
                .map_or(Ok(Duration::ZERO), |since| PATIENCE.checked_sub(since.elapsed()).ok_or(Refusal::TimedOut))
        }
    }

    fn unreadable(error: Errno) -> Refusal {
        Refusal::Unreadable(Error::from(error).kind())
    }
}

/// Standard input where std has no way to wait for it with a limit.
#[cfg(not(unix))]
mod stdin {
    use std::io::{self, ErrorKind, IsTerminal, Read};

    use crate::Refusal;

    pub(super) struct Stdin(io::Stdin);

    impl Stdin {
        pub(super) fn new() -> Self {
            Self(io::stdin())
        }

        pub(super) fn is_terminal(&self) -> bool {
            self.0.is_terminal()
        }

        /// Reads what there is. 0 is the end.
        pub(super) fn append_to(&mut self, event: &mut Vec<u8>) -> Result<usize, Refusal> {
            let mut piece = [0; 32 << 10];
            loop {
                match self.0.lock().read(&mut piece) {
                    Ok(read) => {
                        event.extend_from_slice(&piece[..read]);
                        return Ok(read);
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(Refusal::Unreadable(error.kind())),
                }
            }
        }
    }
}
