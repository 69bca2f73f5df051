//! What a scan finds, and how findings that overlap become one.

use std::ops::Range;

use crate::scan::Scanner;
use crate::table::ValueIs;

/// A secret in a text: where it stands and which rule says so.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// Number of the rule in the table.
    pub rule: u16,
    /// Byte range of the secret.
    pub span: Range<usize>,
    /// The value carries its own proof (a checksum, a structure), which holds.
    pub proven: bool,
    /// The secret began in an earlier piece of the stream, where its placeholder stands.
    pub(crate) continued: bool,
}

impl Finding {
    /// Whether the secret began before this span, where its placeholder stands: count it once.
    pub fn is_continued(&self) -> bool {
        self.continued
    }
}

/// Sorts findings and joins those that overlap; the most telling rule names the union.
pub(crate) fn united(scanner: &Scanner<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let telling = |f: &Finding| {
        let rule = scanner.table().rule(f.rule);
        let sort = match (rule.value_is(), rule.has_keywords()) {
            (ValueIs::Block, _) => 3,
            (ValueIs::Pattern, false) => 2,
            (ValueIs::Pattern, true) => 1,
            (ValueIs::Assigned, _) => 0,
        };
        (f.proven, sort, f.span.len())
    };
    // The rule's number decides where nothing else does: the same text has the same names however it comes in pieces.
    findings.sort_by_key(|f| (f.span.start, std::cmp::Reverse(f.span.end), f.rule));
    let mut united: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        match united.last_mut() {
            Some(last) if finding.span.start < last.span.end => {
                let end = last.span.end.max(finding.span.end);
                if telling(&finding) > telling(last) {
                    last.rule = finding.rule;
                    last.proven = finding.proven;
                }
                last.continued |= finding.continued;
                last.span.end = end;
            }
            _ => united.push(finding),
        }
    }
    united
}
