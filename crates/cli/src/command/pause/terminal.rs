//! The person's terminal, whatever standard input and output are.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// The terminal that controls this process.
pub struct Terminal(File);

impl Terminal {
    /// Opens it.
    ///
    /// # Errors
    /// There is none.
    pub fn open() -> io::Result<Self> {
        File::options().read(true).write(true).open("/dev/tty").map(Self)
    }

    /// Another handle on it.
    pub fn again(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Writes a text.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes())
    }

    /// Whether the person types this word, in time.
    pub fn asks(&mut self, question: &str, word: &str, limit: Duration) -> io::Result<bool> {
        self.say(question)?;
        if !self.is_ready(PollFlags::IN, limit)? {
            self.say("\n")?;
            return Ok(false);
        }
        let mut line = String::new();
        BufReader::new(&self.0).read_line(&mut line)?;
        Ok(line.trim() == word)
    }

    /// Waits so long; says whether the terminal has gone meanwhile.
    pub fn goes_within(&self, time: Duration) -> bool {
        self.is_ready(PollFlags::empty(), time).unwrap_or(true)
    }

    fn is_ready(&self, what: PollFlags, time: Duration) -> io::Result<bool> {
        let time = Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) };
        match poll(&mut [PollFd::new(&self.0, what)], Some(&time)) {
            Ok(ready) => Ok(ready > 0),
            // Ctrl-C, which is looked at elsewhere.
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
