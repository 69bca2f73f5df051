//! `stanch verify`: whether what is installed works here.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use hooks::Agent;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use install::verify::files::Files;
use install::verify::live::{self, How};
use install::verify::{Report, Row, Trouble};
use scrub::Scanner;
use serde_json::json;

use super::pause;
use crate::args::Verify;
use crate::session;

/// Sends a probe every way and says which are covered.
pub fn run(how: &Verify) -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    let files = (install::agent::of(how.agent).files)(&folder)?;
    if how.live && how.agent != Agent::ClaudeCode {
        bail!(
            "--live starts Claude Code alone; `stanch verify --agent {}` tries the hooks by themselves",
            how.agent.name()
        );
    }
    // Its owner's alone, and gone at the end.
    let private = tempfile::Builder::new().prefix("stanch-verify-").tempdir().context("making a temporary folder")?;
    let private_folder = private.path().canonicalize().context("the temporary folder cannot be told")?;
    let mut report = install::verify::verify(&files, &private_folder, &probe()?, how.client.as_deref())?;
    if how.live {
        with_client(&mut report, &files, &private_folder, how)?;
    }
    // The probes went past it: it is the user's, and they are in a private folder.
    let paused = pause::state().map(|(why, mend)| Trouble { why, mend: mend.to_owned() });
    let first = paused.as_ref().map(|paused| format!("wrong\n{}\n", told(paused))).unwrap_or_default();
    report.faults.extend(paused);
    report.faults.rotate_right(usize::from(!first.is_empty()));
    let said = if how.json { as_json(&report)? } else { first + &as_table(&report, &files, &folder) };
    // What stands in settings may be a key.
    let said = session::redacted(&said)?;
    let mut stdout = BufWriter::new(io::stdout().lock());
    stdout.write_all(said.as_bytes())?;
    stdout.flush()?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Starts the client, and shows on a terminal what is tried.
fn with_client(report: &mut Report, files: &Files, private: &Path, how: &Verify) -> anyhow::Result<()> {
    let stanch = std::env::current_exe().context("this executable cannot be found")?;
    let bar = match io::stderr().is_terminal() {
        true => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
        false => ProgressBar::hidden(),
    };
    bar.set_style(
        ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}").unwrap_or(ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(120));
    let found = live::add(
        report,
        files,
        private,
        &How {
            client: how.client.as_deref(),
            stanch: &stanch,
            other_hooks: how.other_hooks,
            limit: Duration::from_secs(how.limit),
            probe: &probe,
            progress: &|what| bar.set_message(what.to_owned()),
        },
    );
    bar.finish_and_clear();
    found
}

/// The MCP server that the client is given.
pub fn serve(answers: &Path, notes: &Path) -> anyhow::Result<ExitCode> {
    endpoint::mcp::Answers::read(answers, notes)?.serve(io::stdin().lock(), io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// A token as GitHub makes them, that opens nothing: made now, never shown.
fn probe() -> anyhow::Result<String> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let scanner = Scanner::builtin()?;
    for _ in 0..16 {
        let mut random = [0u8; 36];
        getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
        let value: String = random.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
        let probe = format!("ghp_{value}");
        if !scanner.findings(format!("GITHUB_TOKEN={probe}").as_bytes())?.is_empty() {
            return Ok(probe);
        }
    }
    bail!("the rules do not find a probe; please report this")
}

fn as_json(report: &Report) -> anyhow::Result<String> {
    let mut said = serde_json::to_value(report)?;
    said["covered"] = json!(report.is_clean());
    for list in ["paths", "live"] {
        for row in said[list].as_array_mut().into_iter().flatten() {
            row["covered"] = json!(row["why"].is_null());
        }
    }
    Ok(format!("{said:#}\n"))
}

fn as_table(report: &Report, files: &Files, folder: &Path) -> String {
    let named: Vec<String> = files.files.iter().map(|file| file.path.display().to_string()).collect();
    let named = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
    let mut said = format!("{} in {}\nsettings: {named}\n\n", files.agent.title, folder.display());
    said.extend(report.paths.iter().map(line));
    if !report.live.is_empty() {
        said.push_str("\nwith the client itself\n");
        said.extend(report.live.iter().map(line));
    }
    for fault in &report.faults {
        said.push_str(&format!("\nwrong\n{}", told(fault)));
    }
    said.push('\n');
    for note in &report.notes {
        said.push_str(&format!("note: {note}\n"));
    }
    let all: Vec<&Row> = report.paths.iter().chain(&report.live).collect();
    let covered = all.iter().filter(|row| row.trouble.is_none()).count();
    said.push_str(&format!("\n{covered} of {} ways are covered; {} wrong besides\n", all.len(), report.faults.len()));
    said
}

fn line(Row { path, by, trouble }: &Row) -> String {
    match trouble {
        None => format!("covered      {path:<52}  {by}\n"),
        Some(trouble) => format!("NOT covered  {path:<52}  {by}\n{}", told(trouble)),
    }
}

fn told(Trouble { why, mend }: &Trouble) -> String {
    format!("             {why}\n             -> {mend}\n")
}
