//! The filter's process: from the pipes to the agent, until the last holder of a pipe has ended.

use std::ffi::OsString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use config::Config;
use nix::sys::signal::SigSet;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Resource, Rlimit, Signal, setrlimit};

use crate::caller::{ends, null};
use crate::channel::{Channel, Kind};
use crate::holders;
use crate::link::{Ear, Task, Word};
use crate::redaction::{self, Redaction};
use crate::refusal::NOT_RUN;
use crate::say;
use crate::telling::Telling;

/// What is read at once: it stays in the second-level cache with what is held and what is written.
const PIECE: usize = 64 << 10;

/// Runs the filter.
pub fn run(arguments: &[OsString]) -> ExitCode {
    let Some(task) = Task::read(arguments) else { return ExitCode::from(NOT_RUN) };
    alone();
    let Ok((mut ear, pipes, known)) = Ear::open() else { return ExitCode::from(NOT_RUN) };
    // Only one end of the socket is to be held, and no folder kept busy.
    if let Ok(null) = null() {
        let _ = rustix::stdio::dup2_stdin(&null);
    }
    let config = redaction::configuration();
    let _ = rustix::process::chdir("/");
    let loaded = config.as_ref().map_err(Clone::clone).and_then(|config| {
        redaction::learn(config, &known)?;
        Ok((config, Redaction::new(config)?))
    });
    let (config, redaction) = match loaded {
        Ok(loaded) => loaded,
        Err(reason) => {
            ear.failed(&reason);
            return ExitCode::from(NOT_RUN);
        }
    };
    // While the prefix waits, and so is there.
    let telling = Telling::of(task.prefix, redaction.scanner.table());
    ear.ready();
    let command = holders::Command::new(Pid::from_raw(task.group), &pipes);
    let outputs = ends(pipes.len() == 1);
    let channels = pipes.into_iter().zip(outputs).enumerate().map(|(number, (pipe, output))| {
        let kind = if task.messages && number == 0 { Kind::Messages } else { Kind::Text };
        Channel::new(pipe, output, kind, &redaction)
    });
    let (channels, buffer) = (channels.collect(), vec![0; PIECE]);
    Filter { channels, config, ear: Some(ear), task, command, telling, buffer }.run();
    ExitCode::SUCCESS
}

/// Nothing that is meant for the command reaches the filter, and it holds nothing that it was not given.
fn alone() {
    let _ = SigSet::all().thread_block();
    let _ = rustix::process::setsid();
    // Someone may wait for the end of what the prefix was started with.
    let held: Vec<i32> = std::fs::read_dir("/dev/fd")
        .map(|entries| entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect())
        .unwrap_or_default();
    for descriptor in held.into_iter().filter(|descriptor| *descriptor > 2) {
        let _ = nix::unistd::close(descriptor);
    }
    // It reads what is to be seen nowhere.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(c"stanch-filter");
}

struct Filter<'r, 'c> {
    channels: Vec<Channel<'r, 'c>>,
    config: &'c Config,
    /// `None` when the prefix has nothing to say any more.
    ear: Option<Ear>,
    task: Task,
    command: holders::Command,
    telling: Telling<'r>,
    buffer: Vec<u8>,
}

impl Filter<'_, '_> {
    fn run(&mut self) {
        while self.ear.is_some() && self.task.supervised || self.channels.iter().any(Channel::is_open) {
            let (heard, ready) = self.wait();
            if heard {
                self.listen();
                continue;
            }
            for (channel, ready) in self.channels.iter_mut().zip(ready) {
                if ready {
                    channel.take(&mut self.buffer);
                }
                channel.pause_if_due();
            }
            self.note();
            self.telling.tell_if_due();
        }
        self.telling.tell();
    }

    fn note(&mut self) {
        for channel in &mut self.channels {
            for (place, replaced) in channel.take_replaced() {
                self.telling.note(place, &replaced);
            }
        }
    }

    /// Waits until there is something to do: whether the prefix says something, and which channels have something.
    fn wait(&self) -> (bool, Vec<bool>) {
        let due = self.channels.iter().filter_map(Channel::due).chain(self.telling.due()).min();
        let left = due.map(|due| {
            let left = due.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
            Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) }
        });
        let ear = self.ear.as_ref().map(AsFd::as_fd);
        let pipes: Vec<Option<BorrowedFd<'_>>> = self.channels.iter().map(Channel::pipe).collect();
        let mut asked: Vec<PollFd<'_>> = ear.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
        asked.extend(pipes.iter().flatten().map(|fd| PollFd::new(fd, PollFlags::IN)));
        if poll(&mut asked, left.as_ref()).is_err() {
            return (false, vec![false; self.channels.len()]);
        }
        let has = |fd: BorrowedFd<'_>| {
            asked.iter().any(|asked| asked.as_fd().as_raw_fd() == fd.as_raw_fd() && !asked.revents().is_empty())
        };
        (ear.is_some_and(has), pipes.iter().map(|pipe| pipe.is_some_and(has)).collect())
    }

    fn listen(&mut self) {
        let Some(mut ear) = self.ear.take() else { return };
        match ear.hear() {
            Word::Drain => {
                for channel in &mut self.channels {
                    channel.drain(&mut self.buffer);
                }
                // Before the prefix ends: what it is known by ends with it.
                self.note();
                self.telling.tell();
                match self.channels.iter().find_map(Channel::fault) {
                    Some(fault) => ear.failed(&fault),
                    None => ear.ready(),
                }
            }
            // Before the server runs that is lent them. One that cannot be filtered for them gets no further.
            Word::Known(known) => match redaction::learn(self.config, &known) {
                Ok(()) => self.ear = Some(ear),
                Err(why) => {
                    say(&why);
                    self.channels.clear();
                }
            },
            // The prefix of a supervised command was killed: nobody reports what its command does from here on.
            Word::Gone if self.task.supervised => {
                self.command.signal(Signal::KILL);
                say("the prefix was killed, so the command was stopped; what it had done until then stays done");
            }
            Word::Gone => {}
        }
    }
}
