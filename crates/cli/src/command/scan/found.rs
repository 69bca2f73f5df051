//! What a search says: places of secrets, and what could not be searched.

/// A secret and its place; never its value.
pub struct Found {
    /// Number of the source.
    pub source: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Number of the rule.
    pub rule: u16,
    /// The value carries its own proof, which holds.
    pub proven: bool,
    /// Where it stands in the JSON of that line or file.
    pub json_path: Option<String>,
}

/// Something that could not be searched. A run with one is no clean run.
pub struct Fault {
    /// Where: a path, or what stands for one.
    pub place: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What happened.
    pub reason: String,
}

impl Fault {
    /// A fault of a whole file.
    pub fn of(place: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self { place: place.into(), line: None, reason: reason.to_string() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.place, self.reason),
            None => write!(f, "{}: {}", self.place, self.reason),
        }
    }
}
