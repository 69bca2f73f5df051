//! How far back what comes next may have its evidence.
//!
//! A value stands on its name's line or a few lines behind it, unless it stands in a table: then behind the line that heads
//! its column, up to two hundred rows above. A stream keeps that much of what it has released.

use crate::assign;

/// A record's value stands at most four lines behind its name.
const LINES: usize = 5;
/// Of which no more is kept than this.
const NEAR: usize = 4 << 10;
/// Nor of a table.
const LONGEST_TABLE: usize = 64 << 10;

/// Where the evidence for what may follow `text` begins.
pub(crate) fn start(text: &[u8]) -> usize {
    let near = near(text);
    table(text, 0).map_or(near, |table| table.min(near))
}

/// The same for all evidence but a table's head.
pub(crate) fn near(text: &[u8]) -> usize {
    let floor = text.len().saturating_sub(NEAR);
    let mut near = floor;
    for (lines, start) in starts(text, floor).enumerate() {
        near = start;
        if lines + 1 == LINES {
            break;
        }
    }
    near
}

/// The line that heads the table which the text ends in, unless it begins before `floor`.
pub(crate) fn table(text: &[u8], floor: usize) -> Option<usize> {
    let floor = floor.max(text.len().saturating_sub(LONGEST_TABLE));
    let mut end = text.len();
    let rows = starts(text, floor).map(|start| {
        let line = start..end;
        end = start;
        line
    });
    assign::open_table(text, rows)
}

/// Where the last line begins, the one before it, and so on; none that begins before `floor`.
fn starts(text: &[u8], floor: usize) -> impl Iterator<Item = usize> {
    let mut end = text.len();
    std::iter::from_fn(move || {
        let line_end = end.checked_sub(1).filter(|at| *at >= floor)?;
        let start = match memchr::memrchr(b'\n', &text[floor..line_end]) {
            Some(at) => floor + at + 1,
            None if floor == 0 => 0,
            None => return None,
        };
        end = start;
        Some(start)
    })
}

#[cfg(test)]
mod tests {
    use super::start;

    #[test]
    fn the_last_lines_are_kept_and_the_table_they_stand_in() {
        for (text, kept) in [
            ("", ""),
            ("a\n", "a\n"),
            ("1\n2\n3\n4\n5\n6\n", "2\n3\n4\n5\n6\n"),
            ("a\n1\n2\n3\n4\nb", "1\n2\n3\n4\nb"),
            ("x\nid,password\n1,b\n2,b\n3,b\n4,b\n5,b\n6,b\n", "id,password\n1,b\n2,b\n3,b\n4,b\n5,b\n6,b\n"),
            ("x\nid|password\n--|--\n1|b\n2|b\n3|b\n4|b\n5|b\n", "id|password\n--|--\n1|b\n2|b\n3|b\n4|b\n5|b\n"),
            ("id,password\n1,b\n2,b,c\n3,b\n4,b\n5,b\n6,b\n", "2,b,c\n3,b\n4,b\n5,b\n6,b\n"),
            (
                "INSERT INTO t (password) VALUES\n(1),\n(2),\n(3),\n(4),\n(5),\n",
                "INSERT INTO t (password) VALUES\n(1),\n(2),\n(3),\n(4),\n(5),\n",
            ),
        ] {
            assert_eq!(&text[start(text.as_bytes())..], kept);
        }
        let endless = "a".repeat(9000);
        assert_eq!(start(endless.as_bytes()), 9000 - 4096);
    }
}
