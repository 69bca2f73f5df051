//! `[sources]`: with whose token Vault is asked, and the commands that bring credentials. They are programs that will be run
//! and servers that will be given a token: a project's file cannot name them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::ConfigError;

/// The sources of the administrator and the user.
#[derive(Default)]
pub struct Sources {
    /// Vault and OpenBao.
    pub kv: Kv,
    /// Commands by name: of the user's own, or what is different about a built-in one.
    pub presets: BTreeMap<String, Said<Preset>>,
}

/// Something that a file says, and where.
#[derive(Clone)]
pub struct Said<T> {
    /// What.
    pub value: T,
    /// The file.
    pub file: PathBuf,
    /// Line and column, counted from 1.
    pub place: (usize, usize),
}

/// Where Vault or OpenBao is, and how it is asked. What is not said comes from the environment.
#[derive(Default)]
pub struct Kv {
    /// Such as `https://bao.example.org:8200`.
    pub address: Option<Said<String>>,
    /// The reference of the token.
    pub token: Option<Said<String>>,
    /// A file with the token.
    pub token_file: Option<Said<PathBuf>>,
    /// Certificates (PEM) to trust, instead of the machine's.
    pub ca_file: Option<Said<PathBuf>>,
    /// The namespace.
    pub namespace: Option<Said<String>>,
}

/// A command that brings one credential. What is not said is as the built-in preset of that name has it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The command and its arguments; `{ref}` is what stands behind the name in a reference.
    pub run: Option<Vec<String>>,
    /// The parts of a reference: `{project}/{name}` makes `{project}` and `{name}` of it.
    #[serde(rename = "ref")]
    pub parts: Option<String>,
    /// Names of variables that are handed on.
    pub env: Option<Vec<String>>,
    /// Variables that are set.
    pub set: Option<BTreeMap<String, String>>,
    /// The reference of what the command reads on standard input.
    pub stdin: Option<String>,
    /// What of its output is the value.
    pub output: Option<Output>,
    /// Where in the JSON the value is.
    pub pointer: Option<String>,
    /// How the value is written.
    pub encoding: Option<Encoding>,
    /// How long it may take.
    pub seconds: Option<u64>,
    /// How much it may write.
    pub bytes: Option<usize>,
}

/// What of a command's output is the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// All of it, but for one line end.
    #[default]
    Raw,
    /// The first line.
    FirstLine,
    /// What the pointer leads to.
    Json,
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// As it is.
    #[default]
    Plain,
    /// In base64.
    Base64,
}

/// The table as a file has it.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(default)]
    kv: RawKv,
    #[serde(default)]
    preset: BTreeMap<Spanned<String>, Preset>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawKv {
    address: Option<Spanned<String>>,
    token: Option<Spanned<String>>,
    token_file: Option<Spanned<PathBuf>>,
    ca_file: Option<Spanned<PathBuf>>,
    namespace: Option<Spanned<String>>,
}

impl Sources {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.names().is_empty()
    }

    /// What is said, by name and place; nothing of what it says.
    pub(crate) fn names(&self) -> Vec<(String, &Path, (usize, usize))> {
        let mut names = Vec::new();
        let Kv { address, token, token_file, ca_file, namespace } = &self.kv;
        for (name, said) in [("address", address), ("token", token), ("namespace", namespace)] {
            names.extend(said.as_ref().map(|s| (format!("kv.{name}"), s.file.as_path(), s.place)));
        }
        for (name, said) in [("token_file", token_file), ("ca_file", ca_file)] {
            names.extend(said.as_ref().map(|s| (format!("kv.{name}"), s.file.as_path(), s.place)));
        }
        let presets = self.presets.iter();
        names.extend(presets.map(|(name, s)| (format!("preset.{name}"), s.file.as_path(), s.place)));
        names
    }

    /// Takes over what another file says and this one does not.
    pub(crate) fn or(&mut self, other: &Self) {
        fn or<T: Clone>(mine: &mut Option<Said<T>>, other: &Option<Said<T>>) {
            if mine.is_none() {
                mine.clone_from(other);
            }
        }
        or(&mut self.kv.address, &other.kv.address);
        // One way to the token, or the other: never one file's beside another's.
        if self.kv.token.is_none() && self.kv.token_file.is_none() {
            self.kv.token.clone_from(&other.kv.token);
            self.kv.token_file.clone_from(&other.kv.token_file);
        }
        or(&mut self.kv.ca_file, &other.kv.ca_file);
        or(&mut self.kv.namespace, &other.kv.namespace);
        for (name, preset) in &other.presets {
            self.presets.entry(name.clone()).or_insert_with(|| preset.clone());
        }
    }

    /// Checks what the file says for itself.
    pub(crate) fn of(raw: Raw, path: &Path, text: &str) -> Result<Self, ConfigError> {
        let place = |offset: usize| ConfigError::at(path, text, offset, "").place.unwrap_or((1, 1));
        fn said<T>(
            spanned: Option<Spanned<T>>,
            file: &Path,
            place: impl Fn(usize) -> (usize, usize),
        ) -> Option<Said<T>> {
            let place = place(spanned.as_ref()?.span().start);
            Some(Said { value: spanned?.into_inner(), file: file.to_owned(), place })
        }
        if let (Some(_), Some(file)) = (&raw.kv.token, &raw.kv.token_file) {
            let message = "there are two ways to the token; say `token` (a source) or `token_file`, not both";
            return Err(ConfigError::at(path, text, file.span().start, message));
        }
        for file in raw.kv.token_file.iter().chain(&raw.kv.ca_file) {
            if !file.get_ref().is_absolute() {
                return Err(ConfigError::at(path, text, file.span().start, "is no absolute path"));
            }
        }
        for (name, preset) in &raw.preset {
            check(name.get_ref(), preset).map_err(|why| ConfigError::at(path, text, name.span().start, why))?;
        }
        let kv = Kv {
            address: said(raw.kv.address, path, place),
            token: said(raw.kv.token, path, place),
            token_file: said(raw.kv.token_file, path, place),
            ca_file: said(raw.kv.ca_file, path, place),
            namespace: said(raw.kv.namespace, path, place),
        };
        let preset = |(name, value): (Spanned<String>, _)| {
            let place = place(name.span().start);
            (name.into_inner(), Said { value, file: path.to_owned(), place })
        };
        Ok(Self { kv, presets: raw.preset.into_iter().map(preset).collect() })
    }
}

/// A command may run so long, in seconds.
const LONGEST: u64 = 300;
/// A command may write so much, in bytes.
const LARGEST: usize = 4 << 20;

fn check(name: &str, preset: &Preset) -> Result<(), String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || !name.bytes().all(plain) {
        return Err("a preset is named in small letters, digits and -".to_owned());
    }
    if preset
        .run
        .as_ref()
        .is_some_and(|run| run.first().is_none_or(|program| program.is_empty() || program.contains('{')))
    {
        return Err("`run` begins with the program, which is no placeholder".to_owned());
    }
    let is_name = |name: &&str| {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        plain && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
    };
    let set = preset.set.iter().flat_map(|set| set.keys());
    let variables = preset.env.iter().flatten().chain(set).map(String::as_str);
    if variables.clone().any(|name| !is_name(&name)) {
        return Err("`env` lists names of variables, `set` has them as keys: letters, digits and _".to_owned());
    }
    if preset.seconds.is_some_and(|seconds| !(1..=LONGEST).contains(&seconds)) {
        return Err(format!("`seconds` is between 1 and {LONGEST}"));
    }
    if preset.bytes.is_some_and(|bytes| !(1..=LARGEST).contains(&bytes)) {
        return Err(format!("`bytes` is between 1 and {LARGEST}"));
    }
    if preset.pointer.as_ref().is_some_and(|pointer| !pointer.starts_with('/')) {
        return Err("`pointer` is a JSON pointer: it begins with /".to_owned());
    }
    if preset.output == Some(Output::Json) && preset.pointer.is_none() {
        return Err("`output = \"json\"` needs a `pointer` to the value".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file;

    fn said(text: &str) -> String {
        match file::parse(Path::new("config.toml"), text) {
            Ok(file) => file.sources.names().into_iter().map(|(name, ..)| name).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_said_is_read_with_its_place() {
        let text = "[sources.kv]\naddress = \"https://h\"\ntoken = \"keyring:bao\"\n[sources.preset.acme]\nrun = [\"acme\", \"{ref}\"]\n";
        assert_eq!(said(text), "kv.address kv.token preset.acme");
        let file = file::parse(Path::new("config.toml"), text).expect("no mistake");
        assert_eq!((file.sources.presets["acme"].place, file.sources.kv.token.expect("said").place), ((4, 17), (3, 9)));
    }

    #[test]
    fn a_mistake_is_named_with_its_place_and_its_mend() {
        for (text, mistake) in [
            ("[sources.preset.Acme]\nrun = [\"x\"]\n", "config.toml:1:17: a preset is named"),
            ("[sources.preset.acme]\nrun = []\n", "begins with the program"),
            ("[sources.preset.acme]\nrun = [\"{ref}\"]\n", "no placeholder"),
            ("[sources.preset.acme]\nenv = [\"A=b\"]\n", "names of variables"),
            ("[sources.preset.acme]\nseconds = 0\n", "between 1 and 300"),
            ("[sources.preset.acme]\nbytes = 0\n", "`bytes` is between"),
            ("[sources.preset.acme]\npointer = \"a\"\n", "begins with /"),
            ("[sources.preset.acme]\noutput = \"json\"\n", "needs a `pointer`"),
            ("[sources.preset.acme]\nshell = \"x\"\n", "unknown field"),
            ("[sources.kv]\ntoken = \"env:T\"\ntoken_file = \"/t\"\n", "config.toml:3:14: there are two ways"),
            ("[sources.kv]\nca_file = \"ca.pem\"\n", "config.toml:2:11: is no absolute path"),
        ] {
            assert!(said(text).contains(mistake), "{text}: {}", said(text));
        }
    }

    #[test]
    fn the_first_file_counts_and_a_token_is_one_files() {
        let of = |text: &str| file::parse(Path::new("config.toml"), text).expect("no mistake").sources;
        let mut first = of("[sources.kv]\ntoken = \"keyring:bao\"\n");
        first.or(&of(
            "[sources.kv]\naddress = \"https://h\"\ntoken_file = \"/t\"\n[sources.preset.pass]\nseconds = 5\n",
        ));
        let names: Vec<_> = first.names().into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["kv.address", "kv.token", "preset.pass"]);
    }
}
