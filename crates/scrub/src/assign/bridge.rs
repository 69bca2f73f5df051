//! `name: KEY` and, next, `value: v`: a name and its value as two fields of one record.

use super::walk::{Operator, Walk};
use super::{Name, is_blank};

/// What the field is called that holds the name: `- name: KEY`, `<key>KEY</key>`, `variable "KEY"`.
const NAMED_BY: [&[u8]; 8] = [b"name", b"key", b"id", b"param", b"variable", b"field", b"parameter", b"label"];
/// What the field is called that holds the value.
const HOLDS: [&[u8]; 4] = [b"value", b"default", b"content", b"string"];
/// The whole of what it may be called in an object that the name names: `"password": {"S": "v"}`.
const HOLDS_ALONE: [&[u8]; 5] = [b"s", b"text", b"_text", b"plain", b"plaintext"];
/// Fields that may stand between them.
const BETWEEN: [&[u8]; 7] = [b"name", b"key", b"id", b"type", b"description", b"sensitive", b"nullable"];
/// Lines that are walked over at most.
const LINES: usize = 4;

/// Moves to the value if the name is held by a field of its own.
pub(super) fn cross(walk: &mut Walk<'_>, name: &Name<'_>) -> bool {
    if !is_called(without_words(without_path(walk.text_before(name.start, 80)))) {
        return false;
    }
    let from = walk.at;
    // `<string name="KEY">v</string>`
    if walk.eat(b">") && !walk.rest().starts_with(b"<") && one_word_in_tag(walk.rest()) {
        return true;
    }
    walk.at = from;
    let found = to_value(walk);
    if !found {
        walk.at = from;
    }
    found
}

/// Whether `lead`, what stands before the name on its line, says that a name follows.
fn is_called(lead: &[u8]) -> bool {
    let lower = lead.to_ascii_lowercase();
    let word = &lower[..lower.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |i| i + 1)];
    let joint = &lower[word.len()..];
    let joined = joint.iter().all(|b| matches!(b, b'"' | b'\'' | b'\\' | b':' | b'=' | b' ' | b'>'))
        && joint.iter().any(|b| matches!(b, b':' | b'=' | b'>' | b'"'));
    joined && NAMED_BY.iter().any(|w| word.ends_with(w))
}

/// What stands before a name without the path that leads to it: `"Name": "/prod/db/` is `"Name": "`.
fn without_path(lead: &[u8]) -> &[u8] {
    if !lead.ends_with(b"/") {
        return lead;
    }
    let in_path = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'.');
    &lead[..lead.iter().rposition(|b| !in_path(b)).map_or(0, |i| i + 1)]
}

/// Whether what stands behind a field's name says no more than yes or no: `": null,`, `": false`, `: 0`.
fn is_flag(rest: &[u8]) -> bool {
    let joint = rest.iter().take(12).take_while(|b| matches!(b, b'"' | b'\'' | b'\\' | b':' | b' ')).count();
    let value = &rest[joint..];
    rest[..joint].contains(&b':') && [&b"null"[..], b"true", b"false", b"0", b"1"].iter().any(|w| value.starts_with(w))
}

/// Moves to the value in a block of YAML that the name names, from the line below it: `KEY:`, then `value: v`.
pub(super) fn into_block(walk: &mut Walk<'_>) {
    const HOLDS: [&[u8]; 2] = [b"value:", b"default:"];
    let from = walk.at;
    let found = walk.skip_blanks(64) > 0 && HOLDS.iter().any(|word| walk.eat(word)) && walk.skip_blanks(8) > 0;
    if !found {
        walk.at = from;
    }
}

/// Moves to the value behind a name that one thing, and nothing but it, says of: an item of a list that redis prints
/// (`3) "KEY"`, `4) "v"`), a string that PHP serialised (`s:3:"KEY";s:1:"v"`), an input that was refused.
pub(super) fn into_next(walk: &mut Walk<'_>, name: &Name<'_>) -> bool {
    // Nearly no name is followed by any of these: cheap to tell.
    if !matches!(walk.peek(), Some(b';' | b'\r' | b'\n')) {
        return false;
    }
    let from = walk.at;
    let before = walk.text_before(name.start, 24);
    let found = if walk.rest().starts_with(b";s:") {
        walk.at += 3;
        walk.skip(|b| b.is_ascii_digit(), 8) > 0 && walk.eat(b":")
    } else if before.ends_with(b") \"") {
        walk.line_break() && walk.text[..walk.at].ends_with(b") ")
    } else if before.trim_ascii().is_empty() || before.ends_with(b"\"") {
        // pydantic: the field, and below it what was given.
        let line = walk.line_break().then(|| &walk.rest()[..walk.rest().len().min(300)]);
        let line = line.map(|rest| &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]);
        let given = line.and_then(|line| memchr::memmem::find(line, b"input_value="));
        walk.at += given.unwrap_or(0) + b"input_value=".len();
        given.is_some()
    } else {
        false
    };
    if !found {
        walk.at = from;
    }
    found
}

/// Moves to the value in a tag whose marks are spelled for HTML: `&lt;KEY&gt;v&lt;/KEY&gt;`.
pub(super) fn into_spelled_tag(walk: &mut Walk<'_>, name: &Name<'_>) -> bool {
    walk.rest().starts_with(b"&gt;") && walk.text_before(name.start, 8).ends_with(b"&lt;") && walk.eat(b"&gt;")
}

/// Moves to the value in a part of a form: `Content-Disposition: form-data; name="KEY"`, an empty line, the value.
pub(super) fn into_part(walk: &mut Walk<'_>, name: &Name<'_>) -> bool {
    if !matches!(walk.peek(), Some(b'\r' | b'\n' | b'\\')) {
        return false;
    }
    let lead = walk.text_before(name.start, 80);
    if !lead.ends_with(b"name=\"") && !lead.ends_with(b"name=\\\"")
        || memchr::memmem::find(lead, b"form-data").is_none()
    {
        return false;
    }
    let from = walk.at;
    let found = walk.line_break() && walk.line_break();
    if !found {
        walk.at = from;
    }
    found
}

/// Moves into the cell behind the one that the name fills: `<td>KEY</td><td>v</td>`.
pub(super) fn into_next_cell(walk: &mut Walk<'_>, name: &Name<'_>) -> bool {
    const CELLS: [&[u8]; 3] = [b"td", b"th", b"dt"];
    let from = walk.at;
    walk.skip_blanks(4);
    let filled = walk.rest().starts_with(b"</") && walk.text_before(name.start, 80).trim_ascii_end().ends_with(b">");
    if filled && CELLS.iter().any(|cell| walk.rest()[2..].starts_with(cell)) {
        walk.at += 4;
        if walk.eat(b">") {
            walk.skip_blanks(64);
            walk.line_break();
            walk.skip_blanks(64);
            if walk.eat(b"<td") || walk.eat(b"<dd") {
                walk.skip(|b| !matches!(b, b'<' | b'>' | b'\n'), 160);
                if walk.eat(b">") {
                    return true;
                }
            }
        }
    }
    walk.at = from;
    false
}

/// What stands before a name of several words: `"name": "API ` is `"name": "`.
fn without_words(lead: &[u8]) -> &[u8] {
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-');
    let start = lead.iter().rposition(|b| !word(b)).map_or(0, |i| i + 1);
    let quoted = lead.ends_with(b" ") && lead[..start].ends_with(b"\"") && lead.len() - start <= 24;
    if quoted && !lead[start..].starts_with(b" ") { &lead[..start] } else { lead }
}

fn one_word_in_tag(content: &[u8]) -> bool {
    let end = content.iter().take(300).position(|b| *b == b'<' || b.is_ascii_whitespace());
    end.is_some_and(|i| i > 0 && content[i..].starts_with(b"</"))
}

/// Moves to the value in an object that the name names: `"password": {"sensitive": true, "value": "v"}`.
pub(super) fn into_object(walk: &mut Walk<'_>) -> bool {
    let from = walk.at;
    let found = walk.peek() == Some(b'{') && (to_only_field(walk) || to_value(walk));
    if !found {
        walk.at = from;
    }
    found
}

/// Moves to the value if the object has it in its first field, which says no more than that it is one.
fn to_only_field(walk: &mut Walk<'_>) -> bool {
    let from = walk.at;
    walk.at += 1;
    walk.skip_blanks(16);
    walk.line_break();
    walk.skip_blanks(64);
    walk.skip(|b| matches!(b, b'"' | b'\\'), 8);
    let rest = walk.rest();
    let length = walk.skip(|b| b.is_ascii_alphanumeric() || b == b'_', 24);
    let closed = walk.skip(|b| matches!(b, b'"' | b'\\'), 8) > 0;
    let word = rest[..length].to_ascii_lowercase();
    if closed && HOLDS_ALONE.contains(&word.as_slice()) && walk.eat(b":") {
        walk.skip_blanks(8);
        return true;
    }
    walk.at = from;
    false
}

fn to_value(walk: &mut Walk<'_>) -> bool {
    let mut lines = 0;
    for _ in 0..12 {
        walk.skip(
            |b| {
                is_blank(b)
                    || matches!(b, b',' | b';' | b'"' | b'\'' | b'}' | b'{' | b'/' | b'<' | b'>' | b'-' | b'+' | b'~')
            },
            200,
        );
        if walk.line_break() {
            lines += 1;
            if lines > LINES {
                return false;
            }
            continue;
        }
        if walk.skip(|b| b == b'\\', 8) > 0 {
            continue;
        }
        let rest = walk.rest();
        let length = walk.skip(|b| b.is_ascii_alphanumeric() || b == b'_', 24);
        let word = rest[..length].to_ascii_lowercase();
        if HOLDS.iter().any(|w| word.ends_with(w)) {
            walk.skip(|b| matches!(b, b'"' | b'\'' | b'\\'), 8);
            walk.skip_blanks(8);
            if walk.operator() == Operator::Assign || walk.eat(b">") {
                walk.skip_blanks(8);
                return true;
            }
        }
        if !BETWEEN.iter().any(|w| word == **w) && !is_flag(walk.rest()) {
            return false;
        }
        // The rest of such a field, on one line.
        walk.skip(|b| !matches!(b, b'\n' | b'>' | b'\\' | b','), 120);
    }
    false
}
