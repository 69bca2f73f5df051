//! A broker that a test plays, for those who ask one. The test is the client: what it starts finds this broker.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;

use wire::{Answer, Ask, Process, frame, place};

/// What it answers, and the values that follow.
pub type Said = (Answer, Vec<String>);

/// The broker of this process, of which there is one at a time. It is gone when this goes.
pub struct Broker {
    socket: PathBuf,
}

impl Broker {
    /// Answers each question, of the process with that number, as `answer` says.
    pub fn start(answer: impl Fn(i32, Ask) -> Said + Send + Sync + 'static) -> Self {
        let socket = place::socket(&place::folder().unwrap(), Process::own().unwrap());
        // A test that ended before had the same number.
        let _ = fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || converse(connection, &*answer));
            }
        });
        Self { socket }
    }

    /// Takes every question and answers none.
    pub fn silent() -> Self {
        Self::start(|_, _| {
            loop {
                std::thread::park();
            }
        })
    }
}

/// Until the other end has nothing more to ask.
fn converse(mut connection: UnixStream, answer: &dyn Fn(i32, Ask) -> Said) {
    let pid = rustix::net::sockopt::socket_peercred(&connection).unwrap().pid.as_raw_pid();
    while let Ok(ask) = frame::hear(&mut connection) {
        let (answer, values) = answer(pid, ask);
        let said = frame::say(&mut connection, &answer);
        let values = values.iter().try_for_each(|value| frame::write(&mut connection, value.as_bytes()));
        if said.and(values).is_err() {
            return;
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
    }
}
