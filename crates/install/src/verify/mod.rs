//! Whether what is installed works: a probe goes every way that a secret can take, through the commands as they stand in the
//! settings that the client would read in this folder.
//!
//! Nothing is sent anywhere. The hooks run with the user's configuration, but with a private folder for their log and their
//! files; other people's hooks are named and not run. The probe is made up, and lies in that folder alone.

pub mod answer;
pub(crate) mod faults;
pub mod files;
pub mod live;
pub mod plugins;
pub mod probe;
pub mod process;
pub mod registered;

use std::path::Path;

use serde::Serialize;

use crate::registration::{self, SHELL};
use files::{File, Files, Origin};
use probe::{Scene, Way};
use process::Stage;
use registered::Registered;

/// What was found.
#[derive(Serialize)]
pub struct Report {
    /// Every way that was tried.
    pub paths: Vec<Row>,
    /// What will let something through one day, though the probe was stopped.
    pub faults: Vec<Trouble>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// Every way that was tried with the client itself; see [`live`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<Row>,
}

impl Report {
    /// Whether every way is covered and nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.paths.iter().chain(&self.live).all(|row| row.trouble.is_none())
    }
}

/// One way.
#[derive(Serialize)]
pub struct Row {
    /// What people call it.
    pub path: &'static str,
    /// The executable that covers it.
    pub by: &'static str,
    /// Why it is not covered; nothing if it is.
    #[serde(flatten)]
    pub trouble: Option<Trouble>,
}

/// What is wrong and what to do.
#[derive(Serialize)]
pub struct Trouble {
    /// What is wrong, and where.
    pub why: String,
    /// What to do.
    pub mend: String,
}

impl Trouble {
    pub(crate) fn new(why: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { why: why.into(), mend: mend.into() }
    }
}

pub(crate) const AGAINST: &str = "start the client with `stanch run -- claude`, or have the administrator run `sudo stanch install \
                       --managed`; else take that line out";

/// Tries everything; `client` is the client's executable, if it is not `claude` on the `PATH`.
///
/// # Errors
/// The private folder cannot be written.
pub fn verify(files: &Files, private: &Path, probe: &str, client: Option<&Path>) -> anyhow::Result<Report> {
    let all = Registered::all(files);
    let look = Look { files, all: &all, stage: Stage::new(files, private).with_client(client), probe };
    let scene = Scene::set(private, probe)?;
    let mut paths: Vec<Row> = (files.agent.ways)(&scene).iter().map(|way| look.row(way)).collect();
    if files.agent.form.prefix {
        paths.push(Row {
            path: "commands that fail, run in the background or behind '!'",
            by: SHELL,
            trouble: look.prefix(&scene.secret()).err(),
        });
    }
    let batch = paths.iter().any(|row| row.by == "post-tool-batch" && row.trouble.is_none());
    let (faults, mut notes) = (files.agent.faults)(&look, batch);
    notes.extend(files.agent.lacks.iter().map(|lack| format!("not to be had: {lack}")));
    Ok(Report { paths, faults, notes, live: Vec::new() })
}

/// What is looked at.
pub struct Look<'l> {
    pub(crate) files: &'l Files,
    pub(crate) all: &'l [Registered<'l>],
    pub(crate) stage: Stage<'l>,
    probe: &'l str,
}

impl Look<'_> {
    /// The command that writes the entries of a file anew.
    pub(crate) fn install(&self, file: &File) -> String {
        self.files.agent.again(file.origin)
    }

    fn row(&self, way: &Way) -> Row {
        Row { path: way.name, by: way.hook, trouble: self.way(way).err() }
    }

    fn way(&self, way: &Way) -> Result<(), Trouble> {
        let event = way.event["hook_event_name"].as_str().unwrap_or_default();
        let of_ours = |r: &&Registered<'_>| r.event == event && r.hook().is_some_and(|entry| entry.hook == way.hook);
        let ours: Vec<_> = self.all.iter().filter(of_ours).collect();
        let Some(first) = ours.first() else {
            let mend = self.files.agent.again(Origin::User);
            return Err(Trouble::new(format!("{} is not registered for {event}", way.hook), mend));
        };
        let (mut heard, mut kept) = (Vec::new(), None);
        for registered in &ours {
            match (self.files.agent.withheld)(self.files, registered) {
                None => heard.push(registered),
                Some(trouble) => kept = kept.or(Some(trouble)),
            }
        }
        if let Some(trouble) = kept.filter(|_| heard.is_empty()) {
            return Err(trouble);
        }
        let fit: Vec<_> = heard.into_iter().filter(|r| r.is_for(way.tool())).collect();
        let Some(last) = fit.last() else {
            let why = format!("the matcher of {} leaves out {}", first.place(), way.tool());
            return Err(Trouble::new(why, self.install(first.file)));
        };
        if let Some(reserve) = fit.iter().find_map(|r| r.reserve).filter(|_| fit.iter().all(|r| r.reserve.is_some())) {
            return Err(Trouble::new(format!("{}: {reserve}", last.place()), self.install(last.file)));
        }
        let mut tried: Vec<&Registered<'_>> = Vec::new();
        for hook in fit {
            if hook.reserve.is_none() && !tried.iter().any(|other| other.is_same(hook)) {
                self.attempt(way, hook)?;
                tried.push(hook);
            }
        }
        Ok(())
    }

    fn attempt(&self, way: &Way, hook: &Registered<'_>) -> Result<(), Trouble> {
        let wrong = |why: String| Trouble::new(format!("{}: {why}", hook.place()), self.install(hook.file));
        if !hook.is_trusted(&self.files.folder) {
            return Err(wrong("the repository names an executable of its own; it was not run".to_owned()));
        }
        let said = self.stage.hook(hook, &way.event.to_string()).map_err(wrong)?;
        way.expected.check(self.files.agent, &said, &way.event, self.probe).map_err(wrong)?;
        if let Some(file) = &way.file
            && std::fs::read_to_string(file).is_ok_and(|text| text.contains(self.probe))
        {
            return Err(wrong("the file still holds the probe".to_owned()));
        }
        let said = self.stage.hook(hook, &way.clean(self.probe)).map_err(wrong)?;
        way.expected
            .passes(&said)
            .map_err(|why| Trouble::new(format!("{}: {why}", hook.place()), "stanch config check; then stanch doctor"))
    }

    /// A command that prints the probe and fails.
    fn prefix(&self, secret: &Path) -> Result<(), Trouble> {
        let Some((file, prefix)) = self.files.prefix() else {
            return Err(Trouble::new(format!("no settings file sets env.{}", registration::PREFIX), "stanch install"));
        };
        let place = file.line(registration::PREFIX);
        if !registration::is_prefix(prefix) {
            let mend = if file.origin.is_repository() { AGAINST } else { "stanch install" };
            return Err(Trouble::new(format!("{place}: another prefix is set, which wins"), mend));
        }
        let wrong = |why: &str| Trouble::new(format!("{place}: {why}"), self.install(file));
        if !process::is_trusted_prefix(self.files, file.origin, prefix) {
            return Err(wrong("the repository names a prefix of its own; it was not run"));
        }
        let said =
            self.stage.behind(prefix, &format!("cat -- '{}'; exit 3", secret.display())).map_err(|why| wrong(&why))?;
        match said.code {
            _ if said.out.contains(self.probe) => Err(wrong("it let the probe through")),
            Some(3) if said.out.contains("GITHUB_TOKEN=") => Ok(()),
            Some(code) => {
                let line = said.out.lines().next().unwrap_or_default();
                Err(wrong(&format!("no command runs behind it: exit status {code} ({line})")))
            }
            None => Err(wrong("it was killed")),
        }
    }
}
