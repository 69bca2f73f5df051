//! `stanch rules`: what is looked for.

use std::io::{self, Write};
use std::ops::Range;
use std::process::ExitCode;

use anyhow::{Context, bail};
use rules::{Rule, RuleError, RuleFile, Usual};
use scrub::{Scanner, Table};

use super::import;
use crate::args::Rules;
use crate::session;

/// Lists, shows or checks rules.
pub fn run(what: Rules) -> anyhow::Result<ExitCode> {
    match what {
        Rules::List => list(),
        Rules::Show { id } => show(&id),
        Rules::Import { file, name, replace } => import::run(&file, name.as_deref(), replace),
        Rules::Check { file } => check(&file),
    }
}

fn builtin() -> anyhow::Result<Table<'static>> {
    Table::builtin().context("the compiled rules are damaged; install stanch again")
}

fn list() -> anyhow::Result<ExitCode> {
    let (table, config) = (builtin()?, session::config()?);
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    for number in 0..table.count() {
        let rule = table.rule(number as u16);
        writeln!(stdout, "{:<40} {:<24} {}", rule.id(), rule.vendor(), rule.name())?;
    }
    for rule in config.rules().labels() {
        writeln!(stdout, "{:<40} {:<24} {}", rule.id, rule.vendor, rule.name)?;
    }
    stdout.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn show(id: &str) -> anyhow::Result<ExitCode> {
    let config = session::config()?;
    let scanner = config.scanner()?;
    let table = scanner.table();
    let wanted = id.strip_prefix("stanch_").unwrap_or(id);
    let all = table.count() + table.own().len();
    let Some(rule) = (0..all).map(|n| table.rule(n as u16)).find(|rule| rule.id() == wanted) else {
        bail!("there is no rule '{wanted}'; `stanch rules list` names them all");
    };
    writeln!(
        io::stdout(),
        "{}\n  name         {}\n  vendor       {}\n  placeholder  stanch_{}\n  format       {}\n  revoke       {}",
        rule.id(),
        rule.name(),
        rule.vendor(),
        rule.id(),
        rule.source(),
        rule.revoke()
    )?;
    Ok(ExitCode::SUCCESS)
}

fn check(path: &std::path::Path) -> anyhow::Result<ExitCode> {
    let named = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("reading '{named}'"))?;
    let problems = if config::own::is_gitleaks(&text) {
        let checked = config::own::OwnRules::read(path).and_then(|own| own.check());
        return match checked {
            Ok(()) => {
                writeln!(io::stdout(), "{named}: ok")?;
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                writeln!(io::stdout(), "{error}")?;
                Ok(ExitCode::from(1))
            }
        };
    } else {
        match rules::file::parse(&named, &text) {
            Err(errors) => errors,
            Ok(file) => problems(&file)?,
        }
    };
    let mut stdout = io::stdout().lock();
    for problem in &problems {
        writeln!(stdout, "{problem}")?;
    }
    if problems.is_empty() {
        writeln!(stdout, "{named}: ok")?;
    }
    Ok(ExitCode::from(u8::from(!problems.is_empty())))
}

/// What is wrong with the rules of a file that can be read.
fn problems(file: &RuleFile) -> anyhow::Result<Vec<RuleError>> {
    let mut wrong = rules::file::same_id_twice(std::slice::from_ref(file));
    let whole = match rules::compile_with(Usual::unknown(), std::slice::from_ref(file)) {
        Err(errors) => {
            wrong.extend(errors);
            return Ok(wrong);
        }
        Ok(table) => table,
    };
    let together = scanner(&whole)?;
    for rule in &file.rules {
        // Alone, so that what it finds is its own doing, also where a neighbour finds as much.
        let alone = RuleFile { rules: vec![rule.clone()], ..file.clone() };
        let table = match rules::compile_with(Usual::unknown(), &[alone]) {
            Err(errors) => {
                wrong.extend(errors);
                continue;
            }
            Ok(table) => table,
        };
        let said = examples(rule, &scanner(&table)?, &together)?;
        wrong.extend(said.into_iter().map(|message| RuleError {
            file: file.path.clone(),
            line: rule.line,
            message: format!("rule '{}': {message}", rule.id),
        }));
    }
    Ok(wrong)
}

fn scanner(table: &[u8]) -> anyhow::Result<Scanner<'_>> {
    Ok(Scanner::new(Table::new(table).context("reading the rules just compiled")?))
}

/// The hits that do not hit exactly, the misses that do not miss, and the hits that neighbours spoil.
fn examples(rule: &Rule, alone: &Scanner<'_>, together: &Scanner<'_>) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let spans = |scanner: &Scanner<'_>, text: &str| -> anyhow::Result<Vec<Range<usize>>> {
        Ok(scanner.findings(text.as_bytes())?.into_iter().map(|f| f.span).collect())
    };
    for (number, hit) in (1..).zip(&rule.hits) {
        let found = spans(alone, &hit.text)?;
        if found != [hit.secret.clone()] {
            wrong.push(format!("hit {number}: bytes {:?} should go, {found:?} do", hit.secret));
        }
        // Findings do not overlap, but one may end where the next begins.
        let mut uncovered = hit.secret.clone();
        for span in spans(together, &hit.text)? {
            if span.start <= uncovered.start {
                uncovered.start = uncovered.start.max(span.end);
            }
        }
        if uncovered.start < uncovered.end {
            wrong.push(format!("hit {number}: with the file's other rules, bytes {uncovered:?} stay"));
        }
    }
    for (number, miss) in (1..).zip(&rule.misses) {
        if !spans(alone, miss)?.is_empty() {
            wrong.push(format!("miss {number}: the rule fires"));
        }
    }
    Ok(wrong)
}
