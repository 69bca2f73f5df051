//! Who wrote what is read. A connection can be handed to a child, and who opened it become another program: then the one that is
//! known by its executable and the one that speaks are two.

use std::io::{ErrorKind, Read, Result};
use std::mem::MaybeUninit;
use std::os::unix::net::UnixListener;
use std::path::Path;

use rustix::cmsg_space;
use rustix::net::sockopt::set_socket_passcred;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, SocketAddrUnix, SocketFlags, SocketType, bind, listen,
    socket_with,
};
use wire::{Line, Process};

/// So many may wait to be answered: what the system allows by itself (net.core.somaxconn).
const QUEUE: i32 = 4096;

/// Listens there. Of each piece the system says who wrote it, on all that is accepted (unix(7), SO_PASSCRED): a connection has that
/// from the moment in which it is made, which may be the first in which somebody can.
pub fn listener(path: &Path) -> Result<UnixListener> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_passcred(&socket, true)?;
    bind(&socket, &SocketAddrUnix::new(path)?)?;
    listen(&socket, QUEUE)?;
    Ok(socket.into())
}

/// What that process itself writes.
pub struct Sender<'l> {
    line: &'l mut Line,
    process: Process,
}

impl<'l> Sender<'l> {
    /// On that connection.
    pub fn of(line: &'l mut Line, process: Process) -> Self {
        Self { line, process }
    }
}

impl Read for Sender<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmCredentials(1))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let length = self.line.read_with(into, &mut beside)?;
        let mut senders = beside.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmCredentials(sender) => Some(sender.pid.as_raw_pid()),
            _ => None,
        });
        // At the end nobody writes. Pieces of several are never read as one.
        if length == 0 || senders.next() == Some(self.process.pid) {
            Ok(length)
        } else {
            Err(ErrorKind::PermissionDenied.into())
        }
    }
}
