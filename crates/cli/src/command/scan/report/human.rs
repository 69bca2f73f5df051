//! A line for each secret, as compilers write them: editors jump to it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{LeftOut, Names};
use crate::command::scan::found::Found;

/// `path:line:column: kind (name), at place`.
pub fn line(names: &Names<'_>, found: &Found) -> String {
    let rule = names.rule(found.rule);
    let path = names.path(names.source(found.source));
    let mut line = format!("{path}:{}:{}: {} ({})", found.line, found.column, rule.id(), rule.name());
    if let Some(place) = &found.json_path {
        // Writing into a string cannot fail.
        let _ = write!(line, ", at {place}");
    }
    line
}

/// What was searched, what was found, what to do about it.
pub fn summary(names: &Names<'_>, found: &[Found], left_out: &LeftOut) -> String {
    let mut said = String::new();
    let _ = write_summary(&mut said, names, found, left_out);
    said
}

fn write_summary(said: &mut String, names: &Names<'_>, found: &[Found], left_out: &LeftOut) -> std::fmt::Result {
    for (agent, path, files) in &left_out.looked_at {
        writeln!(said, "looked at {agent}: {} ({})", names.path(path), count(*files, "file"))?;
    }
    let mut kinds: BTreeMap<u16, usize> = BTreeMap::new();
    let mut sources: Vec<usize> = found.iter().map(|found| found.source).collect();
    found.iter().for_each(|found| *kinds.entry(found.rule).or_default() += 1);
    sources.dedup();
    for (rule, times) in &kinds {
        let rule = names.rule(*rule);
        write!(said, "{}: {}", rule.id(), count(*times, "time"))?;
        match rule.revoke() {
            page if page.starts_with("http") => writeln!(said, "; revoke or change it: {page}")?,
            _ => writeln!(said, "; change it where it is used")?,
        }
    }
    writeln!(
        said,
        "{} in {}; searched {}, {}",
        count(found.len(), "secret"),
        count(sources.len(), "file"),
        count(left_out.texts, "file"),
        size(left_out.bytes)
    )?;
    write_left_out(said, names, left_out)
}

fn write_left_out(said: &mut String, names: &Names<'_>, left_out: &LeftOut) -> std::fmt::Result {
    if left_out.ignored > 0 {
        let entries = count_as(left_out.ignored, "file or folder was", "files and folders were");
        write!(said, "{entries} left out as .gitignore says; --no-ignore searches them")?;
        let secrets = &left_out.ignored_secrets;
        if let Some(first) = secrets.first() {
            write!(said, ". Among them: {}", names.path(first))?;
            if secrets.len() > 1 {
                write!(said, " and {} more whose names promise secrets", secrets.len() - 1)?;
            }
        }
        writeln!(said)?;
    }
    if left_out.special > 0 {
        let entries = count_as(left_out.special, "link, pipe or device was", "links, pipes and devices were");
        writeln!(said, "{entries} not followed")?;
    }
    if left_out.packed > 0 {
        let entries = count_as(left_out.packed, "packed file was", "packed files were");
        writeln!(said, "{entries} searched without being unpacked")?;
    }
    if left_out.too_long > 0 {
        let entries = count_as(left_out.too_long, "JSON text", "JSON texts");
        writeln!(said, "{entries} of more than 32 MiB: searched as text, escapes as they stand")?;
    }
    Ok(())
}

/// `1 file`, `2 files`.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn count_as(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
