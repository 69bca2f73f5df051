//! SARIF 2.1.0, which code hosts read: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
//!
//! No fingerprints: one made from a secret without a key would let a reader test guesses. Hosts make their own from the place.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::Names;
use crate::command::scan::found::{Fault, Found};
use crate::command::scan::report::sarif::uri::uri;

mod uri;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log<'l> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'l>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'l> {
    tool: Tool<'l>,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<Outcome<'l>>,
}

#[derive(Serialize)]
struct Tool<'l> {
    driver: Driver<'l>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'l> {
    name: &'static str,
    version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor<'l>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'l> {
    id: &'l str,
    short_description: Message,
    help: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'l str>,
    properties: Properties,
}

#[derive(Serialize)]
struct Properties {
    tags: [&'static str; 2],
    /// GitHub sorts alerts by it: 7.0 to 8.9 is high.
    #[serde(rename = "security-severity")]
    severity: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'l> {
    rule_id: &'l str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
}

pub(super) fn write(out: &mut impl Write, names: &Names<'_>, found: &[Found], faults: &[Fault]) -> io::Result<()> {
    let mut numbers: Vec<u16> = found.iter().map(|found| found.rule).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let rules: Vec<_> = numbers.iter().map(|number| names.rule(*number)).collect();
    let descriptors = rules.iter().map(|rule| {
        let page = Some(rule.revoke()).filter(|page| page.starts_with("http"));
        let what = page.map_or_else(|| "Change it where it is used".to_owned(), |page| format!("Revoke it: {page}"));
        Descriptor {
            id: rule.id(),
            short_description: Message { text: rule.name().to_owned() },
            help: Message { text: format!("{what}; then take it out of the file and of its history.") },
            help_uri: page,
            properties: Properties { tags: ["security", "secret"], severity: "8.0" },
        }
    });
    let here = std::env::current_dir().ok();
    let results = found.iter().map(|found| {
        let index = numbers.partition_point(|number| *number < found.rule);
        let path = names.path(names.source(found.source));
        // Of a path that must not be shown as it is, what may be shown.
        let as_it_is = names.source(found.source);
        let path =
            if as_it_is.to_str() == Some(&path) || as_it_is.to_str().is_none() { as_it_is } else { Path::new(&path) };
        Outcome {
            rule_id: rules[index].id(),
            rule_index: index,
            level: "error",
            message: Message { text: format!("{} stands here in clear text.", rules[index].name()) },
            locations: [Location {
                physical_location: Physical {
                    artifact_location: Artifact { uri: uri(path, here.as_deref()) },
                    region: Region { start_line: found.line, start_column: found.column },
                },
                logical_locations: found
                    .json_path
                    .iter()
                    .map(|path| Logical { fully_qualified_name: path.clone() })
                    .collect(),
            }],
        }
    });
    let notifications = faults
        .iter()
        .map(|fault| Notification { level: "error", message: Message { text: names.text(&fault.to_string()) } });
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "stanch",
                    version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: descriptors.collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: faults.is_empty(),
                tool_execution_notifications: notifications.collect(),
            }],
            results: results.collect(),
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}
