//! One file a command.

mod allow;
mod audit;
mod completions;
mod config;
mod credentials;
mod doctor;
mod hook_test;
mod import;
mod install;
mod man;
mod pause;
mod plugin;
mod policy;
mod redact;
mod rules;
mod run;
mod scan;
mod status;
mod stop;
mod verify;

use std::process::ExitCode;

use crate::args::{Args, Command};

/// Runs the command that was asked for; the exit code says what was found, an error what went wrong.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Redact(how) => redact::run(&how),
        Command::HookTest(how) => hook_test::run(&how),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { folder } => man::run(folder.as_deref()),
        Command::Rules(what) => rules::run(what),
        Command::Install(how) => install::install(&how),
        Command::Plugin(what) => plugin::run(what),
        Command::Doctor(how) => doctor::run(&how),
        Command::Status => status::run(),
        Command::Verify(how) => verify::run(&how),
        Command::Pause(how) => pause::run(&how),
        Command::Resume => pause::resume(),
        Command::ProbeServer { answers, notes } => verify::serve(&answers, &notes),
        Command::Run { command } => run::run(&command),
        Command::Uninstall(how) => install::uninstall(&how),
        Command::Config(what) => config::run(&what),
        Command::Policy(what) => policy::run(&what),
        Command::Audit(what) => audit::run(&what),
        Command::Allow(what) => allow::run(&what),
        Command::Store(what) => credentials::store(&what),
        Command::List(what) => credentials::list(&what),
        Command::Stop { client } => stop::run(client),
        Command::Forget { name } => credentials::forget(&name),
        Command::Scan(how) => scan::run(&how),
    }
}
