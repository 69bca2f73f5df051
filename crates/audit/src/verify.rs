//! Whether a log is what was written: every line under the key, each behind the one before it, to the end that the head
//! names.
//!
//! In constant memory, whatever is in the files: what is found is told as it is found.

mod what;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use serde::Deserialize;

use crate::chain::{self, Hash, Link, Sealed};
use crate::folder::{self, Folder, How};
use crate::head::{self, Head, Said};
use crate::key::Key;
use crate::lines::Lines;
use crate::tail::{Found, Mend, hash_of};
use crate::{Error, Place};

pub use what::{Finding, What};

/// What a log holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Files.
    pub files: usize,
    /// Lines that were written under the key.
    pub records: u64,
    /// Number and hash of the last of them: kept elsewhere, they find a log whose end, head included, was put back.
    pub last: Option<(u64, Hash)>,
    /// Whether nothing was found that is wrong.
    pub is_whole: bool,
}

/// Goes over a log, from its first line to its last, and tells `tell` what is found.
///
/// `expected` is the hash of a record that must be in it, as an earlier [`Summary`] named it. Writers wait for a moment, and
/// go on while the lines are read.
///
/// # Errors
/// The log cannot be read, or its key. A log that is not there is whole, unless a key is or a record is expected.
pub fn verify(place: &Place, expected: Option<Hash>, tell: &mut dyn FnMut(&Finding)) -> Result<Summary, Error> {
    let mut walk = Walk::new(expected, tell);
    let key = Key::read(&place.key)?;
    let Some(folder) = Folder::open(&place.log)? else {
        if key.is_some() {
            walk.found(What::NoLog);
        }
        return Ok(walk.ended());
    };
    // As it is at this moment: what is written while it is read comes behind these lengths.
    let mut lock = Head::lock_shared(&folder)?;
    let numbers = folder.numbers()?;
    let Some(key) = key else {
        if numbers.is_empty() {
            return Ok(walk.ended());
        }
        return Err(Error::KeyGone { key: place.key.clone(), log: place.log.clone() });
    };
    let head = lock.as_mut().map(|file| Head::read(file, &key, &folder)).transpose()?;
    let mut lengths = Vec::new();
    for number in numbers {
        let name = folder::name(number);
        if let Some(file) = folder.file(&name, How::Read)? {
            lengths.push((number, file.metadata().map_err(Error::io("reading", &folder.path(&name)))?.len()));
        }
    }
    drop(lock);
    walk.summary.files = lengths.len();
    let mut next = 1;
    for (number, length) in lengths {
        walk.close();
        walk.file = folder::name(number);
        match folder.file(&walk.file, How::Read)? {
            Some(mut file) => {
                if number > next {
                    walk.found_in(&folder::name(next), What::NoFile { files: number - next });
                }
                let path = folder.path(&walk.file);
                walk.over(number, &mut file, length, &key).map_err(Error::io("reading", &path))?;
                next = number.saturating_add(1);
            }
            None => walk.found(What::NoFile { files: 1 }),
        }
    }
    walk.end(head);
    if walk.summary.records == 0 {
        walk.found_in("", if walk.lines > 0 { What::OtherKey } else { What::NoLog });
    }
    Ok(walk.ended())
}

/// What a record that the log wrote of itself says.
#[derive(Deserialize)]
struct Own {
    did: String,
    key: Option<String>,
    #[serde(flatten)]
    mend: Option<Mend>,
}

/// Lines that are no records, until it is known why.
struct Stretch {
    first: u64,
    lines: u64,
    from: u64,
    is_torn: bool,
}

struct Walk<'t> {
    tell: &'t mut dyn FnMut(&Finding),
    expected: Option<Hash>,
    summary: Summary,
    /// The file, and the line in it.
    file: String,
    line: u64,
    /// The lines of all files.
    lines: u64,
    last: Link,
    /// Whether the last record lacks the end of its line.
    is_open: bool,
    stretch: Option<Stretch>,
}

impl<'t> Walk<'t> {
    fn new(expected: Option<Hash>, tell: &'t mut dyn FnMut(&Finding)) -> Self {
        let summary = Summary { is_whole: true, ..Summary::default() };
        Self {
            tell,
            expected,
            summary,
            file: String::new(),
            line: 0,
            lines: 0,
            last: Link::START,
            is_open: false,
            stretch: None,
        }
    }

    fn over(&mut self, number: u32, file: &mut File, length: u64, key: &Key) -> std::io::Result<()> {
        self.line = 0;
        let mut at = 0;
        loop {
            file.seek(SeekFrom::Start(at))?;
            let mut lines = Lines::new(file.take(length - at), at);
            let (mend, to) = loop {
                let Some(line) = lines.next()? else { return Ok(()) };
                (self.line, self.lines) = (self.line + 1, self.lines + 1);
                at = line.at + line.length;
                match Sealed::read(key, number, line.text) {
                    Some(sealed) => {
                        self.is_open = !line.ended;
                        if let Some(mend) = self.record(&sealed) {
                            break (mend, line.at);
                        }
                    }
                    None => self.no_record(line.at, line.text),
                }
            };
            let is_as_it_was =
                to == mend.from + mend.bytes + 1 && hash_of(file, mend.from, mend.bytes, key)?.to_string() == mend.was;
            self.mended(&mend, is_as_it_was);
        }
    }

    /// A line that was written under the key. Gives back what is to be compared if it names what stands before it.
    fn record(&mut self, sealed: &Sealed<'_>) -> Option<Mend> {
        self.summary.records += 1;
        self.expected = self.expected.filter(|expected| *expected != sealed.link.hash);
        let own = own(sealed.fields);
        let torn = own.and_then(|own| self.own(own));
        let follows = sealed.follows(self.last);
        if torn.is_some() && follows {
            self.last = sealed.link;
            return torn;
        }
        let lines = self.unexplained();
        if sealed.link.n <= self.last.n {
            self.found(What::OutOfOrder { record: sealed.link.n, last: self.last.n });
            return None;
        }
        let missing = sealed.link.n - self.last.n - 1;
        if missing > lines {
            self.found(What::Missing { first: self.last.n + 1, last: sealed.link.n - 1, changed: lines });
        } else if missing == 0 && !follows {
            self.found(What::Replaced { record: self.last.n });
        }
        self.last = sealed.link;
        None
    }

    fn own(&mut self, own: Own) -> Option<Mend> {
        if own.did == "begun" && own.key.as_deref() == Some("old") {
            self.found(What::Begun);
        }
        let mend = own.mend?;
        match mend.found {
            Found::Torn => return Some(mend),
            Found::Foreign => self.found(What::WasForeign),
            Found::Cut => self.found(What::WasCut),
            Found::Headless => self.found(What::WasHeadless),
        }
        None
    }

    /// A torn line that a writer found and named is as it was then: no record is missing.
    fn mended(&mut self, mend: &Mend, is_as_it_was: bool) {
        match self.stretch.take_if(|stretch| is_as_it_was && stretch.from == mend.from) {
            Some(torn) => self.found_at(Some(torn.first), What::Torn),
            None if self.unexplained() == 0 => self.found(What::NoTorn),
            None => {}
        }
    }

    fn no_record(&mut self, at: u64, text: &[u8]) {
        let is_torn = chain::is_torn(text, self.last.n + 1);
        let line = self.line;
        let stretch = self.stretch.get_or_insert(Stretch { first: line, lines: 0, from: at, is_torn: true });
        stretch.lines += 1;
        stretch.is_torn &= is_torn;
    }

    /// Lines that nothing explains were changed; how many.
    fn unexplained(&mut self) -> u64 {
        let Some(Stretch { first, lines, .. }) = self.stretch.take() else { return 0 };
        self.found_at(Some(first), What::Changed { lines });
        lines
    }

    /// A file that has a next one ends with a line.
    fn close(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.found(What::Changed { lines: 1 });
        }
        self.unexplained();
    }

    /// Compares with the end that the head names.
    fn end(&mut self, head: Option<Said>) {
        let head = match head {
            Some(Said::Whole(head)) => head,
            None | Some(Said::Nothing) if self.summary.files == 0 => return,
            None => return self.without_head(What::NoHead),
            Some(Said::Nothing | Said::Damaged) => return self.without_head(What::HeadChanged),
        };
        if self.is_open && head.last.n >= self.last.n {
            self.found(What::Changed { lines: 1 });
        }
        let is_short = head.last.n > self.last.n;
        let torn = self.stretch.take_if(|stretch| stretch.is_torn && !is_short);
        if let Some(stretch) = torn {
            self.found_at(Some(stretch.first), What::Torn);
        }
        let lines = self.unexplained();
        let name = folder::name(head.file);
        if is_short && head.last.n - self.last.n > lines {
            self.found_in(head::NAME, What::Cut { said: head.last.n, last: self.last.n });
        } else if head.last.n < self.last.n {
            self.found_in(head::NAME, What::NotNoted { said: head.last.n, last: self.last.n });
        } else if !is_short && head.last.hash != self.last.hash {
            self.found_in(&name, What::Replaced { record: self.last.n });
        }
    }

    fn without_head(&mut self, what: What) {
        self.unexplained();
        self.found_in(head::NAME, what);
    }

    fn found(&mut self, what: What) {
        self.found_at((self.line > 0).then_some(self.line), what);
    }

    fn found_at(&mut self, line: Option<u64>, what: What) {
        self.say(Finding { file: self.file.clone(), line, what });
    }

    fn found_in(&mut self, file: &str, what: What) {
        self.say(Finding { file: file.to_owned(), line: None, what });
    }

    fn say(&mut self, finding: Finding) {
        self.summary.is_whole &= !finding.what.is_wrong();
        (self.tell)(&finding);
    }

    fn ended(mut self) -> Summary {
        if self.expected.is_some() {
            self.found_in("", What::NotExpected);
        }
        if self.summary.records > 0 {
            self.summary.last = Some((self.last.n, self.last.hash));
        }
        self.summary
    }
}

/// Quotes in a text are escaped, so this cannot stand in one.
fn own(fields: &str) -> Option<Own> {
    let is_own = fields.contains("\"did\":\"mended\"") || fields.contains("\"did\":\"begun\"");
    is_own.then(|| serde_json::from_str(&format!("{{{fields}}}")).ok()).flatten()
}

#[cfg(test)]
mod tests;
