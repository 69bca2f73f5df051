//! What a user adds to the built-in rules: rules of their own, and values that are no secret.
//!
//! Where these come from and how they are searched for is no concern of the matcher: it asks, wherever it searches, and
//! joins what is found to its own findings.

use std::ops::Range;

use crate::scan::ScanError;

/// The ids of a user's own rules begin so: their placeholders are known as such to whoever redacts the text again, with
/// that rule or without it.
pub const OWN: &str = "own_";

/// A rule of a user's own, as people are told of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Label {
    /// [`OWN`] and lower-case letters, digits and underscores: the placeholder's kind.
    pub id: String,
    /// One line for people.
    pub name: String,
    /// Who issues such values.
    pub vendor: String,
    /// Where the rule is written down.
    pub source: String,
    /// Where such a value is revoked; empty if nobody said.
    pub revoke: String,
}

/// What a user adds.
pub trait Own: Sync {
    /// The rules; the number of a rule is its place here.
    fn labels(&self) -> &[Label];

    /// What the rules find in a text, in any order: the rule's number and the span.
    ///
    /// # Errors
    /// A rule that is wanted for this text cannot be used: nothing is known about the text.
    fn search(&self, text: &[u8]) -> Result<Vec<(usize, Range<usize>)>, ScanError>;

    /// Whether the user has said that this value is no secret, whatever rule finds it.
    fn excuses(&self, value: &[u8]) -> bool;
}

/// Whether a kind is one of a rule of somebody's own, whose rules need not be at hand.
pub(crate) fn is_kind(kind: &[u8]) -> bool {
    kind.starts_with(OWN.as_bytes()) && kind.len() > OWN.len()
}
