//! What holds, of all that the files say: managed before user before project.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use scrub::known::Known;
use scrub::{Label, Own, ScanError, Scanner};

use crate::ConfigError;
use crate::action::{self, Arguments, Output};
use crate::allow::{Allowed, Key};
use crate::file::{self, File, Placed};
use crate::own::OwnRules;
use crate::places::{self, Places};
use crate::source::Sources;

/// The configuration of one session.
#[derive(Default)]
pub struct Config {
    pub(crate) managed: Option<File>,
    pub(crate) user: Option<File>,
    pub(crate) project: Vec<File>,
    rules: OwnRules,
    /// Of the rules, and one for what is known.
    labels: Vec<Label>,
    allowed: Allowed,
    known: RwLock<Option<Arc<Known>>>,
    /// The files that were looked for, whether they are there or not.
    looked_for: Vec<PathBuf>,
}

impl Config {
    /// The files of the session's project, there or not.
    pub(crate) fn project_files(&self) -> impl Iterator<Item = PathBuf> {
        self.looked_for.iter().filter(|path| path.file_name().is_some_and(|name| name == places::PROJECT_FILE)).cloned()
    }

    /// The configuration for a session in `folder`, an absolute path.
    ///
    /// # Errors
    /// A file is there that cannot be read, or says something that it cannot mean. Nothing is known then: stay closed.
    pub fn load(folder: &Path) -> Result<Self, ConfigError> {
        Self::at(&Places::of(folder)?)
    }

    /// The configuration that lies in these places.
    ///
    /// # Errors
    /// See [`Config::load`].
    pub fn at(places: &Places) -> Result<Self, ConfigError> {
        let managed = places.managed.join(places::FILE);
        let user = places.user.as_ref().map(|folder| folder.join(places::FILE));
        let files = places.project_files();
        let mut config = Self {
            managed: file::read(&managed)?,
            user: user.as_deref().map(file::read).transpose()?.flatten(),
            project: files.iter().filter_map(|path| file::read(path).transpose()).collect::<Result<_, _>>()?,
            looked_for: [managed].into_iter().chain(user).chain(files).collect(),
            ..Self::default()
        };
        let trusted = config.trusted().map(|file| (file, None));
        let untrusted = config.project.iter().map(|file| (file, Some(places.project.as_path())));
        config.rules = OwnRules::load(trusted.chain(untrusted))?;
        config.labels = config.rules.labels().iter().cloned().chain([lent()]).collect();
        let holds_here = |allow: &&Placed<file::Allow>| {
            allow.value.scope.as_ref().is_none_or(|scope| places.folder.starts_with(scope))
        };
        let digests: Vec<String> = config.allowed().filter(holds_here).map(|a| a.value.digest.clone()).collect();
        if let Some(folder) = places.user.as_ref().filter(|_| !digests.is_empty()) {
            config.allowed = Allowed::new(Key::read(folder)?, digests);
        }
        Ok(config)
    }

    /// What is done about a secret in a tool's arguments.
    pub fn arguments(&self, tool: &str) -> Arguments {
        self.arguments_said(tool).map_or_else(|| Arguments::by_default(tool), |(_, said)| said.value)
    }

    /// What is done about a secret in a tool's output.
    pub fn output(&self, tool: &str) -> Output {
        self.output_said(tool).map_or_else(Output::default, |(_, said)| said.value)
    }

    pub(crate) fn arguments_said(&self, tool: &str) -> Option<(&File, &Placed<Arguments>)> {
        self.said(tool, Arguments::by_default(tool), |says| says.arguments.as_ref())
    }

    pub(crate) fn output_said(&self, tool: &str) -> Option<(&File, &Placed<Output>)> {
        self.said(tool, Output::default(), |says| says.output.as_ref())
    }

    /// Who decides about a tool; `None` if nobody says anything that holds.
    fn said<T: Copy + Ord>(
        &self,
        tool: &str,
        default: T,
        what: impl Fn(&file::Tool) -> Option<&Placed<T>> + Copy,
    ) -> Option<(&File, &Placed<T>)> {
        let of = |file| best(file, tool, what).map(|said| (file, said));
        let trusted = self.managed.iter().chain(&self.user).find_map(of);
        let least = trusted.map_or(default, |(_, said)| said.value);
        let tighter = self.project.iter().filter_map(of).filter(|(_, said)| said.value > least);
        tighter.max_by_key(|(_, said)| said.value).or(trusted)
    }

    /// Finds with the built-in rules and the user's own, but for what the user has said is no secret.
    ///
    /// # Errors
    /// The compiled rules are damaged.
    pub fn scanner(&self) -> Result<Scanner<'_>, ScanError> {
        let scanner = Scanner::builtin()?;
        // Who has added nothing is not asked at every text.
        let any = !self.rules.is_empty() || !self.allowed.is_empty() || self.lends() || self.knows_any();
        Ok(if any { scanner.with(self) } else { scanner })
    }

    /// Takes the values of what is lent into what is found; in place of those that were known before.
    pub fn knows(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
    }

    fn known(&self, text: &[u8]) -> Vec<std::ops::Range<usize>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        known.map(|known| known.search(text)).unwrap_or_default()
    }

    fn knows_any(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether a file that may lends anything.
    fn lends(&self) -> bool {
        self.trusted().any(|file| !file.lend.is_empty())
    }

    /// The rules of the user's own.
    pub fn rules(&self) -> &OwnRules {
        &self.rules
    }

    /// The files that were looked for, in the order in which they count, with whether each is there.
    pub fn files(&self) -> impl Iterator<Item = (&Path, bool)> {
        let there = |path: &Path| self.all().any(|file| file.path == path);
        self.looked_for.iter().map(move |path| (path.as_path(), there(path)))
    }

    /// Where credentials come from: what the administrator says before what the user says. A project's file says nothing
    /// about that.
    pub fn sources(&self) -> Sources {
        let mut sources = Sources::default();
        self.trusted().for_each(|file| sources.or(&file.sources));
        sources
    }

    /// The entries of the user's file about values that are no secret.
    pub fn allowed(&self) -> impl Iterator<Item = &Placed<file::Allow>> {
        self.user.iter().flat_map(|file| &file.allow)
    }

    pub(crate) fn trusted(&self) -> impl Iterator<Item = &File> {
        self.managed.iter().chain(&self.user)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &File> {
        self.trusted().chain(&self.project)
    }
}

/// What a file says of a tool: the entry that fits best.
fn best<'f, T>(file: &'f File, tool: &str, what: impl Fn(&file::Tool) -> Option<&Placed<T>>) -> Option<&'f Placed<T>> {
    let fitting = file.tools.iter().filter_map(|(pattern, says)| Some((action::fit(pattern, tool)?, what(says)?)));
    fitting.max_by_key(|(fit, _)| *fit).map(|(_, said)| said)
}

impl Own for Config {
    fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn search(&self, text: &[u8]) -> Result<Vec<(usize, std::ops::Range<usize>)>, ScanError> {
        let mut found = self.rules.search(text)?;
        let number = self.rules.labels().len();
        found.extend(self.known(text).into_iter().map(|span| (number, span)));
        Ok(found)
    }

    fn excuses(&self, value: &[u8]) -> bool {
        // What is lent is a secret, whatever was said of it before.
        self.allowed.holds(value) && self.known(value).is_empty()
    }
}

/// The rule of what is lent.
fn lent() -> Label {
    Label {
        id: format!("{}lent", scrub::own::OWN),
        name: "A credential that stanch lends".to_owned(),
        vendor: String::new(),
        source: "the broker of the session".to_owned(),
        revoke: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A machine with the three files.
    fn config(managed: &str, user: &str, project: &str) -> Result<Config, ConfigError> {
        let root = tempfile::tempdir().expect("a folder");
        let places = Places {
            folder: root.path().join("app/sub"),
            managed: root.path().join("managed"),
            user: Some(root.path().join("user")),
            project: root.path().join("app"),
        };
        fs::create_dir_all(&places.folder).expect("a folder");
        for (file, text) in [
            (places.managed.join(places::FILE), managed),
            (root.path().join("user").join(places::FILE), user),
            (places.project.join(places::PROJECT_FILE), project),
        ] {
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, text).expect("a file");
        }
        Config::at(&places)
    }

    fn arguments(tool: &str, action: &str) -> String {
        format!("[redact.tools.{tool:?}]\narguments = {action:?}\n")
    }

    #[test]
    fn managed_stands_before_user_and_a_project_only_tightens() {
        let of = |managed: &str, user: &str, project: &str| {
            let config = config(managed, user, project).expect("files without mistakes");
            (config.arguments("Bash").to_string(), config.arguments("mcp__a__b").to_string())
        };
        let said = |bash: &str, mcp: &str| (bash.to_owned(), mcp.to_owned());
        assert_eq!(of("", "", ""), said("deny", "replace"));
        assert_eq!(of("", &arguments("Bash", "ask"), ""), said("ask", "replace"));
        assert_eq!(of(&arguments("Bash", "replace"), &arguments("Bash", "pass"), ""), said("replace", "replace"));
        assert_eq!(of("", "", &arguments("Bash", "pass")), said("deny", "replace"));
        assert_eq!(of("", "", &arguments("mcp__*", "deny")), said("deny", "deny"));
        assert_eq!(of("", &arguments("mcp__a__*", "pass"), &arguments("*", "ask")), said("deny", "ask"));
        assert_eq!(of("", &(arguments("mcp__a__b", "pass") + &arguments("mcp__*", "deny")), ""), said("deny", "pass"));
    }

    #[test]
    fn what_a_project_may_not_say_is_marked() {
        let allow = format!("[[redact.allow]]\ndigest = \"{}\"\nreason = \"r\"\n", "0".repeat(32));
        let config = config("", &allow, &(arguments("Bash", "pass") + &allow)).expect("files without mistakes");
        let ignored: Vec<_> = config.settings().into_iter().filter(|s| s.ignored.is_some()).map(|s| s.text).collect();
        assert_eq!(ignored.len(), 2, "{ignored:?}");
        assert!(ignored[0].contains("pass") && ignored[1].contains("allow"));
        let sources: Vec<_> = config.tools().into_iter().map(|s| s.source.to_string()).collect();
        assert!(sources.iter().all(|source| source == "built in"), "{sources:?}");
    }

    #[test]
    fn where_credentials_come_from_is_not_for_a_project_to_say() {
        let own = "[sources.preset.acme]\nrun = [\"/opt/acme\"]\n";
        let theirs = "[sources.preset.acme]\nrun = [\"./evil\"]\n[sources.kv]\naddress = \"https://evil\"\n";
        let config = config("[sources.kv]\nnamespace = \"n\"\n", own, theirs).expect("files without mistakes");
        let sources = config.sources();
        assert!(sources.kv.address.is_none() && sources.kv.namespace.is_some());
        assert_eq!(sources.presets["acme"].value.run.as_deref(), Some(&["/opt/acme".to_owned()][..]));
        let ignored: Vec<_> = config.settings().into_iter().filter(|s| s.ignored.is_some()).map(|s| s.text).collect();
        assert_eq!(ignored, ["sources.kv.address = …", "sources.preset.acme = …"]);
    }

    #[test]
    fn a_projects_rules_lie_in_the_project() {
        let wrong = config("", "", "[redact]\nrules = [\"../user/config.toml\"]\n").err().expect("refused").to_string();
        assert!(wrong.contains(".stanch.toml:2:10: ") && wrong.contains("outside the project"), "{wrong}");
        let missing = config("", "", "[redact]\nrules = [\"no.toml\"]\n").err().expect("refused").to_string();
        assert!(missing.contains("there is no rule file"), "{missing}");
    }
}
