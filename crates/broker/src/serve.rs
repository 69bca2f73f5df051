//! Questions and answers: threads that wait for whoever comes next, each question within its time.

use std::io::{ErrorKind, Result, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wire::{Answer, Ask, Line, frame};

use crate::broker::Broker;
use crate::failed;
use crate::lock::lock;
use crate::peer::Peer;
use crate::sender::Sender;
use crate::values::Given;

/// Who asks has this long to say what, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// And this long until the next question: a hook asks one before it judges an event and another after, and takes no longer for that.
const NEXT: Timespec = Timespec { tv_sec: 15, tv_nsec: 0 };
/// So many are answered at a time; others wait in the socket's queue.
const AT_A_TIME: usize = 256;
/// So many threads wait when nobody comes: to start one costs a hook more than its answer.
const WAITING: usize = 4;

/// An answer, and the values that follow it.
pub struct Said {
    /// The answer.
    pub answer: Answer,
    /// In the order of what is handed over.
    pub values: Vec<Given>,
}

impl From<Answer> for Said {
    fn from(answer: Answer) -> Self {
        Self { answer, values: Vec::new() }
    }
}

/// Answers until the process ends.
///
/// # Errors
/// The system has no thread that could.
pub fn serve(listener: UnixListener, broker: Arc<Broker>) -> Result<()> {
    let desk = Arc::new(Desk { listener, broker, threads: Mutex::default() });
    desk.open()?;
    for _ in 1..WAITING {
        // If there is none to be had, the first goes on.
        let _ = desk.open();
    }
    Ok(())
}

struct Desk {
    listener: UnixListener,
    broker: Arc<Broker>,
    threads: Mutex<Threads>,
}

#[derive(Default)]
struct Threads {
    all: usize,
    /// Of these, those that wait for somebody.
    waiting: usize,
}

impl Desk {
    /// One thread more, if there may be one.
    fn open(self: &Arc<Self>) -> Result<()> {
        let mut threads = lock(&self.threads);
        if threads.all >= AT_A_TIME {
            return Ok(());
        }
        let desk = Arc::clone(self);
        std::thread::Builder::new().stack_size(256 << 10).spawn(move || desk.wait())?;
        threads.all += 1;
        threads.waiting += 1;
        Ok(())
    }

    fn wait(self: Arc<Self>) {
        loop {
            let Ok((connection, _)) = self.listener.accept() else {
                // Out of descriptors, for one: those in use come back.
                std::thread::sleep(Duration::from_millis(5));
                continue;
            };
            let is_last = {
                let mut threads = lock(&self.threads);
                threads.waiting -= 1;
                threads.waiting == 0
            };
            if is_last {
                // If there is none to be had, who comes next waits for this one.
                let _ = self.open();
            }
            // Nobody hears what went wrong with a connection: who asked is gone, or said nothing that can be answered.
            if catch_unwind(AssertUnwindSafe(|| answer(connection, &self.broker))).is_err() {
                self.broker.record.broke(&failed::last());
            }
            let mut threads = lock(&self.threads);
            if threads.waiting >= WAITING {
                threads.all -= 1;
                return;
            }
            threads.waiting += 1;
        }
    }
}

fn answer(connection: UnixStream, broker: &Arc<Broker>) -> Result<()> {
    let connected = Peer::of(&connection)?.process;
    let mut line = Line::of(connection, PATIENCE);
    loop {
        let ask: Ask = frame::hear(&mut Sender::of(&mut line, connected))?;
        broker.pulse.beat();
        // Anew for each question: it may have become another program, or its number another process's.
        let peer = Peer::of(line.socket())?;
        if peer.process != connected {
            return Err(ErrorKind::NotConnected.into());
        }
        let is_stop = matches!(ask, Ask::Stop);
        let said = broker.answer(&peer, ask);
        let is_end = is_stop && matches!(said.answer, Answer::Done);
        let told = tell(line.within(PATIENCE), &said);
        // Behind the answer, which the end of the process would cut off.
        if is_end {
            broker.pulse.stop();
        }
        told?;
        if poll(&mut [PollFd::new(line.socket(), PollFlags::IN)], Some(&NEXT))? == 0 {
            return Ok(());
        }
        line.within(PATIENCE);
    }
}

fn tell(line: &mut Line, said: &Said) -> Result<()> {
    frame::say(line, &said.answer)?;
    for value in &said.values {
        frame::write(line, value.bytes())?;
    }
    line.flush()
}
