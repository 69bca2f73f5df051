//! What a broker costs a hook: `pre-tool-use` that tells it of a call, and the same that finds none, in turn.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;
use wire::{Answer, Ask, Client, Process, place};

use super::binaries::{Binaries, copied};
use super::machine;
use super::quartiles::Quartiles;

/// Pairs that are thrown away: the first runs read the programs from disk.
const WARM_UP: usize = 10;
const PATIENCE: Duration = Duration::from_secs(5);
/// Something is lent, so that there is a broker; nothing of it is asked for.
const LEND: &str =
    "[lend.made-up]\nsource = \"env:MADE_UP\"\nby = \"env:MADE_UP\"\ntools = [\"true\"]\nrepositories = [\"*\"]\n";

/// Measures and gives the table of `docs/broker.md`.
///
/// # Errors
/// A program is missing, or did not do what it is there for.
pub fn run(pairs: usize) -> anyhow::Result<String> {
    let binaries = Binaries::find()?;
    // Outside of every repository: a home in one is not believed.
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("home");
    fs::create_dir_all(home.join(".config/stanch"))?;
    fs::write(home.join(".config/stanch/config.toml"), LEND)?;
    // They lie beside it.
    for beside in ["stanch-wrap", "stanch-fetch"] {
        copied(beside, &binaries.inputs)?;
    }
    let broker = Broker::start(&copied("stanch-broker", &binaries.inputs)?, &home)?;
    let hook = binaries.other("pre-tool-use")?;
    let mut more = Vec::with_capacity(pairs);
    for number in 0..WARM_UP + pairs {
        let with = |told: bool| {
            broker.listens(told)?;
            once(hook, &home, number)
        };
        // Who comes second finds the machine as the first left it: that falls to both as often.
        let first = with(number % 2 == 0)?;
        let second = with(number % 2 == 1)?;
        more.push(if number % 2 == 0 { first - second } else { second - first });
    }
    broker.listens(true)?;
    let told = broker.calls()?;
    ensure!(told == WARM_UP + pairs, "the broker was told of {told} calls of {}", WARM_UP + pairs);
    let Quartiles { lower, median, upper } =
        Quartiles::of(more.into_iter().skip(WARM_UP)).context("no pair was asked for")?;
    Ok(format!(
        "On {}.\n\n| | target | measured | quartiles |\n| --- | ---: | ---: | ---: |\n| `pre-tool-use` that tells a broker of \
         a call: more than without one, {pairs} pairs | ≤ 0.3 ms | {median:.2} ms | {lower:.2} – {upper:.2} |\n",
        machine::describe()
    ))
}

/// The broker of this process, which plays the client. It ends with it, and before.
struct Broker {
    client: Process,
    socket: PathBuf,
}

impl Broker {
    fn start(program: &Path, home: &Path) -> anyhow::Result<Self> {
        let client = Process::own().context("this process cannot be told")?;
        let output = in_home(program, home).args(["--client", &client.to_string()]).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let folder = place::existing().context("the folder of its socket is gone")?;
        Ok(Self { client, socket: place::socket(&folder, client) })
    }

    /// Whether hooks find it: its socket stands aside otherwise.
    fn listens(&self, found: bool) -> std::io::Result<()> {
        let aside = self.socket.with_extension("aside");
        match (found, self.socket.exists()) {
            (true, false) => fs::rename(aside, &self.socket),
            (false, true) => fs::rename(&self.socket, aside),
            _ => Ok(()),
        }
    }

    fn calls(&self) -> anyhow::Result<usize> {
        match Client::of(self.client, PATIENCE)?.ask(&Ask::Report)?.answer {
            Answer::Report(report) => Ok(report.calls),
            _ => anyhow::bail!("the broker does not say how things stand"),
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.listens(true);
        let _ = Client::of(self.client, PATIENCE).and_then(|mut broker| broker.ask(&Ask::Stop));
    }
}

fn in_home(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").as_deref().unwrap_or(OsStr::new("/bin")));
    command.current_dir(home);
    command
}

/// Milliseconds from before the start of the hook until its end is known.
fn once(hook: &Path, home: &Path, number: usize) -> anyhow::Result<f64> {
    let event = json!({
        "hook_event_name": "PreToolUse", "session_id": "s", "cwd": home, "tool_name": "Bash",
        "tool_use_id": format!("toolu_{number}"), "tool_input": {"command": format!("true {number}")},
    });
    let input = home.join("event.json");
    fs::write(&input, event.to_string())?;
    let mut command = in_home(hook, home);
    command.stdin(fs::File::open(&input)?).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.spawn()?.wait()?;
    let took = start.elapsed();
    ensure!(status.success(), "the hook ended with {status}");
    Ok(took.as_secs_f64() * 1e3)
}
