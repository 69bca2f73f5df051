//! Transcripts as coding agents leave them: files read, logs printed, edits made, each a record on one line.
//!
//! Records have the fields and the sizes of real ones: most of the bytes are results of tools, which stand there twice, as
//! the model gets them and as the client keeps them.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};

use super::source::Source;
use super::text;
use crate::format;
use crate::random::Random;

/// Transcripts in a folder.
pub struct Transcripts {
    /// The folder.
    pub folder: PathBuf,
    /// Bytes of all of them.
    pub length: usize,
    /// How many there are.
    pub files: usize,
}

/// What is planted in each (see [`crate::format`]), and the rule that finds it.
const PLANTED: &str = "ghp_<crc62:30>";
/// The same.
pub const PLANTED_KIND: &str = "github_pat";

/// The size of one, but for the last, which is as large as a third of all: sessions that went on for weeks.
const FILE: usize = 8_000_000;

impl Transcripts {
    /// Writes transcripts of about `length` bytes.
    ///
    /// # Errors
    /// No source code could be had, or a file could not be written.
    pub fn make(folder: &Path, length: usize) -> anyhow::Result<Self> {
        let _ = fs::remove_dir_all(folder);
        let source = String::from_utf8(Source::of_length(60_000_000)?.text).context("source code is no UTF-8")?;
        let log = text::log(2_000_000);
        let mut session = Session { random: Random::named("transcripts", 0), source: &source, log: &log, at: 0 };
        let (mut written, mut files) = (0, 0);
        while written < length {
            let large = written >= length - length / 3;
            let size = if large { length - written } else { FILE };
            let project = folder.join(format!("projects/-home-you-work-{}", files % 7));
            fs::create_dir_all(&project).with_context(|| format!("making the folder '{}'", project.display()))?;
            let path = project.join(format!("{}.jsonl", session.random.uuid()));
            written += session.write(&path, size).with_context(|| format!("writing '{}'", path.display()))?;
            files += 1;
        }
        Ok(Self { folder: folder.to_owned(), length: written, files })
    }
}

struct Session<'s> {
    random: Random,
    source: &'s str,
    log: &'s str,
    at: usize,
}

impl Session<'_> {
    fn write(&mut self, path: &Path, size: usize) -> anyhow::Result<usize> {
        let mut file = BufWriter::new(fs::File::create(path)?);
        let session = self.random.uuid();
        let mut written = 0;
        while written < size {
            let mut line = self.record(&session).to_string();
            line.push('\n');
            file.write_all(line.as_bytes())?;
            written += line.len();
        }
        // In the last record, so that whoever finds it has been everywhere.
        let token = format::value(PLANTED, &mut self.random);
        let last = json!({ "sessionId": session, "toolUseResult": { "stdout": format!("a\nTOKEN={token}\n") } });
        let line = format!("{last}\n");
        file.write_all(line.as_bytes())?;
        file.flush()?;
        Ok(written + line.len())
    }

    fn record(&mut self, session: &str) -> Value {
        let (message, result) = match self.random.below(10) {
            0 | 1 => (self.said(), None),
            2 | 3 => (self.edit(), None),
            4 | 5 => self.printed(),
            _ => self.read(),
        };
        let role = if message[0]["type"] == "tool_result" { "user" } else { "assistant" };
        let mut record = json!({
            "parentUuid": self.random.uuid(), "isSidechain": false, "userType": "external", "cwd": "/home/you/work",
            "sessionId": session, "version": "2.1.330", "gitBranch": "main", "type": role,
            "message": { "role": role, "content": message }, "uuid": self.random.uuid(),
            "timestamp": "2026-01-12T09:14:32.118Z",
        });
        if let Some(result) = result {
            record["toolUseResult"] = result;
        }
        record
    }

    /// Lines of source code.
    fn lines(&mut self, length: usize) -> &str {
        if self.at + length > self.source.len() {
            self.at = 0;
        }
        let from = self.source.floor_char_boundary(self.at);
        let end = self.source.floor_char_boundary(from + length);
        self.at = end;
        &self.source[from..end]
    }

    fn id(&mut self) -> String {
        format!("toolu_{}", self.random.string(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnopqrstuvwxyz23456789", 24))
    }

    fn said(&mut self) -> Value {
        let words: Vec<_> = (0..self.random.between(20, 200)).map(|_| self.random.word()).collect();
        json!([{ "type": "text", "text": words.join(" ") }])
    }

    fn edit(&mut self) -> Value {
        let (id, length) = (self.id(), self.random.between(200, 2_000));
        let (old, new) = (self.lines(length).to_owned(), self.lines(length).to_owned());
        let input = json!({ "file_path": "/home/you/work/src/lib.rs", "old_string": old, "new_string": new });
        json!([{ "type": "tool_use", "id": id, "name": "Edit", "input": input }])
    }

    fn printed(&mut self) -> (Value, Option<Value>) {
        let (id, length) = (self.id(), self.random.between(500, 20_000));
        let from = self.random.below(self.log.len() - length);
        let stdout = &self.log[from..from + length];
        let result = json!({ "stdout": stdout, "stderr": "", "interrupted": false, "isImage": false });
        (json!([{ "tool_use_id": id, "type": "tool_result", "content": stdout, "is_error": false }]), Some(result))
    }

    fn read(&mut self) -> (Value, Option<Value>) {
        let (id, length) = (self.id(), self.random.between(1_000, 30_000));
        let content = self.lines(length).to_owned();
        let numbered: String =
            content.lines().zip(1..).map(|(line, number)| format!("{number:>6}\t{line}\n")).collect();
        let file = json!({
            "filePath": "/home/you/work/src/lib.rs", "content": content, "numLines": 400, "startLine": 1, "totalLines": 400
        });
        let result = json!({ "type": "text", "file": file });
        (json!([{ "tool_use_id": id, "type": "tool_result", "content": numbered }]), Some(result))
    }
}
