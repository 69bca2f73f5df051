//! Texts in pieces, so that a text of any size is searched in bounded memory, and by all threads at once.
//!
//! A text is cut where a line ends. A piece carries what stands before it (a value may stand below its name), and, where a
//! line had to be cut, what stands behind. Where a text is cut depends on the text alone: any number of threads finds the same.

use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use super::encoding::Utf16;

/// What is searched at once.
const PIECE: usize = 4 << 20;
/// What stands before a piece and is looked at again: as much as a stream keeps of a table.
const BEFORE: usize = 72 << 10;
/// What stands behind a cut within a line and is looked at too.
const BEHIND: usize = 72 << 10;
/// A record of this length is searched as such; a longer one as a text.
const LONGEST_RECORD: usize = 32 << 20;

/// How a text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As text.
    Text,
    /// Line by line: JSON where a line is JSON, text where not.
    Records,
    /// As one JSON document, or as text if it is none.
    Document,
}

/// A mark at the beginning of a text that is no part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// None.
    None,
    /// UTF-8's.
    Utf8,
    /// UTF-16's: the text is converted.
    Utf16,
}

/// A piece of a text.
pub struct Piece {
    /// The piece, with what stands before and behind.
    pub text: Vec<u8>,
    /// The piece itself.
    pub own: Range<usize>,
    /// The number of the line that it begins in, from 1.
    pub line: usize,
    /// Characters of that line before it.
    pub column: usize,
    /// How it is read.
    pub form: Form,
    /// It belongs to a record that is too long to be read as one.
    pub too_long: bool,
}

/// Cuts a text.
pub struct Pieces<'r> {
    reader: Box<dyn Read + Send + 'r>,
    buffer: Vec<u8>,
    /// Where in the buffer the next piece begins.
    from: usize,
    form: Form,
    line: usize,
    column: usize,
    ended: bool,
    /// Within a record that is too long.
    too_long: bool,
    mark: Mark,
    /// The text is packed: what is in it cannot be seen.
    pub packed: bool,
    /// Documents and records that are too long to be read as such.
    pub long: usize,
}

impl<'r> Pieces<'r> {
    /// Reads the beginning of a text and decides how it is read.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(path: &Path, mut reader: Box<dyn Read + Send + 'r>) -> io::Result<Self> {
        let mut start = Vec::new();
        reader.by_ref().take(4).read_to_end(&mut start)?;
        let order = Utf16::of_mark(&start);
        let mark = match order {
            Some(_) => Mark::Utf16,
            None if start.starts_with(b"\xef\xbb\xbf") => Mark::Utf8,
            None => Mark::None,
        };
        let packed = is_packed(&start);
        let mut pieces = Self {
            // Lines are what they are in an editor: without the mark.
            buffer: start.split_off(if mark == Mark::Utf8 { 3 } else { 0 }),
            reader,
            from: 0,
            form: Form::Text,
            line: 1,
            column: 0,
            ended: false,
            too_long: false,
            mark,
            packed,
            long: 0,
        };
        if let Some(order) = order {
            let start = io::Cursor::new(std::mem::take(&mut pieces.buffer).split_off(2));
            pieces.reader = Box::new(Utf16::new(order, start.chain(pieces.reader)));
        }
        pieces.fill(PIECE + BEHIND)?;
        pieces.form = form(path, &pieces.buffer);
        if pieces.form == Form::Document {
            pieces.fill(LONGEST_RECORD)?;
            if !pieces.ended {
                pieces.form = Form::Text;
                pieces.long = 1;
            }
        }
        Ok(pieces)
    }

    /// How the text is read.
    pub fn form(&self) -> Form {
        self.form
    }

    /// What it begins with.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// The text cannot be read any further.
    pub fn next(&mut self) -> io::Result<Option<Piece>> {
        self.fill(PIECE + BEHIND)?;
        let rest = self.buffer.len() - self.from;
        if rest == 0 {
            return Ok(None);
        }
        let whole = self.form == Form::Document || self.ended && rest <= PIECE && !self.too_long;
        let (mut end, mut visible) = if whole { (self.buffer.len(), self.buffer.len()) } else { self.cut()? };
        let was_too_long = self.too_long;
        if self.form == Form::Records && !whole {
            match memchr::memchr(b'\n', &self.buffer[self.from..end]) {
                // The end of a record that is too long; what follows is read as records again.
                Some(at) if self.too_long => {
                    end = self.from + at + 1;
                    visible = end;
                    self.too_long = false;
                }
                None => self.too_long = end < self.buffer.len() || !self.ended,
                Some(_) => {}
            }
        }
        let too_long = was_too_long || self.too_long;
        self.long += usize::from(self.too_long && !was_too_long);
        let form = if too_long { Form::Text } else { self.form };
        let context = if form == Form::Text { self.context(self.from) } else { self.from };
        let piece = Piece {
            text: self.buffer[context..visible].to_vec(),
            own: self.from - context..end - context,
            line: self.line,
            column: self.column,
            form,
            too_long,
        };
        self.count(end);
        self.from = end;
        let keep = self.context(end);
        self.buffer.drain(..keep);
        self.from -= keep;
        Ok(Some(piece))
    }

    /// Where the piece ends, and how far one may look.
    fn cut(&mut self) -> io::Result<(usize, usize)> {
        let limit = self.buffer.len().min(self.from + PIECE);
        if self.ended && limit == self.buffer.len() {
            return Ok((limit, limit));
        }
        if let Some(at) = memchr::memrchr(b'\n', &self.buffer[self.from..limit]) {
            let end = self.from + at + 1;
            return Ok((end, end));
        }
        if self.form == Form::Records && !self.too_long {
            self.fill(LONGEST_RECORD)?;
            let line_end = memchr::memchr(b'\n', &self.buffer[limit..]).map(|at| limit + at + 1);
            if let Some(end) = line_end.or(self.ended.then_some(self.buffer.len())) {
                return Ok((end, end));
            }
        }
        Ok((limit, self.buffer.len().min(limit + BEHIND)))
    }

    /// Where what is looked at again begins: at a line, if there is one.
    fn context(&self, end: usize) -> usize {
        let floor = end.saturating_sub(BEFORE);
        if floor == 0 {
            return 0;
        }
        memchr::memchr(b'\n', &self.buffer[floor..end]).map_or(floor, |at| floor + at + 1)
    }

    fn count(&mut self, end: usize) {
        let own = &self.buffer[self.from..end];
        self.line += memchr::memchr_iter(b'\n', own).count();
        match memchr::memrchr(b'\n', own) {
            Some(at) => self.column = characters(&own[at + 1..]),
            None => self.column += characters(own),
        }
    }

    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let has = self.buffer.len() - self.from;
        if !self.ended && has < wanted {
            let missing = (wanted - has) as u64;
            self.ended = (self.reader.by_ref().take(missing).read_to_end(&mut self.buffer)? as u64) < missing;
        }
        Ok(())
    }
}

/// Characters of a text; of bytes that are no UTF-8, one each that could begin one.
pub fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// Names that say how a text is to be read; what has another name is looked at.
fn form(path: &Path, start: &[u8]) -> Form {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str().unwrap_or_default() {
        "jsonl" | "ndjson" => Form::Records,
        _ if first_line_is_record(start) => Form::Records,
        "json" | "ipynb" | "har" | "geojson" | "webmanifest" | "map" => Form::Document,
        _ => Form::Text,
    }
}

/// Whether the text begins with a line that is a JSON object.
fn first_line_is_record(start: &[u8]) -> bool {
    let line = &start[..memchr::memchr(b'\n', start).unwrap_or(start.len())];
    line.trim_ascii().starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

/// gzip, zstd, xz, bzip2, zip.
fn is_packed(start: &[u8]) -> bool {
    let marks: [&[u8]; 5] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zX", b"BZh", b"PK\x03\x04"];
    marks.iter().any(|mark| start.starts_with(mark))
}
