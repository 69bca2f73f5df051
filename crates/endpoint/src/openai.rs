//! A turn in the two forms of OpenAI's API: Responses, which Codex speaks, and Chat Completions, which Qwen Code speaks.

use serde_json::{Value, json};

use crate::script::{Call, Turn};

/// The answer of the Responses API as server-sent events, complete.
pub fn responses(turn: &Turn, number: usize) -> String {
    let id = format!("resp_{number:04}");
    let usage = json!({
        "input_tokens": 100, "input_tokens_details": null, "output_tokens": 20, "output_tokens_details": null,
        "total_tokens": 120,
    });
    let items = match turn {
        Turn::Says(text) => vec![json!({
            "type": "message", "role": "assistant", "id": format!("msg_{number:04}"),
            "content": [{"type": "output_text", "text": text}],
        })],
        Turn::Calls(calls) => calls.iter().map(item).collect(),
    };
    let done = items.into_iter().map(|item| json!({"type": "response.output_item.done", "item": item}));
    let events = [json!({"type": "response.created", "response": {"id": id}})].into_iter().chain(done);
    let events = events.chain([json!({"type": "response.completed", "response": {"id": id, "usage": usage}})]);
    events.map(|data| format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())).collect()
}

/// A tool of an MCP server is called by server and name, a tool without JSON arguments by its text.
fn item(call: &Call) -> Value {
    let id = call_id(call);
    if let Value::String(input) = &call.input {
        return json!({"type": "custom_tool_call", "call_id": id, "name": call.tool, "input": input});
    }
    let arguments = call.input.to_string();
    match call.tool.strip_prefix("mcp__").and_then(|tool| tool.split_once("__")) {
        Some((server, name)) => json!({
            "type": "function_call", "call_id": id, "namespace": format!("mcp__{server}"), "name": name,
            "arguments": arguments,
        }),
        None => json!({"type": "function_call", "call_id": id, "name": call.tool, "arguments": arguments}),
    }
}

/// The answer of the Chat Completions API: server-sent events if asked for, one object otherwise.
pub fn completion(turn: &Turn, body: &Value) -> (&'static str, String) {
    let function = |(index, call): (usize, &Call)| {
        let function = json!({"name": call.tool, "arguments": call.input.to_string()});
        json!({"index": index, "id": call_id(call), "type": "function", "function": function})
    };
    let (message, reason) = match turn {
        Turn::Says(text) => (json!({"role": "assistant", "content": text}), "stop"),
        Turn::Calls(calls) => {
            let calls: Vec<Value> = calls.iter().enumerate().map(function).collect();
            (json!({"role": "assistant", "content": null, "tool_calls": calls}), "tool_calls")
        }
    };
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120});
    let envelope = |kind: &str, choice: Value| json!({"id": "c", "object": kind, "created": 1, "model": body["model"], "choices": [choice], "usage": usage});
    if body["stream"] != true {
        let choice = json!({"index": 0, "message": message, "finish_reason": reason});
        return ("application/json", envelope("chat.completion", choice).to_string());
    }
    let piece = |choice: Value| format!("data: {}\n\n", envelope("chat.completion.chunk", choice));
    let pieces = [
        piece(json!({"index": 0, "delta": message, "finish_reason": null})),
        piece(json!({"index": 0, "delta": {}, "finish_reason": reason})),
    ];
    ("text/event-stream", format!("{}data: [DONE]\n\n", pieces.concat()))
}

/// The text that a call gave back, as it stands in a request's body.
pub fn result(body: &Value, id: &str) -> Option<String> {
    let wanted = format!("toolu_{id}");
    let outputs = body["input"].as_array().into_iter().flatten();
    let outputs = outputs.filter(|item| item["type"].as_str().is_some_and(|kind| kind.ends_with("_output")));
    let output = outputs.filter(|item| item["call_id"] == wanted.as_str()).map(|item| &item["output"]);
    let messages = body["messages"].as_array().into_iter().flatten().filter(|message| message["role"] == "tool");
    let message = messages.filter(|message| message["tool_call_id"] == wanted.as_str()).map(|item| &item["content"]);
    output.chain(message).next().map(|given| match given {
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// The same as in the Messages API: the case under test is named by it.
fn call_id(call: &Call) -> String {
    format!("toolu_{}", call.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_called_in_the_form_that_is_its_own() {
        let calls = vec![
            Call::new("a", "exec_command", json!({"cmd": "true"})),
            Call::new("b", "mcp__lab__text", json!({})),
            Call::new("c", "apply_patch", json!("*** Begin Patch")),
        ];
        let text = responses(&Turn::Calls(calls), 1);
        assert!(text.contains(r#""arguments":"{\"cmd\":\"true\"}","call_id":"toolu_a","name":"exec_command""#));
        assert!(text.contains(r#""name":"text","namespace":"mcp__lab""#));
        assert!(text.contains(r#""input":"*** Begin Patch","name":"apply_patch","type":"custom_tool_call""#));
        assert!(text.ends_with("\n\n"));
    }

    #[test]
    fn a_result_is_found_in_either_form() {
        let responses = json!({"input": [
            {"type": "function_call", "call_id": "toolu_a", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "toolu_a", "output": "x"},
        ]});
        let completions = json!({"messages": [
            {"role": "tool", "tool_call_id": "toolu_a", "content": [{"type": "text", "text": "y"}]},
        ]});
        assert_eq!(result(&responses, "a").as_deref(), Some("x"));
        assert_eq!(result(&completions, "a").as_deref(), Some("y"));
        assert_eq!(result(&completions, "b"), None);
    }
}
