//! What is wrong with an installation, and what of it can be mended by installing once more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::place::{Place, Whose, managed_settings};
use crate::plan::{Plan, SecretFiles};
use crate::record::Records;
use crate::registration::{CLAUDE_CODE, SHELL};
use crate::settings;
use crate::verify::files::{File, Files};
use crate::verify::process::Stage;
use crate::verify::registered::Registered;

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
    Install(Whose),
}

const ALL: [Whose; 3] = [Whose::User, Whose::Managed, Whose::Project];

/// What is wrong in a project's folder: executables, the settings that name them, the record of what was installed.
///
/// # Errors
/// The user has no home.
pub fn examine(project: &Path, private: &Path) -> anyhow::Result<Vec<Ailment>> {
    let user = Place::of_claude_code(Whose::User, project)?.settings;
    let files = Files::read(&managed_settings(), &user, project);
    let stage = Stage::new(&files, private);
    let registered = Registered::all(&files);
    let mut wrong: Vec<Ailment> =
        files.broken.iter().map(|what| Ailment::by_hand(what, "mend the file by hand")).collect();
    let mut homes = BTreeSet::new();
    for whose in ALL {
        let place = Place::of_claude_code(whose, project)?;
        let case = Case { whose, place: &place, project, stage: &stage };
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
            }
            // One that is not JSON is named already.
            None if recorded && !place.settings.exists() => {
                wrong.push(case.again(format!("{} is gone; stanch was installed there", place.settings.display())));
            }
            None => {}
        }
    }
    Ok(wrong)
}

impl Ailment {
    /// One that a person has to mend.
    pub fn by_hand(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into(), repair: None }
    }
}

/// One settings file.
struct Case<'c> {
    whose: Whose,
    place: &'c Place,
    project: &'c Path,
    stage: &'c Stage<'c>,
}

impl Case<'_> {
    fn again(&self, what: String) -> Ailment {
        let mend = match self.whose {
            Whose::User => "stanch install",
            Whose::Managed => "sudo stanch install --managed",
            Whose::Project => "stanch install --project",
        };
        Ailment { what, mend: mend.to_owned(), repair: Some(Repair::Install(self.whose)) }
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
            return vec![Ailment::by_hand(what, "take such entries out and run `stanch install`")];
        }
        let mut wrong = self.executables(file);
        if let Err(differs) = settings::check(file.text(), CLAUDE_CODE, &bin) {
            wrong.push(self.again(format!("{settings}: {differs} as it should be")));
        }
        wrong
    }

    fn executables(&self, file: &File) -> Vec<Ailment> {
        let bin = self.place.bin();
        // What a repository names inside itself is not run, not even for its version.
        if bin.starts_with(self.project) && file.origin.is_repository() {
            return Vec::new();
        }
        let names = CLAUDE_CODE.iter().map(|entry| entry.hook).chain([SHELL]);
        names
            .filter_map(|name| {
                let path = bin.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
                let said = if path.is_file() { self.stage.version(&path) } else { None };
                let own = env!("CARGO_PKG_VERSION");
                let what = match said {
                    _ if !path.is_file() => "is not there".to_owned(),
                    None => "cannot be run".to_owned(),
                    Some(said) if said.ends_with(&format!(" {own}")) => return None,
                    Some(said) => format!("says \"{said}\", and this is stanch {own}"),
                };
                Some(self.again(format!("{}: {} {what}", file.path.display(), path.display())))
            })
            .collect()
    }
}

/// Mends what can be mended, each thing once; the executables come from the folder `from`. Says what was done.
///
/// # Errors
/// A file cannot be written, or `from` is not complete.
pub fn repair(wrong: &[Ailment], project: &Path, from: &Path) -> anyhow::Result<Vec<String>> {
    let mut done = Vec::new();
    let all: Vec<&Repair> = wrong.iter().filter_map(|ailment| ailment.repair.as_ref()).collect();
    for path in all.iter().filter_map(|repair| if let Repair::PutAside(path) = repair { Some(path) } else { None }) {
        let mut aside = path.clone().into_os_string();
        aside.push(".damaged");
        std::fs::rename(path, &aside).with_context(|| format!("moving {}", path.display()))?;
        done.push(format!("{} lies in {} now", path.display(), Path::new(&aside).display()));
    }
    for whose in ALL.into_iter().filter(|whose| all.contains(&&Repair::Install(*whose))) {
        let place = Place::of_claude_code(whose, project)?;
        Plan::install(&place, CLAUDE_CODE, SecretFiles::Unchanged)?.put_in_place(from)?;
        done.push(format!("installed again: {}, from {}", place.settings.display(), from.display()));
    }
    Ok(done)
}
