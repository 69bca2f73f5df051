//! The event's envelope: the fields that hooks use, the rest left unread.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::Refusal;

/// A hook event. Arguments and output stay as the client wrote them, so that a reply can give them back to the byte.
#[derive(Deserialize)]
pub struct Event<'e> {
    hook_event_name: Option<Cow<'e, str>>,
    /// The tool, for events about one.
    pub tool_name: Option<Cow<'e, str>>,
    #[serde(borrow)]
    tool_input: Option<&'e RawValue>,
    /// `null` is an output too: of a tool that has nothing to say.
    #[serde(borrow, default, deserialize_with = "given")]
    tool_response: Option<&'e RawValue>,
    #[serde(borrow)]
    tool_calls: Option<Vec<Call<'e>>>,
    #[serde(borrow)]
    error: Option<&'e RawValue>,
    /// Where the session runs.
    pub cwd: Option<Cow<'e, str>>,
    /// The session's transcript.
    pub transcript_path: Option<Cow<'e, str>>,
    /// The session.
    pub session_id: Option<Cow<'e, str>>,
}

/// A field that is there, whatever is in it.
fn given<'e, D: Deserializer<'e>>(field: D) -> Result<Option<&'e RawValue>, D::Error> {
    <&RawValue>::deserialize(field).map(Some)
}

/// One tool call of a batch.
#[derive(Deserialize)]
pub struct Call<'e> {
    #[serde(borrow)]
    tool_name: Option<Cow<'e, str>>,
    #[serde(borrow, default, deserialize_with = "given")]
    tool_response: Option<&'e RawValue>,
}

impl<'e> Call<'e> {
    /// The tool's name.
    pub fn tool(&self) -> Result<&str, Refusal> {
        self.tool_name.as_deref().ok_or(Refusal::Missing("tool_name"))
    }

    /// What the model is about to get, as JSON.
    pub fn tool_response(&self) -> Result<&'e str, Refusal> {
        self.tool_response.map(RawValue::get).ok_or(Refusal::Missing("tool_response"))
    }
}

impl<'e> Event<'e> {
    /// Reads an event of the expected kind.
    ///
    /// # Errors
    /// Not UTF-8, not JSON, a field twice, a field of another type, or another event.
    pub fn read(bytes: &'e [u8], expected: &'static str) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(bytes).map_err(|e| Refusal::NotUtf8(e.valid_up_to()))?;
        // serde_json's message may quote the text; the place is enough.
        let event: Self = serde_json::from_str(text).map_err(|e| Refusal::NotAnEvent(e.line(), e.column()))?;
        match event.hook_event_name.as_deref() {
            Some(name) if name == expected => Ok(event),
            Some(_) => Err(Refusal::OtherEvent(expected)),
            None => Err(Refusal::Missing("hook_event_name")),
        }
    }

    /// The tool's name.
    pub fn tool(&self) -> Result<&str, Refusal> {
        self.tool_name.as_deref().ok_or(Refusal::Missing("tool_name"))
    }

    /// The tool's arguments as JSON.
    pub fn tool_input(&self) -> Result<&'e str, Refusal> {
        self.tool_input.map(RawValue::get).ok_or(Refusal::Missing("tool_input"))
    }

    /// The calls of a batch.
    pub fn tool_calls(&self) -> Result<&[Call<'e>], Refusal> {
        self.tool_calls.as_deref().ok_or(Refusal::Missing("tool_calls"))
    }

    /// What a failed tool gave back, as JSON.
    pub fn error(&self) -> Result<&'e str, Refusal> {
        self.error.map(RawValue::get).ok_or(Refusal::Missing("error"))
    }

    /// The tool's output as JSON.
    pub fn tool_response(&self) -> Result<&'e str, Refusal> {
        self.tool_response.map(RawValue::get).ok_or(Refusal::Missing("tool_response"))
    }
}
