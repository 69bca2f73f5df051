//! After a batch of tools: what the model is about to get is looked at once more, and the turn ends if a secret is left.
//!
//! The verifier behind `post-tool-use`. It sees each output as it will be sent: of failed commands, which no hook can
//! change; where `post-tool-use` crashed or was late; where another hook put its own text over the redacted one. With Claude
//! Code it cannot change anything either: it can only keep the batch from being sent. Qwen Code takes its text in the
//! place of what the last call of a batch gave back.

use scrub::json::Document;
use scrub::{Mask, Scanner};

use crate::event::{Call, Event};
use crate::log::{Deed, Entry, Source};
use crate::{Context, Hook, Refusal, Reply, notice};

/// The hook. Its closed answer is exit status 2, which ends the turn before the batch is sent.
pub const HOOK: Hook = Hook {
    name: "post-tool-batch",
    event: "PostToolBatch",
    reads_files: false,
    answer,
    closed: |_, refusal| Reply::Refused(refusal.clone()),
};

fn answer(event: &[u8], context: &Context) -> Result<Reply, Refusal> {
    let event = Event::read(event, HOOK.event)?;
    let scanner = context.scanner()?;
    let calls = event.tool_calls()?;
    let left = calls.iter().map(|call| left(call, &event, context, &scanner)).collect::<Result<Vec<_>, _>>()?;
    if let ([earlier @ .., last], Some(call), true) = (&left[..], calls.last(), context.agent.replaces_last_of_batch())
    {
        return replace(call, last.as_deref(), &said(earlier), &scanner);
    }
    match said(&left) {
        none if none.is_empty() => Ok(Reply::Silent),
        left => Ok(Reply::Stop { reason: notice::stopped(&left) }),
    }
}

/// The secrets in what a call gave back: `Bash: 1 × github_pat`.
fn left(
    call: &Call<'_>,
    event: &Event<'_>,
    context: &Context,
    scanner: &Scanner<'_>,
) -> Result<Option<String>, Refusal> {
    let findings = Document::read(call.tool_response()?)?.findings(scanner)?;
    if findings.is_empty() {
        return Ok(None);
    }
    let deed = if context.agent.replaces_last_of_batch() { Deed::Redacted } else { Deed::Stopped };
    let mut entry = Entry::new(HOOK.event, event, deed, Source::Result, scanner, &findings);
    (entry.tool, entry.call) = (Some(call.tool()?), call.tool_use_id.as_deref());
    entry.append(scanner);
    Ok(Some(notice::left(call.tool()?, scanner, &findings)))
}

fn said(left: &[Option<String>]) -> String {
    left.iter().flatten().map(String::as_str).collect::<Vec<_>>().join("; ")
}

/// Another output for the last call; what stands before it can only be named.
fn replace(call: &Call<'_>, last: Option<&str>, earlier: &str, scanner: &Scanner<'_>) -> Result<Reply, Refusal> {
    let sent = (!earlier.is_empty()).then(|| notice::sent(earlier));
    let Some(kinds) = last else {
        return Ok(sent.map_or(Reply::Silent, |sent| Reply::Say { user: Some(sent.clone()), model: Some(sent) }));
    };
    let output = Document::read(call.tool_response()?)?;
    let json = output.masked(&Mask::new(*scanner.table()), &output.findings(scanner)?).into_bytes();
    let note = [Some(notice::hidden(kinds)), sent].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(Reply::Output { json, note })
}
