//! Two texts beside each other, or one under the other where there is no room.

use std::fmt::Write;

/// Less than this, and lines are cut to pieces that nobody can read.
const NARROWEST: usize = 100;
/// As many equal lines are shown around a difference.
const AROUND: usize = 3;

/// A named piece of a document: a path and the lines of the value there.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it stands; may be empty.
    pub name: String,
    /// What stands there.
    pub lines: Vec<String>,
}

impl Block {
    /// A text under a name, with control characters made visible: it may come from a program that is no friend.
    pub fn new(name: &str, text: &str) -> Self {
        let line = |line: &str| line.chars().map(visible).collect();
        Self { name: visible_text(name), lines: text.split('\n').map(line).collect() }
    }
}

/// A text with control characters, and what turns or hides text, made visible.
pub fn visible_text(text: &str) -> String {
    text.chars().map(visible).collect()
}

fn visible(c: char) -> String {
    match c {
        '\t' => "    ".to_owned(),
        c if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
        {
            c.escape_unicode().to_string()
        }
        c => c.to_string(),
    }
}

/// A line of each side; `None` is a gap of so many equal lines.
enum Row<'b> {
    Pair(&'b str, &'b str),
    Gap(usize),
}

/// Both sides under their headings; `width` in characters, none if it is not a terminal's.
pub fn side_by_side(headings: [&str; 2], sides: [&[Block]; 2], width: Option<usize>) -> String {
    match width.filter(|width| *width >= NARROWEST) {
        Some(width) => beside(headings, sides, (width - 5) / 2),
        None => under(headings, sides),
    }
}

fn beside(headings: [&str; 2], sides: [&[Block]; 2], column: usize) -> String {
    let mut out = String::new();
    row(&mut out, headings[0], headings[1], ' ', column);
    row(&mut out, &"─".repeat(column), &"─".repeat(column), ' ', column);
    let none = Block { name: String::new(), lines: Vec::new() };
    for index in 0..sides[0].len().max(sides[1].len()) {
        let [left, right] = sides.map(|side| side.get(index).unwrap_or(&none));
        if !left.name.is_empty() || !right.name.is_empty() {
            row(&mut out, &label(&left.name), &label(&right.name), ' ', column);
        }
        for piece in rows(left, right) {
            match piece {
                Row::Pair(left, right) => row(&mut out, left, right, if left == right { ' ' } else { '»' }, column),
                Row::Gap(count) => row(&mut out, &gap(count), &gap(count), ' ', column),
            }
        }
    }
    out
}

fn under(headings: [&str; 2], sides: [&[Block]; 2]) -> String {
    let mut out = String::new();
    for (side, heading) in headings.iter().enumerate() {
        let _ = writeln!(out, "--- {heading}");
        for (index, block) in sides[side].iter().enumerate() {
            let other = sides[1 - side].get(index).unwrap_or(block);
            if !block.name.is_empty() {
                let _ = writeln!(out, "{}", label(&block.name));
            }
            for piece in rows(block, other).into_iter().take(block.lines.len()) {
                let _ = match piece {
                    Row::Pair(line, _) => writeln!(out, "{line}"),
                    Row::Gap(count) => writeln!(out, "{}", gap(count)),
                };
            }
        }
    }
    out
}

fn label(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("[{name}]") }
}

fn gap(lines: usize) -> String {
    format!("… {lines} lines as they came …")
}

/// The lines of two blocks in pairs; equal ones far from a difference are counted.
fn rows<'b>(left: &'b Block, right: &'b Block) -> Vec<Row<'b>> {
    let line = |block: &'b Block, index: usize| block.lines.get(index).map(String::as_str).unwrap_or_default();
    let count = left.lines.len().max(right.lines.len());
    let differs: Vec<usize> = (0..count).filter(|i| line(left, *i) != line(right, *i)).collect();
    let near = |index: usize| {
        let next = differs.partition_point(|d| *d + AROUND < index);
        differs.get(next).is_some_and(|d| d.abs_diff(index) <= AROUND) || index < AROUND || index + AROUND >= count
    };
    let mut rows = Vec::new();
    for index in 0..count {
        match rows.last_mut() {
            _ if near(index) => rows.push(Row::Pair(line(left, index), line(right, index))),
            Some(Row::Gap(lines)) => *lines += 1,
            _ => rows.push(Row::Gap(1)),
        }
    }
    rows
}

/// One line of each side, over as many lines of the terminal as it takes.
fn row(out: &mut String, left: &str, right: &str, mark: char, column: usize) {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    for piece in 0..left.len().max(right.len()).div_ceil(column).max(1) {
        let cut = |side: &[char]| side.iter().skip(piece * column).take(column).collect::<String>();
        let _ = writeln!(out, "{}", format!("{:column$} {mark} │ {}", cut(&left), cut(&right)).trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(left: &str, right: &str, width: Option<usize>) -> String {
        side_by_side(["in", "out"], [&[Block::new("a", left)], &[Block::new("a", right)]], width)
    }

    #[test]
    fn what_differs_is_marked_and_what_is_long_goes_on_in_its_column() {
        let text = sides(&format!("same\n{}", "x".repeat(60)), "same\ny", Some(100));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[3].starts_with("same ") && lines[3].ends_with("  │ same"), "{text}");
        assert!(lines[4].contains(" » │ y") && lines[5].starts_with("xxxxx"), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn without_room_one_is_under_the_other() {
        assert_eq!(sides("x", "y", Some(99)), "--- in\n[a]\nx\n--- out\n[a]\ny\n");
        assert_eq!(sides("x", "y", None), "--- in\n[a]\nx\n--- out\n[a]\ny\n");
    }

    #[test]
    fn equal_lines_far_from_a_difference_are_counted() {
        let left: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let right = left.join("\n").replace("\n50\n", "\nchanged\n");
        let text = sides(&left.join("\n"), &right, None);
        assert!(text.contains("2\n… 44 lines as they came …\n47\n48\n49\nchanged\n51\n52\n53\n…"), "{text}");
    }

    #[test]
    fn a_control_character_is_shown_and_not_sent_to_the_terminal() {
        assert_eq!(Block::new("", "a\u{1b}[2Jb\r").lines, ["a\\u{1b}[2Jb\\u{d}"]);
    }
}
