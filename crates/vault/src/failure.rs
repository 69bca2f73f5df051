//! Why there is no value.

use std::fmt;

use scrub::Scanner;

use crate::Reference;

/// What happened and what to do. All are sentences of ours: no value and nothing that another program said.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub mend: String,
    /// A command line with which a person may see more. It may print the value, so an agent is not told of it.
    pub command: Option<String>,
    /// What was needed for it and could not be had, if it is that: in a few words, and where it would have come from.
    pub needed: Option<Box<(&'static str, Reference)>>,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into(), command: None, needed: None }
    }

    pub(crate) fn to_try(what: impl Into<String>, command: String) -> Self {
        Self { command: Some(command), ..Self::new(what, "see what it says when you run it yourself") }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((needed, reference)) = self.needed.as_deref() {
            write!(f, "{needed}, {reference}: ")?;
        }
        write!(f, "{}; {}", self.what, self.mend)?;
        self.command.iter().try_for_each(|command| write!(f, ": {command}"))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A credential that could not be fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchError {
    /// Which.
    pub reference: Reference,
    /// Why.
    pub failure: Box<Failure>,
}

impl FetchError {
    /// The same for a message that an agent reads, or a log: without the place within the store, and without commands, of which many
    /// print values.
    pub fn for_agents(&self) -> String {
        let Failure { what, mend, command, needed } = &*self.failure;
        let is_safe =
            command.is_none() && mend.split('`').skip(1).step_by(2).all(|command| command.starts_with("stanch "));
        let mend = if is_safe { mend } else { "`stanch list --check` shows the user what to do" };
        let needed = needed.as_deref().map(|(needed, reference)| format!("{needed}, {}:…: ", reference.scheme()));
        safe(&format!("{}:…: {}{what}; {mend}", self.reference.scheme(), needed.unwrap_or_default()))
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&safe(&format!("{}: {}", self.reference, self.failure)))
    }
}

/// A value may have come into the place of a name.
fn safe(said: &str) -> String {
    let shown = Scanner::builtin().and_then(|scanner| scanner.redacted(said));
    shown.unwrap_or_else(|_| "a credential could not be fetched".to_owned())
}

impl fmt::Debug for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for FetchError {}
