//! The detection test: cases made, redacted, scored, reported.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Context as _;
use scrub::json::Document;
use scrub::{Mask, Scanner};

use crate::benign::SORTS;
use crate::case::{Case, Group};
use crate::contexts::CONTEXTS;
use crate::event;
use crate::format;
use crate::kinds::commands::COMMANDS;
use crate::kinds::keyword;
use crate::kinds::structural::STRUCTURES;
use crate::kinds::vendor::{Kind, MARKED, NAMED};
use crate::random::Random;
use crate::score::survives;

/// Values of each kind in each context.
const PER_CONTEXT: u64 = 2;
/// Texts of each structural kind.
const PER_STRUCTURE: u64 = 20;
/// Texts of each benign sort.
const PER_SORT: u64 = 20;

/// A kind's cases in all, and in each context.
type ByContext = (Tally, BTreeMap<&'static str, Tally>);

/// What the test found.
#[derive(Default)]
pub struct Results {
    groups: BTreeMap<Group, Tally>,
    contexts: BTreeMap<&'static str, Tally>,
    kinds: BTreeMap<(Group, &'static str), ByContext>,
    /// Cases of which the text and the same text in an event came out differently.
    differing: usize,
    alarms: BTreeMap<&'static str, Tally>,
}

/// Cases, and how many of them went well.
#[derive(Default, Clone, Copy)]
struct Tally {
    all: usize,
    good: usize,
}

impl Tally {
    fn count(&mut self, good: bool) {
        self.all += 1;
        self.good += usize::from(good);
    }

    fn percent(self) -> String {
        // Rounded down: 100 % means all.
        format!("{:.2} %", (self.good * 10_000 / self.all.max(1)) as f64 / 100.0)
    }
}

/// Runs the whole test.
///
/// # Errors
/// A scan failed; no case is allowed to.
pub fn run() -> anyhow::Result<Results> {
    let scanner = Scanner::builtin()?;
    let redactor = Redactor { mask: Mask::new(*scanner.table()), scanner };
    let mut results = Results::default();
    for case in cases() {
        let plain = redactor.text(&case.text)?;
        let told = redactor.event(&case.text)?;
        let gone = |out: &str| case.secrets.iter().all(|secret| !survives(secret, out));
        // A case is found if it is found on both ways: in a text by itself, and in the event around it.
        let (in_text, in_event) = (gone(&plain), gone(&told));
        results.differing += usize::from(in_text != in_event);
        results.count(&case, in_text && in_event);
    }
    for sort in SORTS.into_iter().flatten() {
        for number in 0..PER_SORT {
            let text = (sort.write)(&mut Random::named(sort.name, number));
            let quiet = redactor.text(&text)? == text && redactor.event_is_quiet(&text)?;
            results.alarms.entry(sort.name).or_default().count(quiet);
        }
    }
    Ok(results)
}

/// All cases, in a fixed order.
fn cases() -> impl Iterator<Item = Case> {
    let named = |group: Group, kinds: &'static [Kind]| kinds.iter().flat_map(move |kind| in_contexts(group, kind));
    let structural = STRUCTURES.into_iter().flatten().chain(COMMANDS).flat_map(|structure| {
        (0..PER_STRUCTURE).map(|number| {
            let (text, secrets) = (structure.write)(&mut Random::named(structure.id, number));
            Case { group: Group::Structural, kind: structure.id, context: "its own", text, secrets }
        })
    });
    named(Group::Marked, MARKED)
        .chain(named(Group::Named, NAMED))
        .chain(named(Group::Keyword, keyword::KINDS))
        .chain(structural)
}

fn in_contexts(group: Group, kind: &'static Kind) -> impl Iterator<Item = Case> {
    let contexts = CONTEXTS.iter().filter(move |context| group == Group::Marked || !context.bare);
    contexts.flat_map(move |context| {
        (0..PER_CONTEXT).map(move |number| {
            let mut random = Random::named(&format!("{}/{}/{}", kind.id, kind.format, context.name), number);
            let value = format::value(kind.format, &mut random);
            let (text, secret) = context.write(kind.variable, &value, &mut random);
            Case { group, kind: kind.id, context: context.name, text, secrets: vec![secret] }
        })
    })
}

/// The library, used as the hook and `stanch redact` use it.
struct Redactor {
    scanner: Scanner<'static>,
    mask: Mask<'static>,
}

impl Redactor {
    fn text(&self, text: &str) -> anyhow::Result<String> {
        let mut out = Vec::new();
        self.mask.write(text.as_bytes(), &self.scanner.findings(text.as_bytes())?, &mut out);
        String::from_utf8(out).context("a placeholder cut a character")
    }

    /// The text that the model gets when a tool has printed `text`.
    fn event(&self, text: &str) -> anyhow::Result<String> {
        let event = event::post_tool_use(text);
        let document = Document::read(&event)?;
        let masked = document.masked(&self.mask, &document.findings(&self.scanner)?);
        let masked: serde_json::Value = serde_json::from_str(&masked).context("the event is no JSON any more")?;
        Ok(masked["tool_response"]["stdout"].as_str().unwrap_or_default().to_owned())
    }

    fn event_is_quiet(&self, text: &str) -> anyhow::Result<bool> {
        Ok(self.event(text)? == text)
    }
}

impl Results {
    fn count(&mut self, case: &Case, found: bool) {
        self.groups.entry(case.group).or_default().count(found);
        if case.group != Group::Structural {
            self.contexts.entry(case.context).or_default().count(found);
        }
        let (tally, contexts) = self.kinds.entry((case.group, case.kind)).or_default();
        tally.count(found);
        contexts.entry(case.context).or_default().count(found);
    }

    /// The report, in Markdown.
    pub fn report(&self, date: &str) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out, date);
        out
    }

    fn write(&self, out: &mut String, date: &str) -> std::fmt::Result {
        writeln!(out, "# Detection\n")?;
        writeln!(
            out,
            "What stanch finds in text with secrets, what it changes in text without, and what it misses. Made on {date} by\n\n\
             ```sh\ncargo run --release -p stanch-bench --bin detection -- --date {date} > docs/detection.md\n```\n"
        )?;
        writeln!(out, "{METHOD}")?;
        self.totals(out)?;
        self.incomplete(out)?;
        self.benign(out)?;
        writeln!(out, "{OUT_OF_SCOPE}")
    }

    fn totals(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "## Found\n\n| group | kinds | cases | found | |\n| --- | ---: | ---: | ---: | ---: |")?;
        let mut sum = Tally::default();
        for group in Group::ALL {
            let tally = self.groups.get(&group).copied().unwrap_or_default();
            let kinds = self.kinds.keys().filter(|(g, _)| *g == group).count();
            writeln!(out, "| {} | {kinds} | {} | {} | {} |", group.title(), tally.all, tally.good, tally.percent())?;
            sum.all += tally.all;
            sum.good += tally.good;
        }
        writeln!(out, "| **all** | {} | {} | {} | {} |\n", self.kinds.len(), sum.all, sum.good, sum.percent())?;
        writeln!(
            out,
            "Cases in which the text by itself and the text inside an event differed in the outcome: {}.\n",
            self.differing
        )?;
        writeln!(out, "| context | cases | missed | found |\n| --- | ---: | ---: | ---: |")?;
        for context in CONTEXTS {
            let tally = self.contexts.get(context.name).copied().unwrap_or_default();
            writeln!(out, "| {} | {} | {} | {} |", context.name, tally.all, tally.all - tally.good, tally.percent())?;
        }
        writeln!(out)
    }

    fn incomplete(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "## Missed\n\nEvery kind of which not all cases were found, with the contexts.\n")?;
        for group in Group::ALL {
            let kinds: Vec<_> = self.kinds.iter().filter(|((g, _), (t, _))| *g == group && t.good < t.all).collect();
            writeln!(out, "### {}\n", capital(group.title()))?;
            if kinds.is_empty() {
                writeln!(out, "None.\n")?;
                continue;
            }
            writeln!(out, "| kind | missed | of | where |\n| --- | ---: | ---: | --- |")?;
            for ((_, kind), (tally, contexts)) in kinds {
                writeln!(out, "| {kind} | {} | {} | {} |", tally.all - tally.good, tally.all, places(contexts))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn benign(&self, out: &mut String) -> std::fmt::Result {
        let (texts, quiet) = self.alarms.values().fold((0, 0), |(all, good), t| (all + t.all, good + t.good));
        writeln!(out, "## False alarms\n")?;
        writeln!(
            out,
            "{} of {texts} texts of {} sorts without secrets were changed.\n",
            texts - quiet,
            self.alarms.len()
        )?;
        writeln!(out, "| sort of text | texts | changed |\n| --- | ---: | ---: |")?;
        for sort in SORTS.into_iter().flatten() {
            let tally = self.alarms.get(sort.name).copied().unwrap_or_default();
            writeln!(out, "| {} | {} | {} |", sort.name, tally.all, tally.all - tally.good)?;
        }
        writeln!(out)
    }
}

/// The contexts with misses; where there are many, their number says more than their names.
fn places(contexts: &BTreeMap<&'static str, Tally>) -> String {
    let missed: Vec<_> = contexts.iter().filter(|(_, t)| t.good < t.all).map(|(c, _)| *c).collect();
    if contexts.len() == 1 {
        "its own text".into()
    } else if missed.len() == contexts.len() {
        "everywhere".into()
    } else if missed.len() > 8 {
        let found: Vec<_> = contexts.iter().filter(|(_, t)| t.good == t.all).map(|(c, _)| *c).collect();
        match found.len() {
            0..=8 => format!("everywhere but {}", found.join("; ")),
            _ => format!("{} of {} contexts", missed.len(), contexts.len()),
        }
    } else {
        missed.join("; ")
    }
}

fn capital(title: &str) -> String {
    title[..1].to_ascii_uppercase() + &title[1..]
}

const METHOD: &str = "\
## How

Values are random, from a fixed seed, well-formed by the vendors' public documentation (`bench/src/kinds`); the test knows
nothing of the rules. Each stands in a text of the sort that tools print (`bench/src/contexts.rs`). The text is redacted twice,
by itself as `stanch redact --jsonl` does and inside a hook event as `post-tool-use` does; a case is found if it is found both ways. A
secret of n characters counts as found if no run of max(8, n / 5 + 1) of its characters is left; in a case with several secrets
all must be. A benign text counts as a false alarm if any byte of it changes.

The same hands wrote the rules and this test, and the formats are widely known: read the figures as a regression test with its
misses listed, not as what a stranger's files will show. Names of the kind `DD_API_KEY` stand beside each value of the second
and third group, since nothing else tells such a value from an id.
";

const OUT_OF_SCOPE: &str = "\
## Out of scope

Not tested here because it is not claimed:

- a value that is split: over lines (but for keys in PEM), over strings that a program joins, over two tool calls;
- encodings other than JSON escapes, percent signs and base64: hex of a token, gzip, encryption, a picture;
- a value of wide classes (32 hex digits) without a name beside it, in any language, that says what it is;
- a password in prose (\"it is swordfish, by the way\"), a PIN, a date of birth: what only a person recognises;
- whether a found credential is live;
- a program that hides a secret on purpose.
";
