//! `stanch status` and `stanch stop`, with a broker that runs.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use common::Home;

/// A process that plays the client; it ends with the test, whatever fails.
struct Client(Child);

impl Client {
    /// With a broker that has that value to lend: a shell that starts it, as `stanch run` does, and becomes something else.
    fn with_broker(home: &Home, value: &str) -> Self {
        home.write("app/README.md", "");
        home.write(".config/stanch/config.toml", LEND);
        let start = "\"$0\" --client \"$$-$(cut -d' ' -f22 /proc/$$/stat)\" && echo started && exec sleep 600";
        let mut shell = home.command("sh");
        shell.arg("-c").arg(start).arg(common::built().join("stanch-broker")).env("STANCH_MADE_UP", value);
        let mut client = Self(shell.current_dir(home.path().join("app")).stdout(Stdio::piped()).spawn().unwrap());
        let mut said = String::new();
        BufReader::new(client.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "started\n");
        client
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }

    /// With its start time, as the broker is told of it.
    fn process(&self) -> wire::Process {
        wire::Process::of(i32::try_from(self.0.id()).unwrap()).unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const LEND: &str = "[lend.made-up]\nsource = \"env:STANCH_MADE_UP\"\nby = \"env:MADE_UP\"\ntools = [\"true\"]\nrepositories = [\"*\"]\n";

#[test]
fn status_shows_a_broker_and_stop_ends_it() {
    let home = Home::new();
    let value = format!("{:x}-of-this-run", std::process::id());
    let client = Client::with_broker(&home, &value);

    let (code, said) = common::stanch(home.path(), &["status"]);
    let line = said.lines().find(|line| line.starts_with(&format!("broker of client {} (", client.pid()))).unwrap();
    assert!(line.ends_with("0 sessions, 0 calls under way, 0 credentials lent"), "{line}");
    assert!(said.contains("  made-up: ") && code == 0, "{said}");
    assert!(!said.contains(&value), "{said}");

    let (code, said) = common::stanch(home.path(), &["stop", "--client", &client.pid()]);
    assert_eq!((code, said.contains("its session is lent nothing more")), (0, true), "{said}");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while common::stanch(home.path(), &["status"]).1.contains(&format!("broker of client {}", client.pid())) {
        assert!(std::time::Instant::now() < end, "the broker goes on");
    }
    let (code, said) = common::stanch(home.path(), &["stop", "--client", &client.pid()]);
    assert_eq!((code, said), (1, format!("no broker runs for client {}\n", client.pid())));
}

#[test]
fn stop_ends_a_broker_that_does_not_answer() {
    let home = Home::new();
    let client = Client::with_broker(&home, "made-up");
    let patience = std::time::Duration::from_secs(20);
    let broker = wire::Client::of(client.process(), patience).unwrap().listener().unwrap();
    let process = wire::Process::of(broker.as_raw_pid()).unwrap();
    rustix::process::kill_process(broker, rustix::process::Signal::STOP).unwrap();
    let (code, said) = common::stanch(home.path(), &["stop", "--client", &client.pid()]);
    let wanted = format!(
        "the broker of client {} did not answer and was killed; its session is lent nothing more\n",
        client.pid()
    );
    assert_eq!((code, said), (0, wanted));
    let end = std::time::Instant::now() + patience;
    while process.is_alive() {
        assert!(std::time::Instant::now() < end, "the broker goes on");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
