//! The side of those who ask.

use std::io::Result;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use secret::Secret;

use crate::{Answer, Ask, Process, frame, place};

/// A way to a broker.
pub struct Client {
    socket: UnixStream,
}

/// An answer and the values that came with it.
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// In the order of what is handed over.
    pub values: Vec<Secret>,
}

impl Client {
    /// To the broker of a client's process. Nothing takes longer than `patience`.
    ///
    /// # Errors
    /// There is none, or it does not listen.
    pub fn of(client: Process, patience: Duration) -> Result<Self> {
        let folder = place::existing().ok_or(std::io::ErrorKind::NotFound)?;
        let socket = UnixStream::connect(place::socket(&folder, client))?;
        socket.set_read_timeout(Some(patience))?;
        socket.set_write_timeout(Some(patience))?;
        Ok(Self { socket })
    }

    /// Asks one thing.
    ///
    /// # Errors
    /// The broker is gone, takes too long, or says what cannot be understood.
    pub fn ask(&mut self, what: &Ask) -> Result<Reply> {
        frame::say(&mut self.socket, what)?;
        let answer = frame::hear(&mut self.socket)?;
        let count = match &answer {
            Answer::Lent(lent) => lent.handed.iter().filter(|handed| handed.way.carries_value()).count(),
            Answer::Value => 1,
            _ => 0,
        };
        let values = (0..count).map(|_| frame::secret(&mut self.socket)).collect::<Result<_>>()?;
        Ok(Reply { answer, values })
    }
}
