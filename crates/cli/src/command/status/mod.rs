//! `stanch status`: one screen of what is installed here and what it has done.

mod record;

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use install::Place;
use install::place::{Whose, managed_settings};
use install::record::Records;
use install::registration::{self, CLAUDE_CODE, PREFIX};
use install::verify::files::{File, Files, Origin};
use install::verify::registered::Registered;
use scrub::Table;

use crate::session;

/// Says it.
pub fn run() -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    let user = Place::of_claude_code(Whose::User, &folder)?;
    let managed = Place::of_claude_code(Whose::Managed, &folder)?;
    let files = Files::read(&managed_settings(), &user.settings, &folder);
    let rules = Table::builtin().context("the compiled rules are damaged; install stanch again")?;
    let mut said = format!("stanch {} ({} rules)\n\n", env!("CARGO_PKG_VERSION"), rules.count());
    let all = Registered::all(&files);
    let mut anywhere = false;
    for file in &files.files {
        let home = if file.origin == Origin::Managed { &managed.home } else { &user.home };
        if let Some(lines) = installed(&files, file, &all, home) {
            anywhere = true;
            said.push_str(&lines);
        }
    }
    if !anywhere {
        said.push_str(
            "not installed: no settings file that the client reads in this folder names it (`stanch install`)\n",
        );
    }
    for broken in &files.broken {
        said.push_str(&format!("! {broken}\n"));
    }
    said.push_str(&prefix(&files));
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
fn installed(files: &Files, file: &File, all: &[Registered<'_>], home: &Path) -> Option<String> {
    let ours: Vec<_> = all.iter().filter(|r| r.file.path == file.path && r.hook().is_some()).collect();
    let there = |event: &str| ours.iter().any(|r| r.event == event && r.hook().is_some_and(|e| e.event == event));
    let missing: Vec<&str> = CLAUDE_CODE.iter().filter(|e| !there(e.event)).map(|e| e.hook).collect();
    let bin = ours.first()?.folder().unwrap_or_default();
    let version = Records::read(home).ok().and_then(|records| Some(records.of(&file.path)?.version.clone()));
    let by = version.map_or_else(|| "by hand".to_owned(), |version| format!("by stanch {version}"));
    let mut said = format!("installed in {} {by}, from {}\n", file.path.display(), bin.display());
    said.push_str(&match missing[..] {
        [] => format!("  all {} hooks are registered\n", CLAUDE_CODE.len()),
        _ => format!("! not registered: {} (`stanch install`)\n", missing.join(", ")),
    });
    if let Some(why) = files.silenced(file) {
        said.push_str(&format!("! they do not run: {why}\n"));
    }
    Some(said)
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
