//! A secret value. It is wiped when it is dropped and when it grows, it has no `Debug`, `Display`, `Clone` or `Serialize`, and
//! its bytes are seen only inside a closure: what leaves the closure is visible in the code.
//!
//! Wiping is best effort: what a library on the way copied (a parser, a pipe, the kernel) is beyond it.

use std::io::{Error, ErrorKind, Read, Result};

use zeroize::{Zeroize, Zeroizing};

/// The bytes of a credential.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over. The vector is kept as it is, so that no copy is left behind.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// The reader's; `FileTooLarge` if there is more than `limit` bytes.
    pub fn read(mut from: impl Read, limit: usize) -> Result<Self> {
        // One buffer of the full size: a vector that grows leaves its earlier selves in memory.
        let mut bytes = Zeroizing::new(vec![0; limit + 1]);
        let mut filled = 0;
        loop {
            match from.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if filled > limit {
                return Err(Error::from(ErrorKind::FileTooLarge));
            }
        }
        bytes.truncate(filled);
        Ok(Self(bytes))
    }

    /// Shows the bytes to `with`. A copy made there is the caller's to wipe.
    pub fn expose<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        with(&self.0)
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without the one line end that commands and terminals put behind a value.
    #[must_use]
    pub fn without_line_end(mut self) -> Self {
        for end in [b"\r\n".as_slice(), b"\n"] {
            if self.0.ends_with(end) {
                let keep = self.0.len() - end.len();
                self.0[keep..].zeroize();
                self.0.truncate(keep);
                break;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(secret: &Secret) -> Vec<u8> {
        secret.expose(<[u8]>::to_vec)
    }

    #[test]
    fn reads_to_the_end_and_not_beyond_the_limit() {
        let secret = Secret::read(b"abc".as_slice(), 3).expect("fits");
        assert_eq!((bytes(&secret), secret.len(), secret.is_empty()), (b"abc".to_vec(), 3, false));
        let error = Secret::read(b"abcd".as_slice(), 3).map(|_| ()).expect_err("is too long");
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn one_line_end_goes_and_no_more() {
        for (given, kept) in [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a\r", "a\r"), ("\n", "")] {
            assert_eq!(bytes(&Secret::new(given.into()).without_line_end()), kept.as_bytes());
        }
    }
}
