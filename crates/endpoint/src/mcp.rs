//! An MCP server over stdio whose answers stand in a file.
//!
//! Tools: `echo` gives its `text` back; `text`, `large` and `huge` answer with the text that the file holds under that
//! name, `structured` with that text as structured content, `fail` with that text as an error (`isError`).
//! `key` tells whether the environment has a `LAB_KEY`, by a digest of it; `tell` says it, as it is and in digits. Every call is
//! noted, so that a test can tell what reached the server.

use std::fs::OpenOptions;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What the server says and where it notes what it was told.
pub struct Answers {
    texts: Value,
    notes: PathBuf,
}

impl Answers {
    /// Reads the answers: a JSON object of texts by tool name.
    pub fn read(texts: &Path, notes: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(texts).with_context(|| format!("cannot read {}", texts.display()))?;
        Ok(Self { texts: serde_json::from_str(&text)?, notes: notes.to_owned() })
    }

    /// Answers requests, one a line, until the input ends.
    pub fn serve(&self, input: impl BufRead, mut output: impl Write) -> Result<()> {
        for line in input.lines() {
            let Ok(request) = serde_json::from_str::<Value>(&line?) else { continue };
            if let Some(answer) = self.answer(&request)? {
                writeln!(output, "{answer}")?;
                output.flush()?;
            }
        }
        Ok(())
    }

    fn answer(&self, request: &Value) -> Result<Option<Value>> {
        let Some(id) = request.get("id") else { return Ok(None) };
        let params = &request["params"];
        let result = match request["method"].as_str() {
            Some("initialize") => greeting(params),
            Some("ping") => json!({}),
            Some("tools/list") => tools(),
            Some("tools/call") => self.call(params)?,
            _ => {
                let error = json!({"code": -32601, "message": "method not found"});
                return Ok(Some(json!({"jsonrpc": "2.0", "id": id, "error": error})));
            }
        };
        Ok(Some(json!({"jsonrpc": "2.0", "id": id, "result": result})))
    }

    fn call(&self, params: &Value) -> Result<Value> {
        self.note(params)?;
        let name = params["name"].as_str().unwrap_or_default();
        let answer = self.texts[name].as_str().unwrap_or("nothing");
        let text = |text: &str| json!([{"type": "text", "text": text}]);
        Ok(match name {
            "echo" => json!({"content": text(params["arguments"]["text"].as_str().unwrap_or_default())}),
            "structured" => json!({"content": text("see the structure"), "structuredContent": {"value": answer}}),
            "key" => json!({"content": text(&digest(&key()))}),
            "tell" => {
                json!({"content": text(&format!("{} {}", key(), key().bytes().map(|b| format!("{b:02x}")).collect::<String>()))})
            }
            "fail" => json!({"content": text(answer), "isError": true}),
            _ => json!({"content": text(answer)}),
        })
    }

    fn note(&self, params: &Value) -> Result<()> {
        let mut notes = OpenOptions::new().create(true).append(true).open(&self.notes)?;
        Ok(writeln!(notes, "{}", json!({"name": params["name"], "arguments": params["arguments"]}))?)
    }
}

fn key() -> String {
    std::env::var("LAB_KEY").unwrap_or_default()
}

/// Stands for a key where the key itself must not be said (FNV-1a: no secret to guess here).
pub fn digest(key: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("key {:016x}", key.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

fn greeting(params: &Value) -> Value {
    let version = params["protocolVersion"].as_str().unwrap_or("2024-11-05");
    json!({"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": {"name": "lab", "version": "1"}})
}

fn tools() -> Value {
    let tool = |name: &str| {
        let properties = if name == "echo" { json!({"text": {"type": "string"}}) } else { json!({}) };
        json!({"name": name, "description": name, "inputSchema": {"type": "object", "properties": properties}})
    };
    let tools = ["echo", "text", "large", "huge", "structured", "fail", "key", "tell"].map(tool);
    json!({"tools": tools})
}
