//! A reference: which store, and which credential in it. Written in configuration and in logs; never a value.

use std::fmt;

use crate::Provider;
use crate::command::Call;
use crate::command::preset;
use crate::keyutils::Key;
use crate::kv::Field;
use crate::os_keyring::Item;
use crate::variable::Variable;

/// A longer text is no reference.
const LONGEST: usize = 1024;

/// Where one credential lies.
#[derive(Clone)]
pub struct Reference {
    text: String,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Keyring(Item),
    Keyutils(Key),
    Environment(Variable),
    Kv(Field),
    Command(Call),
}

/// A text that is no reference. Nothing of the text is in it: it may be a value that came into the wrong place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadReference(pub(crate) String);

impl Reference {
    /// Reads a reference as it stands in a configuration; docs/credentials.md has the forms.
    ///
    /// # Errors
    /// What a reference of that kind looks like, and nothing of the text.
    pub fn parse(text: &str) -> Result<Self, BadReference> {
        let wrong = |message: String| Err(BadReference(message));
        if text.len() > LONGEST || text.chars().any(char::is_control) {
            return wrong(format!(
                "is longer than {LONGEST} bytes or holds a control character: no source has such a name"
            ));
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return wrong(format!("names no store; a source begins with one of {}. {NO_VALUES}", schemes()));
        };
        let place = match scheme {
            "keyring" => Item::parse(rest).map(Place::Keyring),
            "keyutils" => Key::parse(rest).map(Place::Keyutils),
            "env" => Variable::parse(rest).map(Place::Environment),
            "command" => Call::of_own(rest).map(Place::Command),
            _ => match Field::parse(scheme, rest) {
                Some(field) => field.map(Place::Kv),
                None => match preset::builtin(scheme) {
                    Some(preset) => Call::of_builtin(preset, rest).map(Place::Command),
                    None => Err(format!("names a store that is not known; known are {}. {NO_VALUES}", schemes())),
                },
            },
        };
        match place {
            Ok(place) => Ok(Self { text: text.to_owned(), place }),
            Err(message) => wrong(message),
        }
    }

    /// The entry of this name that `stanch store` makes in the OS keyring.
    ///
    /// # Errors
    /// It is no name.
    pub fn of_keyring(name: &str) -> Result<Self, BadReference> {
        Self::parse(&format!("keyring:{name}"))
    }

    /// The same in the kernel's keyring.
    ///
    /// # Errors
    /// It is no name.
    pub fn of_keyutils(name: &str) -> Result<Self, BadReference> {
        Self::parse(&format!("keyutils:{name}"))
    }

    /// The store: what stands before the first colon.
    pub fn scheme(&self) -> &str {
        self.text.split(':').next().unwrap_or_default()
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether another program is started to fetch it.
    pub(crate) fn is_command(&self) -> bool {
        matches!(self.place, Place::Command(_))
    }

    /// Whether it is fetched with a token that itself may be named by a reference.
    pub(crate) fn is_kv(&self) -> bool {
        matches!(self.place, Place::Kv(_))
    }

    /// The preset of the user's own that it names, if it does.
    pub fn own_preset(&self) -> Option<&str> {
        match &self.place {
            Place::Command(call) => call.own_preset(),
            _ => None,
        }
    }

    /// Who fetches it.
    pub fn provider(&self) -> &dyn Provider {
        match &self.place {
            Place::Keyring(item) => item,
            Place::Keyutils(key) => key,
            Place::Environment(variable) => variable,
            Place::Kv(field) => field,
            Place::Command(call) => call,
        }
    }
}

const NO_VALUES: &str = "A value itself does not belong here: `stanch store NAME` takes it, then write keyring:NAME";

/// Every scheme, as a list for people.
fn schemes() -> String {
    let native = ["keyring:", "keyutils:", "env:", "kv:"].map(str::to_owned);
    let presets = preset::builtin_names().map(|name| format!("{name}:"));
    native.into_iter().chain(presets).chain(["command:".to_owned()]).collect::<Vec<_>>().join(", ")
}

/// The name of an entry that stanch makes itself: it stands in files, on command lines and in other programs' lists.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._@/-".contains(&b);
    if (1..=128).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with(['-', '/', '.']) {
        return Ok(text.to_owned());
    }
    Err("has no name that can be kept: up to 128 letters, digits and . _ @ / -, a letter or digit or _ first"
        .to_owned())
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Reference {}

impl PartialOrd for Reference {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reference {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl fmt::Display for BadReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the source {}", self.0)
    }
}

impl std::error::Error for BadReference {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Failure, FetchError};

    #[test]
    fn every_form_of_the_documentation_is_read() {
        for text in [
            "keyring:github",
            "keyring:agents/coder/github",
            "keyring://gh:github.com/octocat",
            "keyutils:github",
            "env:GITHUB_TOKEN",
            "kv:secret/ci#token",
            "kv:secret/ci?version=1#token",
            "kv://bao.example.org:8200/secret/ci#token",
            "bao+https://bao.example.org:8200/secret/ci#token",
            "vault+https://bao.example.org/secret/ci#token",
            "kv+http://127.0.0.1:8200/secret/ci#token",
            "kv+http://[::1]:8200/secret/ci#token",
            "pass:agents/github",
            "keepassxc:/home/you/agents.kdbx#/github",
            "keepassxc:~/agents.kdbx#/github",
            "op://Work/CI/token",
            "op://Work/CI item/section/token",
            "bw:3f0cb1c2-7c1b-4f7e-9d0e-b1a0012c3d4e",
            "rbw:github",
            "bws:3f0cb1c2-7c1b-4f7e-9d0e-b1a0012c3d4e",
            "aws-sm:prod/ci",
            "gcp-sm:project/name",
            "az-kv:vault/name",
            "doppler:GITHUB_TOKEN",
            "doppler:project/config/GITHUB_TOKEN",
            "infisical:prod/GITHUB_TOKEN",
            "infisical:project/prod/GITHUB_TOKEN",
            "akeyless:/agents/github",
            "sops:/home/you/secrets.yaml#ci/token",
            "age:/home/you/token.age#/home/you/key.txt",
            "age:~/token.age",
            "command:acme/ci/token",
            "command:acme",
        ] {
            let reference = Reference::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!((reference.to_string(), format!("{reference:?}")), (text.to_owned(), text.to_owned()));
            // None of them reads as a secret, which would be taken out of the error.
            let error = FetchError { reference, failure: Box::new(Failure::new("what", "mend")) };
            assert_eq!(error.to_string(), format!("{text}: what; mend"));
        }
    }

    #[test]
    fn what_is_no_reference_is_refused_and_not_quoted() {
        let value = ["ghp", "_k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U"].concat();
        for (before, after) in [
            ("", ""),
            ("nosuch:", ""),
            ("keyring:", " with blanks"),
            ("keyring:-", ""),
            ("keyring://", ""),
            ("keyutils:", "!"),
            ("env:", "-x"),
            ("kv:", ""),
            ("kv:secret/", "?version=3#x"),
            ("kv:secret/../", "#x"),
            ("kv://user:", "@host/secret/x#y"),
            ("kv+http://bao.example.org/", "#x"),
            ("kv+https:", "#x"),
            ("pass:-", ""),
            ("op:", ""),
            ("op://", ""),
            ("gcp-sm:", ""),
            ("keepassxc:agents.kdbx#", ""),
            ("sops:secrets.yaml#", ""),
            ("command:", "!/x"),
            ("aws-sm:", "\n"),
        ] {
            let text = format!("{before}{value}{after}");
            let error = Reference::parse(&text).map(|r| r.to_string()).expect_err(&text);
            assert!(!format!("{error}{error:?}").contains("k3V9"), "{error}");
            assert!(error.to_string().starts_with("the source "), "{error}");
        }
    }
}
