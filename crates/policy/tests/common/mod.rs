//! A machine with the three files, and requests on it.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use config::lend::Lend;
use config::places::{FILE, PROJECT_FILE, Places};
use config::{Config, ConfigError};
use policy::{Agent, Condition, For, Policy, Request};

pub struct Machine {
    root: tempfile::TempDir,
    places: Places,
}

impl Machine {
    /// With the folder `app` as the project; `@` in a file's text stands for the folder above it.
    pub fn new(managed: &str, user: &str, project: &str) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().canonicalize().expect("a folder");
        let places = Places {
            folder: path.join("app/sub"),
            managed: path.join("managed"),
            user: Some(path.join("user")),
            project: path.join("app"),
        };
        fs::create_dir_all(&places.folder).expect("a folder");
        fs::create_dir_all(path.join("other")).expect("a folder");
        let machine = Self { root, places };
        for (file, text) in [
            (machine.places.managed.join(FILE), managed),
            (machine.path("user").join(FILE), user),
            (machine.places.project.join(PROJECT_FILE), project),
        ] {
            machine.write(file, text);
        }
        machine
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.places.managed.with_file_name(below)
    }

    pub fn write(&self, file: PathBuf, text: &str) {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        let root = self.places.managed.parent().expect("a folder").display().to_string();
        fs::write(file, text.replace('@', &root)).expect("a file");
    }

    pub fn config(&self) -> Result<Config, ConfigError> {
        Config::at(&self.places)
    }

    pub fn lend(&self) -> Result<Lend, ConfigError> {
        self.config()?.lend()
    }

    pub fn policy(&self) -> Policy {
        Policy::new(&self.lend().expect("files without mistakes"))
    }

    /// The main thread in `app/sub`.
    pub fn asks(&self, command: &[&str]) -> Request {
        Request {
            agent: Agent::Main,
            session: Some("s-1".to_owned()),
            what: For::Command(command.iter().map(OsString::from).collect()),
            folder: self.places.folder.clone(),
            repository: Some(self.places.project.clone()),
            links_to_process: false,
            remote: None,
        }
    }
}

/// What one credential's refusal says, `Ok` if there is none.
pub fn verdict(policy: &Policy, request: &Request) -> Result<String, (Condition, String)> {
    let decision = policy.decide(request);
    let first = decision.outcomes().first().expect("a credential");
    match &first.verdict {
        Ok(permit) => Ok(permit.credential().to_owned()),
        Err(refusal) => Err((refusal.condition, refusal.to_string())),
    }
}

/// The words of a command as a shell reads them that knows `'…'` and nothing else.
pub fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for c in command.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Each line: what is expected (`+`, or the condition that fails), and the command.
pub fn check(terms: &str, tools: &str, cases: &str) {
    let machine = Machine::new("", &format!("{terms}tools = {tools}\n"), "");
    let policy = machine.policy();
    for case in cases.lines().map(str::trim).filter(|case| !case.is_empty()) {
        let (expected, command) = case.split_once(' ').expect("two parts");
        let argv = words(command);
        let request = machine.asks(&argv.iter().map(String::as_str).collect::<Vec<_>>());
        let said = match verdict(&policy, &request) {
            Ok(_) => "+".to_owned(),
            Err((Condition::Named, _)) => "named".to_owned(),
            Err((condition, _)) => condition.to_string(),
        };
        assert_eq!(said, expected, "{command}: {:?}", verdict(&policy, &request));
    }
}
