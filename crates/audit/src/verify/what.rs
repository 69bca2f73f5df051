//! What is found in a log, in words.

use std::fmt;

/// Something that was found, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The file, in the log's folder; empty if the log as a whole is meant.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<u64>,
    /// What.
    pub what: What,
}

/// What can be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// Lines that are not as they were written under the key.
    Changed {
        /// How many.
        lines: u64,
    },
    /// Records that should stand before this line.
    Missing {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
        /// As many lines stand in their place that were changed.
        changed: u64,
    },
    /// A record that belongs further up.
    OutOfOrder {
        /// Its number.
        record: u64,
        /// The number of the one before it.
        last: u64,
    },
    /// A record is not the one that was written there.
    Replaced {
        /// Its number.
        record: u64,
    },
    /// Files that should be there, from this one on.
    NoFile {
        /// How many.
        files: u32,
    },
    /// There is a key, and no log.
    NoLog,
    /// The log began when there was a key already.
    Begun,
    /// The head is not there.
    NoHead,
    /// The head is not as it was written under the key.
    HeadChanged,
    /// The log ends before the head says.
    Cut {
        /// The last record, as the head says.
        said: u64,
        /// The last record.
        last: u64,
    },
    /// At this record, the log had ended before the head said.
    WasCut,
    /// At this record, there was no head that could be believed.
    WasHeadless,
    /// At this record, something stood before it that no writer writes.
    WasForeign,
    /// The torn line that this record names is not there.
    NoTorn,
    /// The record that was expected is not there.
    NotExpected,
    /// Nothing was written under the key.
    OtherKey,
    /// The beginning of a line, whose writer was ended.
    Torn,
    /// The last records are not in the head: their writer was ended before it could write it.
    NotNoted {
        /// The last record, as the head says.
        said: u64,
        /// The last record.
        last: u64,
    },
}

impl What {
    /// Whether the log is not whole; otherwise it is what the end of a process leaves behind, and no record is missing.
    pub fn is_wrong(self) -> bool {
        !matches!(self, Self::Torn | Self::NotNoted { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => {}
            (file, Some(line)) => write!(f, "{file}:{line}: ")?,
            (file, None) => write!(f, "{file}: ")?,
        }
        self.what.fmt(f)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Changed { lines: 1 } => f.write_str("this line was changed, or stanch did not write it"),
            Self::Changed { lines } => {
                write!(f, "from this line on, {lines} lines were changed, or stanch did not write them")
            }
            Self::Missing { first, last, changed: 0 } if first == last => {
                write!(f, "before this line, record {first} is missing")
            }
            Self::Missing { first, last, changed: 0 } => {
                write!(f, "before this line, records {first} to {last} are missing")
            }
            Self::Missing { first, last, changed } => write!(
                f,
                "before this line, of records {first} to {last} {} are missing, and the others changed",
                last - first + 1 - changed
            ),
            Self::OutOfOrder { record, last } => {
                write!(f, "record {record} stands behind record {last}: it was put here, or stands twice")
            }
            Self::Replaced { record } => {
                write!(f, "record {record} is not the one that was written there: somebody has the key")
            }
            Self::NoFile { files: 1 } => f.write_str("this file is missing; there are later ones"),
            Self::NoFile { files } => write!(f, "from this file on, {files} are missing; there are later ones"),
            Self::NoLog => f.write_str("there is a key and no record: the log was taken away"),
            Self::Begun => f.write_str("the log begins here, and its key was there before: an earlier log was taken away"),
            Self::NoHead => f.write_str("it is missing, so the end of the log may have been cut"),
            Self::HeadChanged => f.write_str("it was changed, so the end of the log may have been cut"),
            Self::Cut { said, last } => write!(
                f,
                "the log was cut: it ends with record {last}, and record {said} had been written (a power failure can do that, too)"
            ),
            Self::WasCut => f.write_str("when this record was written, the log had been cut before it"),
            Self::WasHeadless => f.write_str(
                "when this record was written, the head was missing or changed: the log may have been cut before it",
            ),
            Self::WasForeign => {
                f.write_str("when this record was written, something stood before it that stanch did not write")
            }
            Self::NoTorn => f.write_str("this record names an unfinished line before it, and that was taken away"),
            Self::NotExpected => f.write_str("the record that was expected is not there: the log was cut, or replaced"),
            Self::OtherKey => f.write_str("nothing here was written under this key; is it the right one?"),
            Self::Torn => f.write_str(
                "a line that was not written to its end: its process was ended, and nothing came of it; no record is missing",
            ),
            Self::NotNoted { said, last } => write!(
                f,
                "it names record {said}, and the log goes on to {last}: a process was ended before it could note it; no record is missing"
            ),
        }
    }
}
