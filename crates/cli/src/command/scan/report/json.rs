//! One JSON object, for programs. Its fields are documented in docs/scan.md.

use std::io::{self, Write};

use serde::Serialize;

use super::{LeftOut, Names};
use crate::command::scan::found::{Fault, Found};

#[derive(Serialize)]
struct Output<'o> {
    version: u32,
    findings: Vec<Finding<'o>>,
    errors: Vec<Error<'o>>,
    summary: Summary<'o>,
}

#[derive(Serialize)]
struct Finding<'o> {
    path: String,
    line: usize,
    column: usize,
    rule: &'o str,
    name: &'o str,
    vendor: &'o str,
    proven: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_path: Option<&'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke: Option<&'o str>,
}

#[derive(Serialize)]
struct Error<'o> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    reason: &'o str,
}

#[derive(Serialize)]
struct Summary<'o> {
    files: usize,
    bytes: u64,
    findings: usize,
    errors: usize,
    ignored: usize,
    special: usize,
    packed: usize,
    too_long: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    looked_at: Vec<LookedAt<'o>>,
}

#[derive(Serialize)]
struct LookedAt<'o> {
    agent: &'o str,
    path: String,
    files: usize,
}

pub(super) fn write(
    out: &mut impl Write,
    names: &Names<'_>,
    found: &[Found],
    faults: &[Fault],
    left_out: &LeftOut,
) -> io::Result<()> {
    let finding = |found: &'_ Found| {
        let rule = names.rule(found.rule);
        (names.path(names.source(found.source)), rule)
    };
    let rules: Vec<_> = found.iter().map(finding).collect();
    let findings = found.iter().zip(&rules).map(|(found, (path, rule))| Finding {
        path: path.clone(),
        line: found.line,
        column: found.column,
        rule: rule.id(),
        name: rule.name(),
        vendor: rule.vendor(),
        proven: found.proven,
        json_path: found.json_path.as_deref(),
        revoke: Some(rule.revoke()).filter(|page| page.starts_with("http")),
    });
    let errors =
        faults.iter().map(|fault| Error { path: names.text(&fault.place), line: fault.line, reason: &fault.reason });
    let looked_at =
        left_out.looked_at.iter().map(|(agent, path, files)| LookedAt { agent, path: names.path(path), files: *files });
    let output = Output {
        version: 1,
        findings: findings.collect(),
        errors: errors.collect(),
        summary: Summary {
            files: left_out.texts,
            bytes: left_out.bytes,
            findings: found.len(),
            errors: faults.len(),
            ignored: left_out.ignored,
            special: left_out.special,
            packed: left_out.packed,
            too_long: left_out.too_long,
            looked_at: looked_at.collect(),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &output)?;
    out.write_all(b"\n")
}
