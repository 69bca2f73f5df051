//! What a tool puts before each line it prints: the number of the line, the file it is from, the mark of a diff.

/// How much stands before the text of `next`, given the line before it.
///
/// Numbers are believed where they count: `  2\t` before a line whose predecessor has `  1\t`. The predecessor may be the
/// first line of a string in a document: `{"stdout":"  1\t`.
pub(super) fn of_next(line: &[u8], next: &[u8]) -> usize {
    let next = &next[..next.len().min(LONGEST)];
    let next = &next[..memchr::memchr(b'\n', next).unwrap_or(next.len())];
    let mark = next.first().filter(|b| matches!(b, b'+' | b'-'));
    let lead = number(next);
    if mark.is_none() && lead.is_none() {
        return 0;
    }
    let strings = memchr::memrchr_iter(b'"', line).map(|quote| quote + 1).take(QUOTES);
    [0].into_iter()
        .chain(strings)
        .find_map(|start| {
            let line = &line[start..];
            if mark.is_some() && line.first() == mark {
                return Some(1);
            }
            let (before, lead) = (number(line)?, lead.as_ref()?);
            (before.value + 1 == lead.value && before.file == lead.file).then_some(lead.length)
        })
        .unwrap_or(0)
}

/// So many quotes of the line before, the last, are taken for the beginning of a string.
const QUOTES: usize = 8;

/// A line's number: `   12\t`, `12→`, `12: `, `src/a.py:12:`, `src/a.py-12-`, `12) `.
struct Number<'t> {
    file: &'t [u8],
    value: u32,
    /// Of all that stands before the line's text.
    length: usize,
}

/// No file's name is longer.
const LONGEST: usize = 200;

fn number(line: &[u8]) -> Option<Number<'_>> {
    let blanks = line.iter().take(16).take_while(|b| **b == b' ').count();
    if let Some((value, at)) = digits(line, blanks) {
        let separator =
            ["\t", "→", ":", "-", "|", " |", "│", " │", ") "].iter().find(|s| line[at..].starts_with(s.as_bytes()))?;
        return Some(Number { file: b"", value, length: at + separator.len() });
    }
    let named = &line[..line.len().min(LONGEST)];
    named.iter().enumerate().filter(|(_, b)| matches!(b, b':' | b'-')).find_map(|(i, separator)| {
        let (value, at) = digits(line, i + 1)?;
        (line.get(at) == Some(separator)).then_some(Number { file: &line[..i], value, length: at + 1 })
    })
}

fn digits(line: &[u8], from: usize) -> Option<(u32, usize)> {
    let digits = line[from..].iter().take_while(|b| b.is_ascii_digit()).take(8).count();
    let value = std::str::from_utf8(&line[from..from + digits]).ok()?.parse().ok()?;
    Some((value, from + digits))
}

#[cfg(test)]
mod tests {
    use super::of_next;

    #[test]
    fn what_counts_is_no_part_of_the_line() {
        for (line, next, rest) in [
            ("     1\ta: |", "     2\t  b", "  b"),
            ("9→a: |", "10→  b", "  b"),
            ("a.yml:7:a: |", "a.yml:8:  b", "  b"),
            ("a.yml:7:a: |", "a.yml-8-  b", "  b"),
            ("7:a", "8-b", "b"),
            ("+a: |", "+  b", "  b"),
            ("     1\ta: |", "     3\t  b", "     3\t  b"),
            ("a.yml:7:a: |", "b.yml:8:  b", "b.yml:8:  b"),
            ("a: |", "12:b", "12:b"),
            ("+a: |", "-  b", "-  b"),
            ("{\"a\":7,\"stdout\":\"a.yml:7:a: |", "a.yml:8:  b", "  b"),
            ("{\"a\":\"b\",\"c\":\"d\",\"e\":\"f\",\"g\":\"h\",\"content\":\"a.yml:7:a: |", "a.yml:8:  b", "  b"),
            ("{\"stdout\":\"+a: |", "+  b", "  b"),
            ("", "", ""),
        ] {
            assert_eq!(&next[of_next(line.as_bytes(), next.as_bytes())..], rest, "{line:?}, {next:?}");
        }
    }
}
