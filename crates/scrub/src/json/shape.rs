//! The shape of a document: kept while its content is withheld, and where in it a byte stands.

use super::strings::{next_is_colon, string_end};

/// A document's shape without its content: `text` in place of everything in its strings.
///
/// Keys stay, and so do the words by which a reader tells shapes apart (`"type": "text"`): a client compares the shape and
/// falls back to the original where it differs. `None` if the shape cannot be read.
pub fn withheld(raw: &str, text: &str) -> Option<String> {
    let text = serde_json::to_string(text).ok()?;
    let bytes = raw.as_bytes();
    let mut out = String::with_capacity(raw.len());
    let (mut at, mut done, mut key) = (0, 0, 0..0);
    while let Some(quote) = memchr::memchr(b'"', &bytes[at..]).map(|i| at + i) {
        let end = string_end(bytes, quote + 1).ok()?;
        if next_is_colon(bytes, end) {
            key = quote + 1..end;
        } else if !tells_shape(&bytes[key.clone()], &bytes[quote + 1..end]) {
            out.push_str(&raw[done..quote]);
            out.push_str(&text);
            done = end + 1;
        }
        at = end + 1;
    }
    out.push_str(&raw[done..]);
    Some(out)
}

/// Keys whose words a client's schema fixes.
const SHAPE_KEYS: &[&[u8]] = &[b"type", b"mode", b"status", b"cellType", b"cell_type", b"mimeType", b"media_type"];

fn tells_shape(key: &[u8], value: &[u8]) -> bool {
    SHAPE_KEYS.contains(&key)
        && value.len() <= 32
        && value.iter().all(|b| b.is_ascii_lowercase() || b"_-/+".contains(b))
}

/// Where in a document a byte stands: see [`super::Document::path`].
pub(super) fn path(raw: &[u8], target: usize) -> String {
    enum Level<'k> {
        Object(&'k [u8]),
        Array(usize),
    }
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut at = 0;
    while at < target && at < raw.len() {
        match raw[at] {
            b'{' => levels.push(Level::Object(b"")),
            b'[' => levels.push(Level::Array(0)),
            b'}' | b']' => {
                levels.pop();
            }
            b',' => {
                if let Some(Level::Array(index)) = levels.last_mut() {
                    *index += 1;
                }
            }
            b'"' => {
                let Ok(end) = string_end(raw, at + 1) else { break };
                if next_is_colon(raw, end)
                    && let Some(Level::Object(key)) = levels.last_mut()
                {
                    *key = &raw[at + 1..end];
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    let mut said = String::new();
    for level in levels {
        match level {
            Level::Array(index) => said.push_str(&format!("[{index}]")),
            Level::Object(key) => {
                let plain = (1..=32).contains(&key.len()) && key.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
                if !said.is_empty() {
                    said.push('.');
                }
                said.push_str(if plain { std::str::from_utf8(key).unwrap_or("…") } else { "…" });
            }
        }
    }
    said
}
