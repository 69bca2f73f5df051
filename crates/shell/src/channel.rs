//! One of the command's streams on its way: read from a pipe, filtered, written to the agent.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use scrub::{ScanError, Stream};

use crate::messages::Messages;
use crate::output::{Fault, Output};
use crate::redaction::Redaction;

/// So long an unfinished line may wait for its end before what may be shown of it is shown.
const PATIENCE: Duration = Duration::from_millis(200);

/// What a stream carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Messages in JSON, one a line, and text between them.
    Messages,
}

/// One stream.
pub struct Channel<'r, 'c> {
    /// `None` when nothing comes any more, or nothing is taken any more.
    pipe: Option<OwnedFd>,
    text: Stream<'r, 'c>,
    messages: Option<Messages<'r, 'c>>,
    output: Output,
    /// Since when an unfinished line waits.
    waiting: Option<Instant>,
    /// The text cannot be searched: nothing of it is shown any more.
    withheld: bool,
    fault: Option<Fault>,
    /// What is on its way out.
    out: Vec<u8>,
}

impl<'r, 'c> Channel<'r, 'c> {
    /// From this pipe to that descriptor.
    pub fn new(pipe: OwnedFd, output: BorrowedFd<'static>, kind: Kind, redaction: &'r Redaction<'c>) -> Self {
        Self {
            pipe: Some(pipe),
            text: Stream::new(&redaction.scanner, &redaction.mask),
            messages: (kind == Kind::Messages).then(|| Messages::new(redaction)),
            output: Output::new(output),
            waiting: None,
            withheld: false,
            fault: None,
            out: Vec::new(),
        }
    }

    /// Whether something may still come.
    pub fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    /// What to wait for.
    pub fn pipe(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// When [`Channel::pause_if_due`] has something to do.
    pub fn due(&self) -> Option<Instant> {
        self.waiting.map(|since| since + PATIENCE)
    }

    /// What went wrong with the output, for a person.
    pub fn fault(&self) -> Option<String> {
        self.fault.as_ref().map(Fault::to_string)
    }

    /// Reads once and writes what can be released; the number of bytes read.
    pub fn take(&mut self, buffer: &mut [u8]) -> usize {
        let Some(pipe) = &self.pipe else { return 0 };
        match rustix::io::read(pipe, &mut *buffer) {
            Ok(0) => {
                self.end();
                0
            }
            Ok(read) => {
                self.filter(&buffer[..read]);
                read
            }
            Err(Errno::INTR | Errno::AGAIN) => 0,
            Err(_) => {
                self.end();
                0
            }
        }
    }

    /// Takes all that has been written until now, and shows it to its last byte. What someone goes on writing is not
    /// waited for.
    pub fn drain(&mut self, buffer: &mut [u8]) {
        let mut left = self.pipe.as_ref().and_then(|pipe| rustix::io::ioctl_fionread(pipe).ok()).unwrap_or(0);
        while left > 0 {
            let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let read = self.take(&mut buffer[..room]);
            if read == 0 {
                break;
            }
            left -= read as u64;
        }
        self.show_all();
    }

    /// Shows of an unfinished line what may be shown, if it has waited long enough.
    pub fn pause_if_due(&mut self) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.waiting = None;
            let paused = self.text.pause(&mut self.out);
            self.write(paused);
        }
    }

    /// What has been taken out since this was last asked: in text, and in messages.
    pub fn take_replaced(&mut self) -> [(&'static str, BTreeMap<u16, u64>); 2] {
        let messages = self.messages.as_mut().map(Messages::take_replaced).unwrap_or_default();
        [("output", self.text.take_replaced()), ("message", messages)]
    }

    fn filter(&mut self, bytes: &[u8]) {
        if self.withheld {
            return;
        }
        let pushed = match &mut self.messages {
            Some(messages) => messages.push(bytes, &mut self.text, &mut self.out),
            None => self.text.push(bytes, &mut self.out, None),
        };
        self.write(pushed);
        self.waiting = self.text.is_holding().then(|| self.waiting.unwrap_or_else(Instant::now));
    }

    fn end(&mut self) {
        self.pipe = None;
        self.show_all();
    }

    fn show_all(&mut self) {
        self.waiting = None;
        if self.withheld {
            return;
        }
        let last = match &mut self.messages {
            Some(messages) => messages.end(&mut self.text, &mut self.out),
            None => Ok(()),
        };
        let flushed = last.and_then(|()| self.text.flush(&mut self.out));
        self.write(flushed);
    }

    /// Writes what is on its way, unless it could not be searched.
    fn write(&mut self, searched: Result<(), ScanError>) {
        if let Err(error) = searched {
            self.withheld = true;
            self.out.extend_from_slice(format!("\nstanch-shell: the rest is withheld: {error}\n").as_bytes());
        }
        let written = self.output.write(&self.out);
        self.out.clear();
        if let Err(fault) = written {
            // As the command's own writes would fail: its next one does.
            self.pipe = None;
            self.withheld = true;
            self.waiting = None;
            self.fault = Some(fault);
        }
    }
}
