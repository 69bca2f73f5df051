//! Reading the event, with a limit on time and size.

use std::io::{self, IsTerminal, Read};

use crate::Refusal;

/// Largest event: 64 MiB of text and what JSON adds for its line breaks. The largest seen from a real client is some 10 MB.
pub const LARGEST: usize = 72 << 20;
/// The client writes the event at once. Its own limit is a minute and more: ours must come first.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Reads standard input to its end.
pub fn read() -> Result<Vec<u8>, Refusal> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(Refusal::NoInput);
    }
    let mut stdin = stdin.lock();
    let mut event = Vec::with_capacity(32 << 10);
    #[cfg(unix)]
    let start = std::time::Instant::now();
    let mut piece = [0u8; 32 << 10];
    loop {
        #[cfg(unix)]
        wait(start)?;
        match stdin.read(&mut piece) {
            Ok(0) => return Ok(event),
            Ok(n) => event.extend_from_slice(&piece[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Refusal::Unreadable(error.kind())),
        }
        if event.len() > LARGEST {
            return Err(Refusal::TooLarge(LARGEST));
        }
    }
}

/// Waits until there is something to read, not beyond the limit.
#[cfg(unix)]
fn wait(start: std::time::Instant) -> Result<(), Refusal> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    loop {
        let left = PATIENCE.checked_sub(start.elapsed()).ok_or(Refusal::TimedOut)?;
        let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        match poll(&mut [PollFd::new(&rustix::stdio::stdin(), PollFlags::IN)], Some(&left)) {
            Ok(0) => return Err(Refusal::TimedOut),
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Refusal::Unreadable(io::Error::from(error).kind())),
        }
    }
}
