//! The lines of a log as they stand, all files in order, in constant memory; and then those that come.

use std::io::{Seek, SeekFrom};

use crate::folder::{self, Folder, How};
use crate::lines::Lines;
use crate::{Error, Place};

/// Reads the lines of a log. Whether they are what was written, [`verify`](crate::verify()) says.
pub struct Records {
    folder: Folder,
    number: u32,
    lines: Option<Lines<std::fs::File>>,
    text: Vec<u8>,
}

impl Records {
    /// Those of a place; `None` if there is no log.
    ///
    /// # Errors
    /// It is not the user's alone, or cannot be read.
    pub fn open(place: &Place) -> Result<Option<Self>, Error> {
        let folder = Folder::open(&place.log)?;
        Ok(folder.map(|folder| Self { folder, number: 0, lines: None, text: Vec::new() }))
    }

    /// The next line, without its end. `None` where the log ends by now: asked again, it gives what was written since.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, Error> {
        let mut next = None;
        loop {
            // Behind a file that has a next one nothing is written any more; what was, before that came, is read first.
            if self.line(next.is_some())? {
                return Ok(Some(&self.text));
            }
            match next.take() {
                None => next = self.folder.numbers()?.into_iter().find(|number| *number > self.number),
                Some(number) => {
                    let file = self.folder.file(&folder::name(number), How::Read)?;
                    (self.number, self.lines) = (number, file.map(|file| Lines::new(file, 0)));
                    continue;
                }
            }
            if next.is_none() {
                return Ok(None);
            }
        }
    }

    /// Takes the next line of the file; one that has no end may still be written, unless the file is closed.
    fn line(&mut self, is_closed: bool) -> Result<bool, Error> {
        let Some(lines) = &mut self.lines else { return Ok(false) };
        let path = self.folder.path(&folder::name(self.number));
        let reading = || Error::io("reading", &path);
        let Some(line) = lines.next().map_err(reading())? else { return Ok(false) };
        if !line.ended && !is_closed {
            let at = line.at;
            let Some(mut file) = self.folder.file(&folder::name(self.number), How::Read)? else { return Ok(false) };
            file.seek(SeekFrom::Start(at)).map_err(reading())?;
            self.lines = Some(Lines::new(file, at));
            return Ok(false);
        }
        self.text.clear();
        self.text.extend_from_slice(line.text);
        Ok(true)
    }
}
