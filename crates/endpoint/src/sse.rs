//! The two forms in which the Messages API gives an answer: as one object, and as a stream of events.

use serde_json::{Value, json};

use crate::script::{Call, Turn};

/// The answer as one JSON object.
pub fn message(turn: &Turn, model: &str, number: usize) -> Value {
    json!({
        "id": format!("msg_{number:04}"), "type": "message", "role": "assistant", "model": model,
        "content": blocks(turn), "stop_reason": stop_reason(turn), "stop_sequence": null, "usage": usage(),
    })
}

/// The answer as server-sent events, complete.
pub fn stream(turn: &Turn, model: &str, number: usize) -> String {
    let mut start = message(turn, model, number);
    start["content"] = json!([]);
    start["stop_reason"] = Value::Null;
    let mut events = vec![json!({"type": "message_start", "message": start})];
    for (index, block) in blocks(turn).iter().enumerate() {
        events.extend(block_events(index, block));
    }
    let delta = json!({"stop_reason": stop_reason(turn), "stop_sequence": null});
    events.push(json!({"type": "message_delta", "delta": delta, "usage": usage()}));
    events.push(json!({"type": "message_stop"}));
    events.iter().map(event).collect()
}

fn event(data: &Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
}

fn block_events(index: usize, block: &Value) -> [Value; 3] {
    let mut empty = block.clone();
    let delta = match block["type"].as_str() {
        Some("tool_use") => {
            empty["input"] = json!({});
            json!({"type": "input_json_delta", "partial_json": block["input"].to_string()})
        }
        _ => {
            empty["text"] = json!("");
            json!({"type": "text_delta", "text": block["text"]})
        }
    };
    [
        json!({"type": "content_block_start", "index": index, "content_block": empty}),
        json!({"type": "content_block_delta", "index": index, "delta": delta}),
        json!({"type": "content_block_stop", "index": index}),
    ]
}

fn blocks(turn: &Turn) -> Vec<Value> {
    let tool_use = |call: &Call| json!({"type": "tool_use", "id": format!("toolu_{}", call.id), "name": call.tool, "input": call.input});
    match turn {
        Turn::Says(text) => vec![json!({"type": "text", "text": text})],
        Turn::Calls(calls) => calls.iter().map(tool_use).collect(),
    }
}

fn stop_reason(turn: &Turn) -> &'static str {
    match turn {
        Turn::Says(_) => "end_turn",
        Turn::Calls(_) => "tool_use",
    }
}

fn usage() -> Value {
    json!({"input_tokens": 100, "output_tokens": 20, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_gives_a_tool_call_its_input_piecewise() {
        let turn = Turn::Calls(vec![Call::new("a", "Bash", json!({"command": "true"}))]);
        let text = stream(&turn, "m", 1);
        assert!(text.starts_with("event: message_start\ndata: {"));
        assert!(text.contains(r#""partial_json":"{\"command\":\"true\"}""#));
        assert!(text.contains(r#""stop_reason":"tool_use""#));
        assert!(text.ends_with("\n\n"));
    }
}
