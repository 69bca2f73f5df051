//! Tables: a name that heads a column (CSV, TSV, `psql`, Markdown) or stands in an `INSERT`, and the values below it.

use std::ops::Range;

use super::walk::Walk;
use super::{LONGEST, LONGEST_HEADER, Name, Slot, Tie, line_start};
use crate::judge::randomness;

/// Rows that are read.
const MOST_ROWS: usize = 200;

/// How the statement begins whose rows follow as lines of cells.
const COPY: &[u8] = b"COPY ";

/// What cells are separated by.
const SEPARATORS: [u8; 4] = *b",;\t|";

fn separates(byte: u8) -> bool {
    SEPARATORS.contains(&byte)
}

/// Whether the name begins a cell of its own.
pub(super) fn is_cell(text: &[u8], name: &Name<'_>) -> bool {
    let before = text[line_start(text, name.start)..name.start].trim_ascii_end();
    before.last().is_none_or(|b| separates(*b)) || before.ends_with(b"\\n")
}

/// Whether the name, in quotes, is the first argument of a call.
pub(super) fn is_argument(text: &[u8], name: &Name<'_>) -> bool {
    let before = &text[line_start(text, name.start)..name.start];
    let quote = before.iter().rposition(|b| !matches!(b, b'"' | b'\'' | b'`' | b'\\' | b' '));
    quote.is_some_and(|i| before[i] == b'(')
}

/// The values of the column that the name heads, if it does.
pub(super) fn below(text: &[u8], name: &Name<'_>) -> Vec<Slot> {
    // `id,key`: a column of keys of all sorts.
    if name.head.is_empty() && name.keyword.len() <= 4 {
        return Vec::new();
    }
    let after = text.get(name.end..).unwrap_or_default();
    let after = after.iter().find(|b| !matches!(b, b' ' | b'"' | b'\'' | b'`'));
    match after {
        Some(b',' | b';' | b'\t' | b'|' | b'\n' | b'\r') => {
            header(text, name).or_else(|| insert(text, name)).or_else(|| copy(text, name))
        }
        Some(b')') => insert(text, name).or_else(|| copy(text, name)),
        _ => None,
    }
    .unwrap_or_default()
}

/// Where the table begins whose rows the text ends in, given its lines from the last one backwards.
pub(crate) fn open_table(text: &[u8], lines: impl Iterator<Item = Range<usize>>) -> Option<usize> {
    let mut table: Option<Rows> = None;
    let mut head = None;
    for line in lines.take(MOST_ROWS + 2) {
        let row = text[line.clone()].trim_ascii_end();
        if is_rule(row) {
            continue;
        }
        let rows = match table {
            None => Rows::of(row),
            Some(rows) if rows.of_insert && begins_insert(row) => return Some(line.start),
            Some(rows) if rows.cells_by(b'\t') > 0 && row.starts_with(COPY) => return Some(line.start),
            Some(rows) => rows.with(row),
        };
        if rows.is_empty() {
            break;
        }
        // A row of words may stand below the heads: the first such line counts.
        let line = line.start..line.start + row.len();
        let titles = |s: u8| are_titles(text, &cells(text, line.clone(), s));
        let full = |s: u8| row.last() != Some(&s) || is_framed(row, s);
        if rows.separators().any(|s| full(s) && is_wordy(row) && titles(s)) {
            head = Some(line.start);
        }
        table = Some(rows);
    }
    head
}

/// What makes lines the rows of one table.
#[derive(Clone, Copy)]
struct Rows {
    /// How many cells every line has by each of [`SEPARATORS`]; 0 where that differs, or none separates.
    cells: [usize; 4],
    /// Every line begins with a parenthesis, as the values of an `INSERT` do.
    of_insert: bool,
}

impl Rows {
    fn of(line: &[u8]) -> Self {
        let count = counted(line);
        let cells = SEPARATORS.map(|s| Some(count(s)).filter(|n| *n > 1 || is_framed(line, s)).unwrap_or(0));
        Self { cells, of_insert: line.trim_ascii_start().starts_with(b"(") }
    }

    /// With one line more.
    fn with(mut self, line: &[u8]) -> Self {
        let count = counted(line);
        for (before, separator) in self.cells.iter_mut().zip(SEPARATORS) {
            if *before > 0 && count(separator) != *before {
                *before = 0;
            }
        }
        Self { of_insert: self.of_insert && line.trim_ascii_start().starts_with(b"("), ..self }
    }

    fn is_empty(&self) -> bool {
        !self.of_insert && self.cells == [0; 4]
    }

    fn separators(&self) -> impl Iterator<Item = u8> {
        SEPARATORS.into_iter().zip(self.cells).filter(|(_, count)| *count > 0).map(|(separator, _)| separator)
    }

    fn cells_by(&self, separator: u8) -> usize {
        SEPARATORS.into_iter().zip(self.cells).find(|(s, _)| *s == separator).map_or(0, |(_, count)| count)
    }
}

/// How many cells a line has by a separator.
fn counted(line: &[u8]) -> impl Fn(u8) -> usize {
    let quoted = memchr::memchr(b'"', line).is_some();
    move |separator| {
        if quoted {
            return cells(line, 0..line.len(), separator).len();
        }
        let bars = memchr::memchr_iter(separator, line).count();
        if is_framed(line, separator) { bars - 1 } else { bars + 1 }
    }
}

/// Whether a line may be a row of titles without digits: code is told by its first bracket or sign.
fn is_wordy(line: &[u8]) -> bool {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    line.iter().all(|b| b.is_ascii_alphabetic() || separates(*b) || matches!(b, b'_' | b' ' | b'-' | b'.' | b'"'))
}

fn begins_insert(line: &[u8]) -> bool {
    memchr::memmem::find(&line.to_ascii_lowercase(), b"insert").is_some()
}

/// The line of dashes under the heads.
fn is_rule(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(|b| matches!(b, b'-' | b'+' | b'|' | b':' | b' ' | b'\r'))
}

/// Bits by which the head of a column must not look random: `API_TOKEN,k3V9…` is a row.
const LEAST_CHANCE: f32 = 24.0;

/// Whether all cells of a line could head columns; that of the numbers of the rows may be empty.
fn are_titles(text: &[u8], cells: &[Range<usize>]) -> bool {
    cells.iter().enumerate().all(|(i, cell)| i == 0 && cell.is_empty() && cells.len() > 1 || is_title(text, cell))
}

fn is_title(text: &[u8], cell: &Range<usize>) -> bool {
    let title = text[cell.clone()].trim_ascii();
    (1..=40).contains(&title.len())
        && title.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b' ' | b'-' | b'.'))
        && title.iter().filter(|b| b.is_ascii_digit()).count() <= title.len() / 4
        && randomness::against_chance(title) < LEAST_CHANCE
}

/// The column of a header line.
fn header(text: &[u8], name: &Name<'_>) -> Option<Vec<Slot>> {
    let start = line_start(text, name.start);
    let end = start + memchr::memchr(b'\n', &text[start..text.len().min(start + LONGEST_HEADER)])?;
    let separator = text[start..end].iter().copied().find(|b| separates(*b))?;
    let heads = cells(text, start..end, separator);
    let column = heads.iter().position(|c| c.start <= name.start && name.end <= c.end)?;
    if heads.len() < 2 && !is_framed(&text[start..end], separator)
        || !are_titles(text, &heads)
        || text[heads[column].clone()].trim_ascii() != &text[name.start..name.end]
    {
        return None;
    }
    if follows_heads(text, start, separator, heads.len()) {
        return None;
    }
    let mut found = Vec::new();
    let mut at = end + 1;
    for _ in 0..MOST_ROWS {
        let Some(length) = text.get(at..).filter(|rest| !rest.is_empty()).map(line_length) else { break };
        let row = at..at + length;
        at = row.end + 1;
        if is_rule(&text[row.clone()]) {
            continue;
        }
        let values = cells(text, row, separator);
        if values.len() != heads.len() {
            break;
        }
        found.extend(slot(text, values[column].clone()));
    }
    (!found.is_empty()).then_some(found)
}

/// Whether the line before `start` could head the same table: then the one at `start` is a row of it, and its rows are not
/// read again. A table of nothing but heads would be read as often as it has lines.
fn follows_heads(text: &[u8], start: usize, separator: u8, count: usize) -> bool {
    let Some(end) = start.checked_sub(1) else { return false };
    let line = line_start(text, end)..end;
    if is_rule(&text[line.clone()]) {
        return false;
    }
    let heads = cells(text, line, separator);
    heads.len() == count && are_titles(text, &heads)
}

/// `INSERT INTO t (a, password) VALUES (1, 'v'), (2, 'w')`.
fn insert(text: &[u8], name: &Name<'_>) -> Option<Vec<Slot>> {
    let floor = name.start.saturating_sub(400);
    let open = floor + memchr::memrchr(b'(', &text[floor..name.start])?;
    let statement = text[open.saturating_sub(160)..open].to_ascii_lowercase();
    let named = memchr::memmem::rfind(&statement, b"insert").is_some();
    if !named || text[open..name.start].contains(&b')') {
        return None;
    }
    let column = text[open..name.start].iter().filter(|b| **b == b',').count();
    let ahead = &text[name.end..text.len().min(name.end + 2 * LONGEST_HEADER)];
    let close = name.end + memchr::memchr(b')', ahead)?;
    let mut walk = Walk::new(text, close + 1);
    walk.skip(|b| b.is_ascii_whitespace(), 8);
    if !walk.eat(b"VALUES") && !walk.eat(b"values") {
        return None;
    }
    let mut found = Vec::new();
    for _ in 0..MOST_ROWS {
        walk.skip(|b| b.is_ascii_whitespace() || b == b',', 16);
        if !walk.eat(b"(") {
            break;
        }
        found.extend(nth_value(&mut walk, column));
        walk.skip(|b| b != b')', LONGEST);
        walk.eat(b")");
    }
    Some(found)
}

/// `COPY t (a, password) FROM stdin;`, and a row a line up to `\.`: what `pg_dump` writes.
fn copy(text: &[u8], name: &Name<'_>) -> Option<Vec<Slot>> {
    let start = line_start(text, name.start);
    let end = start + memchr::memchr(b'\n', &text[start..text.len().min(start + LONGEST_HEADER)])?;
    let line = &text[start..end];
    let open = memchr::memchr(b'(', line)?;
    let close = memchr::memchr(b')', line)?;
    if !line.starts_with(COPY) || !line[close..].starts_with(b") FROM stdin") || name.start < start + open {
        return None;
    }
    let column = memchr::memchr_iter(b',', &text[start + open..name.start]).count();
    let columns = 1 + memchr::memchr_iter(b',', &line[open..close]).count();
    let mut found = Vec::new();
    let mut at = end + 1;
    for _ in 0..MOST_ROWS {
        // Ends with `\.`; another statement ends it too, or each of many would be read to the end of all.
        let goes_on = |rest: &&[u8]| !rest.is_empty() && !rest.starts_with(b"\\.") && !rest.starts_with(b"COPY ");
        let Some(rest) = text.get(at..).filter(goes_on) else { break };
        let row = cells(text, at..at + line_length(rest), b'\t');
        if row.len() != columns {
            break;
        }
        found.extend(slot(text, row[column].clone()));
        at += line_length(rest) + 1;
    }
    Some(found)
}

fn nth_value(walk: &mut Walk<'_>, column: usize) -> Option<Slot> {
    for _ in 0..column {
        walk.skip_blanks(8);
        walk.quoted();
        walk.skip(|b| !matches!(b, b',' | b')'), LONGEST);
        if !walk.eat(b",") {
            return None;
        }
    }
    walk.quoted_value(Tie::Quoted)
}

fn line_length(rest: &[u8]) -> usize {
    let rest = &rest[..rest.len().min(4 * LONGEST)];
    memchr::memchr(b'\n', rest).unwrap_or(rest.len())
}

/// Whether bars stand around the cells of a line, not only between: `| id | password |`.
fn is_framed(line: &[u8], separator: u8) -> bool {
    let framed = |line: &[u8]| line.len() > 2 && line.starts_with(b"|") && line.ends_with(b"|");
    separator == b'|' && framed(line.trim_ascii())
}

/// The cells of a line; a separator in quotes does not separate, the bars of a frame do not either.
fn cells(text: &[u8], line: Range<usize>, separator: u8) -> Vec<Range<usize>> {
    let mut line = line;
    if is_framed(&text[line.clone()], separator) {
        let bars = memchr::memchr(b'|', &text[line.clone()]).zip(memchr::memrchr(b'|', &text[line.clone()]));
        line = bars.map_or(line.clone(), |(first, last)| line.start + first + 1..line.start + last);
    }
    let mut found = Vec::new();
    let (mut start, mut quoted) = (line.start, false);
    for at in line.clone() {
        match text[at] {
            b'"' => quoted = !quoted,
            b if b == separator && !quoted => {
                found.push(trimmed(text, start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(trimmed(text, start..line.end));
    found
}

/// May stand before the first cell of a file.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The cell without blanks and quotes.
fn trimmed(text: &[u8], cell: Range<usize>) -> Range<usize> {
    let edge = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'"');
    let mark = if text[cell.clone()].starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let cell = cell.start + mark..cell.end;
    let start = text[cell.clone()].iter().position(|b| !edge(b)).map_or(cell.end, |i| cell.start + i);
    let end = text[start..cell.end].iter().rposition(|b| !edge(b)).map_or(start, |i| start + i + 1);
    start..end
}

fn slot(text: &[u8], cell: Range<usize>) -> Option<Slot> {
    let whole = !cell.is_empty() && cell.len() <= LONGEST && !text[cell.clone()].contains(&b' ');
    whole.then_some(Slot { span: cell, tie: Tie::Assigned })
}
