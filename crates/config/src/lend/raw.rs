//! The schema of `[lend]`: TOML to terms, and what is wrong with one entry by itself.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::pattern::Pattern;
use super::terms::{Entry, Folder, List, Reference, Said, Terms, Way, Who};
use crate::{ConfigError, Source, places};

/// The longest that a lease may last.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// More grants for one tool call than any command line asks for.
const MOST_USES: i64 = 100;

/// The section as it stands in the file.
pub(crate) type Section = BTreeMap<Spanned<String>, RawEntry>;

pub(crate) enum RawEntry {
    Never,
    Terms(Box<RawTerms>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTerms {
    source: Option<Spanned<String>>,
    lifetime: Option<Spanned<String>>,
    by: Option<Spanned<String>>,
    r#for: Option<Spanned<String>>,
    tools: Option<Strings>,
    agents: Option<Strings>,
    sessions: Option<Strings>,
    repositories: Option<Strings>,
    uses: Option<Spanned<i64>>,
    servers: Option<Strings>,
}

type Strings = Spanned<Vec<Spanned<String>>>;

/// A table or a word; an untagged enum would lose the places within the table.
impl<'de> Deserialize<'de> for RawEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = RawEntry;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the terms of a credential, or the word never")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<RawEntry, E> {
                let wrong = || E::custom("a credential is lent on terms, [lend.NAME], or is the word never");
                (word == "never").then_some(RawEntry::Never).ok_or_else(wrong)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawEntry, A::Error> {
                RawTerms::deserialize(MapAccessDeserializer::new(map)).map(|terms| RawEntry::Terms(Box::new(terms)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The entries of a file.
///
/// # Errors
/// One of them says something that it cannot mean.
pub(crate) fn entries(section: Section, file: &Path, text: &str) -> Result<Vec<Entry>, ConfigError> {
    let page = Page { file, text };
    section.into_iter().map(|(name, raw)| page.entry(name, raw)).collect()
}

/// The file that is read.
struct Page<'t> {
    file: &'t Path,
    text: &'t str,
}

impl Page<'_> {
    fn entry(&self, name: Spanned<String>, raw: RawEntry) -> Result<Entry, ConfigError> {
        let name = self.said(name, |name| {
            let letters = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
            let is_name = !name.is_empty() && name.len() <= 64 && name.bytes().all(letters);
            (is_name || name == "*")
                .then_some(name)
                .ok_or("is no name of a credential: letters, digits, `-`, `_`, at most 64")
        })?;
        let terms = match raw {
            RawEntry::Never => None,
            RawEntry::Terms(_) if name.value == "*" => {
                return Err(self.wrong_at(&name.at, "`*` names all others, and of them only `\"never\"` can be said"));
            }
            RawEntry::Terms(raw) => Some(self.terms(&name.value, *raw)?),
        };
        Ok(Entry { name, terms })
    }

    fn terms(&self, name: &str, raw: RawTerms) -> Result<Terms, ConfigError> {
        let of = |what: &'static str| {
            move |wrong: ConfigError| ConfigError { message: format!("lend.{name}: {what} {}", wrong.message), ..wrong }
        };
        Ok(Terms {
            source: raw.source.map(|source| self.said(source, reference)).transpose().map_err(of("`source`"))?,
            lifetime: raw.lifetime.map(|time| self.said(time, duration)).transpose().map_err(of("`lifetime`"))?,
            by: raw.by.map(|by| self.said(by, way)).transpose().map_err(of("`by`"))?,
            bound: raw.r#for.map(|bound| self.said(bound, Ok)).transpose()?,
            tools: self.list(raw.tools, |tool| Pattern::parse(&tool)).map_err(of("an entry of `tools`"))?,
            agents: self.list(raw.agents, who).map_err(of("an entry of `agents`"))?,
            sessions: self.list(raw.sessions, named).map_err(of("an entry of `sessions`"))?,
            repositories: self
                .list(raw.repositories, |folder| self.folder(folder))
                .map_err(of("an entry of `repositories`"))?,
            uses: raw.uses.map(|uses| self.said(uses, count)).transpose().map_err(of("`uses`"))?,
            servers: self.list(raw.servers, named).map_err(of("an entry of `servers`"))?,
        })
    }

    /// A folder: `~/…`, absolute, or (what a project's file needs) relative to the file.
    fn folder(&self, written: String) -> Result<Folder, &'static str> {
        if written == "*" {
            return Ok(Folder::Anywhere);
        }
        if written.is_empty() || written.contains('*') || written.contains(char::is_control) {
            return Err("is no folder: write a folder, which holds for all below it, or `*` for everywhere");
        }
        let path = match written.strip_prefix('~') {
            Some("") => places::home().ok_or("is below `~`, and you have no home folder")?,
            Some(below) if below.starts_with('/') => {
                places::home().ok_or("is below `~`, and you have no home folder")?.join(below.trim_start_matches('/'))
            }
            Some(_) => return Err("is another user's home: write the folder itself"),
            None => self.file.parent().unwrap_or(Path::new("/")).join(&written),
        };
        let real = path.canonicalize();
        Ok(Folder::Below { written, exists: real.is_ok(), path: real.unwrap_or_else(|_| without_dots(&path)) })
    }

    fn said<T, U>(
        &self,
        raw: Spanned<T>,
        read: impl FnOnce(T) -> Result<U, &'static str>,
    ) -> Result<Said<U>, ConfigError> {
        let offset = raw.span().start;
        let wrong = |message| ConfigError::at(self.file, self.text, offset, message);
        let at = Source::File(self.file.to_owned(), wrong("").place.unwrap_or((1, 1)));
        Ok(Said { value: read(raw.into_inner()).map_err(wrong)?, at })
    }

    fn list<T>(
        &self,
        raw: Option<Strings>,
        read: impl Fn(String) -> Result<T, &'static str>,
    ) -> Result<Option<List<T>>, ConfigError> {
        let Some(raw) = raw else { return Ok(None) };
        let at = self.said(Spanned::new(raw.span(), ()), Ok)?.at;
        let value = raw.into_inner().into_iter().map(|item| self.said(item, &read)).collect::<Result<_, _>>()?;
        Ok(Some(Said { value, at }))
    }

    fn wrong_at(&self, at: &Source, message: &str) -> ConfigError {
        mistake(at, message)
    }
}

/// A mistake at a place that is known already.
pub(super) fn mistake(at: &Source, message: impl Into<String>) -> ConfigError {
    match at {
        Source::File(file, place) => ConfigError { file: file.clone(), place: Some(*place), message: message.into() },
        Source::BuiltIn => ConfigError { file: PathBuf::new(), place: None, message: message.into() },
    }
}

fn reference(text: String) -> Result<Reference, &'static str> {
    if Reference::is_one(&text) {
        Ok(Reference(text))
    } else {
        Err(
            "is no source: write where the value lies, like `keyring:NAME` (docs/credentials.md). If this is the value itself, \
             take it out, store it with `stanch store`, and change it where it was issued",
        )
    }
}

fn duration(text: String) -> Result<Duration, &'static str> {
    let read = humantime::parse_duration(&text).map_err(|_| "is no time: write `90s`, `10m` or `1h`")?;
    if read > LONGEST {
        return Err("is too long: a lease lasts at most `1h`");
    }
    if read < Duration::from_secs(1) {
        return Err("is too short: a lease lasts at least `1s`");
    }
    Ok(read)
}

/// Variables with a meaning of their own for the loader, shells and interpreters (ld.so(8), bash(1), node(1), python(1)): a
/// credential in one of them is a mistake, and one that loads what an agent names.
const TAKEN: [&str; 20] = [
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "GCONV_PATH",
    "HOME",
    "IFS",
    "LANG",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PATH",
    "PERL5LIB",
    "PERL5OPT",
    "PS4",
    "PWD",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "SHELL",
    "SHELLOPTS",
    "TERM",
    "TMPDIR",
];
const TAKEN_BEGINNINGS: [&str; 3] = ["BASH_FUNC_", "DYLD_", "LD_"];

fn way(text: String) -> Result<Way, &'static str> {
    let way = Way::parse(&text)
        .ok_or("is no way to hand a credential over: `git`, `pgpass`, `env:VARIABLE` or `mcp-env:VARIABLE`")?;
    let is_taken = |name: &String| {
        TAKEN.contains(&name.as_str()) || TAKEN_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    };
    match &way {
        Way::Environment(name) | Way::Server(name) if is_taken(name) => Err(
            "names a variable that says what programs load and where they look; name the one that the tool reads its credential from",
        ),
        _ => Ok(way),
    }
}

fn who(text: String) -> Result<Who, &'static str> {
    Ok(match named(text)? {
        text if text == "main" => Who::Main,
        text if text == "*" => Who::Anyone,
        text => Who::Type(text),
    })
}

fn named(text: String) -> Result<String, &'static str> {
    let plain = !text.trim().is_empty() && text.len() <= 200 && !text.contains(char::is_control);
    plain.then_some(text).ok_or("is no name")
}

fn count(uses: i64) -> Result<u32, &'static str> {
    u32::try_from(uses)
        .ok()
        .filter(|uses| *uses > 0 && i64::from(*uses) <= MOST_USES)
        .ok_or("is no number of grants for one tool call: 1 to 100")
}

fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}
