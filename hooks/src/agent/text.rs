//! What a model would read of an output, for agents that take a text and no JSON in its place.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Refusal;

/// Said where a call cannot be made with placeholders in the place of secrets.
pub(super) const NO_OTHER_ARGUMENTS: &str = "stanch stopped this call: its arguments hold a secret. Do not write secrets \
    into arguments; refer to an environment variable (\"$NAME\"), a file that the program reads itself, or a secret store.";

/// A part that only a person or a model with eyes can read.
const LEFT_OUT: &str = "(stanch left an image or sound out: beside a redacted text it cannot be passed on)";

/// A blank text would count as no answer at all.
pub(super) fn or_note(text: String, note: &str) -> String {
    if text.trim().is_empty() { note.to_owned() } else { text }
}

/// Codex: a string, or the result of an MCP tool, of which the model reads the structured half if there is one.
pub(super) fn of_codex(output: &[u8]) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    struct Mcp<'o> {
        #[serde(borrow)]
        content: Vec<&'o RawValue>,
        #[serde(borrow, rename = "structuredContent")]
        structured: Option<&'o RawValue>,
    }
    let output = utf8(output)?;
    if let Some(Mcp { content, structured }) = object(output) {
        return Ok(structured.map_or_else(|| parts(&content), |structured| structured.get().to_owned()));
    }
    Ok(string(output).unwrap_or_else(|| output.to_owned()))
}

/// Qwen: `llmContent` of an output; after a batch, what its last call gave back.
pub(super) fn of_qwen(event: &str, output: &[u8]) -> Result<String, Refusal> {
    let output = utf8(output)?;
    Ok(if event == "PostToolBatch" { of_qwen_call(output) } else { of_qwen_output(output) })
}

fn of_qwen_output(output: &str) -> String {
    #[derive(Deserialize)]
    struct Output<'o> {
        #[serde(borrow, rename = "llmContent")]
        content: &'o RawValue,
    }
    match object::<Output<'_>>(output) {
        Some(Output { content }) => part_or_parts(content.get()),
        None => output.to_owned(),
    }
}

fn of_qwen_call(call: &str) -> String {
    #[derive(Deserialize)]
    struct Call<'o> {
        #[serde(borrow)]
        response_parts: Vec<&'o RawValue>,
    }
    #[derive(Deserialize)]
    struct Part {
        #[serde(rename = "functionResponse")]
        response: Response,
    }
    #[derive(Deserialize)]
    struct Response {
        response: Given,
    }
    #[derive(Deserialize)]
    struct Given {
        output: Option<String>,
        error: Option<String>,
    }
    let Some(Call { response_parts }) = object(call) else { return call.to_owned() };
    let text = |part: &&RawValue| match object(part.get()) {
        Some(Part {
            response: Response { response: Given { output: Some(text), .. } | Given { error: Some(text), .. } },
        }) => text,
        _ => self::part(part.get()),
    };
    response_parts.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// A string, a part, or a list of both.
fn part_or_parts(json: &str) -> String {
    match serde_json::from_str::<Vec<&RawValue>>(json) {
        Ok(list) => parts(&list),
        Err(_) => part(json),
    }
}

fn parts(list: &[&RawValue]) -> String {
    list.iter().map(|item| part(item.get())).collect::<Vec<_>>().join("\n")
}

/// A string or the `text` of a part as it is, anything else as JSON, but for what is not text at all.
fn part(json: &str) -> String {
    #[derive(Deserialize)]
    struct Part<'o> {
        text: Option<String>,
        #[serde(rename = "type")]
        kind: Option<String>,
        #[serde(borrow, rename = "inlineData")]
        inline: Option<&'o RawValue>,
    }
    if let Some(text) = string(json) {
        return text;
    }
    match object::<Part<'_>>(json) {
        Some(Part { text: Some(text), .. }) => text,
        Some(Part { inline: Some(_), .. }) => LEFT_OUT.to_owned(),
        Some(Part { kind: Some(kind), .. }) if kind == "image" || kind == "audio" => LEFT_OUT.to_owned(),
        _ => json.to_owned(),
    }
}

/// An object of that shape; serde would take a list for one too.
fn object<'o, T: Deserialize<'o>>(json: &'o str) -> Option<T> {
    json.starts_with('{').then(|| serde_json::from_str(json).ok())?
}

fn string(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

fn utf8(output: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(output).map_err(|_| Refusal::Panicked)
}

/// As much of a text as has room in so many bytes of JSON, and how much is left out.
pub(super) fn fitting(mut text: String, room: usize) -> String {
    let mut taken = 0;
    let over = text.char_indices().find(|(_, c)| {
        taken += escaped(*c);
        taken > room
    });
    if let Some((at, _)) = over {
        let left_out = text.len() - at;
        text.truncate(at);
        text.push_str(&format!(
            "\n(stanch left out the last {left_out} bytes: the agent reads no longer reply. Ask for less at a time.)"
        ));
    }
    text
}

/// Bytes of a character in a JSON string as serde_json writes it.
fn escaped(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codex_reads_a_string_or_the_half_of_a_result_that_counts() {
        let cases = [
            (r#""a\nb""#, "a\nb"),
            (r#"{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#, "a\nb"),
            (r#"{"content":[{"type":"text","text":"a"}],"structuredContent":{"z":1,"a":"b"}}"#, r#"{"z":1,"a":"b"}"#),
            (r#"{"content":[{"type":"text","text":"a"}],"structuredContent":null}"#, "a"),
            (r#"{"content":[{"type":"resource_link","uri":"u"}]}"#, r#"{"type":"resource_link","uri":"u"}"#),
            (r#"{"content":[{"type":"image","data":"aGk="}]}"#, LEFT_OUT),
            (r#"{"other":["x"]}"#, r#"{"other":["x"]}"#),
            (r#"[["x"],null]"#, r#"[["x"],null]"#),
            ("null", "null"),
        ];
        for (output, text) in cases {
            assert_eq!(of_codex(output.as_bytes()).ok().as_deref(), Some(text), "{output}");
        }
    }

    #[test]
    fn qwen_reads_what_is_for_the_model() {
        let cases = [
            (r#"{"llmContent":"a","returnDisplay":"b"}"#, "a"),
            (r#"{"llmContent":[{"text":"a"},"b",{"inlineData":{"data":"aGk="}}],"returnDisplay":"b"}"#, LEFT_OUT),
            (r#"{"llmContent":{"text":"a"}}"#, "a"),
            (r#"["x"]"#, r#"["x"]"#),
        ];
        for (output, end) in cases {
            assert!(of_qwen("PostToolUse", output.as_bytes()).is_ok_and(|text| text.ends_with(end)), "{output}");
        }
    }

    #[test]
    fn after_a_batch_qwen_reads_what_the_call_gave_back_once() {
        for field in ["output", "error"] {
            let call = format!(
                r#"{{"response_parts":[{{"functionResponse":{{"response":{{"{field}":"a"}}}}}}],"result_display":"b"}}"#
            );
            assert_eq!(of_qwen("PostToolBatch", call.as_bytes()).ok().as_deref(), Some("a"));
        }
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters_and_counted_as_it_is_written() {
        assert_eq!(fitting("a\nb".to_owned(), 4), "a\nb");
        assert!(fitting("a\nbé".to_owned(), 4).starts_with("a\nb\n(stanch left out the last 2 bytes"));
        for c in ['"', '\\', '\n', '\u{1}', '\u{8}', '\u{7f}', 'é', '\u{2028}', '🦀', 'a'] {
            let written = serde_json::to_string(&c).map(|json| json.len() - 2).ok();
            assert_eq!(written, Some(escaped(c)), "{}", c.escape_unicode());
        }
    }
}
