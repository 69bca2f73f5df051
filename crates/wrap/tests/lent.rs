//! A stand-in that is lent something. The test plays the client and its broker.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::os::unix::fs::symlink;
use std::process::{Command, Output};
use std::sync::{Mutex, mpsc};

use stand_in::Broker;
use wire::{Answer, Ask, File, Handed, Lent, Way};

/// A process has one broker at a time.
static ONE_BROKER: Mutex<()> = Mutex::new(());

/// That the value is lent, in a variable, to a program that is called `sh`.
fn lent(value: &str, program: &str) -> (Answer, Vec<String>) {
    let way = Way::Environment { name: "MADE_UP".to_owned() };
    let handed = vec![Handed { credential: "made-up".to_owned(), way }];
    (
        Answer::Lent(Lent { handed, why_not: None, program: program.into(), file: None, environment: Vec::new() }),
        vec![value.to_owned()],
    )
}

/// Runs a text through the stand-in of `sh`.
fn sh(text: &str, variable: (&str, &str)) -> Output {
    let folder = tempfile::tempdir().unwrap();
    symlink(env!("CARGO_BIN_EXE_stanch-wrap"), folder.path().join("sh")).unwrap();
    let mut tool = Command::new(folder.path().join("sh"));
    let tool = tool.args(["-c", text]).env_clear().env("PATH", "/usr/bin:/bin").env(variable.0, variable.1);
    tool.output().unwrap()
}

#[test]
fn a_tool_that_has_a_credential_leaves_no_core() {
    let _one = ONE_BROKER.lock();
    let value = format!("made-up-{}", std::process::id());
    let lends = value.clone();
    let broker = Broker::start(move |_, _| lent(&lends, "/bin/sh"));
    let tool = sh("echo \"$MADE_UP\"; grep 'core file' /proc/self/limits | tr -s ' '", ("LINES", "1"));
    drop(broker);
    let said = String::from_utf8(tool.stdout).unwrap();
    // Nothing, where the machine allows none anyway.
    let limits = ["1 1", "0 0"].map(|limit| format!("{value}\nMax core file size {limit} bytes"));
    assert!(limits.iter().any(|limit| said.trim_end() == limit), "{said}");
}

#[test]
fn the_broker_is_told_of_what_was_lent_and_not_run() {
    let _one = ONE_BROKER.lock();
    let (sender, told) = mpsc::channel();
    let broker = Broker::start(move |_, ask| match ask {
        Ask::Tool(tool) => {
            let (mut answer, values) = lent("made-up", if tool.words[2] == "gone" { "/no/sh" } else { "/bin/sh" });
            if let Answer::Lent(lent) = &mut answer {
                let seen = if tool.words[2] == "other" { "/bin/cat" } else { "/bin/sh" };
                lent.file = File::of(seen.as_ref()).filter(|_| tool.words[2] != "gone");
            }
            (answer, values)
        }
        Ask::Declined { why } => {
            let _ = sender.send(why);
            (Answer::Done, Vec::new())
        }
        _ => panic!("another question"),
    });
    for (text, variable, why) in [
        ("true", ("AWS_PROFILE", "x"), "the command sets AWS_PROFILE"),
        ("gone", ("LINES", "1"), "it cannot be started"),
        ("other", ("LINES", "1"), "is not the file that it was a moment ago"),
    ] {
        let tool = sh(text, variable);
        let said = String::from_utf8(tool.stderr).unwrap();
        assert!(tool.status.code() == Some(126) && said.contains(why), "{said}");
        let told = told.try_recv().unwrap();
        assert!(told.contains(why), "{told}");
    }
    drop(broker);
}
