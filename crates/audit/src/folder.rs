//! Files that are the user's alone: no link, no pipe, nobody else's, closed to the others.
//!
//! What is opened is looked at through its descriptor, and files of a log relative to its open folder, so that nothing can be
//! put in between.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use config::places;

use crate::Error;

/// How a file of a folder is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// To be read; it must be there.
    Read,
    /// To be read and appended to; made if it is not there.
    Append,
    /// To be read and written; made if it is not there.
    Write,
}

/// An open folder with a log.
pub(crate) struct Folder {
    path: PathBuf,
    #[cfg(unix)]
    open: std::os::fd::OwnedFd,
}

impl Folder {
    /// Opens a folder; `None` if there is none.
    ///
    /// # Errors
    /// It is not the user's alone, or cannot be opened.
    pub fn open(path: &Path) -> Result<Option<Self>, Error> {
        system::open_folder(path)
    }

    /// Opens a file in it; `None` if it is not there.
    ///
    /// # Errors
    /// It is not the user's alone, or cannot be opened.
    pub fn file(&self, name: &str, how: How) -> Result<Option<File>, Error> {
        let path = self.path.join(name);
        match system::open_in(self, name, how) {
            Ok(file) => checked(file, &path).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(error, &path)),
        }
    }

    /// Where a file of it lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The numbers of the log's files, in order.
    pub fn numbers(&self) -> Result<Vec<u32>, Error> {
        let reading = || Error::io("reading", &self.path);
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(reading())? {
            numbers.extend(entry.map_err(reading())?.file_name().to_str().and_then(number));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

/// Name of a file of the log.
pub(crate) fn name(number: u32) -> String {
    format!("{number:06}.jsonl")
}

fn number(file: &str) -> Option<u32> {
    let found = file.strip_suffix(".jsonl")?.parse().ok()?;
    (found > 0 && name(found) == file).then_some(found)
}

/// Makes a folder that is the user's alone, and those above it.
pub(crate) fn make(path: &Path) -> Result<(), Error> {
    places::make_private(path).map_err(Error::io("making", path))
}

/// Opens a file to be read; `None` if it is not there.
pub(crate) fn private_file(path: &Path) -> Result<Option<File>, Error> {
    match system::open(path) {
        Ok(file) => checked(file, path).map(Some),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(refused(error, path)),
    }
}

/// Makes a file that is not there yet.
pub(crate) fn new_private_file(path: &Path) -> Result<File, Error> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(Error::io("making", path))
}

/// Puts a folder's entries on the disk; where that cannot be, a power failure may cost the newest file.
pub(crate) fn sync(folder: &Path) {
    #[cfg(unix)]
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
}

fn checked(file: File, path: &Path) -> Result<File, Error> {
    let data = file.metadata().map_err(Error::io("looking at", path))?;
    if !data.is_file() {
        return Err(Error::NotPrivate { path: path.to_owned(), what: "is no plain file", mend: "take it away" });
    }
    system::private(&data, path)?;
    Ok(file)
}

/// A link is refused by the system, in words that do not say so.
fn refused(error: io::Error, path: &Path) -> Error {
    match fs::symlink_metadata(path) {
        Ok(data) if data.is_symlink() => {
            Error::NotPrivate { path: path.to_owned(), what: "is a link", mend: "put what it leads to in its place" }
        }
        _ => Error::io("opening", path)(error),
    }
}

#[cfg(unix)]
mod system {
    use std::fs::{File, Metadata};
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use rustix::fs::{self, Mode, OFlags};

    use super::{Folder, How, refused};
    use crate::Error;

    /// Somebody's pipe in a file's place must not make us wait.
    const PLAIN: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

    pub fn open_folder(path: &Path) -> Result<Option<Folder>, Error> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = match fs::open(path, flags, Mode::empty()) {
            Ok(open) => open,
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(refused(error.into(), path)),
        };
        let stat = fs::fstat(&open).map_err(|error| Error::io("looking at", path)(error.into()))?;
        own(stat.st_uid, path)?;
        closed(
            stat.st_mode as u32,
            path,
            "is open to others",
            "close it with `chmod 700`, after a look at what is in it",
        )?;
        Ok(Some(Folder { path: path.to_owned(), open }))
    }

    pub fn open_in(folder: &Folder, name: &str, how: How) -> io::Result<File> {
        let flags = match how {
            How::Read => OFlags::RDONLY,
            How::Append => OFlags::RDWR | OFlags::APPEND | OFlags::CREATE,
            How::Write => OFlags::RDWR | OFlags::CREATE,
        };
        Ok(fs::openat(&folder.open, name, flags | PLAIN, Mode::RUSR | Mode::WUSR)?.into())
    }

    pub fn open(path: &Path) -> io::Result<File> {
        Ok(fs::open(path, OFlags::RDONLY | PLAIN, Mode::empty())?.into())
    }

    pub fn private(data: &Metadata, path: &Path) -> Result<(), Error> {
        own(data.uid(), path)?;
        closed(data.mode(), path, "can be read or written by others", "close it with `chmod 600`")
    }

    fn own(user: u32, path: &Path) -> Result<(), Error> {
        if user == rustix::process::geteuid().as_raw() {
            return Ok(());
        }
        Err(Error::NotPrivate {
            path: path.to_owned(),
            what: "belongs to another user",
            mend: "take it away, or run stanch as that user",
        })
    }

    fn closed(mode: u32, path: &Path, what: &'static str, mend: &'static str) -> Result<(), Error> {
        if mode & 0o077 == 0 { Ok(()) } else { Err(Error::NotPrivate { path: path.to_owned(), what, mend }) }
    }
}

/// Where whose a file is cannot be told by std, the user's own folders are trusted to be the user's.
#[cfg(not(unix))]
mod system {
    use std::fs::{File, Metadata};
    use std::io;
    use std::path::Path;

    use super::{Folder, How, refused};
    use crate::Error;

    pub fn open_folder(path: &Path) -> Result<Option<Folder>, Error> {
        match std::fs::symlink_metadata(path) {
            Ok(data) if data.is_dir() => Ok(Some(Folder { path: path.to_owned() })),
            Ok(_) => Err(refused(io::ErrorKind::NotADirectory.into(), path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(error, path)),
        }
    }

    pub fn open_in(folder: &Folder, name: &str, how: How) -> io::Result<File> {
        let mut options = File::options();
        match how {
            How::Read => options.read(true),
            How::Append => options.read(true).append(true).create(true),
            How::Write => options.read(true).write(true).create(true),
        };
        options.open(folder.path.join(name))
    }

    pub fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    pub fn private(_: &Metadata, _: &Path) -> Result<(), Error> {
        Ok(())
    }
}
