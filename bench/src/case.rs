//! A text with labelled secrets in it.

/// Where a secret stands and what it is; the report speaks of both, never of the value.
pub struct Case {
    /// Group, kind and context, for the report.
    pub group: Group,
    /// The kind's name.
    pub kind: &'static str,
    /// The context's name.
    pub context: &'static str,
    /// The text.
    pub text: String,
    /// The secrets, as they are spelled in the text.
    pub secrets: Vec<String>,
}

/// A group of the report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Credentials of vendors that carry a mark.
    Marked,
    /// Credentials of vendors that only their name tells.
    Named,
    /// Passwords and keys of no vendor.
    Keyword,
    /// What its surroundings tell: keys in PEM, connection strings, headers.
    Structural,
}

impl Group {
    /// All, in the report's order.
    pub const ALL: [Self; 4] = [Self::Marked, Self::Named, Self::Keyword, Self::Structural];

    /// As the report says it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Marked => "vendors' credentials with a mark (`ghp_…`)",
            Self::Named => "vendors' credentials without (32 hex digits behind `DD_API_KEY`)",
            Self::Keyword => "passwords and keys of no vendor",
            Self::Structural => "structural (PEM, connection strings, headers, …)",
        }
    }
}
