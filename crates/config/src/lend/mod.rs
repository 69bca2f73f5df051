//! `[lend]`: which credential is lent to whom, on which terms. Read here, decided in the crate `policy`.
//!
//! The first file that names a credential lends it: the administrator's, then the user's. Every file behind it can only
//! narrow, and a project's file is always behind: its terms hold as well, none of them instead. So nothing that a
//! repository brings along lends more than without it.

pub mod binding;
mod join;
pub mod pattern;
pub(crate) mod raw;
mod shown;
pub mod terms;

use std::time::Duration;

use binding::{Database, Repository};
use terms::{Binding, Folder, List, Reference, Said, Terms, Way, Who};

use crate::{ConfigError, Setting, Source};
pub use shown::NEVER;

/// How long a lease lasts at most, where nobody says it.
pub const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// All that may be lent in one folder.
#[derive(Clone, Default)]
pub struct Lend {
    credentials: Vec<Credential>,
    settings: Vec<Ruling>,
}

/// One credential: who lends it on which terms, and who narrows them.
#[derive(Clone)]
pub struct Credential {
    /// Its name.
    pub name: Said<String>,
    /// The terms on which it is lent.
    pub granted: Granted,
    /// The terms of other files, which must hold as well.
    pub narrowed: Vec<Terms>,
    /// Where a file says that it is never lent.
    pub never: Option<Source>,
}

/// Whole terms: what no file says has its default.
#[derive(Clone)]
pub struct Granted {
    /// Where the value comes from.
    pub source: Said<Reference>,
    /// A lease lasts no longer.
    pub lifetime: Said<Duration>,
    /// How it is handed over.
    pub by: Said<Way>,
    /// What it is bound to.
    pub bound: Said<Binding>,
    /// To which commands; for a server none, if it is known by its name alone.
    pub tools: List<pattern::Pattern>,
    /// For which agents.
    pub agents: List<Who>,
    /// In which sessions; `None` is all.
    pub sessions: Option<List<String>>,
    /// In which folders and below.
    pub repositories: List<Folder>,
    /// Grants for one tool call.
    pub uses: Said<u32>,
    /// To which MCP servers.
    pub servers: Option<List<String>>,
}

/// A setting of a file, and why it does not hold, if it does not.
#[derive(Clone)]
struct Ruling {
    text: String,
    at: Source,
    ignored: Option<&'static str>,
}

impl Lend {
    /// The credentials that a file lends, by name.
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    /// Every setting of every file; what does not hold is marked. A source is shown as its scheme alone.
    pub fn settings(&self) -> impl Iterator<Item = Setting> {
        let shown =
            |ruling: &Ruling| Setting { text: ruling.text.clone(), source: ruling.at.clone(), ignored: ruling.ignored };
        self.settings.iter().map(shown)
    }
}

impl crate::Config {
    /// What may be lent in the session's folder.
    ///
    /// # Errors
    /// What a file says of a credential is not enough to lend it, or cannot be meant. Nothing is lent then.
    pub fn lend(&self) -> Result<Lend, ConfigError> {
        join::join(self.trusted(), self.project.iter())
    }

    /// What may be lent in another folder, where a command of the session runs: the files of the administrator and of the
    /// user as they were read; those of the session's project, as they were and as they are; and those of the folder's own project and
    /// of the projects that it lies in, as they are.
    ///
    /// # Errors
    /// A file of these projects cannot be read, or see [`Config::lend`](crate::Config::lend).
    pub fn lend_in(&self, folder: &std::path::Path) -> Result<Lend, ConfigError> {
        let project = crate::places::outermost(folder);
        let mut files = crate::places::project_files(folder, &project);
        files.extend(self.project_files().filter(|path| !files.contains(path)).collect::<Vec<_>>());
        // One that says what it said is not told twice.
        let is_new = |file: &crate::file::File| {
            self.project.iter().all(|known| known.path != file.path || known.lend != file.lend)
        };
        let read = files.iter().filter_map(|path| crate::file::read(path).transpose());
        let there: Vec<crate::file::File> =
            read.filter(|file| file.as_ref().map_or(true, is_new)).collect::<Result<_, _>>()?;
        join::join(self.trusted(), self.project.iter().chain(&there))
    }
}
