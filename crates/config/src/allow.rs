//! Values that are no secret, kept as keyed digests: the file says nothing of a value, not even to who guesses it, without
//! the key that lies beside it.

use std::path::Path;

use zeroize::Zeroizing;

use crate::ConfigError;
use crate::plain::{self, Content};

/// Length of a digest in hexadecimal digits.
pub const DIGEST: usize = 32;
/// Name of the key's file, in the user's folder.
pub const KEY_FILE: &str = "allow.key";

/// Keys the digests of one user.
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// Takes 32 random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// The key in a user's folder; `None` if there is none.
    ///
    /// # Errors
    /// It is there, but is not a key.
    pub fn read(folder: &Path) -> Result<Option<Self>, ConfigError> {
        let path = folder.join(KEY_FILE);
        let damaged = || {
            ConfigError::of(
                &path,
                "is not a key; take it away, and let `stanch allow` make a new one and the entries anew",
            )
        };
        match plain::read(&path) {
            Content::Missing => Ok(None),
            Content::Unread => Err(damaged()),
            Content::Whole(bytes) => {
                let bytes = Zeroizing::new(bytes);
                Ok(Some(Self::new(bytes.as_slice().try_into().map_err(|_| damaged())?)))
            }
        }
    }

    /// The bytes, to be written where [`Key::read`] finds them.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The digest of a value.
    pub fn digest(&self, value: &[u8]) -> String {
        let hash = blake3::keyed_hash(&self.0, value);
        hash.as_bytes()[..DIGEST / 2].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The values that are no secret here.
#[derive(Default)]
pub struct Allowed(Option<(Key, Vec<String>)>);

impl Allowed {
    /// Those whose digests are among `digests`.
    pub fn new(key: Option<Key>, digests: Vec<String>) -> Self {
        Self(key.filter(|_| !digests.is_empty()).map(|key| (key, digests)))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the value is one of them.
    pub fn holds(&self, value: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|(key, digests)| {
            let digest = key.digest(value);
            digests.iter().any(|known| known.eq_ignore_ascii_case(&digest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_by_its_digest_under_the_same_key() {
        let digest = Key::new([7; 32]).digest(b"not a secret");
        assert_eq!(digest.len(), DIGEST);
        let allowed = |key| Allowed::new(Some(Key::new(key)), vec![digest.clone()]);
        assert!(allowed([7; 32]).holds(b"not a secret"));
        assert!(!allowed([7; 32]).holds(b"another"));
        assert!(!allowed([8; 32]).holds(b"not a secret"));
    }
}
