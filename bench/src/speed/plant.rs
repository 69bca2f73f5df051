//! Secrets planted in a text at even distances, each on a line of its own, all findable.

use crate::format;
use crate::random::Random;

/// How the lines look: what stands before the value, the value's format (see [`crate::format`]), what stands behind.
/// Findable every one, so that the measurement pays for the whole way: automaton, proof, judgement, placeholder.
const LINES: &[(&str, &str, &str)] = &[
    ("    let token = \"", "ghp_<crc62:30>", "\";"),
    ("const AWS_SECRET_ACCESS_KEY: &str = \"", "<b:40>", "\";"),
    ("db_password = \"", "<w:20>", "\""),
    ("    // postgres://app:", "<w:20>", "@db.internal:5432/app"),
    ("    .header(\"Authorization\", \"Bearer ", "<jwt>", "\")"),
    ("export SLACK_BOT_TOKEN=", "xoxb-<d:12>-<d:12>-<w:24>", ""),
    ("    \"api_key\": \"", "<h:32>", "\","),
    ("GITLAB_TOKEN: ", "glpat-<u:20>", ""),
];

/// A text with secrets in it.
pub struct Planted {
    /// The text.
    pub text: Vec<u8>,
    /// The secrets in their order, each with the number of its line, counted from 0.
    pub secrets: Vec<(usize, String)>,
}

/// Plants one secret into each `distance` bytes of a text, the same ones every time.
pub fn plant(text: &[u8], distance: usize) -> Planted {
    let mut random = Random::named("planted secrets", 0);
    let mut out = Vec::with_capacity(text.len() + text.len() / distance.max(1) * 160);
    let (mut secrets, mut line, mut rest) = (Vec::new(), 0, text);
    while rest.len() >= distance {
        let (stretch, behind) = rest.split_at(line_end(rest, distance));
        line += push(&mut out, stretch);
        let (before, value, after) = LINES[secrets.len() % LINES.len()];
        let secret = format::value(value, &mut random);
        out.extend_from_slice([before, &secret, after, "\n"].concat().as_bytes());
        secrets.push((line, secret));
        line += 1;
        rest = behind;
    }
    out.extend_from_slice(rest);
    Planted { text: out, secrets }
}

/// The end of the last line within `distance` bytes; of the last whole character if a line is longer.
fn line_end(text: &[u8], distance: usize) -> usize {
    if let Some(at) = text[..distance].iter().rposition(|&byte| byte == b'\n') {
        return at + 1;
    }
    (1..=distance).rev().find(|&at| text.get(at).is_none_or(|byte| byte & 0xc0 != 0x80)).unwrap_or(distance)
}

/// Appends a stretch, a line break behind it, and says how many line breaks that were.
fn push(out: &mut Vec<u8>, stretch: &[u8]) -> usize {
    out.extend_from_slice(stretch);
    if !stretch.ends_with(b"\n") {
        out.push(b'\n');
    }
    let breaks = stretch.iter().filter(|&&byte| byte == b'\n').count();
    breaks + usize::from(!stretch.ends_with(b"\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISTANCE: usize = 10_000;

    fn every_window_has_one(text: &[u8]) {
        let planted = plant(text, DISTANCE);
        let made = String::from_utf8(planted.text).unwrap_or_default();
        let lines: Vec<&str> = made.lines().collect();
        let mut from = 0;
        for (line, secret) in &planted.secrets {
            assert!(lines[*line].contains(secret.as_str()), "line {line} is '{}'", lines[*line]);
            let at = from + made[from..].find(secret.as_str()).unwrap_or(usize::MAX / 2);
            assert!(at < from + DISTANCE + 200, "the secret of line {line} is too far from the one before");
            from = at + secret.len();
        }
        assert!(made.len() < from + DISTANCE + 200, "the end has none");
    }

    #[test]
    fn every_ten_kilobytes_have_a_secret() {
        every_window_has_one("fn main() { // a line of code\n}\n\n".repeat(10_000).as_bytes());
    }

    #[test]
    fn a_line_longer_than_the_distance_has_some_too() {
        every_window_has_one("ä€ and a long line ".repeat(10_000).as_bytes());
    }

    #[test]
    fn the_text_around_them_is_as_it_was() {
        let text = "one\ntwo\nthree\n".repeat(5_000);
        let planted = plant(text.as_bytes(), DISTANCE);
        let made = String::from_utf8(planted.text).unwrap_or_default();
        let mut planted_lines = planted.secrets.iter().map(|(line, _)| *line).peekable();
        let kept: String = made
            .split_inclusive('\n')
            .enumerate()
            .filter(|(number, _)| planted_lines.next_if_eq(number).is_none())
            .map(|(_, line)| line)
            .collect();
        assert_eq!(kept, text);
    }

    #[test]
    fn the_same_twice_and_no_secret_twice() {
        let text = "x\n".repeat(200_000);
        let (once, again) = (plant(text.as_bytes(), DISTANCE), plant(text.as_bytes(), DISTANCE));
        assert!(once.text == again.text);
        let mut secrets: Vec<_> = once.secrets.iter().map(|(_, secret)| secret).collect();
        secrets.sort();
        secrets.dedup();
        assert_eq!(secrets.len(), once.secrets.len());
    }
}
