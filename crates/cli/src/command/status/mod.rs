//! `stanch status`: one screen of what is installed here and what it has done.

#[cfg(unix)]
mod brokers;
mod record;

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use install::Place;
use install::agent;
use install::binaries;
use install::place::Whose;
use install::record::Records;
use install::registration::{self, PREFIX, SHELL};
use install::verify::files::{File, Files, Origin};
use install::verify::plugins;
use install::verify::registered::Registered;
use scrub::Table;

use super::pause;
use crate::session;

/// Says it.
pub fn run() -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    let rules = Table::builtin().context("the compiled rules are damaged; install stanch again")?;
    let paused = pause::state().map(|(what, mend)| format!("! {what}\n  -> {mend}\n\n")).unwrap_or_default();
    let mut said = format!("{paused}stanch {} ({} rules)\n\n", env!("CARGO_PKG_VERSION"), rules.count());
    let (mut anywhere, mut broken) = (false, String::new());
    for agent in agent::ALL {
        let files = (agent.files)(&folder)?;
        let all = Registered::all(&files);
        for file in &files.files {
            if let Some(lines) = installed(&files, file, &all)? {
                anywhere = true;
                said.push_str(&lines);
            }
        }
        said.push_str(&of_plugins(&files, &all));
        broken.extend(files.broken.iter().map(|what| format!("! {what}\n")));
    }
    if !anywhere {
        said.push_str(
            "not installed: no settings file that an agent reads in this folder names it (`stanch install`)\n",
        );
    }
    said.push_str(&broken);
    let files = (agent::of(hooks::Agent::ClaudeCode).files)(&folder)?;
    if files.prefix().is_some() || Registered::all(&files).iter().any(|r| r.hook().is_some()) {
        said.push_str(&prefix(&files));
    }
    #[cfg(unix)]
    {
        let told = brokers::told();
        said.push_str(&brokers::of_configuration(&told));
        said.push_str(&told);
    }
    said.push('\n');
    said.push_str(&record::told(&config::places::project(&folder))?);
    if anywhere {
        said.push_str("\n`stanch verify` tries whether it works.\n");
    }
    // What stands in settings may be a key.
    let said = session::redacted(&said)?;
    let mut stdout = BufWriter::new(io::stdout().lock());
    stdout.write_all(said.as_bytes())?;
    stdout.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What one settings file has of stanch, if anything.
fn installed(files: &Files, file: &File, all: &[Registered<'_>]) -> anyhow::Result<Option<String>> {
    let (agent, entries) = (files.agent, files.agent.entries());
    let ours: Vec<_> = all.iter().filter(|r| r.file.path == file.path && r.hook().is_some()).collect();
    let Some(first) = ours.first() else { return Ok(None) };
    let there = |event: &str| ours.iter().any(|r| r.event == event && r.hook().is_some_and(|e| e.event == event));
    let missing: Vec<&str> = entries.iter().filter(|e| !there(e.event)).map(|e| e.hook).collect();
    let whose = if file.origin == Origin::Managed { Whose::Managed } else { Whose::User };
    let home = Place::of(agent.agent, whose, &files.folder)?.home;
    let version = Records::read(&home).ok().and_then(|records| Some(records.of(&file.path)?.version.clone()));
    let by = version.as_ref().map_or_else(|| "by hand".to_owned(), |version| format!("by stanch {version}"));
    let bin = first.folder().unwrap_or_default();
    let mut said = match &file.plugin {
        Some(plugin) => {
            let version = plugin_version(&plugin.root).unwrap_or_else(|| "of no version".to_owned());
            format!("{}: registered by the plugin {} {version}, from {}\n", agent.title, plugin.id, bin.display())
        }
        None => format!("{}: installed in {} {by}, from {}\n", agent.title, file.path.display(), bin.display()),
    };
    said.push_str(&match missing[..] {
        [] => format!("  all {} hooks are registered\n", entries.len()),
        _ => format!("! not registered: {} (`{}`)\n", missing.join(", "), agent.again(file.origin)),
    });
    let shell = agent.form.prefix.then_some(SHELL);
    let gone = binaries::missing(&bin, entries.iter().map(|entry| entry.hook).chain(shell).chain(["stanch"]));
    if !gone.is_empty() {
        let what = if gone.len() > 3 { format!("{} executables", gone.len()) } else { gone.join(", ") };
        let stops = agent.agent == hooks::Agent::ClaudeCode;
        let then = if stops { "the client stops what they are for" } else { "what they are for is not looked at" };
        let mend = "`stanch doctor --repair`; README.md has the way by hand";
        said.push_str(&format!("! not in {}: {what}; {then} ({mend})\n", bin.display()));
    }
    let own = env!("CARGO_PKG_VERSION");
    if version.is_some_and(|version| version != own) {
        said.push_str(&format!("! this is stanch {own} (`stanch doctor` looks which is older)\n"));
    }
    let troubles: Vec<_> = ours.iter().filter_map(|r| (agent.withheld)(files, r)).collect();
    if let Some(first) = troubles.first() {
        let they = if troubles.len() == ours.len() { "they do not run" } else { "not all of them run" };
        said.push_str(&format!("! {they}: {}\n  -> {}\n", first.why, first.mend));
    }
    Ok(Some(said))
}

/// What else there is to say of plugins.
fn of_plugins(files: &Files, all: &[Registered<'_>]) -> String {
    let mut said = String::new();
    for plugin in files.plugins.iter().filter(|plugin| plugin.is_stanch() && !plugin.on) {
        said.push_str(&format!("the plugin {} is switched off by {}\n", plugin.id, plugin.by.display()));
    }
    for trouble in plugins::troubles(files) {
        said.push_str(&format!("! {}\n  -> {}\n", trouble.why, trouble.mend));
    }
    let ours = || all.iter().filter(|r| r.hook().is_some());
    if ours().any(|r| r.file.plugin.is_some()) && ours().any(|r| r.file.plugin.is_none()) {
        said.push_str("registered twice: where settings run a hook of the same version, the plugin's stands down\n");
    }
    said
}

fn plugin_version(root: &Path) -> Option<String> {
    let text = std::fs::read(root.join(".claude-plugin/plugin.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&text).ok()?;
    Some(manifest["version"].as_str()?.to_owned())
}

/// Who stands before every command.
fn prefix(files: &Files) -> String {
    match files.prefix() {
        Some((file, prefix)) if registration::is_prefix(prefix) => {
            format!("commands run behind stanch-shell ({})\n", file.line(PREFIX))
        }
        Some((file, _)) => format!("! commands run behind another prefix ({})\n", file.line(PREFIX)),
        None => "commands run without stanch-shell: no settings file names it\n".to_owned(),
    }
}
