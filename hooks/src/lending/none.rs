//! No broker runs here, and nothing is lent.

use scrub::known::Known;

use crate::Refusal;
use crate::event::Event;
use crate::log::Entry;

pub fn known() -> Result<Option<Known>, Refusal> {
    Ok(None)
}

pub fn begins(_: &Event<'_>, _: &str) {}

pub fn ended(_: &Event<'_>) {}

pub fn redacted(_: &Entry<'_, '_>) {}

pub fn session(_: &Event<'_>) -> Option<String> {
    Some("No credential is lent on this system: there is no broker for it.".to_owned())
}
