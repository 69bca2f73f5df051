//! `stanch install` and `stanch uninstall`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use hooks::Agent;
use install::plan::SecretFiles;
use install::registration::SECRET_FILES;
use install::verify::Trouble;
use install::verify::registered::Registered;
use install::{Place, Plan};
use similar::TextDiff;

use crate::args::{self, Install, Uninstall};
use crate::{ask, session};

/// Puts stanch in place.
pub fn install(how: &Install) -> anyhow::Result<ExitCode> {
    let place = place(how.agent, &how.whose)?;
    let from = match &how.from {
        Some(folder) => folder.clone(),
        None => beside()?,
    };
    if how.deny_secret_files && !place.agent.form.prefix {
        bail!("--deny-secret-files is for Claude Code: {} has no such rules", place.agent.title);
    }
    let files = if how.deny_secret_files { SecretFiles::Denied } else { SecretFiles::Unchanged };
    let plan = Plan::install(&place, place.agent.entries(), files)?;
    show(&plan)?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "executables: {} -> {}", from.display(), place.bin().display())?;
    for lack in place.agent.lacks {
        writeln!(stdout, "note: {lack}")?;
    }
    if place.agent.form.prefix && !how.deny_secret_files {
        writeln!(stdout, "(--deny-secret-files would also deny {})", SECRET_FILES.join(", "))?;
    }
    if how.dry_run || !agreed(how.yes, "Install?")? {
        return nothing_done();
    }
    plan.put_in_place(&from)?;
    let how =
        if plan.changes_settings() { "installed" } else { "was installed already; the executables are up to date" };
    writeln!(
        stdout,
        "{how}: {}. Sessions that are open go on without it: start them anew.",
        plan.settings().display()
    )?;
    if let Some(trouble) = not_in_force(&place)? {
        writeln!(stdout, "NOT in force yet: {}\n  -> {}", trouble.why, trouble.mend)?;
    }
    let takes_away = place.agent.install(place.whose).replace("stanch install", "stanch uninstall");
    writeln!(stdout, "`{takes_away}` takes it away again.")?;
    if !plugins(place.agent.agent)?.is_empty() {
        writeln!(stdout, "a plugin registers stanch, too: its hooks stand down where these run.")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Why the agent does not run what was installed, if it does not.
fn not_in_force(place: &Place) -> anyhow::Result<Option<Trouble>> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    let files = (place.agent.files)(&folder)?;
    let all = Registered::all(&files);
    let mut ours = all.iter().filter(|r| r.file.path == place.settings && r.hook().is_some());
    Ok(ours.find_map(|r| (place.agent.withheld)(&files, r)))
}

/// Takes stanch away.
pub fn uninstall(how: &Uninstall) -> anyhow::Result<ExitCode> {
    let place = place(how.agent, &how.whose)?;
    let plan = Plan::uninstall(&place, place.agent.entries())?;
    show(&plan)?;
    if how.dry_run || !agreed(how.yes, "Take stanch away?")? {
        return nothing_done();
    }
    plan.take_away()?;
    let done = if plan.changes_settings() { "taken out of" } else { "nothing of stanch was in" };
    writeln!(io::stdout(), "{done} {}", plan.settings().display())?;
    for plugin in plugins(how.agent)? {
        writeln!(io::stdout(), "{plugin}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is to be said of plugins of stanch's that are on here.
fn plugins(agent: Agent) -> anyhow::Result<Vec<String>> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    Ok(install::verify::plugins::left(&(install::agent::of(agent).files)(&folder)?))
}

fn place(agent: Agent, whose: &args::Whose) -> anyhow::Result<Place> {
    let folder = std::env::current_dir().context("the current folder cannot be told")?;
    let whose = match (whose.project, whose.managed) {
        (true, _) => install::place::Whose::Project,
        (_, true) => install::place::Whose::Managed,
        _ => install::place::Whose::User,
    };
    Place::of(agent, whose, &folder)
}

/// The folder of this executable.
pub fn beside() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().and_then(|path| path.canonicalize());
    let this = this.context("this executable cannot be found; name the folder with --from")?;
    Ok(this.parent().unwrap_or(&this).to_owned())
}

/// Prints what would change.
fn show(plan: &Plan<'_>) -> anyhow::Result<()> {
    let (before, after) = plan.texts();
    let mut stdout = io::stdout().lock();
    if plan.changes_settings() {
        let named = plan.settings().display().to_string();
        let diff = TextDiff::from_lines(before, after);
        let diff = diff.unified_diff().context_radius(2).header(&named, &named).to_string();
        // What stands beside the change may be a key.
        write!(stdout, "{}", session::redacted(&diff)?)?;
    } else {
        writeln!(stdout, "{}: nothing to change", plan.settings().display())?;
    }
    for note in &plan.notes {
        writeln!(stdout, "note: {note}")?;
    }
    Ok(())
}

/// Whether the person agrees; nobody is asked where nobody can answer.
fn agreed(yes: bool, question: &str) -> anyhow::Result<bool> {
    if yes || !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(true);
    }
    ask::agreed(io::stdout(), question)
}

fn nothing_done() -> anyhow::Result<ExitCode> {
    writeln!(io::stdout(), "nothing was changed")?;
    Ok(ExitCode::SUCCESS)
}
