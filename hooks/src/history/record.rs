//! One record of a transcript: the fields that tell its place in the conversation and what of it is sent.

use std::borrow::Cow;
use std::path::Path;
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'l> {
    #[serde(borrow)]
    r#type: Option<Cow<'l, str>>,
    #[serde(borrow)]
    pub(super) uuid: Option<Cow<'l, str>>,
    #[serde(borrow)]
    pub(super) parent_uuid: Option<Cow<'l, str>>,
    #[serde(default)]
    pub(super) is_sidechain: bool,
    /// The client said it, in the user's place.
    #[serde(default)]
    is_meta: bool,
    /// Who made an answer: `model`, or `input` where the client was given one.
    #[serde(borrow)]
    made_by: Option<Cow<'l, str>>,
    #[serde(borrow)]
    timestamp: Option<Cow<'l, str>>,
    #[serde(borrow)]
    message: Option<&'l RawValue>,
    #[serde(borrow)]
    pub(super) attachment: Option<&'l RawValue>,
    /// An attachment as it is sent.
    #[serde(borrow)]
    rendered: Option<&'l RawValue>,
}

#[derive(Deserialize)]
struct Message<'l> {
    #[serde(borrow)]
    id: Option<Cow<'l, str>>,
    #[serde(borrow)]
    model: Option<Cow<'l, str>>,
    #[serde(borrow)]
    content: Option<&'l RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Block<'l> {
    #[serde(borrow)]
    r#type: Option<Cow<'l, str>>,
    #[serde(borrow)]
    pub(super) id: Option<Cow<'l, str>>,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'l, str>>,
    #[serde(borrow)]
    tool_use_id: Option<Cow<'l, str>>,
    #[serde(borrow)]
    input: Option<&'l RawValue>,
}

#[derive(Deserialize)]
struct Named<'l> {
    #[serde(borrow, alias = "notebook_path", alias = "filename", alias = "path")]
    file_path: Option<Cow<'l, str>>,
    #[serde(borrow)]
    r#type: Option<Cow<'l, str>>,
}

/// Attachments that the client keeps for itself.
const NOT_SENT: &[&str] = &["prompt_snapshot", "hook_success", "hook_non_blocking_error", "command_permissions"];

/// Tools after which the client keeps the file's text.
const KEEP: &[&str] = &["Read", "Edit", "Write", "MultiEdit", "NotebookEdit", "NotebookRead"];

impl<'l> Record<'l> {
    /// The records of a transcript's lines. A line that is none, such as one that a crash cut off, is passed over, as the
    /// client does.
    pub(super) fn all(text: &'l str) -> Vec<Self> {
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The files whose text the client keeps because of this record.
    pub(super) fn files(&self) -> Vec<String> {
        let by_tools = if self.is("assistant") { self.blocks() } else { Vec::new() };
        let kept = |block: &Block<'_>| block.name.as_deref().is_some_and(|name| KEEP.contains(&name));
        let by_tools = by_tools.iter().filter(|block| kept(block)).filter_map(|block| named(block.input?));
        by_tools.chain(self.attachment.and_then(named)).collect()
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.r#type.as_deref() == Some(kind)
    }

    fn message(&self) -> Option<Message<'l>> {
        serde_json::from_str(self.message?.get()).ok()
    }

    pub(super) fn blocks(&self) -> Vec<Block<'l>> {
        let content = self.message().and_then(|message| message.content);
        content.and_then(|content| serde_json::from_str(content.get()).ok()).unwrap_or_default()
    }

    /// When it was written.
    pub(super) fn time(&self) -> Option<SystemTime> {
        humantime::parse_rfc3339(self.timestamp.as_deref()?).ok()
    }

    /// The id of the model's answer that this is a part of. What the client says in the model's place, or was
    /// given as an answer, is none.
    pub(super) fn answer(&self) -> Option<String> {
        let message = if self.is("assistant") { self.message()? } else { return None };
        if message.model.as_deref() == Some("<synthetic>") || self.made_by.as_deref() == Some("input") {
            return None;
        }
        message.id.or_else(|| self.uuid.clone()).map(Cow::into_owned)
    }

    /// The call that this is the result of.
    pub(super) fn result_of(&self) -> Option<String> {
        if !self.is("user") {
            return None;
        }
        self.blocks().into_iter().find(|b| b.r#type.as_deref() == Some("tool_result"))?.tool_use_id.map(Cow::into_owned)
    }

    pub(super) fn is_prompt(&self) -> bool {
        self.is("user") && self.result_of().is_none()
    }

    /// Whether it is a prompt that `user-prompt-submit` has been asked about. Of a `!` command and of one of the client's own it
    /// has not.
    pub(super) fn begins_turn(&self) -> bool {
        let content = self.message().and_then(|message| message.content).map_or("", RawValue::get);
        let unasked = ["\"<bash-", "\"<local-command-", "\"<command-name>"];
        self.is_prompt() && !self.is_meta && !unasked.iter().any(|start| content.starts_with(start))
    }

    /// What of it is sent, as JSON.
    pub(super) fn sent_text(&self) -> Option<&'l str> {
        if self.is("user") {
            return self.message.map(RawValue::get);
        }
        if let Some(rendered) = self.rendered {
            return Some(rendered.get());
        }
        let attachment = self.attachment?.get();
        let kind = serde_json::from_str::<Named<'_>>(attachment).ok().and_then(|a| a.r#type);
        (!kind.is_some_and(|kind| NOT_SENT.contains(&&*kind))).then_some(attachment)
    }
}

/// The file that an attachment or a tool's arguments name.
fn named(json: &RawValue) -> Option<String> {
    let named = serde_json::from_str::<Named<'_>>(json.get()).ok()?.file_path?;
    Path::new(&*named).is_absolute().then(|| named.into_owned())
}
