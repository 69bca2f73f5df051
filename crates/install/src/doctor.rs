//! What is wrong with an installation or a plugin, and what of it can be mended by installing once more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use hooks::Agent;

use crate::agent::{self, Description};
use crate::place::{Place, Whose};
use crate::plan::{Plan, SecretFiles};
use crate::record::Records;
use crate::registration::SHELL;
use crate::verify::files::{File, Files};
use crate::verify::plugins;
use crate::verify::process::Stage;
use crate::verify::registered::{Registered, is_in_project};
use crate::{plugin, settings};

/// Something that is wrong.
pub struct Ailment {
    /// What, and where.
    pub what: String,
    /// What to do by hand.
    pub mend: String,
    /// What `--repair` does about it, if it can.
    pub repair: Option<Repair>,
}

/// What can be done about an ailment.
#[derive(Clone, PartialEq, Eq)]
pub enum Repair {
    /// The record of what was installed is put aside, for it cannot be read.
    PutAside(PathBuf),
    /// Executables and entries are installed again.
    Install(Agent, Whose),
}

/// What is wrong in a session's folder: executables, the settings that name them, the record of what was installed.
///
/// # Errors
/// The user has no home.
pub fn examine(folder: &Path, private: &Path) -> anyhow::Result<Vec<Ailment>> {
    let (mut wrong, mut homes) = (Vec::new(), BTreeSet::new());
    for agent in agent::ALL {
        wrong.extend(examine_agent(agent, folder, private, &mut homes)?);
    }
    Ok(wrong)
}

fn examine_agent(
    agent: &'static Description,
    folder: &Path,
    private: &Path,
    homes: &mut BTreeSet<PathBuf>,
) -> anyhow::Result<Vec<Ailment>> {
    let files = (agent.files)(folder)?;
    let stage = Stage::new(&files, private);
    let registered = Registered::all(&files);
    let mut wrong: Vec<Ailment> =
        files.broken.iter().map(|what| Ailment::by_hand(what, "mend the file by hand")).collect();
    for whose in agent.whose {
        let place = Place::of(agent.agent, *whose, folder)?;
        let case = Case { place: &place, folder, stage: &stage };
        let records = Records::read(&place.home);
        if let Err(damage) = &records
            && homes.insert(place.home.clone())
        {
            let repair = Some(Repair::PutAside(Records::path(&place.home)));
            wrong.push(Ailment { what: format!("{damage:#}"), mend: "stanch doctor --repair".to_owned(), repair });
        }
        let recorded = records.is_ok_and(|records| records.of(&place.settings).is_some());
        match files.files.iter().find(|file| file.path == place.settings) {
            Some(file) => {
                let ours: Vec<_> =
                    registered.iter().filter(|r| r.file.path == file.path && r.hook().is_some()).collect();
                wrong.extend(case.file(file, &ours, recorded));
                wrong.extend(withheld(&files, &ours));
            }
            // One that is not JSON is named already.
            None if recorded && !place.settings.exists() => {
                wrong.push(case.again(format!("{} is gone; stanch was installed there", place.settings.display())));
            }
            None => {}
        }
    }
    for file in plugins::registering(&files, &registered) {
        let Some(owner) = &file.plugin else { continue };
        let bin = owner.root.join(plugin::BIN);
        let mend = match plugin::folder(&owner.root) {
            Some(folder) => format!("stanch plugin build {}", folder.display()),
            None => format!("claude plugin update {}", owner.id),
        };
        let names = agent.entries().iter().map(|entry| entry.hook);
        // What lies in the project was written by whoever wrote the repository.
        let found = executables(&stage, &bin, names, !is_in_project(&bin, folder));
        wrong.extend(found.into_iter().map(|what| Ailment::by_hand(format!("the plugin {}: {what}", owner.id), &mend)));
    }
    wrong.extend(plugins::troubles(&files).into_iter().map(|trouble| Ailment::by_hand(trouble.why, trouble.mend)));
    Ok(wrong)
}

/// Why the agent runs none of a file's hooks, once for all that have the same mend.
fn withheld(files: &Files, ours: &[&Registered<'_>]) -> Option<Ailment> {
    let troubles: Vec<_> = ours.iter().filter_map(|r| (files.agent.withheld)(files, r)).collect();
    let first = troubles.first()?;
    let more = match troubles.len() {
        1 => String::new(),
        number => format!(" (and {} more)", number - 1),
    };
    Some(Ailment::by_hand(format!("{}{more}", first.why), &first.mend))
}

impl Ailment {
    /// One that a person has to mend.
    pub fn by_hand(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into(), repair: None }
    }
}

/// One settings file.
struct Case<'c> {
    place: &'c Place,
    folder: &'c Path,
    stage: &'c Stage<'c>,
}

impl Case<'_> {
    fn again(&self, what: String) -> Ailment {
        let Place { agent, whose, .. } = *self.place;
        Ailment { what, mend: agent.install(whose), repair: Some(Repair::Install(agent.agent, whose)) }
    }

    fn file(&self, file: &File, ours: &[&Registered<'_>], recorded: bool) -> Vec<Ailment> {
        let settings = file.path.display();
        if ours.is_empty() {
            let gone = || self.again(format!("{settings}: stanch was installed here, and none of its entries is left"));
            return recorded.then(gone).into_iter().collect();
        }
        let bin = self.place.bin();
        // Written by hand, elsewhere: installing would put a second set beside them.
        if let Some(other) = ours.iter().find(|r| r.folder().is_some_and(|folder| folder != bin)) {
            let what = format!("{}: {} is not from {}", other.place(), other.command, bin.display());
            let mend = format!("take such entries out and run `{}`", self.place.agent.install(self.place.whose));
            return vec![Ailment::by_hand(what, mend)];
        }
        let mut wrong = self.executables(file);
        if let Err(differs) = settings::check(file.text(), self.place.agent.entries(), &bin) {
            wrong.push(self.again(format!("{settings}: {differs} as it should be")));
        }
        wrong
    }

    fn executables(&self, file: &File) -> Vec<Ailment> {
        let bin = self.place.bin();
        // What a repository names inside itself is not run, not even for its version.
        if is_in_project(&bin, self.folder) && file.origin.is_repository() {
            return Vec::new();
        }
        let shell = self.place.agent.form.prefix.then_some(SHELL);
        let names = self.place.agent.entries().iter().map(|entry| entry.hook).chain(shell);
        let found = executables(self.stage, &bin, names, true);
        found.into_iter().map(|what| self.again(format!("{}: {what}", file.path.display()))).collect()
    }
}

/// What is wrong with executables of a folder, a line each; their versions only if they may be run.
fn executables<'n>(stage: &Stage<'_>, bin: &Path, names: impl Iterator<Item = &'n str>, run: bool) -> Vec<String> {
    names
        .filter_map(|name| {
            let path = bin.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
            if path.is_file() && !run {
                return None;
            }
            let said = if path.is_file() { stage.version(&path) } else { None };
            let own = env!("CARGO_PKG_VERSION");
            let what = match said {
                _ if !path.is_file() => "is not there".to_owned(),
                None => "cannot be run".to_owned(),
                Some(said) if said.ends_with(&format!(" {own}")) => return None,
                Some(said) => format!("says \"{said}\", and this is stanch {own}"),
            };
            Some(format!("{} {what}", path.display()))
        })
        .collect()
}

/// Mends what can be mended, each thing once; the executables come from the folder `from`. Says what was done.
///
/// # Errors
/// A file cannot be written, or `from` is not complete.
pub fn repair(wrong: &[Ailment], folder: &Path, from: &Path) -> anyhow::Result<Vec<String>> {
    let mut done = Vec::new();
    let all: Vec<&Repair> = wrong.iter().filter_map(|ailment| ailment.repair.as_ref()).collect();
    for path in all.iter().filter_map(|repair| if let Repair::PutAside(path) = repair { Some(path) } else { None }) {
        let mut aside = path.clone().into_os_string();
        aside.push(".damaged");
        std::fs::rename(path, &aside).with_context(|| format!("moving {}", path.display()))?;
        done.push(format!("{} lies in {} now", path.display(), Path::new(&aside).display()));
    }
    let mut installed: Vec<(Agent, Whose)> = Vec::new();
    for again in all
        .iter()
        .filter_map(|repair| if let Repair::Install(agent, whose) = repair { Some((*agent, *whose)) } else { None })
    {
        if installed.contains(&again) {
            continue;
        }
        let place = Place::of(again.0, again.1, folder)?;
        Plan::install(&place, place.agent.entries(), SecretFiles::Unchanged)?.put_in_place(from)?;
        done.push(format!("installed again: {}, from {}", place.settings.display(), from.display()));
        installed.push(again);
    }
    Ok(done)
}
