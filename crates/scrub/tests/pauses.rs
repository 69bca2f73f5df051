//! A line that is shown before it ends: what has been shown holds no part of a secret, wherever the pause falls.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{RULES, scanner, streamed};
use scrub::{Mask, Scanner, Stream};

/// What comes out if there is a pause behind each of the places.
fn paused(scanner: &Scanner<'_>, text: &[u8], places: &[usize]) -> Vec<u8> {
    let mask = Mask::new(*scanner.table());
    let (mut stream, mut out, mut at) = (Stream::new(scanner, &mask), Vec::new(), 0);
    for place in places {
        stream.push(&text[at..*place], &mut out, None).unwrap();
        stream.pause(&mut out).unwrap();
        at = *place;
    }
    stream.push(&text[at..], &mut out, None).unwrap();
    stream.finish(&mut out, None).unwrap();
    out
}

/// The longest part of the secret, from ten bytes on, that stands in `out` and not in what a stream without pauses makes
/// of the text.
fn left<'s>(secret: &'s [u8], out: &[u8], whole: &[u8]) -> Option<&'s [u8]> {
    let run = (secret.len() / 5 + 1).max(10).min(secret.len());
    let holds = |text: &[u8], part: &[u8]| text.windows(part.len()).any(|seen| seen == part);
    secret.windows(run).find(|part| holds(out, part) && !holds(whole, part))
}

/// Their values stand before what tells them: nothing told them yet when they were shown.
const TOLD_LATER: [&str; 2] = ["piped_password", "piped_user_password"];

fn none(problems: &[String]) {
    assert!(problems.is_empty(), "{}:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn a_pause_after_every_byte_shows_no_part_of_a_secret() {
    let scanner = scanner();
    let mut problems = Vec::new();
    for rule in RULES.iter().filter(|rule| !TOLD_LATER.contains(&rule.id.as_str())) {
        for (number, hit) in (1..).zip(&rule.hits) {
            let text = hit.text.as_bytes();
            let whole = streamed(&scanner, [text]);
            let out = paused(&scanner, text, &(1..text.len()).collect::<Vec<_>>());
            if let Some(part) = left(&text[hit.secret.clone()], &out, &whole) {
                problems.push(format!("{} hit {number}: {:?} is shown", rule.id, String::from_utf8_lossy(part)));
            }
        }
    }
    none(&problems);
}

#[test]
fn a_pause_at_any_place_shows_no_part_of_a_secret() {
    let scanner = scanner();
    let mut problems = Vec::new();
    for rule in RULES.iter().filter(|rule| !TOLD_LATER.contains(&rule.id.as_str())) {
        for (number, hit) in (1..).zip(&rule.hits) {
            let text = hit.text.as_bytes();
            let whole = streamed(&scanner, [text]);
            // Every place of a few, some places of each: a scan at every place of all takes minutes.
            let step = if usize::from(rule.id.len() as u8) % 16 == 0 { 1 } else { 5 };
            for place in (1 + rule.id.len() % step..text.len()).step_by(step) {
                let out = paused(&scanner, text, &[place]);
                if let Some(part) = left(&text[hit.secret.clone()], &out, &whole) {
                    let part = String::from_utf8_lossy(part);
                    problems.push(format!("{} hit {number}, pause at {place}: {part:?} is shown", rule.id));
                }
            }
        }
    }
    none(&problems);
}

#[test]
fn without_a_secret_a_pause_changes_nothing() {
    let scanner = scanner();
    let text = b"Name: bob\nContinue? [y/N] y\n10% 20% 30%\r40%\n\xf0\x9f\x98\x80 \x1b[31mred\x1b[0m \xff\xfe\x00 end";
    assert_eq!(paused(&scanner, text, &(1..text.len()).collect::<Vec<_>>()), text);
}

#[test]
fn what_is_flushed_in_the_middle_of_a_token_loses_the_rest_of_it() {
    let scanner = scanner();
    let mask = Mask::new(*scanner.table());
    let token = ["ghp_", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U"].concat();
    for cut in 0..=token.len() {
        let (mut stream, mut out) = (Stream::new(&scanner, &mask), Vec::new());
        stream.push(format!("see {}", &token[..cut]).as_bytes(), &mut out, None).unwrap();
        stream.flush(&mut out).unwrap();
        assert!(!stream.is_holding());
        assert!(out.starts_with(b"see "));
        stream.push(format!("{} there\n", &token[cut..]).as_bytes(), &mut out, None).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.ends_with(" there\n"), "{out}");
        assert!(cut == token.len() || !out.contains(&token[token.len() - 4..]), "cut at {cut}: {out}");
    }
}
