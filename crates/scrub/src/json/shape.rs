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

/// Where in a document bytes stand: see [`super::Document::path`].
pub struct Places<'d> {
    raw: &'d [u8],
    at: usize,
    levels: Vec<Level<'d>>,
}

/// Of a place that lies deeper, no more levels are said than these, its own and those around it.
const SHOWN: usize = 32;

enum Level<'d> {
    Object(&'d [u8]),
    Array(usize),
}

impl<'d> Places<'d> {
    pub(super) fn of(raw: &'d [u8]) -> Self {
        Self { raw, at: 0, levels: Vec::new() }
    }

    /// Where the byte at `target` stands, which is no earlier than the last that was asked for.
    pub fn path(&mut self, target: usize) -> String {
        self.walk(target);
        let outer = self.levels.len().saturating_sub(SHOWN);
        let mut said = String::from(if outer > 0 { "…" } else { "" });
        for level in &self.levels[outer..] {
            match level {
                Level::Array(index) => said.push_str(&format!("[{index}]")),
                Level::Object(key) => {
                    let plain =
                        (1..=32).contains(&key.len()) && key.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
                    if !said.is_empty() {
                        said.push('.');
                    }
                    said.push_str(if plain { std::str::from_utf8(key).unwrap_or("…") } else { "…" });
                }
            }
        }
        said
    }

    fn walk(&mut self, target: usize) {
        let raw = self.raw;
        while self.at < target && self.at < raw.len() {
            let mut next = self.at + 1;
            match raw[self.at] {
                b'{' => self.levels.push(Level::Object(b"")),
                b'[' => self.levels.push(Level::Array(0)),
                b'}' | b']' => {
                    self.levels.pop();
                }
                b',' => {
                    if let Some(Level::Array(index)) = self.levels.last_mut() {
                        *index += 1;
                    }
                }
                b'"' => {
                    let Ok(end) = string_end(raw, self.at + 1) else { return };
                    if next_is_colon(raw, end)
                        && let Some(Level::Object(key)) = self.levels.last_mut()
                    {
                        *key = &raw[self.at + 1..end];
                    }
                    next = end + 1;
                }
                _ => {}
            }
            self.at = next;
        }
    }
}
