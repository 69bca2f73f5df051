//! Paths as URIs (RFC 3986).

use std::fmt::Write;
use std::path::{Component, Path};

/// A path as a URI: relative to `here` if it lies below, as code hosts want it; else as it is.
pub(super) fn uri(path: &Path, here: Option<&Path>) -> String {
    let path = here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "" });
    let mut first = true;
    for component in path.components() {
        let part = match component {
            Component::CurDir => continue,
            Component::RootDir => {
                uri.push('/');
                continue;
            }
            other => other.as_os_str(),
        };
        if !first {
            uri.push('/');
        }
        first = false;
        for byte in part.as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(*byte)),
                // Writing into a string cannot fail.
                _ => drop(write!(uri, "%{byte:02X}")),
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        for (path, wanted) in [
            ("./src/a b#1.rs", "src/a%20b%231.rs"),
            ("c:d/é%", "c%3Ad/%C3%A9%25"),
            ("/here/x/y", "x/y"),
            ("/there/x", "file:///there/x"),
            ("../x", "../x"),
            ("-", "-"),
        ] {
            assert_eq!(uri(Path::new(path), Some(Path::new("/here"))), wanted);
        }
    }
}
