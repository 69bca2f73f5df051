//! The events whose hook processes are timed: what Claude Code writes after a Read and after a Bash call.

use anyhow::Context;

use super::{source::Source, text};
use crate::format;
use crate::random::Random;

/// An event.
pub struct Event {
    /// What it is, for the report.
    pub name: String,
    /// About how large it is, in bytes; never larger.
    pub size: usize,
    /// What must not be in the reply, if anything.
    pub secret: Option<String>,
    /// The event as it comes on standard input.
    pub json: String,
}

/// How a text stands in an event.
type Shape = fn(&str) -> String;

/// Events of every sort, of these sizes.
///
/// # Errors
/// No source code could be had.
pub fn all(sizes: &[usize]) -> anyhow::Result<Vec<Event>> {
    let largest = sizes.iter().copied().max().unwrap_or(0);
    let source = String::from_utf8(Source::of_length(2 * largest)?.text).context("source code that is no text")?;
    let log = text::log(largest);
    let prose = include_str!("../../../LICENSE-APACHE");
    let sorts: [(&str, &str, Shape); 3] =
        [("Read, source code", &source, read), ("Bash, a log", &log, bash), ("Bash, prose", prose, bash)];
    let mut events = Vec::new();
    for &size in sizes {
        for (name, text, shape) in sorts {
            events.push(event(name, size, text, shape, None));
        }
        for (name, text, shape) in [sorts[0], sorts[1]] {
            let secret = format::value("ghp_<crc62:30>", &mut Random::named(name, size as u64));
            events.push(event(&format!("{name}, one secret"), size, text, shape, Some(secret)));
        }
    }
    Ok(events)
}

/// Events of the other hooks that run with every call: the arguments before it, the batch behind it, what a failed one said.
///
/// # Errors
/// No source code could be had.
pub fn of_others(sizes: &[usize]) -> anyhow::Result<Vec<(&'static str, Event)>> {
    let largest = sizes.iter().copied().max().unwrap_or(0);
    let source = String::from_utf8(Source::of_length(2 * largest)?.text).context("source code that is no text")?;
    let log = text::log(largest);
    let hooks: [(&'static str, &str, &str, Shape); 3] = [
        ("pre-tool-use", "Write, source code", &source, write),
        ("post-tool-batch", "a batch, a log", &log, batch),
        ("post-tool-use-failure", "a failed Bash call, a log", &log, failure),
    ];
    let mut events = Vec::new();
    for &size in sizes {
        for (hook, name, text, shape) in hooks {
            let secret = format::value("ghp_<crc62:30>", &mut Random::named(name, size as u64));
            events.push((hook, event(name, size, text, shape, None)));
            events.push((hook, event(&format!("{name}, one secret"), size, text, shape, Some(secret))));
        }
    }
    Ok(events)
}

/// As many lines of the text as fit, a secret in the middle of them.
fn event(name: &str, size: usize, text: &str, shape: Shape, secret: Option<String>) -> Event {
    let line = secret.as_ref().map(|secret| format!("export GITHUB_TOKEN={secret}\n"));
    let room = size.saturating_sub(shape(line.as_deref().unwrap_or_default()).len());
    let (mut lines, mut taken) = (Vec::new(), 0);
    for next in text.split_inclusive('\n') {
        // As long as it becomes in JSON.
        taken += serde_json::Value::from(next).to_string().len() - 2;
        if taken > room {
            break;
        }
        lines.push(next);
    }
    if let Some(line) = &line {
        lines.insert(lines.len() / 2, line);
    }
    Event { name: name.to_owned(), size, json: shape(&lines.concat()), secret }
}

fn read(text: &str) -> String {
    let (content, lines) = (serde_json::Value::from(text), text.lines().count() + 1);
    around(
        "Read",
        r#"{"file_path":"/home/dev/app/src/main.rs"}"#,
        &format!(
            r#"{{"type":"text","file":{{"filePath":"/home/dev/app/src/main.rs","content":{content},"numLines":{lines},"startLine":1,"totalLines":{lines}}}}}"#
        ),
    )
}

fn bash(text: &str) -> String {
    let stdout = serde_json::Value::from(text);
    around(
        "Bash",
        r#"{"command":"tail server.log","description":"Show the log"}"#,
        &format!(r#"{{"stdout":{stdout},"stderr":"","interrupted":false,"isImage":false,"noOutputExpected":false}}"#),
    )
}

fn write(text: &str) -> String {
    let content = serde_json::Value::from(text);
    of(
        "PreToolUse",
        &format!(
            r#""tool_name":"Write","tool_input":{{"file_path":"/home/dev/app/src/main.rs","content":{content}}},"tool_use_id":"toolu_01""#
        ),
    )
}

fn batch(text: &str) -> String {
    let response = serde_json::Value::from(text);
    of(
        "PostToolBatch",
        &format!(
            r#""tool_calls":[{{"tool_name":"Bash","tool_input":{{"command":"tail server.log"}},"tool_use_id":"toolu_01","tool_response":{response}}}]"#
        ),
    )
}

fn failure(text: &str) -> String {
    let error = serde_json::Value::from(text);
    of(
        "PostToolUseFailure",
        &format!(
            r#""tool_name":"Bash","tool_input":{{"command":"tail server.log"}},"tool_use_id":"toolu_01","error":{error},"is_interrupt":false,"duration_ms":12"#
        ),
    )
}

/// The fields in the client's order; see `fixtures/claude-code/post-tool-use`.
fn around(tool: &str, input: &str, response: &str) -> String {
    of(
        "PostToolUse",
        &format!(
            r#""tool_name":"{tool}","tool_input":{input},"tool_response":{response},"tool_use_id":"toolu_01","duration_ms":12"#
        ),
    )
}

fn of(event: &str, fields: &str) -> String {
    format!(
        r#"{{"session_id":"00000000-0000-4000-8000-000000000000","transcript_path":"/home/dev/.claude/projects/-home-dev-app/00000000-0000-4000-8000-000000000000.jsonl","cwd":"/home/dev/app","prompt_id":"00000000-0000-4000-8000-000000000001","permission_mode":"acceptEdits","effort":{{"level":"medium"}},"hook_event_name":"{event}",{fields}}}"#
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use serde_json::Value;

    #[test]
    fn they_are_json_of_the_size_they_say() -> anyhow::Result<()> {
        for event in all(&[1_000, 10_000])? {
            assert!(serde_json::from_str::<Value>(&event.json)?.is_object());
            let fits = event.json.len() <= event.size && event.json.len() + 250 > event.size;
            assert!(fits, "{}: {} bytes of {}", event.name, event.json.len(), event.size);
            assert!(event.secret.is_none_or(|secret| event.json.contains(&secret)));
        }
        Ok(())
    }

    #[test]
    fn they_have_the_fields_of_the_client() -> anyhow::Result<()> {
        let recorded = [
            ("Read", include_str!("../../../fixtures/claude-code/post-tool-use/read-text.in.json")),
            ("Bash", include_str!("../../../fixtures/claude-code/post-tool-use/bash-env-dump.in.json")),
        ];
        for (tool, text) in recorded {
            let made =
                all(&[1_000])?.into_iter().find(|event| event.name.starts_with(tool)).context("no such event")?;
            assert_eq!(fields(&serde_json::from_str(&made.json)?), fields(&serde_json::from_str(text)?));
        }
        Ok(())
    }

    fn fields(event: &Value) -> BTreeSet<String> {
        let keys = |value: &Value| value.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        let response = &event["tool_response"];
        [keys(event), keys(response), keys(&response["file"])].concat().into_iter().collect()
    }
}
