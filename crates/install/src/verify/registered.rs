//! The hooks that the settings register: stanch's, and those of others.

use std::path::{Path, PathBuf};

use config::checkout;
use regex::Regex;
use serde_json::Value;

use super::files::{File, Files, Origin};
use crate::agent::Description;
use crate::command_line;
use crate::registration::{Entry, PLUGIN};

/// One command of one entry.
pub struct Registered<'f> {
    agent: &'static Description,
    /// The file.
    pub file: &'f File,
    /// The event.
    pub event: &'f str,
    /// Where in the event's list its entry stands, and where in that entry it.
    pub number: (usize, usize),
    /// As it stands there.
    pub definition: &'f Value,
    /// Which tools it is for; nothing for all.
    pub matcher: Option<&'f str>,
    /// The command as it stands there.
    pub command: &'f str,
    /// Its arguments; without them a shell runs the command.
    pub arguments: Option<Vec<&'f str>>,
    /// Seconds that the client waits.
    pub timeout: Option<f64>,
    /// Whether the client stops when the command fails.
    pub closes: bool,
    /// What makes it run for some calls alone, or beside the session.
    pub reserve: Option<&'static str>,
}

impl<'f> Registered<'f> {
    /// All commands of all files.
    pub fn all(files: &'f Files) -> Vec<Self> {
        files.files.iter().flat_map(|file| Self::of(files.agent, file)).collect()
    }

    fn of(agent: &'static Description, file: &'f File) -> Vec<Self> {
        let events = file.settings["hooks"].as_object().into_iter().flatten();
        let mut all = Vec::new();
        for (event, entries) in events {
            for (nth, entry) in entries.as_array().into_iter().flatten().enumerate() {
                for (number, hook) in entry["hooks"].as_array().into_iter().flatten().enumerate() {
                    let Some(command) = hook["command"].as_str() else { continue };
                    let given = hook["args"].as_array().filter(|_| agent.form.exec);
                    all.push(Self {
                        agent,
                        file,
                        event,
                        number: (nth, number),
                        definition: hook,
                        matcher: entry["matcher"].as_str(),
                        command,
                        arguments: given.map(|all| all.iter().filter_map(Value::as_str).collect()),
                        timeout: hook["timeout"].as_f64().map(|time| time / f64::from(agent.form.a_second)),
                        closes: hook["onFailure"] == "block",
                        reserve: match (&hook["if"], &hook["async"], &hook["asyncRewake"]) {
                            (_, Value::Bool(true), _) | (_, _, Value::Bool(true)) => {
                                Some("it is registered as \"async\": the client does not wait for its answer")
                            }
                            (Value::Null, _, _) => None,
                            _ => Some("it is registered with an \"if\": it runs for some calls alone"),
                        },
                    });
                }
            }
        }
        all
    }

    /// `file:line`.
    pub fn place(&self) -> String {
        self.file.line(&serde_json::to_string(self.command).unwrap_or_default())
    }

    /// Which of stanch's hooks it is, if any: by the name of its executable, and nothing else in the command.
    pub fn hook(&self) -> Option<&'static Entry> {
        let name = self.program()?.file_stem()?.to_owned();
        self.agent.entries().iter().find(|entry| name == entry.hook)
    }

    /// The executable, if the command is the name of one with no arguments but `--agent`, or a plugin's word.
    pub fn program(&self) -> Option<PathBuf> {
        let (program, given) = match &self.arguments {
            Some(given) => (self.command.to_owned(), given.clone()),
            None => command_line::words(self.command)?,
        };
        let home = || std::env::home_dir().unwrap_or_default();
        let below = |variable: &str| program.strip_prefix(variable).map(|rest| home().join(rest));
        let by_plugin = given == [PLUGIN] && self.file.plugin.is_some();
        (by_plugin || command_line::is_for_an_agent(&given)).then(|| {
            // Only a shell knows these.
            let expanded = self.arguments.is_none().then(|| ["~/", "$HOME/", "${HOME}/"].into_iter().find_map(below));
            expanded.flatten().unwrap_or_else(|| PathBuf::from(&program))
        })
    }

    /// Its folder.
    pub fn folder(&self) -> Option<PathBuf> {
        Some(self.program()?.parent()?.to_owned())
    }

    /// Whether it may be run here. What a repository names inside itself was written by whoever wrote the repository.
    pub fn is_trusted(&self, folder: &Path) -> bool {
        let Some(program) = self.program() else { return false };
        !self.may_be_a_repositorys() || (program.is_absolute() && !is_in_project(&program, folder))
    }

    /// A plugin is switched on by a repository, too.
    fn may_be_a_repositorys(&self) -> bool {
        self.file.origin.is_repository() || self.file.origin == Origin::Plugin
    }

    /// Whether it runs for a call of this tool.
    pub fn is_for(&self, tool: &str) -> bool {
        fits(self.agent, self.matcher.unwrap_or_default(), tool)
    }

    /// The same command for the same event: the client runs it once, unless a plugin has one of them.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.file.plugin.is_none() && other.file.plugin.is_none())
            && (self.event, self.command, &self.arguments) == (other.event, other.command, &other.arguments)
    }
}

/// Whether a program lies in the project of a folder, or in the checkout of which that is a worktree.
pub(crate) fn is_in_project(program: &Path, folder: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let program = real(program);
    [config::places::project(folder), checkout::store(folder)].iter().any(|of| program.starts_with(real(of)))
}

/// Whether an entry with this matcher is for a tool.
pub(super) fn fits(agent: &Description, matcher: &str, tool: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '|';
    match matcher {
        "" | "*" => true,
        names if names.chars().all(plain) => names.split('|').any(|name| name == tool),
        pattern => Regex::new(&(agent.pattern)(pattern)).is_ok_and(|pattern| pattern.is_match(tool)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered<R>(command: &str, args: Option<Value>, matcher: &str, look: impl Fn(&Registered<'_>) -> R) -> R {
        let folder = tempfile::tempdir().expect("a folder");
        let user = folder.path().join("settings.json");
        let mut hook = serde_json::json!({ "type": "command", "command": command });
        if let Some(args) = args {
            hook["args"] = args;
        }
        let settings = serde_json::json!({ "hooks": { "PreToolUse": [{ "matcher": matcher, "hooks": [hook] }] } });
        std::fs::write(&user, settings.to_string()).expect("a file");
        let files = Files::read(Path::new("/nonexistent"), &user, folder.path());
        look(&Registered::all(&files)[0])
    }

    #[test]
    fn a_hook_of_stanch_is_told_by_its_executable_alone() {
        let name = |command: &str, args| registered(command, args, "*", |r| r.hook().map(|entry| entry.hook));
        let none = || Some(serde_json::json!([]));
        for ours in ["/x/pre-tool-use", "\"/x y/pre-tool-use\"", "$HOME/b/pre-tool-use", "/x/pre-tool-use --agent qwen"]
        {
            assert_eq!(name(ours, None), Some("pre-tool-use"), "{ours}");
        }
        assert_eq!(name("/x y/pre-tool-use", none()), Some("pre-tool-use"));
        for theirs in
            ["/x/pre-tool-use; rm -r /", "rtk", "/x/pre-tool-use $(id)", "/x/pre-tool-use && id", "x /x/pre-tool-use"]
        {
            assert_eq!(name(theirs, None), None, "{theirs}");
        }
        assert_eq!(name("/x/pre-tool-use", Some(serde_json::json!(["--then", "id"]))), None);
    }

    #[test]
    fn a_matcher_is_a_list_of_names_or_a_pattern() {
        let fits = |matcher: &str, tool: &str| registered("x", None, matcher, |r| r.is_for(tool));
        assert!(fits("", "Bash") && fits("*", "Bash") && fits("Bash|Read", "Read") && fits("mcp__.*", "mcp__a__b"));
        assert!(
            !fits("Bash", "Read") && !fits("Edit", "NotebookEdit") && !fits("mcp__.*", "Bash") && !fits("(", "Bash")
        );
    }
}
