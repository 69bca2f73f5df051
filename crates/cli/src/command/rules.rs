//! `stanch rules`: what is looked for.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use scrub::{Scanner, Table};

use crate::args::Rules;

/// Lists, shows or checks rules.
pub fn run(what: Rules) -> anyhow::Result<ExitCode> {
    match what {
        Rules::List => list(),
        Rules::Show { id } => show(&id),
        Rules::Check { file } => check(&file),
    }
}

fn builtin() -> anyhow::Result<Table<'static>> {
    Table::builtin().context("the compiled rules are damaged; install stanch again")
}

fn list() -> anyhow::Result<ExitCode> {
    let table = builtin()?;
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    for number in 0..table.count() {
        let rule = table.rule(number as u16);
        writeln!(stdout, "{:<40} {:<24} {}", rule.id(), rule.vendor(), rule.name())?;
    }
    stdout.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn show(id: &str) -> anyhow::Result<ExitCode> {
    let table = builtin()?;
    let wanted = id.strip_prefix("stanch_").unwrap_or(id);
    let Some(rule) = (0..table.count()).map(|n| table.rule(n as u16)).find(|rule| rule.id() == wanted) else {
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
    let mut stdout = io::stdout().lock();
    let problems = match rules::file::parse(&named, &text) {
        Err(errors) => errors,
        Ok(file) => match rules::compile(std::slice::from_ref(&file)) {
            Err(errors) => errors,
            Ok(table) => {
                let table = Table::new(&table).context("compiling the rules")?;
                examples(&file, &Scanner::new(table))?
            }
        },
    };
    for problem in &problems {
        writeln!(stdout, "{problem}")?;
    }
    if problems.is_empty() {
        writeln!(stdout, "{named}: ok")?;
    }
    Ok(ExitCode::from(u8::from(!problems.is_empty())))
}

/// The hits that do not hit exactly and the misses that do not miss.
fn examples(file: &rules::RuleFile, scanner: &Scanner<'_>) -> anyhow::Result<Vec<rules::RuleError>> {
    let mut wrong = Vec::new();
    for rule in &file.rules {
        let mut say = |message: String| {
            wrong.push(rules::RuleError {
                file: file.path.clone(),
                line: rule.line,
                message: format!("rule '{}': {message}", rule.id),
            });
        };
        let own = |text: &str| -> anyhow::Result<Vec<std::ops::Range<usize>>> {
            let findings = scanner.findings(text.as_bytes())?;
            Ok(findings.into_iter().filter(|f| scanner.table().rule(f.rule).id() == rule.id).map(|f| f.span).collect())
        };
        for (number, hit) in rule.hits.iter().enumerate() {
            let found = own(&hit.text)?;
            if found != [hit.secret.clone()] {
                say(format!("hit {}: bytes {:?} should go, {found:?} do", number + 1, hit.secret));
            }
        }
        for (number, miss) in rule.misses.iter().enumerate() {
            if !own(miss)?.is_empty() {
                say(format!("miss {}: the rule fires", number + 1));
            }
        }
    }
    Ok(wrong)
}
