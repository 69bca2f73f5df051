//! The side of those who ask.

use std::io::{ErrorKind, Result};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Pid;
use secret::Secret;

use crate::line::Line;
use crate::{Answer, Ask, Process, frame, place};

/// So long a broker waits for a person to unlock a keyring before it answers an MCP server; the client waits thirty seconds for
/// the server. Who asks waits for longer.
pub const UNLOCKING: Duration = Duration::from_secs(18);

/// Whether nobody listens: then there is no broker, or it is gone and what it lent with it.
pub fn is_none(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::ConnectionRefused)
}

/// Whether a connection has ended before the answer. Its broker may have, too: whoever asks once more knows.
pub fn has_ended(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
}

/// A way to a broker.
pub struct Client {
    line: Line,
}

/// An answer and the values that came with it.
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// In the order of what is handed over.
    pub values: Vec<Secret>,
}

impl Client {
    /// To the broker of a client's process. All of it, from here to the last byte of the last answer, takes no longer than
    /// `patience`, unless [`Client::within`] says more: who asks has somebody waiting, and a broker that was stopped answers never.
    ///
    /// # Errors
    /// There is none, or it does not listen, or has no time for one more.
    pub fn of(client: Process, patience: Duration) -> Result<Self> {
        let folder = place::existing()?.ok_or(ErrorKind::NotFound)?;
        Self::at(&place::socket(&folder, client), patience)
    }

    fn at(path: &Path, patience: Duration) -> Result<Self> {
        Ok(Self { line: Line::to(path, Instant::now() + patience)? })
    }

    /// What is asked from here on takes no longer than that.
    pub fn within(&mut self, patience: Duration) -> &mut Self {
        self.line.within(patience);
        self
    }

    /// The process that made the socket: the broker.
    pub fn listener(&self) -> Option<Pid> {
        rustix::net::sockopt::socket_peercred(self.line.socket()).ok().map(|who| who.pid)
    }

    /// Asks one thing.
    ///
    /// # Errors
    /// The broker is gone, takes too long, or says what cannot be understood. Nothing more can be asked on this way.
    pub fn ask(&mut self, what: &Ask) -> Result<Reply> {
        frame::say(&mut self.line, what)?;
        let answer = frame::hear(&mut self.line)?;
        let count = match &answer {
            Answer::Lent(lent) => lent.handed.iter().filter(|handed| handed.way.carries_value()).count(),
            Answer::Value => 1,
            _ => 0,
        };
        let values = (0..count).map(|_| frame::secret(&mut self.line)).collect::<Result<_>>()?;
        Ok(Reply { answer, values })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixListener;

    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, socket};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(300);
    /// A busy machine may take longer, but not without end.
    const MOST: Duration = Duration::from_secs(5);

    /// Tries until the queue is full; how long the one waited that found no room.
    #[test]
    fn a_broker_that_accepts_nothing_is_not_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s");
        let listener = socket(AddressFamily::UNIX, SocketType::STREAM, None).expect("a socket");
        rustix::net::bind(&listener, &SocketAddrUnix::new(&path).expect("a path")).expect("bound");
        rustix::net::listen(&listener, 1).expect("listens");
        let mut queue = Vec::new();
        let waited = loop {
            let start = Instant::now();
            match Client::at(&path, PATIENCE) {
                Ok(client) => queue.push(client),
                Err(_) => break start.elapsed(),
            }
            assert!(queue.len() < 10, "the queue has no end");
        };
        assert!(waited < MOST, "{waited:?}");
        let start = Instant::now();
        assert!(queue[0].ask(&Ask::Report).is_err() && start.elapsed() < MOST, "nor for its answer");
    }

    #[test]
    fn a_broker_that_speaks_a_byte_at_a_time_is_cut_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s");
        let listener = UnixListener::bind(&path).expect("listens");
        let broker = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().expect("somebody");
            let mut frame = Vec::new();
            frame::write(&mut frame, &vec![b' '; frame::LONGEST]).expect("fits");
            // Each byte well within the time of one read; until nobody listens.
            frame
                .chunks(1)
                .take_while(|byte| {
                    std::thread::sleep(PATIENCE / 10);
                    connection.write_all(byte).is_ok()
                })
                .count()
        });
        let start = Instant::now();
        let mut client = Client::at(&path, PATIENCE).expect("listens");
        assert!(client.ask(&Ask::Report).is_err());
        let took = start.elapsed();
        assert!(took >= PATIENCE / 2 && took < MOST, "{took:?}");
        drop(client);
        assert!(broker.join().expect("ends") > 1);
    }
}
