//! What a broker costs a hook: `pre-tool-use` of a client that has one, and the same of a client that has none, in turn.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;
use wire::{Answer, Ask, Process};

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
    let hook = binaries.other("pre-tool-use")?;
    let mut clients = [Client::start(&home, hook)?, Client::start(&home, hook)?];
    let broker = clients[1].start_broker(&copied("stanch-broker", &binaries.inputs)?)?;
    let mut more = Vec::with_capacity(pairs);
    for number in 0..WARM_UP + pairs {
        let mut took = [0.0; 2];
        // Who comes second finds the machine as the first left it: that falls to both as often.
        for which in [number % 2, 1 - number % 2] {
            took[which] = clients[which].once(number)?;
        }
        more.push(took[1] - took[0]);
    }
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

/// The broker of one of the clients. It ends with it, and before.
struct Broker {
    client: Process,
}

impl Broker {
    fn calls(&self) -> anyhow::Result<usize> {
        match wire::Client::of(self.client, PATIENCE)?.ask(&Ask::Report)?.answer {
            Answer::Report(report) => Ok(report.calls),
            _ => anyhow::bail!("the broker does not say how things stand"),
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = wire::Client::of(self.client, PATIENCE).and_then(|mut broker| broker.ask(&Ask::Stop));
    }
}

/// A process that plays a client: hooks know the broker of the process that started them.
struct Client {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Client {
    fn start(home: &Path, hook: &Path) -> anyhow::Result<Self> {
        // Its broker has the configuration that it was started with.
        let mut own = in_home(&std::env::current_exe()?, home);
        own.arg("--as-client").args([home, hook]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = own.spawn()?;
        let (to, from) = (process.stdin.take().context("is piped")?, process.stdout.take().context("is piped")?);
        Ok(Self { process, to, from: BufReader::new(from) })
    }

    /// Has it start its broker, which nobody else may.
    fn start_broker(&mut self, program: &Path) -> anyhow::Result<Broker> {
        let said = self.told(&program.display().to_string())?;
        ensure!(said == STARTED, "the broker does not start: {said}");
        let client = Process::of(self.process.id().try_into()?).context("the client cannot be told")?;
        Ok(Broker { client })
    }

    /// See [`once`].
    fn once(&mut self, number: usize) -> anyhow::Result<f64> {
        self.told(&number.to_string())?.parse().context("the client has ended")
    }

    fn told(&mut self, what: &str) -> anyhow::Result<String> {
        writeln!(self.to, "{what}")?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Plays a client, until it is told no more.
///
/// # Errors
/// The hook cannot be started, or fails.
pub fn be_client(home: &Path, hook: &Path) -> anyhow::Result<()> {
    for line in std::io::stdin().lines() {
        // The number of a call, or the broker's executable.
        let line = line?;
        let said = match line.parse() {
            Ok(number) => once(hook, home, number)?.to_string(),
            Err(_) => start(Path::new(&line), home)?,
        };
        writeln!(std::io::stdout(), "{said}")?;
    }
    Ok(())
}

const STARTED: &str = "started";

fn start(broker: &Path, home: &Path) -> anyhow::Result<String> {
    let own = Process::own().context("this process cannot be told")?;
    let output = in_home(broker, home).args(["--client", &own.to_string()]).output()?;
    let said = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
    Ok(if output.status.success() { STARTED.to_owned() } else { said })
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
