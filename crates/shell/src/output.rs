//! Writing to the agent: all of it, or a reason.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FileType, fstat, ftruncate};
use rustix::io::{Errno, write};

/// Why output could not be written.
pub struct Fault(Errno);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = std::io::Error::from(self.0).kind();
        write!(f, "the output could not be written ({kind}): its end is missing, and the command's later writes failed")
    }
}

/// One of the agent's descriptors.
pub struct Output {
    to: BorrowedFd<'static>,
}

impl Output {
    /// Writes there.
    pub fn new(to: BorrowedFd<'static>) -> Self {
        Self { to }
    }

    /// Writes all of it. On a full disk the reason is written over the end of what is there.
    pub fn write(&self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            match write(self.to, bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR) => {}
                // The agent's end may be set so.
                Err(Errno::AGAIN) => {
                    let _ = poll(&mut [PollFd::new(&self.to.as_fd(), PollFlags::OUT)], None);
                }
                Err(error) => {
                    let fault = Fault(error);
                    if matches!(error, Errno::NOSPC | Errno::DQUOT | Errno::FBIG) {
                        self.write_over_the_end(&fault);
                    }
                    return Err(fault);
                }
            }
        }
        Ok(())
    }

    /// A block that a file has already is there even on a full disk.
    fn write_over_the_end(&self, fault: &Fault) {
        let notice = format!("\nstanch-shell: {fault}\n");
        let Ok(file) = fstat(self.to) else { return };
        if FileType::from_raw_mode(file.st_mode) != FileType::RegularFile {
            return;
        }
        let length = u64::try_from(file.st_size).unwrap_or(0);
        if ftruncate(self.to, length.saturating_sub(notice.len() as u64)).is_ok() {
            let _ = write(self.to, notice.as_bytes());
        }
    }
}
