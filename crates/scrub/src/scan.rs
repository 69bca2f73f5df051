//! The matcher: one pass over the text for grams, then each fired rule's own automaton.

use std::fmt;

use once_cell::unsync::OnceCell;

use crate::automaton::Automaton;
use crate::finding::{Finding, united};
use crate::mask::Mask;
use crate::own::Own;
use crate::table::{Part, Table};
use crate::{base64, block, echo, pass, settle, terminal};

/// Why a text could not be scanned. Nothing is known about it then: withhold it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ScanError {
    /// The compiled rules are damaged.
    Table,
    /// The text made the matcher work far more than any real text does.
    TooCostly,
    /// A rule of the user's own cannot be used.
    OwnRule,
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "the compiled rules are damaged; install stanch again",
            Self::TooCostly => "the text is built so that it cannot be searched in reasonable time",
            Self::OwnRule => "a rule of your own cannot be used; `stanch config check` says which, and why",
        })
    }
}

impl fmt::Debug for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ScanError {}

/// What one scan found, and what it was in the middle of when the text ended.
pub(crate) struct Scan {
    pub findings: Vec<Finding>,
    pub open: Option<block::Open>,
}

/// Finds secrets with a table of rules, whose automata it verifies when they first fire.
pub struct Scanner<'t> {
    table: Table<'t>,
    own: Option<&'t dyn Own>,
    /// By rule, in groups: a process that lives for one text touches few of them.
    automata: Vec<OnceCell<Box<[Loaded<'t>; GROUP]>>>,
}

/// Rules of one group.
const GROUP: usize = 32;

/// The automata of a rule, each verified when it is first asked; a rule may have none for some part.
type Loaded<'t> = [OnceCell<Option<Box<Automaton<'t>>>>; 3];

impl<'t> Scanner<'t> {
    /// A scanner with the built-in rules.
    pub fn builtin() -> Result<Self, ScanError> {
        Table::builtin().map(Self::new).ok_or(ScanError::Table)
    }

    /// A scanner with the rules of `table`. It knows the placeholders of the built-in rules as such, no others.
    pub fn new(table: Table<'t>) -> Self {
        Self { table, own: None, automata: (0..table.count().div_ceil(GROUP)).map(|_| OnceCell::new()).collect() }
    }

    /// The same scanner with what a user adds.
    pub fn with(self, own: &'t dyn Own) -> Self {
        Self { table: self.table.with(own.labels()), own: Some(own), ..self }
    }

    /// The rules.
    pub fn table(&self) -> &Table<'t> {
        &self.table
    }

    /// The secrets of a whole text, in order, none overlapping another; a value found once is found wherever it stands.
    ///
    /// With plain placeholders in their places, the text holds nothing more to find.
    pub fn findings(&self, text: &[u8]) -> Result<Vec<Finding>, ScanError> {
        self.findings_under(&Mask::new(self.table), text)
    }

    /// The same for the placeholders of `mask`, which may have tags.
    pub fn findings_under(&self, mask: &Mask<'_>, text: &[u8]) -> Result<Vec<Finding>, ScanError> {
        settle::settled(self, mask, text, self.unsettled(text)?, |text| self.unsettled(text))
    }

    /// The text with plain placeholders in the place of its secrets: what people and models are told.
    pub fn redacted(&self, text: &str) -> Result<String, ScanError> {
        let mut redacted = Vec::with_capacity(text.len());
        Mask::new(self.table).write(text.as_bytes(), &self.findings(text.as_bytes())?, &mut redacted);
        Ok(String::from_utf8_lossy(&redacted).into_owned())
    }

    /// What is found in the text as it stands, whatever its placeholders would bring about: the search alone.
    pub fn unsettled(&self, text: &[u8]) -> Result<Vec<Finding>, ScanError> {
        let mut findings = self.scan(text, 0, None)?.findings;
        echo::everywhere(text, &mut findings);
        Ok(findings)
    }

    /// The secrets that start at `from` or later; what stands before is context, already released.
    pub(crate) fn scan(&self, text: &[u8], from: usize, open: Option<block::Open>) -> Result<Scan, ScanError> {
        let mut scan = self.searched(text, from, open)?;
        terminal::findings(self, text, from, open, &mut scan)?;
        Ok(Scan { findings: self.judged(text, united(self, scan.findings)), open: scan.open })
    }

    /// What is found in the text as it stands, in any order.
    pub(crate) fn searched(&self, text: &[u8], from: usize, open: Option<block::Open>) -> Result<Scan, ScanError> {
        let mut scan = pass::over(self, text, from, open)?;
        base64::findings(self, text, from, &mut scan.findings)?;
        if let Some(own) = self.own {
            scan.findings.extend(self.own_findings(own, text, from)?);
        }
        Ok(scan)
    }

    /// Without what is a placeholder, or no secret to the user.
    pub(crate) fn judged(&self, text: &[u8], mut findings: Vec<Finding>) -> Vec<Finding> {
        settle::drop_filled(text, &mut findings);
        if let Some(own) = self.own {
            findings.retain(|f| !own.excuses(&text[f.span.clone()]));
        }
        findings
    }

    fn own_findings(&self, own: &dyn Own, text: &[u8], from: usize) -> Result<Vec<Finding>, ScanError> {
        let found = own.search(text)?.into_iter().filter(|(_, span)| span.start >= from && !span.is_empty());
        let number = |own: usize| u16::try_from(self.table.count() + own).map_err(|_| ScanError::OwnRule);
        found.map(|(rule, span)| Ok(Finding { rule: number(rule)?, span, proven: false, continued: false })).collect()
    }

    /// One of a rule's automata, verified.
    pub(crate) fn automaton(&self, rule: u16, part: Part) -> Result<Option<&Automaton<'t>>, ScanError> {
        let number = usize::from(rule);
        let group = self.automata.get(number / GROUP).ok_or(ScanError::Table)?;
        let cell = &group.get_or_init(Default::default)[number % GROUP][part as usize];
        let load = || self.table.rule(rule).automaton(part).map(|a| a.map(Box::new)).ok_or(ScanError::Table);
        Ok(cell.get_or_try_init(load)?.as_deref())
    }
}
