//! Who reads the output, and how: told by the descriptors that the prefix is started with.
//!
//! A Bash tool call (foreground, background, `!`) has one regular file on both; a monitor, a hook and an MCP server have
//! sockets.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{FileType, fstat};
use rustix::stdio::{stderr, stdout};

use crate::Refusal;

/// How the output is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// From a file, when the prefix has ended.
    FileAtExit,
    /// From a socket or a pipe, to its end.
    AsItComes,
}

/// Who started the prefix.
pub struct Caller {
    /// How the output is read.
    pub reads: Reads,
    /// Both descriptors are one file: their order in it is to be kept.
    pub one_stream: bool,
    /// The process group, if the prefix leads it: the command and nothing else is in it.
    pub own_group: Option<rustix::process::Pid>,
}

impl Caller {
    /// Looks at the descriptors of this process.
    pub fn look() -> Result<Self, Refusal> {
        let out = fstat(stdout()).map_err(Refusal::system("looking at standard output"))?;
        let err = fstat(stderr()).map_err(Refusal::system("looking at standard error"))?;
        let is_file = FileType::from_raw_mode(out.st_mode) == FileType::RegularFile;
        let group = rustix::process::getpgrp();
        Ok(Self {
            reads: if is_file { Reads::FileAtExit } else { Reads::AsItComes },
            one_stream: (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino),
            own_group: (group == rustix::process::getpid()).then_some(group),
        })
    }
}

/// The agent's ends of the streams: standard output, and standard error unless both are one.
pub(crate) fn ends(one_stream: bool) -> Vec<BorrowedFd<'static>> {
    let both = [stdout(), stderr()];
    both[..if one_stream { 1 } else { 2 }].to_vec()
}

/// A pipe for each stream: the ends to read from, and the ends for the command's standard output and standard error.
pub(crate) struct Pipes {
    pub readers: Vec<std::io::PipeReader>,
    pub out: std::io::PipeWriter,
    pub err: std::io::PipeWriter,
}

impl Pipes {
    pub fn new(one_stream: bool) -> Result<Self, Refusal> {
        let new = || {
            let (reader, writer) = std::io::pipe().map_err(Refusal::system("making a pipe"))?;
            widen(reader.as_fd());
            Ok((reader, writer))
        };
        let (reader, out) = new()?;
        if one_stream {
            let err = out.try_clone().map_err(Refusal::system("making a pipe"))?;
            return Ok(Self { readers: vec![reader], out, err });
        }
        let (second, err) = new()?;
        Ok(Self { readers: vec![reader, second], out, err })
    }
}

/// A command that writes fast waits less often.
#[cfg(target_os = "linux")]
fn widen(pipe: BorrowedFd<'_>) {
    const ROOM: usize = 256 << 10;
    // A user may have only so much: the usual room does too.
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, ROOM);
}

#[cfg(not(target_os = "linux"))]
fn widen(_: BorrowedFd<'_>) {}

/// The null device.
pub(crate) fn null() -> std::io::Result<File> {
    File::options().read(true).write(true).open("/dev/null")
}
