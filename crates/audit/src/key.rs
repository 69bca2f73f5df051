//! The key of a user's log: without it no line can be written that verifies, and no command be guessed from its digest.
//!
//! It lies apart from the log, in the folder of the configuration, so that who can write to the one need not be able to read
//! the other.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

use crate::chain::Hash;
use crate::{Error, folder};

const LENGTH: usize = 32;

/// A user's key. Wiped when it goes.
pub(crate) struct Key {
    records: Zeroizing<[u8; LENGTH]>,
    digests: Zeroizing<[u8; LENGTH]>,
}

/// What stands for a command in a record: the same for the same command, and nothing else without the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 16]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Key {
    /// The key of these random bytes.
    pub fn of(mut random: [u8; LENGTH]) -> Self {
        // Contexts are never changed: they are part of the format.
        let key = |context| Zeroizing::new(blake3::derive_key(context, &random));
        let key = Self {
            records: key("stanch 2026-11 audit log, records"),
            digests: key("stanch 2026-11 audit log, digests of commands"),
        };
        random.zeroize();
        key
    }

    /// The hash of a record, in the file of that number.
    pub fn hash_in(&self, file: u32, text: &[u8]) -> Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.records);
        Hash::new(hasher.update(&file.to_be_bytes()).update(text).finalize().into())
    }

    /// The hash of what is no record.
    pub fn hash(&self, text: &[u8]) -> Hash {
        Hash::new(blake3::keyed_hash(&self.records, text).into())
    }

    /// The same of what a reader gives, in constant memory.
    pub fn hash_of(&self, mut from: impl Read) -> std::io::Result<Hash> {
        let mut hasher = blake3::Hasher::new_keyed(&self.records);
        let mut buffer = [0; 16 << 10];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => return Ok(Hash::new(hasher.finalize().into())),
                Ok(count) => hasher.update(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
        }
    }

    /// The digest of a text that is not to be recorded.
    pub fn digest(&self, text: &[u8]) -> Digest {
        let hash = blake3::keyed_hash(&self.digests, text);
        let mut digest = Digest([0; 16]);
        digest.0.copy_from_slice(&hash.as_bytes()[..16]);
        digest
    }

    /// The key in a file; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read, others can read it, or it is no key.
    pub fn read(path: &Path) -> Result<Option<Self>, Error> {
        let Some(mut file) = folder::private_file(path)? else { return Ok(None) };
        let mut bytes = Zeroizing::new([0; LENGTH + 1]);
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read(&mut bytes[filled..]).map_err(Error::io("reading", path))? {
                0 => break,
                count => filled += count,
            }
        }
        let bytes: [u8; LENGTH] = bytes[..filled].try_into().map_err(|_| Error::KeyDamaged(path.to_owned()))?;
        Ok(Some(Self::of(bytes)))
    }

    /// Makes a key that is not in its place yet: a log must not be begun before its key is on disk, and a key that is in its
    /// place says that a log was begun.
    pub fn prepare(path: &Path) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        let random = getrandom::fill(bytes.as_mut_slice());
        random.map_err(|_| Error::io("getting random bytes for", path)(ErrorKind::Other.into()))?;
        let new = prepared(path);
        folder::make(path.parent().unwrap_or(path))?;
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::io("removing", &new)(error)),
            _ => {}
        }
        let mut file = folder::new_private_file(&new)?;
        file.write_all(bytes.as_slice()).and_then(|()| file.sync_all()).map_err(Error::io("writing", &new))?;
        Ok(Self::of(*bytes))
    }

    /// Puts a key that was prepared in its place.
    pub fn put_in_place(path: &Path) -> Result<(), Error> {
        fs::rename(prepared(path), path).map_err(Error::io("writing", path))?;
        folder::sync(path.parent().unwrap_or(path));
        Ok(())
    }
}

/// Where a key lies until its log has begun.
pub(crate) fn prepared(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}
