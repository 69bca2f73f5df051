//! One configuration file: its schema, read with the place of everything in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::lend::raw;
use crate::lend::terms::Entry;
use crate::plain::{self, Content};
use crate::source::{self, Sources};
use crate::{Arguments, ConfigError, Output};

/// A configuration file as it stands.
pub struct File {
    /// Where it lies.
    pub path: PathBuf,
    /// Files of rules, relative to the file's folder.
    pub rules: Vec<Placed<String>>,
    /// By tool or pattern of tools.
    pub tools: Vec<(String, Tool)>,
    /// Values that are no secret.
    pub allow: Vec<Placed<Allow>>,
    /// Credentials, by name.
    pub lend: Vec<Entry>,
    /// Where credentials come from.
    pub sources: Sources,
}

/// What is done about one tool's secrets, as far as the file says it.
pub struct Tool {
    /// In its arguments.
    pub arguments: Option<Placed<Arguments>>,
    /// In its output.
    pub output: Option<Placed<Output>>,
}

/// Something of the file and the line and column where it stands, counted from 1.
#[derive(Clone)]
pub struct Placed<T> {
    /// What stands there.
    pub value: T,
    /// Line and column.
    pub place: (usize, usize),
}

/// A value that is no secret.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// Its keyed digest, see [`crate::allow`].
    pub digest: String,
    /// Why.
    pub reason: String,
    /// The folder in which it holds; everywhere, if none is given.
    pub scope: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    redact: RawRedact,
    #[serde(default)]
    lend: raw::Section,
    #[serde(default)]
    sources: source::Raw,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawRedact {
    #[serde(default)]
    rules: Vec<Spanned<String>>,
    #[serde(default)]
    tools: BTreeMap<Spanned<String>, RawTool>,
    #[serde(default)]
    allow: Vec<Spanned<Allow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTool {
    arguments: Option<Spanned<Arguments>>,
    output: Option<Spanned<Output>>,
}

/// Reads a configuration file; `None` if there is none.
///
/// # Errors
/// It is there, but cannot be read or is not what it should be. What it would have said is not known then.
pub fn read(path: &Path) -> Result<Option<File>, ConfigError> {
    match plain::read(path) {
        Content::Missing => Ok(None),
        Content::Unread => Err(ConfigError::of(
            path,
            format!(
                "is no plain file, larger than {} MiB, or may not be read; mend its permissions, or take it away",
                plain::LARGEST >> 20
            ),
        )),
        Content::Whole(bytes) => match String::from_utf8(bytes) {
            Ok(text) => parse(path, &text).map(Some),
            Err(e) => Err(ConfigError::of(path, format!("is not UTF-8 at byte {}", e.utf8_error().valid_up_to()))),
        },
    }
}

/// Reads the text of a configuration file.
pub fn parse(path: &Path, text: &str) -> Result<File, ConfigError> {
    let raw: Raw = toml::from_str(text).map_err(|e| mistake(path, text, &e))?;
    let place = |offset: usize| ConfigError::at(path, text, offset, "").place.unwrap_or((1, 1));
    fn placed<T>(spanned: Spanned<T>, place: impl Fn(usize) -> (usize, usize)) -> Placed<T> {
        Placed { place: place(spanned.span().start), value: spanned.into_inner() }
    }
    for name in raw.redact.tools.keys() {
        let inner = name.get_ref().strip_suffix('*').unwrap_or(name.get_ref());
        if inner.contains('*') || name.get_ref().is_empty() {
            let message = "a tool is named whole, or by its beginning and a `*`";
            return Err(ConfigError::at(path, text, name.span().start, message));
        }
    }
    for allow in &raw.redact.allow {
        if allow.get_ref().scope.as_ref().is_some_and(|scope| !scope.is_absolute()) {
            let message = "a scope is the absolute path of a folder; without one, the entry holds everywhere";
            return Err(ConfigError::at(path, text, allow.span().start, message));
        }
        let digest = &allow.get_ref().digest;
        if digest.len() != crate::allow::DIGEST || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
            let message = "is no digest; let `stanch allow` write such entries";
            return Err(ConfigError::at(path, text, allow.span().start, message));
        }
    }
    Ok(File {
        path: path.to_owned(),
        rules: raw.redact.rules.into_iter().map(|rules| placed(rules, place)).collect(),
        tools: raw
            .redact
            .tools
            .into_iter()
            .map(|(name, tool)| {
                let tool = Tool {
                    arguments: tool.arguments.map(|a| placed(a, place)),
                    output: tool.output.map(|o| placed(o, place)),
                };
                (name.into_inner(), tool)
            })
            .collect(),
        allow: raw.redact.allow.into_iter().map(|allow| placed(allow, place)).collect(),
        lend: raw::entries(raw.lend, path, text)?,
        sources: Sources::of(raw.sources, path, text)?,
    })
}

/// The parser's message without what it quotes: a value may have come into the wrong file.
pub(crate) fn mistake(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let said = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    // Of a value that is not what it should be the text is quoted first; what TOML itself wants is a fixed text.
    let quotes =
        ["invalid type", "invalid value", "invalid length", "unknown"].iter().any(|start| said.starts_with(start));
    let mut message = if quotes { hidden(&hidden(&said, '"'), '`') } else { said };
    for (theirs, ours) in
        [("a sequence", "a list"), ("a map", "a table"), ("i64", "a whole number"), ("u64", "a whole number")]
    {
        message = message.replace(&format!("expected {theirs}"), &format!("expected {ours}"));
    }
    message.push_str("; what may stand there: docs/configuration.md, for [lend] docs/lending.md");
    ConfigError::at(path, text, error.span().map_or(0, |span| span.start), message)
}

/// A message without what it quotes so, before it says what was expected. What is quoted may hold quotes itself.
fn hidden(message: &str, quote: char) -> String {
    let end = message.rfind(", expected").unwrap_or(message.len());
    match (message[..end].find(quote), message[..end].rfind(quote)) {
        (Some(first), Some(last)) if first < last => format!("{}…{}", &message[..=first], &message[last..]),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match parse(Path::new("config.toml"), text) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_mistake_is_named_with_line_and_column_and_without_its_value() {
        assert_eq!(said("[redact]\nrules = [\"a.toml\"]\n[redact.tools.Bash]\narguments = \"ask\"\n"), "ok");
        let wrong = said("[redact]\n\n  [redact.tools.Bash]\n  arguments = \"hunter2x\"\n");
        assert!(wrong.starts_with("config.toml:4:15: unknown variant `…`, expected one of `pass`"), "{wrong}");
        assert!(!wrong.contains("hunter2x"), "{wrong}");
        for text in ["[redact]\nrules = 12345678\n", "12345678 = 1\n", "[redact.tools.Bash.12345678]\n"] {
            assert!(!said(text).contains("12345678"), "{}", said(text));
        }
        let wrong = said("[redact]\nrules = \"hunter2x\"\n");
        assert!(wrong.starts_with("config.toml:2:9: ") && !wrong.contains("hunter2x"), "{wrong}");
        assert!(said("[redact\n").starts_with("config.toml:1:"), "{}", said("[redact\n"));
        // A value with quotes in it, and what TOML wants, which is none.
        let wrong = said("[redact]\nrules = \"a\\\"b\\\"c, expected d\"\n");
        assert!(wrong.contains("string \"…\", expected a list") && !wrong.contains('b'), "{wrong}");
        assert!(said("[redact\n").contains("expected `]`") && said("[redact]\nrules\n").contains("expected `=`"));
        assert!(said("[redact]\nrulez = []\n").contains("config.toml:2:1: unknown field `…`, expected one of `rules`"));
        assert!(said("[redact.tools.\"a*b\"]\noutput = \"stop\"\n").contains("config.toml:1:15"));
        assert!(said("[[redact.allow]]\ndigest = \"12\"\nreason = \"r\"\n").contains("no digest"));
    }
}
