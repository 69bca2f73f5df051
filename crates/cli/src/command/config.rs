//! `stanch config`: where the configuration lies and what it says.

use std::io::{self, Write};
use std::process::ExitCode;

use config::Setting;
use vault::Vault;

use crate::args::Config;
use crate::session;

/// Shows or checks the configuration of the current folder.
pub fn run(what: &Config) -> anyhow::Result<ExitCode> {
    let config = session::config()?;
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    for (path, is_there) in config.files() {
        let there = if is_there { "" } else { " (not there)" };
        writeln!(stdout, "# {}{there}", path.display())?;
    }
    match what {
        Config::Check => {
            config.rules().check()?;
            config.lend()?;
            Vault::new(super::credentials::environment()?, &config.sources())?;
            writeln!(stdout, "ok")?;
        }
        Config::Show { effective: false } => {
            show(&mut stdout, config.settings().iter())?;
            show(&mut stdout, lend(&config)?.iter())?;
        }
        Config::Show { effective: true } => {
            show(&mut stdout, config.tools().iter())?;
            let settings = config.settings();
            let others = settings.iter().filter(|s| !s.text.starts_with("redact.tools.") || s.ignored.is_some());
            show(&mut stdout, others)?;
            show(&mut stdout, lend(&config)?.iter())?;
            for rule in config.rules().labels() {
                writeln!(stdout, "{:<56}  # a rule of your own: {}", rule.id, rule.source)?;
            }
        }
    }
    stdout.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What is said of credentials. A value may have come into a wrong place there: what reads as a secret is not shown.
fn lend(config: &config::Config) -> anyhow::Result<Vec<Setting>> {
    let redacted = |setting: Setting| Ok(Setting { text: session::redacted(&setting.text)?, ..setting });
    config.lend()?.settings().map(redacted).collect()
}

fn show<'s>(out: &mut impl Write, settings: impl Iterator<Item = &'s Setting>) -> io::Result<()> {
    for setting in settings {
        match setting.ignored {
            None => writeln!(out, "{:<56}  # {}", setting.text, setting.source)?,
            Some(why) => writeln!(out, "# ignored: {}  # {}: {why}", setting.text, setting.source)?,
        }
    }
    Ok(())
}
