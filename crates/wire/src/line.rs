//! A connection with a time limit for all that is said on it. A limit for each read alone would let who sends a byte at a time
//! go on for ever.

use std::io::{ErrorKind, IoSliceMut, Read, Result, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvFlags, SocketAddrUnix, SocketType, connect, recvmsg, socket,
};

/// A connection that is over at a point in time, however many pieces come until then.
pub struct Line {
    socket: UnixStream,
    end: Instant,
}

impl Line {
    /// One that is there, for no longer than `patience`.
    pub fn of(socket: UnixStream, patience: Duration) -> Self {
        Self { socket, end: Instant::now() + patience }
    }

    /// What comes from here on takes no longer than that.
    pub fn within(&mut self, patience: Duration) -> &mut Self {
        self.end = Instant::now() + patience;
        self
    }

    /// Reads as `read` does, and what came beside the bytes goes into `beside`.
    ///
    /// # Errors
    /// As `read`.
    pub fn read_with(&mut self, into: &mut [u8], beside: &mut RecvAncillaryBuffer<'_>) -> Result<usize> {
        self.socket.set_read_timeout(Some(left(self.end)?))?;
        let read = recvmsg(&self.socket, &mut [IoSliceMut::new(into)], beside, RecvFlags::CMSG_CLOEXEC)?;
        Ok(read.bytes)
    }

    /// The connection.
    pub fn socket(&self) -> &UnixStream {
        &self.socket
    }

    pub(crate) fn to(path: &Path, end: Instant) -> Result<Self> {
        // std's connect has no limit: it waits for room in the queue of one that accepts nothing any more. With a time for
        // sending the kernel waits no longer than that (Linux; elsewhere it does not wait at all).
        let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
        set_socket_timeout(&socket, Timeout::Send, Some(left(end)?))?;
        connect(&socket, &SocketAddrUnix::new(path)?)?;
        Ok(Self { socket: socket.into(), end })
    }
}

fn left(end: Instant) -> Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    // Nothing means without limit to the system, and what is less than it counts in becomes nothing.
    if left < Duration::from_millis(1) { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

impl Read for Line {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        self.socket.set_read_timeout(Some(left(self.end)?))?;
        self.socket.read(into)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.socket.set_write_timeout(Some(left(self.end)?))?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        self.socket.flush()
    }
}
