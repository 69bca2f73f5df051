//! Questions and answers: a thread for each, so many at a time, each within its time.

use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use harden::Page;
use wire::{Answer, Ask, frame};

use crate::broker::Broker;
use crate::calls::lock;
use crate::peer::Peer;

/// Who asks has this long to say what, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many are answered at a time; others wait in the socket's queue.
const AT_A_TIME: usize = 256;

/// An answer, and the values that follow it.
pub struct Said {
    /// The answer.
    pub answer: Answer,
    /// In the order of what is handed over.
    pub values: Vec<Arc<Page>>,
}

impl From<Answer> for Said {
    fn from(answer: Answer) -> Self {
        Self { answer, values: Vec::new() }
    }
}

/// Answers until the process ends.
pub fn serve(listener: &UnixListener, broker: &Arc<Broker>) {
    let room = Arc::new((Mutex::new(0), Condvar::new()));
    for connection in listener.incoming() {
        let Ok(connection) = connection else {
            // Out of descriptors, for one: those in use come back.
            std::thread::sleep(Duration::from_millis(5));
            continue;
        };
        let mut used = lock(&room.0);
        while *used >= AT_A_TIME {
            used = room.1.wait(used).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        *used += 1;
        drop(used);
        let (broker, place) = (Arc::clone(broker), Seat(Arc::clone(&room)));
        let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(move || {
            let _place = place;
            // Nobody hears what went wrong with a connection: who asked is gone, or said nothing that can be answered.
            let _ = answer(connection, &broker);
        });
        drop(thread);
    }
}

/// A place among those that are answered.
struct Seat(Arc<(Mutex<usize>, Condvar)>);

impl Drop for Seat {
    fn drop(&mut self) {
        *lock(&self.0.0) -= 1;
        self.0.1.notify_one();
    }
}

fn answer(mut connection: UnixStream, broker: &Arc<Broker>) -> std::io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let peer = Peer::of(&connection)?;
    let ask: Ask = frame::hear(&mut connection)?;
    broker.pulse.beat();
    let said = broker.answer(&peer, ask);
    frame::say(&mut connection, &said.answer)?;
    for value in &said.values {
        frame::write(&mut connection, value.bytes())?;
    }
    connection.flush()
}
