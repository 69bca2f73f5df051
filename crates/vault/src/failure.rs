//! Why there is no value.

use std::fmt;

use scrub::Scanner;

use crate::Reference;

/// What happened and what to do. Both are sentences of ours: no value and nothing that another program said.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.mend)
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

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = format!("{}: {}", self.reference, self.failure);
        // A value may have come into the place of a name.
        let shown = Scanner::builtin().and_then(|scanner| scanner.redacted(&said));
        f.write_str(shown.as_deref().unwrap_or("a credential could not be fetched"))
    }
}

impl fmt::Debug for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for FetchError {}
