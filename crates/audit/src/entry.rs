//! What a record says, made harmless: ids of one shape, texts without secrets and control characters, nothing long.

use std::collections::BTreeMap;
use std::time::Duration;

use scrub::Scanner;
use serde::Serialize;

use crate::Error;
use crate::deed::Deed;
use crate::key::{Digest, Key};

/// No text of a record is longer, in characters.
const LONGEST: usize = 256;
/// A longer text, in bytes, is not looked at, and left out.
const LOOKED_AT: usize = 4 << 10;
/// A record names so many kinds; what is beyond is counted together.
const MOST_KINDS: usize = 32;

/// Who asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Agent<'e> {
    /// The main thread.
    Main,
    /// A subagent.
    Sub {
        /// Its type, as the client names it.
        kind: &'e str,
        /// Its id.
        id: &'e str,
    },
}

/// One decision. What is not known is `None`; texts may come from anywhere.
///
/// There is no place for a value, nor for a command: its [`Digest`] stands for it.
pub struct Entry<'e, D> {
    /// What was decided or done.
    pub did: D,
    /// The session's id.
    pub session: Option<&'e str>,
    /// Who asked; `None` if it cannot be told, or for a broker's own records.
    pub agent: Option<Agent<'e>>,
    /// The id of the tool call.
    pub call: Option<&'e str>,
    /// The credential's name.
    pub credential: Option<&'e str>,
    /// The kind of source it comes from, such as `keyring`.
    pub source: Option<&'e str>,
    /// The tool that it is for, such as `git` (its arguments belong to the command); of a redaction, the client's tool.
    pub tool: Option<&'e str>,
    /// The command of the call; see [`Audit::digest`](crate::Audit::digest).
    pub command: Option<Digest>,
    /// The process: of the tool; of the client, where a broker starts and stops; of the command whose output was redacted.
    pub pid: Option<u32>,
    /// The lease's id.
    pub lease: Option<&'e str>,
    /// How long it lasts; recorded in whole seconds.
    pub lifetime: Option<Duration>,
    /// What was found, of a redaction: ids of rules, and how often each.
    pub kinds: &'e [(&'e str, u64)],
    /// Where that was found, in a word.
    pub place: Option<&'e str>,
    /// What exactly was done about it, in a word.
    pub how: Option<&'e str>,
    /// The rule of the policy that decided, such as `config.toml:12`.
    pub rule: Option<&'e str>,
    /// Why, for people.
    pub why: Option<&'e str>,
}

impl<D: Deed> Entry<'_, D> {
    /// A record of a deed that says nothing else yet.
    pub fn of(did: D) -> Self {
        Self {
            did,
            session: None,
            agent: None,
            call: None,
            credential: None,
            source: None,
            tool: None,
            command: None,
            pid: None,
            lease: None,
            lifetime: None,
            kinds: &[],
            place: None,
            how: None,
            rule: None,
            why: None,
        }
    }

    /// As the inside of a JSON object.
    pub(crate) fn fields(&self, key: &Key) -> Result<String, Error> {
        let scanner = Scanner::builtin().map_err(Error::Scan)?;
        let text = |text: Option<&str>| text.map(|text| harmless(&scanner, text)).transpose();
        let id = |id: Option<&str>| id.map(|id| known(&scanner, key, id)).transpose();
        let (agent, agent_type, agent_id) = match self.agent {
            None => (None, None, None),
            Some(Agent::Main) => (Some("main"), None, None),
            Some(Agent::Sub { kind, id }) => (Some("sub"), Some(kind), Some(id)),
        };
        Ok(inside(&Fields {
            did: D::NAME,
            broker: std::process::id(),
            session: id(self.session)?,
            agent,
            agent_type: text(agent_type)?,
            agent_id: id(agent_id)?,
            call: id(self.call)?,
            credential: text(self.credential)?,
            source: text(self.source)?,
            tool: text(self.tool)?,
            command: self.command.map(|digest| digest.to_string()),
            pid: self.pid,
            lease: id(self.lease)?,
            lifetime: self.lifetime.map(|lifetime| lifetime.as_secs()),
            kinds: counted(&scanner, self.kinds)?,
            place: text(self.place)?,
            how: text(self.how)?,
            rule: text(self.rule)?,
            why: text(self.why)?,
        }))
    }
}

#[derive(Serialize)]
struct Fields {
    did: &'static str,
    broker: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    kinds: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// A JSON object without its braces.
pub(crate) fn inside(object: &impl Serialize) -> String {
    let text = serde_json::to_string(object).expect("text and numbers can be written as JSON");
    text.trim_start_matches('{').strip_suffix('}').unwrap_or_default().to_owned()
}

/// An id as clients make them; in the place of one of another shape, which is somebody's text, a digest that links as well.
fn known(scanner: &Scanner<'_>, key: &Key, id: &str) -> Result<String, Error> {
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) && (1..=128).contains(&id.len());
    let plain = plain && scanner.findings(id.as_bytes()).map_err(Error::Scan)?.is_empty();
    Ok(if plain { id.to_owned() } else { format!("#{}", key.digest(id.as_bytes())) })
}

/// Kinds as rules name them; what is named otherwise, or comes after the first so many, is counted as `other`.
fn counted(scanner: &Scanner<'_>, kinds: &[(&str, u64)]) -> Result<BTreeMap<String, u64>, Error> {
    let mut counted = BTreeMap::new();
    for (kind, count) in kinds {
        let plain = kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let plain = plain && (1..=64).contains(&kind.len());
        let has_room = counted.len() < MOST_KINDS || counted.contains_key(*kind);
        let named = plain && has_room && scanner.findings(kind.as_bytes()).map_err(Error::Scan)?.is_empty();
        let sum = counted.entry(if named { (*kind).to_owned() } else { "other".to_owned() }).or_insert(0_u64);
        *sum = sum.saturating_add(*count);
    }
    Ok(counted)
}

/// A secret that is cut is known no more, so it is taken out first.
fn harmless(scanner: &Scanner<'_>, text: &str) -> Result<String, Error> {
    if text.len() > LOOKED_AT {
        return Ok(format!("(left out: {} bytes)", text.len()));
    }
    let clean = scanner.redacted(text).map_err(Error::Scan)?;
    let mut harmless = String::with_capacity(clean.len());
    for (count, c) in clean.chars().enumerate() {
        if count == LONGEST {
            harmless.push('…');
            break;
        }
        match c {
            // Also what turns or hides text on a terminal.
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') =>
            {
                harmless.extend(c.escape_unicode());
            }
            c => harmless.push(c),
        }
    }
    Ok(harmless)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{Grant, chain};

    fn fields(entry: &Entry<'_, Grant>) -> Value {
        let fields = entry.fields(&Key::of([3; 32])).expect("a record");
        serde_json::from_str(&format!("{{{fields}}}")).expect("JSON")
    }

    #[test]
    fn only_what_is_known_is_said() {
        let said =
            fields(&Entry { agent: Some(Agent::Main), lifetime: Some(Duration::from_secs(90)), ..Entry::of(Grant) });
        let own = std::process::id();
        assert_eq!(said, serde_json::json!({"did": "granted", "broker": own, "agent": "main", "lifetime": 90}));
    }

    #[test]
    fn an_id_of_another_shape_is_a_digest_that_links() {
        let call = |id| fields(&Entry { call: Some(id), ..Entry::of(Grant) })["call"].as_str().map(str::to_owned);
        assert_eq!(call("toolu_01AbC-9").as_deref(), Some("toolu_01AbC-9"));
        let odd = call("toolu 01\n");
        assert!(odd.as_ref().is_some_and(|odd| odd.starts_with('#') && odd.len() == 33), "{odd:?}");
        assert!(odd == call("toolu 01\n") && odd != call("toolu 02\n"));
        assert!(call("").is_some_and(|id| id.starts_with('#')));
        assert!(call(&"a".repeat(129)).is_some_and(|id| id.starts_with('#')));
    }

    #[test]
    fn no_secret_no_control_character_and_nothing_long_comes_into_a_record() {
        // Put together here, so that scanners stay quiet.
        let token = format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U");
        let why = format!("asked for {token}\u{1b}[2J\u{202e}\n{}", "x".repeat(2000));
        let sub = Agent::Sub { kind: &why, id: &token };
        let lease = "l".repeat(5000);
        let mut entry = Entry { agent: Some(sub), session: Some(&token), why: Some(&why), ..Entry::of(Grant) };
        entry.credential = Some(&lease);
        let said = fields(&entry);
        let text = said.to_string();
        assert!(!text.contains(&token[4..20]), "{text}");
        for field in ["why", "agent_type"] {
            let said = said[field].as_str().expect("a text");
            assert!(
                said.starts_with("asked for stanch_github_pat\\u{1b}[2J\\u{202e}\\u{a}xxx") && said.ends_with("x…"),
                "{said}"
            );
        }
        assert_eq!(said["credential"], "(left out: 5000 bytes)");
        assert!(said["session"].as_str().is_some_and(|id| id.starts_with('#')));
    }

    #[test]
    fn kinds_are_counted_by_name_and_what_is_no_name_together() {
        let token = format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U");
        let kinds =
            [("github_pat", 2), (&*token, 1), ("password", 1), ("A kind", 3), ("github_pat", 1), ("", u64::MAX)];
        let said = fields(&Entry { kinds: &kinds, place: Some("prompt"), how: Some("blocked"), ..Entry::of(Grant) });
        assert_eq!(said["kinds"], serde_json::json!({"github_pat": 3, "password": 1, "other": u64::MAX}));
        assert_eq!((&said["place"], &said["how"]), (&"prompt".into(), &"blocked".into()));
        let names: Vec<String> = (0..50).map(|number| format!("kind_{number}")).collect();
        let kinds: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
        let said = fields(&Entry { kinds: &kinds, ..Entry::of(Grant) });
        assert_eq!(
            (said["kinds"].as_object().map(serde_json::Map::len), &said["kinds"]["other"]),
            (Some(33), &18.into())
        );
    }

    #[test]
    fn the_longest_record_is_a_record() {
        let (text, id) = ("\u{1b}\"\\".repeat(1000), "\u{1b}".repeat(4000));
        let names: Vec<String> = (0..2000).map(|number| format!("{number:a>40}")).collect();
        let kinds: Vec<(&str, u64)> = names.iter().map(|name| (name.as_str(), u64::MAX)).collect();
        let entry = Entry {
            session: Some(&id),
            agent: Some(Agent::Sub { kind: &text, id: &id }),
            call: Some(&id),
            credential: Some(&text),
            source: Some(&text),
            tool: Some(&text),
            command: Some(Key::of([1; 32]).digest(b"")),
            pid: Some(u32::MAX),
            lease: Some(&id),
            lifetime: Some(Duration::MAX),
            kinds: &kinds,
            place: Some(&text),
            how: Some(&text),
            rule: Some(&text),
            why: Some(&text),
            ..Entry::of(Grant)
        };
        assert!(entry.fields(&Key::of([3; 32])).expect("a record").len() + 1000 < chain::LONGEST);
    }
}
