//! What the session's broker is told of what was taken out. The test is the client, and has the broker's socket itself.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use common::{PREFIX, Run, piped, token};
use wire::{Answer, Ask, By, Redacted};

/// Takes note of all that it is told.
struct Broker {
    _broker: stand_in::Broker,
    told: Receiver<Redacted>,
}

impl Broker {
    fn start() -> Self {
        let (tell, told) = channel();
        let broker = stand_in::Broker::start(move |_, ask| {
            if let Ask::Redacted(redacted) = ask {
                tell.send(redacted).unwrap();
            }
            (Answer::Done, Vec::new())
        });
        Self { _broker: broker, told }
    }

    /// The next: of which process, what, and where.
    fn next(&self) -> (i32, Vec<(String, u64)>, String) {
        let redacted = self.told.recv_timeout(Duration::from_secs(20)).expect("nothing is told");
        assert!(redacted.kept && redacted.how == "redacted");
        let By::Filter(process) = redacted.by else { panic!("it is the filter that tells") };
        (process.pid, redacted.kinds, redacted.place)
    }
}

fn tokens(count: u64) -> Vec<(String, u64)> {
    vec![("github_pat".to_owned(), count)]
}

fn pid(child: &Child) -> i32 {
    child.id().try_into().unwrap()
}

/// One test: the socket is named after the process.
#[test]
fn it_is_told_once_with_counts_and_nothing_when_nothing_was_taken_out() {
    let broker = Broker::start();

    // A command, the last of its tokens in a line without an end: once, and before the prefix has ended.
    let mut run = Run::start("echo $TOKEN; echo see $TOKEN $TOKEN; sleep 0.5; printf %s $TOKEN");
    run.wait();
    let told = broker.told.try_recv().expect("it is told before the command has ended");
    assert!(matches!(told.by, By::Filter(process) if process.pid == pid(&run.child)));
    assert_eq!((told.kinds, told.place), (tokens(4), "output".to_owned()));
    assert!(!run.output().contains(&token()));

    // What outlives the shell: at its own end.
    let mut run = Run::start("echo $TOKEN; (sleep 1; echo $TOKEN) &");
    run.wait();
    for _ in 0..2 {
        assert_eq!(broker.next(), (pid(&run.child), tokens(1), "output".to_owned()));
    }

    // A server: messages are told apart from text, and it is known by its own process.
    let text = "echo $TOKEN; echo $TOKEN >&2; echo \"{\\\"id\\\":1,\\\"a\\\":\\\"$TOKEN\\\"}\"; echo $$";
    let out = String::from_utf8(piped(text).stdout).unwrap();
    let server: i32 = out.lines().last().unwrap().parse().unwrap();
    assert_eq!(broker.next(), (server, tokens(2), "output".to_owned()));
    assert_eq!(broker.next(), (server, tokens(1), "message".to_owned()));

    // A server that goes on: in steps.
    let mut command = Command::new(PREFIX);
    command.arg("exec cat").env("SHELL", "/bin/bash").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut to = child.stdin.take().unwrap();
    for _ in 0..3 {
        writeln!(to, "{}", token()).unwrap();
    }
    assert_eq!(broker.next(), (pid(&child), tokens(3), "output".to_owned()));
    drop(to);
    child.wait().unwrap();

    assert_eq!(String::from_utf8(piped("echo nothing").stdout).unwrap(), "nothing\n");
    assert!(broker.told.recv_timeout(Duration::from_millis(500)).is_err(), "nothing was taken out");

    // Where a broker does not answer, nothing is run; where there is none, nothing is changed.
    drop(broker);
    let silent = stand_in::Broker::silent();
    let server = piped("echo ran; exit 3");
    assert_eq!((server.status.code(), server.stdout.as_slice()), (Some(126), &b""[..]));
    let mut run = Run::start("echo ran; exit 3");
    assert_eq!(run.wait().code(), Some(126));
    assert!(
        run.output().contains("the session's broker does not answer") && !run.output().contains("ran\n"),
        "{}",
        run.output()
    );
    drop(silent);
    let mut run = Run::start("echo $TOKEN; exit 3");
    assert_eq!((run.wait().code(), run.output()), (Some(3), "stanch_github_pat\n".to_owned()));
}
