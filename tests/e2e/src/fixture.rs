//! Real hook events made fit for a repository: what changes from run to run is replaced by something fixed.
//!
//! The event's text is kept byte for byte, in the order in which the client wrote it; only the volatile values are
//! exchanged in place.

use anyhow::Result;
use serde_json::Value;

use crate::playground::Playground;

const SESSION: &str = "00000000-0000-4000-8000-000000000000";
const PROMPT: &str = "00000000-0000-4000-8000-000000000001";
const CALL: &str = "toolu_01";
const AGENT: &str = "a0000000000000000";
const TIME: &str = "2026-01-01T00:00:00.000Z";
const SPILL: &str = "b00000000";

/// The event as it could have come from a machine where the project lies in `/home/dev/app`.
///
/// `also` are further exchanges, made first.
pub fn neutral(event: &str, playground: &Playground, also: &[(&str, &str)]) -> Result<String> {
    let value: Value = serde_json::from_str(event)?;
    let mut text = event.trim_end().to_owned();
    for (from, to) in also {
        text = text.replace(from, to);
    }
    for (from, to) in places(playground) {
        text = text.replace(&from, to);
    }
    let by_name = [
        ("session_id", SESSION),
        ("prompt_id", PROMPT),
        ("turn_id", PROMPT),
        ("timestamp", TIME),
        ("tool_use_id", CALL),
        ("tool_call_id", CALL),
        ("agentId", AGENT),
        ("agent_id", AGENT),
    ];
    for (name, to) in by_name {
        for from in named(&value, name).iter().filter_map(|value| value.as_str()) {
            text = text.replace(from, to);
        }
    }
    for from in named(&value, "persistedOutputPath").iter().filter_map(|value| file_stem(value)) {
        text = text.replace(from, SPILL);
    }
    for name in ["duration_ms", "durationMs", "totalDurationMs"] {
        for from in named(&value, name) {
            text = text.replace(&format!("\"{name}\":{from}"), &format!("\"{name}\":12"));
        }
    }
    text.push('\n');
    Ok(text)
}

/// The machine's places and where they stand on the neutral one; the inner ones first.
fn places(playground: &Playground) -> [(String, &'static str); 5] {
    let project = playground.project().display().to_string();
    let slug: String = project.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let below = |part: &str| playground.root().join(part).display().to_string();
    [
        (slug, "-home-dev-app"),
        (project, "/home/dev/app"),
        (below("config"), "/home/dev/.claude"),
        (below("tmp"), "/home/dev/.cache/claude"),
        (below("home"), "/home/dev"),
    ]
}

fn file_stem(path: &Value) -> Option<&str> {
    path.as_str()?.rsplit('/').next()?.split('.').next()
}

/// All values under a name, wherever they stand.
fn named<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| named(item, name)).collect(),
        Value::Object(entries) => {
            let inner = entries.values().flat_map(|item| named(item, name));
            entries.get(name).into_iter().chain(inner).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_volatile_is_exchanged_and_the_rest_keeps_its_order() -> Result<()> {
        let playground = Playground::new()?;
        let project = playground.project().display().to_string();
        let event = format!(
            "{{\"session_id\":\"s-1\",\"cwd\":\"{project}\",\"a\":[{{\"durationMs\":345}}],\"tool_use_id\":\"toolu_x\",\"z\":1,\"b\":\"s-1\"}}\n"
        );
        let expected = format!(
            "{{\"session_id\":\"{SESSION}\",\"cwd\":\"/home/dev/app\",\"a\":[{{\"durationMs\":12}}],\"tool_use_id\":\"{CALL}\",\"z\":1,\"b\":\"{SESSION}\"}}\n"
        );
        assert_eq!(neutral(&event, &playground, &[])?, expected);
        Ok(())
    }
}
