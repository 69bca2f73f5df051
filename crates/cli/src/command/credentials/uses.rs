//! When a source was last lent: the audit log has it, by the credential's name.

use std::collections::BTreeMap;

use anyhow::Context;
use audit::{Place, Records};
use serde::Deserialize;

use crate::session;

#[derive(Deserialize)]
struct Record {
    time: String,
    did: String,
    credential: Option<String>,
}

/// By source, as the configuration that holds here names it, the time of the last grant (RFC 3339).
pub fn last() -> anyhow::Result<BTreeMap<String, String>> {
    let here = std::env::current_dir().context("the current folder cannot be told")?;
    let mut granted: BTreeMap<String, String> = BTreeMap::new();
    if let Some(mut records) = Records::open(&Place::of_user(&here)?)? {
        while let Some(line) = records.next_line()? {
            let Ok(Record { time, did, credential: Some(name) }) = serde_json::from_slice(line) else { continue };
            if did == "granted" {
                // The later one stands behind the earlier.
                granted.insert(name, time);
            }
        }
    }
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    for credential in session::config()?.lend()?.credentials() {
        if let Some(time) = granted.get(&credential.name.value) {
            let last = sources.entry(credential.granted.source.value.whole().to_owned()).or_default();
            // Times of one form, UTC: their order is that of their letters.
            if *last < *time {
                last.clone_from(time);
            }
        }
    }
    Ok(sources)
}
