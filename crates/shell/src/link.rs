//! The socket between prefix and filter: the pipes go over it, and a few words.
//!
//! The filter has it as standard input, and the agent's descriptors as standard output and standard error. Its end tells
//! either side that the other one is gone.

use std::ffi::OsString;
use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

use crate::lending::Known;
use crate::{Refusal, Role};

/// Comes with the pipes; what is known follows.
const PIPES: u8 = b'p';
/// The filter can work.
const READY: u8 = b'r';
/// The filter cannot work, or could not write; the reason follows to the end.
const FAILED: u8 = b'f';
/// What is known follows: four bytes of length, the highest first, then that many.
const KNOWN: u8 = b'k';
/// The shell has ended: filter what it wrote.
const DRAIN: u8 = b'd';

/// This very executable, replaced or not since.
pub fn this_executable() -> std::path::PathBuf {
    let own = std::path::PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && own.exists() { own } else { std::env::current_exe().unwrap_or(own) }
}

/// What the filter is to do.
#[derive(Clone, Copy)]
pub struct Task {
    /// Lines on standard output may be messages in JSON.
    pub messages: bool,
    /// The group to stop if the prefix is killed, and 0 for none.
    pub group: i32,
    /// The prefix stays until all is written.
    pub supervised: bool,
    /// The prefix's process.
    pub prefix: u32,
}

impl Task {
    fn arguments(self) -> [OsString; 4] {
        let word = |yes: bool| OsString::from(if yes { "yes" } else { "no" });
        [word(self.messages), word(self.supervised), self.group.to_string().into(), self.prefix.to_string().into()]
    }

    /// Reads what [`Task::arguments`] wrote.
    pub fn read(arguments: &[OsString]) -> Option<Self> {
        let [messages, supervised, group, prefix] = arguments else { return None };
        let (group, prefix) = (group.to_str()?.parse().ok()?, prefix.to_str()?.parse().ok()?);
        Some(Self { messages: messages == "yes", supervised: supervised == "yes", group, prefix })
    }
}

/// The prefix's end.
pub struct Link {
    socket: UnixStream,
    filter: Child,
}

impl Link {
    /// Starts a filter. It is not known yet whether it can work.
    pub fn start(role: Role, task: Task) -> Result<Self, Refusal> {
        let (socket, theirs) = UnixStream::pair().map_err(Refusal::system("making a socket"))?;
        let mut command = Command::new(this_executable());
        command.arg0(role.name()).args(task.arguments());
        // In a group of its own from the start: what stops the command does not stop its filter.
        command.stdin(Stdio::from(OwnedFd::from(theirs))).process_group(0);
        let filter = command.spawn().map_err(Refusal::system("starting the filter"))?;
        Ok(Self { socket, filter })
    }

    /// Gives it the pipes, and by what it knows values if it does, and waits until it can work. The broker is told that it knows.
    pub fn open(&mut self, pipes: &[std::io::PipeReader], known: Known) -> Result<(), Refusal> {
        let given = self.hand_over(pipes).map_err(std::io::Error::from).and_then(|()| self.write(known.forms()));
        given.map_err(Refusal::system("handing the pipes to the filter"))?;
        match self.answer() {
            Answer::Ready => {
                known.tell_taken_in();
                Ok(())
            }
            Answer::Failed(reason) => Err(Refusal::Filter(reason)),
            Answer::Gone => Err(Refusal::FilterEnded),
        }
    }

    /// By what it knows values from here on.
    pub fn tell(&mut self, known: &str) -> Result<(), Refusal> {
        let told = self.socket.write_all(&[KNOWN]).and_then(|()| self.write(known));
        told.map_err(Refusal::system("telling the filter what is lent"))
    }

    fn write(&mut self, known: &str) -> std::io::Result<()> {
        let length = u32::try_from(known.len()).map_err(|_| std::io::ErrorKind::FileTooLarge)?;
        self.socket.write_all(&length.to_be_bytes())?;
        self.socket.write_all(known.as_bytes())
    }

    fn hand_over(&self, pipes: &[std::io::PipeReader]) -> rustix::io::Result<()> {
        let pipes: Vec<_> = pipes.iter().map(AsFd::as_fd).collect();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        ancillary.push(SendAncillaryMessage::ScmRights(&pipes));
        sendmsg(&self.socket, &[IoSlice::new(&[PIPES])], &mut ancillary, SendFlags::empty()).map(|_| ())
    }

    /// The filter's process.
    pub fn filter(&mut self) -> &mut Child {
        &mut self.filter
    }

    /// Has the filter write all that is in the pipes, and waits until it has.
    pub fn drain(&mut self) -> Answer {
        match self.socket.write_all(&[DRAIN]) {
            Ok(()) => self.answer(),
            Err(_) => Answer::Gone,
        }
    }

    fn answer(&mut self) -> Answer {
        let mut word = [0];
        match self.socket.read_exact(&mut word).map(|()| word[0]) {
            Ok(READY) => Answer::Ready,
            Ok(FAILED) => {
                let mut reason = String::new();
                let _ = self.socket.read_to_string(&mut reason);
                Answer::Failed(reason)
            }
            _ => Answer::Gone,
        }
    }
}

/// What the filter says.
pub enum Answer {
    /// It can work; or all is written.
    Ready,
    /// It could not, and why.
    Failed(String),
    /// Nothing: it is gone.
    Gone,
}

/// The filter's end.
pub struct Ear {
    socket: UnixStream,
}

/// What the prefix says.
pub enum Word {
    /// The shell has ended.
    Drain,
    /// By what values are known.
    Known(String),
    /// Nothing: it is gone, or has become the shell.
    Gone,
}

impl Ear {
    /// From standard input, with the pipes that come first and what is known.
    pub fn open() -> std::io::Result<(Self, Vec<OwnedFd>, String)> {
        let socket = UnixStream::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?);
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut word = [0];
        let got = recvmsg(&socket, &mut [IoSliceMut::new(&mut word)], &mut ancillary, RecvFlags::empty())?;
        let pipes: Vec<OwnedFd> = ancillary
            .drain()
            .filter_map(|message| match message {
                RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
                _ => None,
            })
            .flatten()
            .collect();
        let whole = got.bytes == 1 && word == [PIPES] && !got.flags.contains(ReturnFlags::CTRUNC);
        if !whole || pipes.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let mut ear = Self { socket };
        let known = ear.known()?;
        Ok((ear, pipes, known))
    }

    /// Says that the filter can work, or that all is written.
    pub fn ready(&mut self) {
        let _ = self.socket.write_all(&[READY]);
    }

    /// Says that the filter cannot work, or could not.
    pub fn failed(&mut self, reason: &str) {
        let _ = self.socket.write_all(&[FAILED]).and_then(|()| self.socket.write_all(reason.as_bytes()));
    }

    /// What the prefix says next; waits for it.
    pub fn hear(&mut self) -> Word {
        let mut word = [0];
        match self.socket.read_exact(&mut word) {
            Ok(()) if word == [DRAIN] => Word::Drain,
            Ok(()) if word == [KNOWN] => self.known().map_or(Word::Gone, Word::Known),
            _ => Word::Gone,
        }
    }

    fn known(&mut self) -> std::io::Result<String> {
        let mut length = [0; 4];
        self.socket.read_exact(&mut length)?;
        let mut known = String::new();
        let length = u32::from_be_bytes(length);
        let read = (&self.socket).take(length.into()).read_to_string(&mut known)?;
        if u32::try_from(read) == Ok(length) { Ok(known) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl AsFd for Ear {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Starts the filter and ends, so that the filter is no child of the command.
pub fn detach(arguments: &[OsString]) -> Result<ExitCode, Refusal> {
    let started = Command::new(this_executable()).arg0(Role::Filter.name()).args(arguments).spawn();
    started.map(|_| ExitCode::SUCCESS).map_err(Refusal::system("starting the filter"))
}
