//! What stands in a session's history, read from the end of its transcript: what would go out with the next prompt, and what
//! has gone out.
//!
//! A transcript is lines of JSON, each record naming the one before it (`parentUuid`). The last record is the end of the
//! live conversation; what a rewind has cut off stays in the file and is reached from there no more. So the live history is
//! the way from the last record back to its root, and beside that way the results of parallel calls, which hang on the
//! call and not on each other.
//!
//! **Not sent** is what comes after the model's last answer, and the results of the calls in that answer: the next request
//! carries it to the model for the first time. A secret there was stopped, and blocks. **Sent** is what an answer of the model
//! follows. A secret there is a leak that has happened: it is reported, and blocks nothing.
//!
//! A rewind writes nothing by itself. The first prompt after it still sees the old end; when it is blocked, the client notes
//! that at the new end, and the second prompt is judged by that.

mod record;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use crate::{Refusal, notice};
use config::plain;
use record::Record;
use scrub::json::Document;
use scrub::{Finding, Scanner};

/// Read first; most turns end within it.
const FIRST: u64 = 256 << 10;
/// No more of a transcript's end is read.
const MOST: u64 = 64 << 20;

/// Which part of a history was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Back to the prompt before the model's last answer, and what went out with that prompt.
    Turn,
    /// As far back as it goes.
    Whole,
    /// The whole of a subagent's, in a transcript of its own.
    Subagent,
}

/// Secrets at one place of a history.
pub struct Place {
    /// The tool that gave it back, or what else it was: `file`, `prompt`.
    pub what: String,
    /// The tool call.
    pub call: Option<String>,
    /// None if the text could not be searched.
    pub findings: Vec<Finding>,
}

/// The secrets of a history.
#[derive(Default)]
pub struct History {
    /// Has not been sent.
    pub unsent: Vec<Place>,
    /// Has been sent.
    pub sent: Vec<Place>,
    /// When the turn that was looked at began.
    pub began: Option<SystemTime>,
}

/// The history in a transcript; empty if there is no transcript yet.
///
/// # Errors
/// The transcript is there and cannot be read, or its last turn is longer than what is read of it.
pub fn read(transcript: &Path, reach: Reach, scanner: &Scanner<'_>) -> Result<History, Refusal> {
    let Some(mut file) = plain::open_plain(transcript).map_err(Refusal::Transcript)? else {
        return Ok(History::default());
    };
    let length = file.metadata().map_err(|e| Refusal::Transcript(e.kind()))?.len();
    let mut wanted = if reach == Reach::Turn { FIRST } else { MOST };
    loop {
        let (text, whole) = end_of(&mut file, length, wanted).map_err(|e| Refusal::Transcript(e.kind()))?;
        let records = Record::all(&text);
        match Live::of(&records, reach) {
            Some(live) if live.complete || whole || reach != Reach::Turn => return live.search(scanner),
            None if whole || reach != Reach::Turn => return Ok(History::default()),
            _ if wanted >= MOST => return Err(Refusal::LongTurn(MOST)),
            _ => wanted *= 8,
        }
    }
}

/// The files whose text the client holds, because a tool read or wrote them or a prompt mentioned them; the last first.
///
/// # Errors
/// The transcript is there and cannot be read.
pub fn files(transcript: &Path) -> Result<Vec<String>, Refusal> {
    let Some(mut file) = plain::open_plain(transcript).map_err(Refusal::Transcript)? else {
        return Ok(Vec::new());
    };
    let length = file.metadata().map_err(|e| Refusal::Transcript(e.kind()))?.len();
    let (text, _) = end_of(&mut file, length, MOST).map_err(|e| Refusal::Transcript(e.kind()))?;
    let mut once = HashSet::new();
    let files = Record::all(&text).iter().rev().flat_map(Record::files).collect::<Vec<_>>();
    Ok(files.into_iter().filter(|file| once.insert(file.clone())).collect())
}

/// The last whole lines of a file, and whether they are all of it. A line that is no text is none.
fn end_of(file: &mut File, length: u64, wanted: u64) -> std::io::Result<(String, bool)> {
    let start = length.saturating_sub(wanted);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::with_capacity(usize::try_from(length - start).unwrap_or_default());
    file.take(length - start).read_to_end(&mut bytes)?;
    let first = if start == 0 { 0 } else { bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1) };
    Ok((String::from_utf8_lossy(&bytes[first..]).into_owned(), start == 0))
}

/// The live records among those of a transcript's end.
struct Live<'r, 'l> {
    records: &'r [Record<'l>],
    unsent: Vec<usize>,
    sent: Vec<usize>,
    /// The way back ended where it should, and not where the text did.
    complete: bool,
    /// The prompt with which the turn began.
    prompt: Option<usize>,
}

impl<'r, 'l> Live<'r, 'l> {
    /// `None` if there is no record of a conversation.
    fn of(records: &'r [Record<'l>], reach: Reach) -> Option<Self> {
        let is_part = |record: &Record<'_>| record.is_sidechain == (reach == Reach::Subagent);
        let by_id: HashMap<&str, usize> =
            records.iter().enumerate().filter_map(|(at, record)| Some((record.uuid.as_deref()?, at))).collect();
        let end = records.iter().rposition(|record| record.uuid.is_some() && is_part(record))?;
        let mut live = Self { records, unsent: Vec::new(), sent: Vec::new(), complete: false, prompt: None };
        let (mut at, mut answer, mut passed, mut seen) = (end, None, false, HashSet::new());
        // Before a part of the last answer there may be results of another part, or what that answer answers.
        let mut between = Vec::new();
        let mut earlier: HashSet<String> = HashSet::new();
        loop {
            let record = &records[at];
            match (record.answer(), &answer) {
                (Some(id), None) => answer = Some(id),
                (Some(id), Some(last)) if id == *last => live.unsent.append(&mut between),
                // The answer before the turn. What hangs on it was stopped, and went out with the prompt: one that had
                // waited in the client's queue was looked at before that was there.
                (Some(id), Some(_)) if live.prompt.is_some() => {
                    earlier.insert(id);
                    live.complete = true;
                    break;
                }
                (Some(id), Some(_)) => {
                    passed = true;
                    earlier.insert(id);
                }
                (None, None) => live.unsent.push(at),
                (None, Some(_)) if passed => live.sent.push(at),
                (None, Some(_)) => between.push(at),
            }
            // The prompt that the last answer belongs to: what the model had answered before it was looked at with an earlier one.
            if reach == Reach::Turn && answer.is_some() && live.prompt.is_none() && record.begins_turn() {
                live.prompt = Some(at);
            }
            let Some(parent) = record.parent_uuid.as_deref() else {
                live.complete = true;
                break;
            };
            // A chain that comes round again is no chain.
            match by_id.get(parent) {
                Some(before) if seen.insert(*before) => at = *before,
                _ => break,
            }
        }
        live.sent.append(&mut between);
        if let Some(answer) = answer {
            let hanging = live.hanging(&HashSet::from([answer]));
            live.unsent.extend(hanging);
        }
        let hanging = live.hanging(&earlier);
        live.sent.extend(hanging);
        Some(live)
    }

    /// What hangs on the parts of these answers beside the way: results of parallel calls, and what was noted with them.
    fn hanging(&self, answers: &HashSet<String>) -> Vec<usize> {
        let on_the_way: HashSet<usize> = self.unsent.iter().chain(&self.sent).copied().collect();
        let mut within: HashSet<&str> = HashSet::new();
        let mut found = Vec::new();
        for (at, record) in self.records.iter().enumerate() {
            let Some(id) = record.uuid.as_deref() else { continue };
            if record.answer().is_some_and(|answer| answers.contains(&answer)) {
                within.insert(id);
            } else if record.parent_uuid.as_deref().is_some_and(|parent| within.contains(parent))
                && !record.is("assistant")
                && !record.is_prompt()
            {
                within.insert(id);
                if !on_the_way.contains(&at) {
                    found.push(at);
                }
            }
        }
        found
    }

    fn search(&self, scanner: &Scanner<'_>) -> Result<History, Refusal> {
        let mut tools: HashMap<String, String> = HashMap::new();
        for record in self.records.iter().filter(|record| record.is("assistant")) {
            for block in record.blocks() {
                if let (Some(id), Some(name)) = (block.id, block.name) {
                    tools.insert(id.into_owned(), name.into_owned());
                }
            }
        }
        let began = self.prompt.and_then(|at| self.records[at].time());
        let places = |records: &[usize]| -> Result<Vec<Place>, Refusal> {
            let mut places = Vec::new();
            for record in records.iter().map(|at| &self.records[*at]) {
                let Some(text) = record.sent_text() else { continue };
                let findings = match Document::read(text).and_then(|document| document.findings(scanner)) {
                    Ok(findings) if findings.is_empty() => continue,
                    Ok(findings) => findings,
                    Err(_) => Vec::new(),
                };
                let call = record.result_of();
                let what = match &call {
                    Some(call) => tools.get(call).map_or("tool", String::as_str),
                    None if record.is("user") => "prompt",
                    None => "attachment",
                };
                places.push(Place { what: what.to_owned(), call, findings });
            }
            Ok(places)
        };
        Ok(History { unsent: places(&self.unsent)?, sent: places(&self.sent)?, began })
    }
}

/// `Bash: 1 × github_pat; attachment: text that cannot be searched`.
pub fn said(places: &[Place], scanner: &Scanner<'_>) -> String {
    let said = |place: &Place| match place.findings.is_empty() {
        true => format!("{}: text that cannot be searched", notice::tool(&place.what, scanner)),
        false => notice::left(&place.what, scanner, &place.findings),
    };
    places.iter().map(said).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
