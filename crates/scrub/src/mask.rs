//! What is written where a secret stood.
//!
//! A placeholder says the kind and nothing of the value: `stanch_github_pat`, and with a session key a short tag behind it,
//! the same for the same value: `stanch_github_pat_k7q2ab`. Letters, digits and underscore only, so that shells, JSON, YAML,
//! TOML, INI files and URLs keep their structure. A finding that is nothing but a placeholder does not count (see `settle`).

use crate::finding::Finding;
use crate::judge::placeholder::OURS;
use crate::own;
use crate::table::Table;

/// Length of a tag, in characters of five bits.
const TAG: usize = 6;

/// Keys the tags of one session; without it they would let a reader test guesses of a value.
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// Takes 32 random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(random)
    }
}

impl Drop for SessionKey {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// Writes placeholders.
pub struct Mask<'t> {
    table: Table<'t>,
    key: Option<SessionKey>,
}

impl<'t> Mask<'t> {
    /// Placeholders that say the kind alone.
    pub fn new(table: Table<'t>) -> Self {
        Self { table, key: None }
    }

    /// Placeholders with a tag that is the same for the same value under the same key.
    pub fn with_key(table: Table<'t>, key: SessionKey) -> Self {
        Self { table, key: Some(key) }
    }

    /// Appends `text` to `out`, with a placeholder for each finding.
    ///
    /// The findings are in order and do not overlap, as a scan returns them.
    pub fn write(&self, text: &[u8], findings: &[Finding], out: &mut Vec<u8>) {
        let mut done = 0;
        for finding in findings {
            out.extend_from_slice(&text[done..finding.span.start]);
            if !finding.continued {
                self.placeholder(finding, &text[finding.span.clone()], out);
            }
            done = finding.span.end;
        }
        out.extend_from_slice(&text[done..]);
    }

    /// Appends the placeholder of one finding.
    pub fn placeholder(&self, finding: &Finding, value: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(OURS);
        out.extend_from_slice(self.table.rule(finding.rule).id().as_bytes());
        if let Some(key) = &self.key {
            out.push(b'_');
            out.extend(tag(key, value));
        }
    }
}

/// The first 30 bits of a keyed hash of the value, in base 32.
fn tag(key: &SessionKey, value: &[u8]) -> [u8; TAG] {
    let hash = blake3::keyed_hash(&key.0, value);
    let bits = hash.as_bytes().iter().take(8).fold(0u64, |n, b| n << 8 | u64::from(*b));
    std::array::from_fn(|i| b"abcdefghijklmnopqrstuvwxyz234567"[(bits >> (59 - 5 * i) & 31) as usize])
}

/// Whether `kind` is the id of a rule, with or without a tag behind it.
pub(crate) fn is_kind(kind: &[u8]) -> bool {
    let Some(table) = Table::builtin() else { return false };
    let untagged = kind.len().checked_sub(TAG + 1).filter(|i| kind[*i] == b'_').map(|i| &kind[..i]);
    own::is_kind(kind) || table.find(kind).is_some() || untagged.is_some_and(|kind| table.find(kind).is_some())
}
