//! Presets: what the commands of password managers and secret services want and give, as data.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use config::ConfigError;
use config::source::{self, Encoding, Output, Said, Sources};
use serde::Deserialize;

use super::parts::{self, Values};
use crate::{LARGEST, Reference};

/// A command may take so long unless its preset says otherwise, in seconds.
const USUAL_SECONDS: u64 = 20;

/// The placeholders that there are whatever the reference is.
const ALWAYS: [&str; 3] = ["ref", "home", "confighome"];

/// A preset that comes with stanch.
pub struct Builtin {
    pub name: String,
    pub preset: Preset,
}

/// How a command is run and read.
#[derive(Clone)]
pub struct Preset {
    pub forms: Vec<Form>,
    /// Parts that are paths: whole, or below the home.
    files: Vec<String>,
    pub env: Vec<String>,
    pub set: BTreeMap<String, String>,
    pub stdin: Option<Reference>,
    pub output: Output,
    pub pointer: String,
    pub encoding: Encoding,
    pub seconds: u64,
    pub bytes: usize,
    causes: Vec<Cause>,
}

/// One way to write the reference, and the command for it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    #[serde(rename = "ref")]
    pub parts: String,
    pub run: Vec<String>,
}

/// A failure that the command is known for.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Its exit code, if that matters.
    code: Option<i32>,
    /// Part of what it says then, in small letters, if that matters.
    says: Option<String>,
    /// What that means.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Where the contract is documented; for those who read the table.
    #[serde(rename = "source")]
    _source: String,
    form: Vec<Form>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    #[serde(default)]
    output: Output,
    #[serde(default)]
    pointer: String,
    #[serde(default)]
    encoding: Encoding,
    seconds: Option<u64>,
    bytes: Option<usize>,
    #[serde(default)]
    cause: Vec<Cause>,
}

static BUILTIN: LazyLock<BTreeMap<String, Builtin>> = LazyLock::new(|| {
    // A test reads it; a table that cannot be read has no presets.
    let rows: BTreeMap<String, Row> = toml::from_str(include_str!("presets.toml")).unwrap_or_default();
    rows.into_iter().map(|(name, row)| (name.clone(), Builtin { name, preset: Preset::from(row) })).collect()
});

/// The built-in preset of that name.
pub fn builtin(name: &str) -> Option<&'static Builtin> {
    BUILTIN.get(name)
}

/// Their names.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    BUILTIN.keys().map(String::as_str)
}

impl From<Row> for Preset {
    fn from(row: Row) -> Self {
        Self {
            forms: row.form,
            files: row.files,
            env: row.env,
            set: row.set,
            stdin: None,
            output: row.output,
            pointer: row.pointer,
            encoding: row.encoding,
            seconds: row.seconds.unwrap_or(USUAL_SECONDS),
            bytes: row.bytes.unwrap_or(LARGEST),
            causes: row.cause,
        }
    }
}

impl Builtin {
    /// How a reference is written.
    pub fn written(&self) -> String {
        let forms: Vec<String> = self.preset.forms.iter().map(|form| format!("{}:{}", self.name, form.parts)).collect();
        forms.join(" or ")
    }
}

impl Preset {
    /// The form that fits a reference, and its parts.
    pub fn values(&self, reference: &str) -> Result<(&Form, Values), String> {
        let mut wrong = "names no command to run".to_owned();
        for form in &self.forms {
            match parts::taken_apart(&form.parts, reference) {
                Ok(values) => {
                    let is_path = |path: &String| path.starts_with("~/") || Path::new(path).is_absolute();
                    if self.files.iter().filter_map(|file| values.get(file)).all(is_path) {
                        return Ok((form, values));
                    }
                    wrong = "names a file that begins with neither / nor ~/".to_owned();
                }
                Err(why) => wrong = why,
            }
        }
        Err(wrong)
    }

    /// `~/` in paths.
    pub fn expand_home(&self, values: &mut Values) {
        let home = values.get("home").cloned().unwrap_or_default();
        for file in &self.files {
            if let Some(path) = values.get_mut(file)
                && let Some(rest) = path.strip_prefix("~/")
            {
                *path = format!("{home}/{rest}");
            }
        }
    }

    /// What the command is known to mean by that.
    pub fn cause(&self, code: Option<i32>, said: &[u8]) -> Option<&Cause> {
        let says = |words: &String| {
            let words = words.as_bytes();
            said.windows(words.len()).any(|part| part.eq_ignore_ascii_case(words))
        };
        self.causes
            .iter()
            .find(|cause| cause.code.is_none_or(|of| Some(of) == code) && cause.says.as_ref().is_none_or(says))
    }
}

/// All presets: the built-in ones as the user has them, and the user's own.
pub struct Presets {
    changed: BTreeMap<String, Preset>,
    own: BTreeMap<String, Preset>,
}

impl Presets {
    pub fn new(sources: &Sources) -> Result<Self, ConfigError> {
        let mut presets = Self { changed: BTreeMap::new(), own: BTreeMap::new() };
        for (name, said) in &sources.presets {
            let wrong = |message: String| ConfigError { file: said.file.clone(), place: Some(said.place), message };
            let stdin = match &said.value.stdin {
                None => None,
                Some(text) => Some(Reference::parse(text).map_err(|why| wrong(format!("`stdin`: {why}")))?),
            };
            // A command that waits for a command could wait for itself.
            if stdin.as_ref().is_some_and(Reference::is_command) {
                return Err(wrong(
                    "`stdin` comes from a keyring, the environment or kv:, not from a command".to_owned(),
                ));
            }
            let preset = match builtin(name) {
                Some(builtin) => {
                    presets.changed.insert(name.clone(), changed(&builtin.preset, said, stdin).map_err(wrong)?)
                }
                None => presets.own.insert(name.clone(), own(&said.value, stdin).map_err(wrong)?),
            };
            debug_assert!(preset.is_none());
        }
        Ok(presets)
    }

    pub fn builtin(&self, name: &str) -> Option<&Preset> {
        self.changed.get(name).or_else(|| Some(&builtin(name)?.preset))
    }

    pub fn own(&self, name: &str) -> Option<&Preset> {
        self.own.get(name)
    }
}

fn changed(builtin: &Preset, said: &Said<source::Preset>, stdin: Option<Reference>) -> Result<Preset, String> {
    let source::Preset { run, parts, env, set, output, pointer, encoding, seconds, bytes, .. } = &said.value;
    if parts.is_some() || output.is_some() || pointer.is_some() || encoding.is_some() {
        return Err("is a built-in preset: `ref`, `output`, `pointer` and `encoding` are its own; choose another name"
            .to_owned());
    }
    let mut preset = builtin.clone();
    match run.as_deref() {
        None => {}
        Some([program]) => preset.forms.iter_mut().for_each(|form| form.run[0].clone_from(program)),
        Some(_) => return Err("is a built-in preset: `run` is the program alone, such as [\"/opt/bin/op\"]".to_owned()),
    }
    preset.env.extend(env.iter().flatten().cloned());
    preset.set.extend(set.iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    preset.stdin = stdin;
    preset.seconds = seconds.unwrap_or(preset.seconds);
    preset.bytes = bytes.unwrap_or(preset.bytes);
    Ok(preset)
}

fn own(said: &source::Preset, stdin: Option<Reference>) -> Result<Preset, String> {
    let run = said.run.clone().ok_or("is a preset of your own and has no `run`; say the command and its arguments")?;
    let form = Form { parts: said.parts.clone().unwrap_or_else(|| "{ref}".to_owned()), run };
    let parts = parts::names(&form.parts);
    if parts.iter().any(|part| *part != "ref" && ALWAYS.contains(part)) {
        return Err(
            "has {home} or {confighome} in its `ref`: they have a meaning of their own; choose another name".to_owned()
        );
    }
    let known: Vec<&str> = parts.into_iter().chain(ALWAYS).collect();
    let set = said.set.iter().flat_map(BTreeMap::values);
    for text in form.run.iter().chain(set).chain(&said.pointer) {
        if let Some(name) = parts::names(text).into_iter().find(|name| !known.contains(name)) {
            return Err(format!("has a placeholder {{{name}}} that its `ref` does not make"));
        }
    }
    Ok(Preset {
        forms: vec![form],
        files: Vec::new(),
        env: said.env.clone().unwrap_or_default(),
        set: said.set.clone().unwrap_or_default(),
        stdin,
        output: said.output.unwrap_or_default(),
        pointer: said.pointer.clone().unwrap_or_default(),
        encoding: said.encoding.unwrap_or_default(),
        seconds: said.seconds.unwrap_or(USUAL_SECONDS),
        bytes: said.bytes.unwrap_or(LARGEST),
        causes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_is_whole() {
        let rows: BTreeMap<String, Row> = toml::from_str(include_str!("presets.toml")).expect("the table");
        assert_eq!(rows.len(), BUILTIN.len());
        for (name, row) in &rows {
            assert!(row._source.starts_with("https://") || row._source.contains("--help"), "{name}");
            for form in &row.form {
                assert!(!parts::names(&form.parts).iter().any(|part| ALWAYS.contains(part)), "{name}");
                let known: Vec<&str> = parts::names(&form.parts).into_iter().chain(ALWAYS).collect();
                let texts = form.run.iter().chain(row.set.values()).chain([&row.pointer]);
                for used in texts.flat_map(|text| parts::names(text)) {
                    assert!(known.contains(&used), "{name}: {used}");
                }
            }
            assert!(row.output != Output::Json || row.pointer.starts_with('/'), "{name}");
            for cause in &row.cause {
                assert!(cause.says.as_ref().is_none_or(|says| *says == says.to_lowercase()), "{name}");
            }
        }
    }
}
