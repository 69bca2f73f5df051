//! What goes with a prompt: it is not sent at all, and the person is told why.

use endpoint::Script;

use super::session::{Evidence, Session};
use super::trace::Trace;
use super::{Found, SHELL, Task, Trial};

const HOOK: &str = "user-prompt-submit";

/// One way: how it is laid out, and whether the prompt is stopped or goes out without the probe.
struct Way {
    path: &'static str,
    by: &'static str,
    lay: fn(&mut Session<'_>, lines: &str) -> anyhow::Result<()>,
    found: fn(&Evidence, &Trace) -> Result<(), String>,
}

const MARK: &str = "seen-here-seen";

const WAYS: [Way; 4] = [
    Way {
        path: "the prompt",
        by: HOOK,
        lay: |session, lines| {
            session.prompt = format!("remember {lines}");
            Ok(())
        },
        // The client writes a headless prompt to its transcript before it asks any hook.
        found: |evidence, trace| stopped(evidence, trace),
    },
    Way {
        path: "a file that the prompt mentions (@file)",
        by: HOOK,
        lay: |session, lines| {
            session.world.plant("mentioned.txt", lines)?;
            "see @mentioned.txt".clone_into(&mut session.prompt);
            Ok(())
        },
        found: |evidence, trace| stopped(evidence, trace).and_then(|()| evidence.kept_nothing_of(trace)),
    },
    Way {
        path: "CLAUDE.md of the session's folder",
        by: HOOK,
        lay: |session, lines| session.world.plant("CLAUDE.md", lines).map(drop),
        found: |evidence, trace| stopped(evidence, trace).and_then(|()| evidence.kept_nothing_of(trace)),
    },
    Way {
        path: "a command in a slash command (!`command`)",
        by: SHELL,
        lay: |session, lines| {
            session.world.plant("slash.txt", lines)?;
            let text = "---\nallowed-tools: Bash(cat:*)\n---\nIt says: !`cat slash.txt`\n";
            session.world.plant(".claude/commands/show.md", text)?;
            "/show".clone_into(&mut session.prompt);
            Ok(())
        },
        found: |evidence, trace| goes_out(evidence, trace),
    },
];

/// A session for each.
pub fn tasks<'t>(trial: &'t Trial<'t>) -> Vec<Task<'t>> {
    WAYS.iter().map(|way| -> Task<'t> { Box::new(move || visit(trial, way)) }).collect()
}

fn visit(trial: &Trial<'_>, way: &Way) -> anyhow::Result<Found> {
    (trial.how.progress)(way.path);
    let (probe, trace) = trial.probe()?;
    let mut session = Session::new(trial)?;
    session.script = Script::default().says("Done.");
    (way.lay)(&mut session, &format!("{MARK}\nGITHUB_TOKEN={probe}\n"))?;
    let evidence = session.run()?;
    let found = if evidence.ended {
        (way.found)(&evidence, &trace)
    } else {
        Err(format!("the client did not come to its end within {} s", trial.how.limit.as_secs()))
    };
    Ok(Found::rows(vec![trial.row(way.path, way.by, "", found)]))
}

/// Nothing was sent, and it was stanch that said so. That a prompt is sent otherwise, the other sessions show.
fn stopped(evidence: &Evidence, trace: &Trace) -> Result<(), String> {
    evidence.sent_nothing_of(trace)?;
    let said = evidence.last_word();
    match evidence.questions().next() {
        // With a placeholder, then.
        Some(_) if evidence.shows(MARK) => Ok(()),
        Some(_) => Err("the client sent something else".to_owned()),
        None if said.contains("stanch") => Ok(()),
        None => Err(format!("the client sent nothing, and stanch had no part in it: '{said}'")),
    }
}

/// It was sent without the probe.
fn goes_out(evidence: &Evidence, trace: &Trace) -> Result<(), String> {
    evidence.sent_nothing_of(trace)?;
    evidence.kept_nothing_of(trace)?;
    if evidence.shows(MARK) { Ok(()) } else { Err(format!("the client sent something else: {}", evidence.said())) }
}
