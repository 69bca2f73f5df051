//! The command line of `stanch pause`.

use std::time::Duration;

pub(super) const HELP: &str = "\
An agent cannot pause: stanch refuses where one is above it, and the hooks look at the process on Linux; on macOS they see that
it holds its lock. There is no pause on Windows. docs/hooks.md says what that is worth.

What begins in a pause stays as it began: MCP servers and background commands go on unfiltered. What was sent is sent.

Exit status: 0 if there was a pause and it is over, 2 if there was none.

Examples:
  stanch pause       # for ten minutes
  stanch pause 90s
  stanch pause 1h    # the most";

/// Arguments of `pause`.
#[derive(clap::Args)]
pub struct Pause {
    /// How long, at most an hour: `90s`, `10m`, `1h`.
    #[arg(value_name = "TIME", default_value = "10m", value_parser = time)]
    pub time: Duration,
}

fn time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|_| "no time; write it as 90s, 10m or 1h".to_owned())?;
    match time {
        time if time > hooks::pause::LONGEST => Err("no pause is longer than 1h".to_owned()),
        time if time < Duration::from_secs(1) => Err("no pause is shorter than 1s".to_owned()),
        time => Ok(time),
    }
}
