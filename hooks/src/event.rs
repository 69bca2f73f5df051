//! The event's envelope: the fields that hooks use, the rest left unread.

use std::borrow::Cow;
use std::path::Path;

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
    /// The tool call.
    pub tool_use_id: Option<Cow<'e, str>>,
    /// The subagent, for events about one or inside one.
    pub agent_id: Option<Cow<'e, str>>,
    /// Its kind; empty for what the client asks the model beside the conversation, with the conversation's history.
    pub agent_type: Option<Cow<'e, str>>,
    /// A subagent's transcript.
    pub agent_transcript_path: Option<Cow<'e, str>>,
    /// How a session started, or which settings changed.
    pub source: Option<Cow<'e, str>>,
    /// The file that was loaded or that changed.
    pub file_path: Option<Cow<'e, str>>,
    /// Why an instruction file was loaded.
    pub load_reason: Option<Cow<'e, str>>,
    prompt: Option<Cow<'e, str>>,
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
    /// The tool call.
    pub tool_use_id: Option<Cow<'e, str>>,
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

    /// What the user, or the client in the user's place, says to the model.
    pub fn prompt(&self) -> Result<&str, Refusal> {
        self.prompt.as_deref().ok_or(Refusal::Missing("prompt"))
    }

    /// The session's working folder.
    pub fn folder(&self) -> Result<&Path, Refusal> {
        self.cwd.as_deref().map(Path::new).ok_or(Refusal::Missing("cwd"))
    }

    /// The session's transcript.
    pub fn transcript(&self) -> Result<&Path, Refusal> {
        self.transcript_path.as_deref().map(Path::new).ok_or(Refusal::Missing("transcript_path"))
    }

    /// The calls of a batch.
    pub fn tool_calls(&self) -> Result<&[Call<'e>], Refusal> {
        self.tool_calls.as_deref().ok_or(Refusal::Missing("tool_calls"))
    }

    /// The file that the tool is about, if its arguments name one.
    pub fn file(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct About {
            #[serde(alias = "notebook_path")]
            file_path: Option<String>,
        }
        serde_json::from_str::<About>(self.tool_input?.get()).ok()?.file_path
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
