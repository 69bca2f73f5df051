//! The settings as people see them: each with its file, line and column.

use std::path::PathBuf;

use crate::Config;
use crate::action;
use crate::file::{File, Placed};

/// Where a setting comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// It is stanch's own.
    BuiltIn,
    /// A file, line and column.
    File(PathBuf, (usize, usize)),
}

/// A setting as it holds.
pub struct Setting {
    /// As it would be written.
    pub text: String,
    /// Who says so.
    pub source: Source,
    /// Why it does not hold, if it does not.
    pub ignored: Option<&'static str>,
}

impl Source {
    pub(crate) fn of<T>(file: &File, said: &Placed<T>) -> Self {
        Self::File(file.path.clone(), said.place)
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File(path, (line, column)) => write!(f, "{}:{line}:{column}", path.display()),
        }
    }
}

impl Config {
    /// What holds for each tool that is named anywhere, and for any other.
    pub fn tools(&self) -> Vec<Setting> {
        let named = self.all().flat_map(|file| file.tools.iter().map(|(tool, _)| tool.as_str()));
        let mut tools: Vec<&str> = action::CARRIERS.iter().copied().chain(named).collect();
        tools.sort_unstable();
        tools.dedup();
        let mut settings = Vec::new();
        for tool in tools.into_iter().chain(["*"]) {
            let (arguments, output) = (self.arguments_said(tool), self.output_said(tool));
            settings.push(Setting {
                text: format!("redact.tools.{tool:?}.arguments = \"{}\"", self.arguments(tool)),
                source: arguments.map_or(Source::BuiltIn, |(file, said)| Source::of(file, said)),
                ignored: None,
            });
            if output.is_some() || tool == "*" {
                settings.push(Setting {
                    text: format!("redact.tools.{tool:?}.output = \"{}\"", self.output(tool)),
                    source: output.map_or(Source::BuiltIn, |(file, said)| Source::of(file, said)),
                    ignored: None,
                });
            }
        }
        settings
    }

    /// Every setting of every file, as it is written there; what does not hold is marked.
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        for file in self.all() {
            let of_project = self.project.iter().any(|other| other.path == file.path);
            let of_user = self.user.as_ref().is_some_and(|user| user.path == file.path);
            for rules in &file.rules {
                let text = format!("redact.rules = [{:?}]", rules.value);
                settings.push(Setting { text, source: Source::of(file, rules), ignored: None });
            }
            for (tool, says) in &file.tools {
                if let Some(said) = &says.arguments {
                    let text = format!("redact.tools.{tool:?}.arguments = \"{}\"", said.value);
                    let ignored = (of_project && said.value < self.arguments(tool)).then_some(LOOSENS);
                    settings.push(Setting { text, source: Source::of(file, said), ignored });
                }
                if let Some(said) = &says.output {
                    let text = format!("redact.tools.{tool:?}.output = \"{}\"", said.value);
                    let ignored = (of_project && said.value < self.output(tool)).then_some(LOOSENS);
                    settings.push(Setting { text, source: Source::of(file, said), ignored });
                }
            }
            for allow in &file.allow {
                let text = format!("redact.allow = [{{ digest = {:?}, … }}]", allow.value.digest);
                let ignored = (!of_user).then_some(NOT_YOURS);
                settings.push(Setting { text, source: Source::of(file, allow), ignored });
            }
            for (name, path, place) in file.sources.names() {
                let source = Source::File(path.to_owned(), place);
                let ignored = of_project.then_some(NO_SOURCES);
                settings.push(Setting { text: format!("sources.{name} = …"), source, ignored });
            }
        }
        settings
    }
}

const LOOSENS: &str = "a project's file can only tighten, and something tighter holds";
const NO_SOURCES: &str = "a project's file does not say where credentials come from";
const NOT_YOURS: &str = "only a user's own file says which values are no secret";
