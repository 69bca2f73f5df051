//! What tools give back: a session that makes one call after the other.

use anyhow::bail;
use endpoint::{Call, Turn};
use serde_json::{Value, json};

use super::session::{Evidence, SERVER, Session, beginning};
use super::trace::Trace;
use super::{Row, SHELL, Trial};
use crate::verify::live::world::World;

/// One way: what people call it, the executable that covers it, the call that ends it, and how it is laid out.
struct Way {
    path: &'static str,
    by: &'static str,
    id: &'static str,
    tool: &'static str,
    lay: fn(&mut Scene<'_>) -> anyhow::Result<Vec<Call>>,
}

const HOOK: &str = "post-tool-use";

const WAYS: [Way; 15] = [
    Way {
        path: "output of Read: a text",
        by: HOOK,
        id: "read",
        tool: "Read",
        lay: |scene| {
            let file = scene.file("read.txt", &scene.lines())?;
            Ok(vec![scene.call("Read", json!({ "file_path": file }))])
        },
    },
    Way {
        path: "output of Read: a notebook",
        by: HOOK,
        id: "notebook",
        tool: "Read",
        lay: |scene| {
            let cell = json!({ "cell_type": "code", "id": "c1", "metadata": {}, "outputs": [], "execution_count": null, "source": [scene.lines()] });
            let notebook = json!({ "cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5 });
            let file = scene.file("notebook.ipynb", &notebook.to_string())?;
            Ok(vec![scene.call("Read", json!({ "file_path": file }))])
        },
    },
    Way {
        path: "output of Grep",
        by: HOOK,
        id: "grep",
        tool: "Grep",
        lay: |scene| {
            let file = scene.file("grep.txt", &format!("needle {} {}\n", scene.mark, scene.assigned()))?;
            Ok(vec![scene.call("Grep", json!({ "pattern": "needle", "path": file, "output_mode": "content" }))])
        },
    },
    Way {
        path: "output of Glob",
        by: HOOK,
        id: "glob",
        tool: "Glob",
        lay: |scene| {
            let name = format!("globbed/{}-{}.txt", scene.mark, scene.probe);
            scene.file(&name, "nothing\n")?;
            Ok(vec![scene.call("Glob", json!({ "pattern": "globbed/*.txt" }))])
        },
    },
    Way {
        path: "a file that is read and edited",
        by: HOOK,
        id: "edit",
        tool: "Edit",
        lay: |scene| {
            let file = scene.file("edit.txt", &format!("color = red\n{}", scene.lines()))?;
            let look = Call::new("edit-read", "Read", json!({ "file_path": file }));
            let edit = json!({ "file_path": file, "old_string": "color = red", "new_string": "color = blue" });
            Ok(vec![look, scene.call("Edit", edit)])
        },
    },
    Way {
        path: "output of Bash",
        by: SHELL,
        id: "bash",
        tool: "Bash",
        lay: |scene| {
            scene.file("bash.txt", &scene.lines())?;
            Ok(vec![scene.bash("cat bash.txt")])
        },
    },
    Way {
        path: "standard error of Bash",
        by: SHELL,
        id: "stderr",
        tool: "Bash",
        lay: |scene| {
            scene.file("stderr.txt", &scene.lines())?;
            Ok(vec![scene.bash("cat stderr.txt >&2")])
        },
    },
    Way {
        path: "a command that fails",
        by: SHELL,
        id: "failed",
        tool: "Bash",
        lay: |scene| {
            scene.file("failed.txt", &scene.lines())?;
            Ok(vec![scene.bash("cat failed.txt; exit 3")])
        },
    },
    Way {
        path: "a background command, and the file that it writes",
        by: SHELL,
        id: "background",
        tool: "Bash",
        lay: |scene| {
            scene.file("background.txt", &scene.lines().replace('\n', " background\n"))?;
            let start =
                json!({ "command": "cat background.txt; exit 2", "description": "start", "run_in_background": true });
            let outputs = format!("find '{}' -name '*.output'", scene.world.temporary().display());
            // Until the output is there: on a machine that is busy it takes its time.
            let read = format!(
                "for i in 1 2 3 4 5 6 7 8 9 10; do grep -hs ' background$' $({outputs}) && break; sleep 0.3; done"
            );
            Ok(vec![Call::new("background-start", "Bash", start), scene.bash(&read)])
        },
    },
    Way {
        path: "a large output, and the file to which it is spilled",
        by: SHELL,
        id: "large",
        tool: "Bash",
        lay: |scene| {
            let filler = "2026-01-01 00:00:00 nothing happened here\n".repeat(1000);
            scene.file("large.txt", &format!("{}{filler}{}", scene.lines(), scene.lines()))?;
            Ok(vec![scene.bash("cat large.txt")])
        },
    },
    Way {
        path: "answer of an MCP server: a text",
        by: SHELL,
        id: "mcp-text",
        tool: "mcp__stanch_probe__text",
        lay: |scene| {
            scene.answers["text"] = scene.lines().into();
            Ok(vec![scene.server("text")])
        },
    },
    Way {
        path: "answer of an MCP server: a structure",
        by: SHELL,
        id: "mcp-structured",
        tool: "mcp__stanch_probe__structured",
        lay: |scene| {
            scene.answers["structured"] = scene.lines().into();
            Ok(vec![scene.server("structured")])
        },
    },
    Way {
        path: "answer of an MCP server: an error",
        by: SHELL,
        id: "mcp-error",
        tool: "mcp__stanch_probe__fail",
        lay: |scene| {
            scene.answers["fail"] = scene.lines().into();
            Ok(vec![scene.server("fail")])
        },
    },
    Way {
        path: "a subagent that runs a command",
        by: SHELL,
        id: "agent",
        tool: "Bash",
        lay: |scene| {
            scene.file("agent.txt", &scene.lines())?;
            scene.errand("cat agent.txt")
        },
    },
    Way {
        path: "a subagent that runs a command that fails",
        by: SHELL,
        id: "agent-failed",
        tool: "Bash",
        lay: |scene| {
            scene.file("agent-failed.txt", &scene.lines())?;
            scene.errand("cat agent-failed.txt >&2; exit 4")
        },
    },
];

/// Where a way is laid out.
struct Scene<'s> {
    world: &'s mut World,
    answers: &'s mut Value,
    threads: &'s mut Vec<(String, Vec<Turn>)>,
    id: &'static str,
    probe: &'s str,
    mark: &'s str,
}

impl Scene<'_> {
    fn assigned(&self) -> String {
        format!("GITHUB_TOKEN={}", self.probe)
    }

    /// The mark, and below it the probe.
    fn lines(&self) -> String {
        format!("{}\n{}\n", self.mark, self.assigned())
    }

    fn file(&mut self, name: &str, text: &str) -> anyhow::Result<std::path::PathBuf> {
        self.world.plant(name, text)
    }

    fn call(&self, tool: &str, input: Value) -> Call {
        Call::new(self.id, tool, input)
    }

    fn bash(&self, command: &str) -> Call {
        self.call("Bash", json!({ "command": command, "description": "look" }))
    }

    fn server(&self, tool: &str) -> Call {
        self.call(&format!("mcp__{SERVER}__{tool}"), json!({}))
    }

    /// A subagent that runs a command and is done.
    fn errand(&mut self, command: &str) -> anyhow::Result<Vec<Call>> {
        let opening = format!("ERRAND {}: look around", self.id);
        let look =
            Call::new(&format!("{}-inside", self.id), "Bash", json!({ "command": command, "description": "look" }));
        self.threads.push((opening.clone(), vec![Turn::Calls(vec![look]), Turn::Says("done".to_owned())]));
        let agent = json!({
            "description": "errand", "prompt": opening, "subagent_type": "general-purpose", "run_in_background": false,
        });
        Ok(vec![self.call("Agent", agent)])
    }
}

/// A way with its probe.
struct Laid<'w> {
    way: &'w Way,
    calls: Vec<String>,
    mark: String,
    trace: Trace,
}

/// Tries all of them. A session that is ended in the middle of one way is followed by another for the rest.
///
/// # Errors
/// The client does nothing, or does not come to an end: why.
pub fn rows(trial: &Trial<'_>) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    while rows.len() < WAYS.len() {
        let ways = &WAYS[rows.len()..];
        (trial.how.progress)(ways[0].path);
        let (evidence, laid) = visit(trial, ways)?;
        if !evidence.ended {
            bail!(
                "the client did not come to its end within {} s, the time limit: is a hook hanging? `stanch verify` without \
                 --live tries them by themselves; --limit gives it more time",
                trial.how.limit.as_secs()
            );
        }
        if evidence.questions().next().is_none() {
            bail!("the client asked the model nothing: {}. Start it by itself to see whether it runs", evidence.said());
        }
        let visited = laid.iter().take_while(|laid| laid.calls.iter().any(|call| evidence.called(call))).count();
        if visited == 0 {
            let why = format!("not reached: {}", evidence.said());
            rows.extend(ways.iter().map(|way| trial.row(way.path, way.by, way.tool, Err(why.clone()))));
            break;
        }
        rows.extend(laid[..visited].iter().map(|Laid { way, mark, trace, .. }| {
            trial.row(way.path, way.by, way.tool, verdict(&evidence, way.id, mark, trace))
        }));
    }
    Ok(rows)
}

fn visit<'w>(trial: &Trial<'_>, ways: &'w [Way]) -> anyhow::Result<(Evidence, Vec<Laid<'w>>)> {
    let mut session = Session::new(trial)?;
    let mut laid = Vec::new();
    for way in ways {
        let (probe, trace) = trial.probe()?;
        // Stands in no call, which the client sends back.
        let mark = format!("seen-{}-seen", way.id);
        let mut threads = Vec::new();
        let calls = (way.lay)(&mut Scene {
            world: &mut session.world,
            answers: &mut session.answers,
            threads: &mut threads,
            id: way.id,
            probe: &probe,
            mark: &mark,
        })?;
        let named = calls.iter().map(|call| call.id.clone()).collect();
        let script = calls.into_iter().fold(session.script, |script, call| script.calls(vec![call]));
        session.script = threads.into_iter().fold(script, |script, (opening, turns)| script.thread(&opening, turns));
        laid.push(Laid { way, calls: named, mark, trace });
    }
    Ok((session.run()?, laid))
}

/// What became of a probe whose call was made.
pub fn verdict(evidence: &Evidence, id: &str, mark: &str, trace: &Trace) -> Result<(), String> {
    evidence.sent_nothing_of(trace)?;
    let Some(told) = evidence.result(id) else {
        let end = "the turn ended before the result was sent";
        let kept = evidence.kept_nothing_of(trace).err();
        return Err(kept.map_or_else(|| format!("{end}: {}", evidence.said()), |kept| format!("{end}, and {kept}")));
    };
    evidence.kept_nothing_of(trace)?;
    // The configuration may say so.
    if evidence.shows(mark) || told.starts_with("stanch withheld") {
        return Ok(());
    }
    Err(format!("the model was told something else: '{}'", beginning(&told)))
}
