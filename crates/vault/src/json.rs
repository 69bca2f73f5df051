//! One value out of a JSON document, without the others becoming strings that nobody wipes.

use std::collections::BTreeMap;

use secret::Secret;
use serde_json::value::RawValue;

/// Why there is no value; nothing of the document is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotThere {
    /// It is no JSON.
    NoJson,
    /// Nothing is at the place.
    Missing,
    /// What is there is `null`, a list or an object.
    NoText,
}

/// The text or number at a JSON pointer (RFC 6901).
pub fn at(document: &[u8], pointer: &str) -> Result<Secret, NotThere> {
    let mut here: &RawValue = serde_json::from_slice(document).map_err(|_| NotThere::NoJson)?;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        here = if here.get().starts_with('[') {
            let list: Vec<&RawValue> = serde_json::from_str(here.get()).map_err(|_| NotThere::NoJson)?;
            let index: usize = token.parse().map_err(|_| NotThere::Missing)?;
            *list.get(index).ok_or(NotThere::Missing)?
        } else {
            let members: BTreeMap<String, &RawValue> =
                serde_json::from_str(here.get()).map_err(|_| NotThere::Missing)?;
            *members.get(&token).ok_or(NotThere::Missing)?
        };
    }
    let text = here.get();
    match text.as_bytes().first() {
        Some(b'"') => {
            let text: String = serde_json::from_str(text).map_err(|_| NotThere::NoJson)?;
            Ok(Secret::new(text.into_bytes()))
        }
        Some(b'0'..=b'9' | b'-') => Ok(Secret::new(text.as_bytes().to_vec())),
        _ => Err(NotThere::NoText),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_one_text_or_number() {
        let document = br#"{"a": [{"b/c": "x\n\u00e9", "d~": 17}], "n": null, "o": {}}"#;
        let at = |pointer| at(document, pointer).map(|secret| secret.expose(<[u8]>::to_vec));
        assert_eq!(at("/a/0/b~1c"), Ok("x\né".as_bytes().to_vec()));
        assert_eq!(at("/a/0/d~0"), Ok(b"17".to_vec()));
        for missing in ["/b", "/a/1", "/a/x", "/a/0/b~1c/d"] {
            assert_eq!(at(missing), Err(NotThere::Missing), "{missing}");
        }
        for no_text in ["/n", "/o", "/a", ""] {
            assert_eq!(at(no_text), Err(NotThere::NoText), "{no_text}");
        }
        assert_eq!(super::at(b"{", "/a").map(|_| ()), Err(NotThere::NoJson));
    }
}
