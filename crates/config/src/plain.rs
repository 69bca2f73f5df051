//! Reading a file that a repository brought along: it may be a pipe that nobody writes to, a device without end, or huge.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// A larger file is no settings and no instructions.
pub const LARGEST: u64 = 4 << 20;

/// What is at a path.
pub enum Content {
    /// A plain file, its bytes.
    Whole(Vec<u8>),
    /// Nothing.
    Missing,
    /// Something that is not read: no plain file, too large a file, or one that may not be read.
    Unread,
}

/// Reads a plain file of at most [`LARGEST`] bytes. Does not wait, whatever the path leads to.
pub fn read(path: &Path) -> Content {
    read_up_to(path, LARGEST)
}

/// The same with another limit.
pub fn read_up_to(path: &Path, largest: u64) -> Content {
    let file = match open_plain(path) {
        Ok(Some(file)) => file,
        Ok(None) => return Content::Missing,
        Err(_) => return Content::Unread,
    };
    let mut bytes = Vec::new();
    // One byte more than may be: a file may grow while it is read, or tell no length.
    if file.take(largest + 1).read_to_end(&mut bytes).is_ok_and(|read| read as u64 <= largest) {
        Content::Whole(bytes)
    } else {
        Content::Unread
    }
}

/// Opens a plain file. `None` if nothing is there.
///
/// # Errors
/// It may not be read, or is something else than a plain file.
pub fn open_plain(path: &Path) -> Result<Option<File>, ErrorKind> {
    match open(path) {
        Ok(file) if file.metadata().is_ok_and(|metadata| metadata.is_file()) => Ok(Some(file)),
        Ok(_) => Err(ErrorKind::InvalidInput),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error.kind()),
    }
}

/// A pipe would wait for its writer when it is opened.
#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

/// A file's text as UTF-8, if its mark says that it is UTF-16: what is no character becomes U+FFFD. Any other is as it was.
pub fn text(content: Vec<u8>) -> Vec<u8> {
    let unit: fn([u8; 2]) -> u16 = match content.as_slice() {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return content,
    };
    let units = content[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes()
}
