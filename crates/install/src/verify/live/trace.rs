//! A probe, looked for in whatever disguise it may travel.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A text to be looked for.
pub struct Trace {
    plain: Vec<String>,
    encoded: Vec<String>,
}

impl Trace {
    /// A probe: either half counts, for one that was cut (or that base64 breaks between two lines) is no less a secret.
    pub fn of(probe: &str) -> Self {
        let (start, end) = probe.split_at(probe.len() / 2);
        let halves = [start.to_owned(), end.to_owned()];
        let encoded = halves.iter().flat_map(|half| (0..3).flat_map(|offset| in_base64(half.as_bytes(), offset)));
        Self { encoded: encoded.collect(), plain: halves.into() }
    }

    /// Whether it stands in a text whose letters have lost their case, as those of a host's name do.
    pub fn is_in_any_case(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.plain.iter().any(|trace| text.contains(&trace.to_lowercase()))
    }

    /// Whether it stands in a text: as it is, behind the escapes of any number of JSON documents in each other, in base64.
    pub fn is_in(&self, text: &str) -> bool {
        let stands = |text: &str| self.plain.iter().chain(&self.encoded).any(|trace| text.contains(trace.as_str()));
        stands(text) || (text.contains('\\') && stands(&without_escapes(text)))
    }
}

/// What a value is in base64 when so many bytes (of a group of three) stand before it: all that is its own and not theirs.
fn in_base64(value: &[u8], offset: usize) -> [String; 2] {
    let bytes = [&vec![0; offset], value].concat();
    let (first, last) = ((offset * 8).div_ceil(6), bytes.len() * 8 / 6);
    [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)].map(|text| text[first..last].to_owned())
}

/// `\u0041`, `\\u0041` and `A` are the same; every other backslash goes.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        rest = rest[at..].trim_start_matches('\\');
        let digits = rest.strip_prefix('u').and_then(|rest| rest.get(..4));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if let Some(letter) = code.and_then(char::from_u32) {
            plain.push(letter);
            rest = &rest[5..];
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBE: &str = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

    #[test]
    fn a_probe_is_found_as_it_is_in_halves_and_behind_escapes() {
        let trace = Trace::of(PROBE);
        for text in [
            format!("x{PROBE}y"),
            PROBE[..20].to_owned(),
            PROBE[20..].to_owned(),
            format!(r#"{{"a":"{}"}}"#, PROBE.replace('g', r"\u0067")),
            format!(r#""{{\"a\":\"{}\"}}""#, PROBE.replace('g', r"\\u0067")),
        ] {
            assert!(trace.is_in(&text), "{text}");
        }
        for text in ["", r"\", r"\u", r"\u00", r"\ud800", &PROBE[..19], "stanch_github_pat"] {
            assert!(!trace.is_in(text), "{text}");
        }
    }

    #[test]
    fn a_probe_is_found_in_base64_wherever_it_begins() {
        let trace = Trace::of(PROBE);
        for before in ["", "a", "ab", "abc", "GITHUB_TOKEN=", "Basic user:"] {
            for after in ["", "\n", "zz"] {
                let text = STANDARD_NO_PAD.encode(format!("{before}{PROBE}{after}"));
                assert!(trace.is_in(&text), "{before}…{after}");
                let (start, end) = text.split_at(text.len() / 2);
                assert!(trace.is_in(&format!("{start}\n{end}")), "{before}…{after}, in two lines");
            }
        }
        assert!(!trace.is_in(&STANDARD_NO_PAD.encode("GITHUB_TOKEN=stanch_github_pat, and something more behind it")));
    }
}
