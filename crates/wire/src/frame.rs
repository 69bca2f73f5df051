//! Frames: four bytes of length, the highest first, then that many bytes.

use std::io::{Error, ErrorKind, Read, Result, Write};

use secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// No frame is longer: a command may have 128 KiB (Linux, one argument), and JSON may double it.
pub const LONGEST: usize = 512 << 10;

/// Writes a frame.
///
/// # Errors
/// It is too long, or cannot be written.
pub fn write(to: &mut impl Write, bytes: &[u8]) -> Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length as usize <= LONGEST);
    let length = length.ok_or_else(|| Error::from(ErrorKind::FileTooLarge))?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)
}

/// Writes a message as a frame, in one piece.
///
/// # Errors
/// It is too long, or cannot be written.
pub fn say(to: &mut impl Write, message: &impl Serialize) -> Result<()> {
    let mut bytes = Vec::with_capacity(256);
    write(&mut bytes, &serde_json::to_vec(message)?)?;
    to.write_all(&bytes)
}

/// Reads a message.
///
/// # Errors
/// The stream ends, the frame is too long, or it is no such message.
pub fn hear<T: DeserializeOwned>(from: &mut impl Read) -> Result<T> {
    let mut bytes = vec![0; length(from)?];
    from.read_exact(&mut bytes)?;
    // serde_json's message may quote the text.
    serde_json::from_slice(&bytes).map_err(|_| Error::from(ErrorKind::InvalidData))
}

/// Reads a value.
///
/// # Errors
/// The stream ends, or the frame is too long.
pub fn secret(from: &mut impl Read) -> Result<Secret> {
    let length = length(from)?;
    let value = Secret::read(from.take(length as u64), length)?;
    if value.len() == length { Ok(value) } else { Err(Error::from(ErrorKind::UnexpectedEof)) }
}

fn length(from: &mut impl Read) -> Result<usize> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length <= LONGEST { Ok(length) } else { Err(Error::from(ErrorKind::FileTooLarge)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard_and_no_more_is_read_than_is_allowed() {
        let mut line = Vec::new();
        say(&mut line, &("a", 7)).expect("fits");
        write(&mut line, b"value").expect("fits");
        let mut rest = line.as_slice();
        assert_eq!(hear::<(String, i32)>(&mut rest).expect("whole"), ("a".to_owned(), 7));
        secret(&mut rest).expect("whole").expose(|value| assert_eq!(value, b"value"));
        assert!(rest.is_empty());
        for cut in 0..line.len() {
            let mut rest = &line[..cut];
            assert!(hear::<(String, i32)>(&mut rest).and_then(|_| secret(&mut rest)).is_err());
        }
        let kind = |bytes: &[u8]| hear::<i32>(&mut { bytes }).err().map(|error| error.kind());
        assert_eq!(kind(&[0xff; 9]), Some(ErrorKind::FileTooLarge));
        assert_eq!(kind(b"\0\0\0\x02{}"), Some(ErrorKind::InvalidData));
        assert!(write(&mut Vec::new(), &vec![0; LONGEST + 1]).is_err());
    }
}
