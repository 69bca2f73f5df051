//! What a run left: the requests that were sent and the files that stayed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use endpoint::Request;
use serde_json::Value;

/// A run's remains, held in memory: the run's folder may be gone.
pub struct Evidence {
    /// Every request, `count_tokens` and headers included.
    pub requests: Vec<Request>,
    /// Every file that the run left, by its path below the playground; planted files excepted.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// The files of the harness itself, by their names: what observers and the MCP server wrote down.
    pub aside: BTreeMap<PathBuf, Vec<u8>>,
    /// The client's exit code; none if it was stopped for taking too long.
    pub exit: Option<i32>,
}

/// A place where a text was found. It names the place and never the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Request or file, with the place inside it.
    pub place: String,
    /// Was it in the request that measures a text?
    pub in_count: bool,
}

/// The first places in words, and how many more there are.
pub fn places(sightings: &[Sighting]) -> String {
    let first: Vec<&str> = sightings.iter().take(3).map(|sighting| sighting.place.as_str()).collect();
    match sightings.len().saturating_sub(3) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

impl Evidence {
    /// Where a text went to the model's endpoint: path, headers or body of any request.
    pub fn on_wire(&self, text: &str) -> Vec<Sighting> {
        self.requests.iter().enumerate().filter_map(|(number, request)| sighting(number + 1, request, text)).collect()
    }

    /// The files left behind that hold a text, or have it in their names; the client's printed output among them.
    pub fn on_disk(&self, text: &str) -> Vec<Sighting> {
        let holding = self.files.iter().filter(|(path, bytes)| {
            holds(&path.to_string_lossy(), text) || holds(&String::from_utf8_lossy(bytes), text)
        });
        holding.map(|(path, _)| Sighting { place: path.display().to_string(), in_count: false }).collect()
    }

    /// The result of the script's call `id` as the model was last sent it.
    pub fn tool_result(&self, id: &str) -> Option<Value> {
        let wanted = format!("toolu_{id}");
        let matches = |block: &&Value| block["type"] == "tool_result" && block["tool_use_id"] == wanted.as_str();
        self.blocks("user").iter().rfind(matches).cloned()
    }

    /// The same as text, for a look inside.
    pub fn tool_result_text(&self, id: &str) -> String {
        self.tool_result(id).map(|block| block["content"].to_string()).unwrap_or_default()
    }

    /// The same of an agent that speaks another dialect.
    pub fn other_result_text(&self, id: &str) -> String {
        let bodies = self.requests.iter().rev().filter(|request| request.is_message()).map(Request::json);
        bodies.filter_map(|body| endpoint::openai::result(&body, id)).next().unwrap_or_default()
    }

    /// The lines that the client printed (`stream-json`).
    pub fn printed(&self) -> Vec<Value> {
        lines_of(self.files.get(Path::new("stdout.jsonl")))
    }

    /// What the client printed as the run's result.
    pub fn result(&self) -> String {
        let printed = self.printed();
        let last = printed.iter().rfind(|line| line["type"] == "result");
        last.and_then(|line| line["result"].as_str()).unwrap_or_default().to_owned()
    }

    /// The lines of stanch's log.
    pub fn log(&self) -> Vec<Value> {
        lines_of(self.files.get(Path::new("home/.local/state/stanch/log.jsonl")))
    }

    /// The lines of a file that the harness wrote beside the run.
    pub fn noted(&self, name: &str) -> Vec<Value> {
        lines_of(self.aside.get(Path::new(name)))
    }

    /// A short account of the run for a failing test.
    pub fn account(&self) -> String {
        let requests = self.requests.iter().map(|request| format!("  {} {}\n", request.method, request.path));
        let stderr = self.files.get(Path::new("stderr.txt")).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let exit = self.exit.map_or("none: it took too long".to_owned(), |code| code.to_string());
        format!("exit code {exit}\nrequests:\n{}stderr:\n{}", requests.collect::<String>(), stderr.unwrap_or_default())
    }

    fn blocks(&self, role: &str) -> Vec<Value> {
        let bodies = self.requests.iter().filter(|request| request.is_message()).map(Request::json);
        let messages = bodies.flat_map(|body| body["messages"].as_array().cloned().unwrap_or_default());
        let of_role = messages.filter(|message| message["role"] == role);
        of_role.flat_map(|message| message["content"].as_array().cloned().unwrap_or_default()).collect()
    }
}

fn lines_of(file: Option<&Vec<u8>>) -> Vec<Value> {
    let text = file.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn sighting(number: usize, request: &Request, text: &str) -> Option<Sighting> {
    let place = place_of(request, text)?;
    let place = format!("request {number}, {} {}: {place}", request.method, request.path);
    Some(Sighting { place, in_count: request.is_count() })
}

fn place_of(request: &Request, text: &str) -> Option<String> {
    if holds(&request.path, text) || holds(&request.headers, text) {
        return Some("path or headers".to_owned());
    }
    leaf_holding(&request.json(), text, "body").or_else(|| holds(&request.body, text).then(|| "body".to_owned()))
}

/// The way to the first string (or key) that holds the text.
fn leaf_holding(value: &Value, text: &str, way: &str) -> Option<String> {
    match value {
        Value::String(leaf) => holds(leaf, text).then(|| way.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(i, item)| leaf_holding(item, text, &format!("{way}[{i}]")))
        }
        Value::Object(entries) => entries.iter().find_map(|(key, item)| {
            let way = format!("{way}.{key}");
            if holds(key, text) { Some(way) } else { leaf_holding(item, text, &way) }
        }),
        _ => None,
    }
}

/// Does the text stand there plainly, or as it looks inside one or two layers of JSON?
fn holds(hay: &str, text: &str) -> bool {
    let once = escaped(text);
    hay.contains(text) || hay.contains(&once) || hay.contains(&escaped(&once))
}

fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn evidence(path: &str, headers: &str, body: &Value) -> Evidence {
        let request = Request {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: headers.to_owned(),
            body: body.to_string(),
            calls: Vec::new(),
        };
        Evidence { requests: vec![request], files: BTreeMap::new(), aside: BTreeMap::new(), exit: Some(0) }
    }

    #[test]
    fn a_text_is_seen_in_body_key_header_and_count() {
        let body = json!({"messages": [{"content": [{"text": "has S3CRET"}]}]});
        let seen = evidence("/v1/messages", "", &body).on_wire("S3CRET");
        assert_eq!(seen[0].place, "request 1, POST /v1/messages: body.messages[0].content[0].text");
        assert_eq!(evidence("/v1/messages", "", &json!({"S3CRET": 1})).on_wire("S3CRET").len(), 1);
        assert_eq!(evidence("/v1/messages", "x-a: S3CRET\n", &json!({})).on_wire("S3CRET").len(), 1);
        assert!(evidence("/v1/messages/count_tokens?beta=true", "", &body).on_wire("S3CRET")[0].in_count);
    }

    #[test]
    fn a_text_is_seen_through_two_layers_of_json() {
        let secret = "pa\"ss\\word";
        let inner = json!({"value": secret}).to_string();
        let outer = json!({"nested": inner}).to_string();
        assert_eq!(evidence("/v1/messages", "", &json!({"text": outer})).on_wire(secret).len(), 1);
        assert!(evidence("/v1/messages", "", &json!({"text": "pass"})).on_wire(secret).is_empty());
    }

    #[test]
    fn a_file_that_holds_a_text_is_named() {
        let mut evidence = evidence("/", "", &json!({}));
        evidence.files.insert(PathBuf::from("config/a.jsonl"), b"{\"x\":\"S3CRET\"}".to_vec());
        assert_eq!(evidence.on_disk("S3CRET")[0].place, "config/a.jsonl");
        assert!(evidence.on_disk("other").is_empty());
    }
}
