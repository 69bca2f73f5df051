//! A repository that takes stanch out, and a start without hooks: covered by `stanch run` alone (or by the administrator's
//! settings), and what comes of it otherwise is said.

use endpoint::Call;
use serde_json::{Value, json};

use super::outputs::verdict;
use super::session::{Evidence, Session, Start};
use super::settings::PASSING;
use super::trace::Trace;
use super::{Found, Row, Task, Trial, Trouble};
use crate::registration::PREFIX;
use crate::verify::files::Origin;

/// What a repository sets, or what the client is started with.
struct Case {
    path: &'static str,
    settings: fn() -> Value,
    argument: Option<&'static str>,
}

const CASES: [Case; 4] = [
    Case {
        path: "a repository that switches hooks off",
        settings: || json!({ "disableAllHooks": true }),
        argument: None,
    },
    Case {
        path: "a repository that sets another prefix",
        settings: || json!({ "env": { PREFIX: PASSING } }),
        argument: None,
    },
    Case {
        path: "a repository that does both",
        settings: || json!({ "disableAllHooks": true, "env": { PREFIX: PASSING } }),
        argument: None,
    },
    Case { path: "a start with --bare", settings: || json!({}), argument: Some("--bare") },
];

const BY: &str = "stanch run";

/// Each with `stanch run`, and without.
pub fn tasks<'t>(trial: &'t Trial<'t>) -> Vec<Task<'t>> {
    let guarded = CASES.iter().map(|case| -> Task<'t> {
        Box::new(move || {
            (trial.how.progress)(case.path);
            let found = visit(trial, case, Start::Guarded)?;
            let trouble = found.err().map(|why| Trouble::new(why, "stanch install; then `stanch run -- claude`"));
            Ok(Found::rows(vec![Row { path: case.path, by: BY, trouble }]))
        })
    });
    let plain = CASES.iter().map(|case| -> Task<'t> {
        Box::new(move || {
            (trial.how.progress)(case.path);
            let found = visit(trial, case, Start::Plain)?;
            let found = found.err().map_or_else(|| "covered, too".to_owned(), |why| format!("NOT covered: {why}"));
            let note = format!("{}, where `stanch run` did not start the client: {found}", case.path);
            Ok(Found { rows: Vec::new(), notes: vec![note] })
        })
    });
    guarded.chain(plain).collect()
}

/// A file that is read, and a command that fails.
fn visit(trial: &Trial<'_>, case: &Case, start: Start) -> anyhow::Result<Result<(), String>> {
    let mut session = Session::new(trial)?;
    session.start = start;
    session.arguments.extend(case.argument);
    session.world.settings(Origin::Project, &(case.settings)())?;
    // Nor does what the user has set for this one folder hold there.
    session.world.settings(Origin::Local, &json!({}))?;
    let mut traces = Vec::new();
    for id in ["read", "failed"] {
        let (probe, trace) = trial.probe()?;
        let file = session.world.plant(&format!("{id}.txt"), &format!("{}\nGITHUB_TOKEN={probe}\n", mark(id)))?;
        let call = match id {
            "read" => Call::new(id, "Read", json!({ "file_path": file })),
            _ => Call::new(id, "Bash", json!({ "command": "cat failed.txt; exit 3", "description": "look" })),
        };
        session.script = std::mem::take(&mut session.script).calls(vec![call]);
        traces.push((id, trace));
    }
    let evidence = session.run()?;
    Ok(found(&evidence, &traces, start))
}

fn mark(id: &str) -> String {
    format!("seen-{id}-seen")
}

fn found(evidence: &Evidence, traces: &[(&str, Trace)], start: Start) -> Result<(), String> {
    // It is as good if there is no session.
    let refused = start == Start::Guarded && evidence.requests.is_empty();
    if refused {
        let said = evidence.last_word();
        return if said.contains("--bare") { Ok(()) } else { Err(format!("it was not started: {said}")) };
    }
    if !evidence.ended {
        return Err("the client did not come to its end".to_owned());
    }
    traces.iter().try_for_each(|(id, trace)| verdict(evidence, id, &mark(id), trace))
}
