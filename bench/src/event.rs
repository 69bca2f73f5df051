//! Hook events around a text, as the client writes them.

use serde_json::json;

/// The output of a Bash call that printed `text`.
pub fn post_tool_use(text: &str) -> String {
    let response =
        json!({ "stdout": text, "stderr": "", "interrupted": false, "isImage": false, "noOutputExpected": false });
    event("PostToolUse", json!({ "tool_response": response, "duration_ms": 12 }))
}

/// A Bash call with `command`.
pub fn pre_tool_use(command: &str) -> String {
    event("PreToolUse", json!({ "tool_input": { "command": command, "description": "Run it" } }))
}

fn event(name: &str, own: serde_json::Value) -> String {
    let mut event = json!({
        "session_id": "00000000-0000-4000-8000-000000000000",
        "transcript_path": "/home/dev/.claude/projects/-home-dev-app/00000000-0000-4000-8000-000000000000.jsonl",
        "cwd": "/home/dev/app",
        "permission_mode": "acceptEdits",
        "hook_event_name": name,
        "tool_name": "Bash",
        "tool_input": { "command": "./run", "description": "Run it" },
        "tool_use_id": "toolu_01",
    });
    if let (Some(event), serde_json::Value::Object(own)) = (event.as_object_mut(), own) {
        event.extend(own);
    }
    event.to_string()
}
