//! Text inside base64: a long run that decodes to text is scanned, and goes whole if a secret is in it.

use std::ops::Range;

use crate::ScanError;
use crate::finding::Finding;
use crate::scan::Scanner;

/// Shorter runs hold no secret with its name.
const SHORTEST: usize = 44;
/// Every run of that length covers one of the blocks that are looked at, wherever it begins.
const BLOCK: usize = 16;
/// Distance of the blocks that are looked at.
const STRIDE: usize = SHORTEST - BLOCK + 1;
/// What is decoded of one run: a larger one is a file.
const LONGEST: usize = 1 << 20;

/// The bytes of both alphabets. Without a table and without a branch: over a block, these are a few vector instructions.
#[inline(always)]
const fn in_run(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let digit = byte.wrapping_sub(b'0') < 10;
    letter | digit | (byte == b'+') | (byte == b'/') | (byte == b'-') | (byte == b'_')
}

/// The same for one byte at a time.
static IN_RUN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = in_run(byte as u8);
        byte += 1;
    }
    table
};

/// Adds a finding for every run of base64 whose text holds a secret.
pub(crate) fn findings(
    scanner: &Scanner<'_>,
    text: &[u8],
    from: usize,
    found: &mut Vec<Finding>,
) -> Result<(), ScanError> {
    let mut at = 0;
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        // All of it, whatever comes first: the compiler looks at the whole block at once. Blanks, quotes and brackets end
        // most runs; they lie below the alphabets.
        let below = block.iter().fold(false, |any, b| any | (*b < b'+'));
        if below || !block.iter().fold(true, |all, b| all & in_run(*b)) {
            at += STRIDE;
            continue;
        }
        let run = run_around(text, at);
        at = run.end.max(at) + 1;
        if run.start < from || run.len() < SHORTEST || run.len() > LONGEST {
            continue;
        }
        if let Some(plain) = text_in(&text[run.clone()]) {
            let inner = scanner.scan(&plain, 0, None)?.findings;
            if let Some(first) = inner.first() {
                let padding = text[run.end..].iter().take_while(|b| **b == b'=').count().min(2);
                found.push(Finding {
                    rule: first.rule,
                    span: run.start..run.end + padding,
                    proven: first.proven,
                    continued: false,
                });
            }
        }
    }
    Ok(())
}

fn run_around(text: &[u8], at: usize) -> Range<usize> {
    let ends = |b: &u8| !IN_RUN[usize::from(*b)];
    let start = text[..at].iter().rposition(ends).map_or(0, |i| i + 1);
    let end = text[at..].iter().position(ends).map_or(text.len(), |i| at + i);
    start..end
}

/// The text that a run decodes to, if it is text.
fn text_in(run: &[u8]) -> Option<Vec<u8>> {
    // Cheap first: a path or a long name decodes to noise within a few bytes.
    let head = decode(&run[..24])?;
    if !head.iter().all(|b| is_text(*b)) {
        return None;
    }
    let whole = decode(&run[..run.len() - usize::from(run.len() % 4 == 1)])?;
    whole.iter().all(|b| is_text(*b)).then_some(whole)
}

fn is_text(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte.is_ascii_whitespace() || byte >= 0x80
}

/// Decodes either alphabet, with or without padding.
pub(crate) fn decode(run: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(run.len() / 4 * 3 + 3);
    let (mut bits, mut held) = (0u32, 0);
    for byte in run.iter().take_while(|b| **b != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use crate::Scanner;

    #[test]
    fn a_run_is_found_wherever_it_begins() {
        // `password=` and 24 random characters: 33 bytes, 44 of base64.
        let run = ["cGFzc3dvcmQ9azNWOVpwTHEyeFJ0OF", "diTjVtWWNEN3NGaEox"].concat();
        let run = &run[..super::SHORTEST];
        let scanner = Scanner::builtin().expect("the table is whole");
        for offset in 0..2 * super::STRIDE {
            let text = format!("{}{run}\n", " ".repeat(offset));
            let found = scanner.findings(text.as_bytes()).expect("the scan is short");
            assert_eq!(found.len(), 1, "at {offset}");
        }
    }
}
