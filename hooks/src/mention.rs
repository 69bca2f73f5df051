//! The files that a prompt pulls in by `@path`: the client reads them by itself, so no tool hook sees them.
//!
//! Read as the client reads (2.1.330): an `@` at a word's start, or after one of `。、？！`; the path goes on to the word's end,
//! but for what is no letter, digit or underscore there. `@"…"` is a path with blanks. A `#L3-7` behind a path is a range of
//! lines; the whole file is searched, for the client may pull in more than the range.

use std::path::{Path, PathBuf};

/// More mentions than this in one prompt are no person's.
const MOST: usize = 200;

/// The files and folders that a prompt mentions, as the client finds them from `folder`; or that there are too many.
pub fn paths(prompt: &str, folder: &Path) -> Result<Vec<PathBuf>, TooMany> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for name in names(prompt).into_iter().flat_map(spellings) {
        let path = match name.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(rest) => std::env::home_dir().unwrap_or_default().join(rest.trim_start_matches('/')),
            None => folder.join(name),
        };
        if !paths.contains(&path) {
            paths.push(path);
        }
        if paths.len() > MOST {
            return Err(TooMany);
        }
    }
    Ok(paths)
}

/// More mentions than are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooMany;

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

fn opens(before: Option<char>) -> bool {
    before.is_none_or(|c| is_blank(c) || "。、？！".contains(c))
}

fn names(prompt: &str) -> Vec<&str> {
    let at_signs = prompt.match_indices('@').map(|(at, _)| at);
    at_signs.filter(|at| opens(prompt[..*at].chars().next_back())).filter_map(|at| name(&prompt[at + 1..])).collect()
}

fn name(rest: &str) -> Option<&str> {
    let name = match rest.strip_prefix('"') {
        Some(quoted) => &quoted[..quoted.find('"')?],
        None => {
            let word = rest.split(is_blank).next().unwrap_or_default();
            word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        }
    };
    (!name.is_empty()).then_some(name)
}

/// `a.rs#L3-7` names `a.rs`, or a file that is really called so.
fn spellings(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(name.split_once('#').map(|(file, _)| file).filter(|file| !file.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentioned(prompt: &str) -> Vec<String> {
        let paths = paths(prompt, Path::new("/app")).unwrap_or_default();
        paths.iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn a_path_ends_with_its_word_and_without_punctuation() {
        assert_eq!(mentioned("see @a.txt, @./b/c.rs. and (@d) or @e/"), ["/app/a.txt", "/app/./b/c.rs", "/app/e"]);
        assert_eq!(mentioned("@.env"), ["/app/.env"]);
        assert_eq!(mentioned("line\n@x\t@y\u{a0}@z"), ["/app/x", "/app/y", "/app/z"]);
        assert_eq!(mentioned("見て。@a.txt、@b.txt"), ["/app/a.txt、@b.txt", "/app/b.txt"]);
        assert_eq!(mentioned("@/etc/hosts"), ["/etc/hosts"]);
    }

    #[test]
    fn a_quoted_path_may_have_blanks() {
        assert_eq!(mentioned("look at @\"my notes.txt\"."), ["/app/my notes.txt"]);
        assert!(mentioned("look at @\"my notes").is_empty());
    }

    #[test]
    fn a_range_of_lines_is_no_part_of_the_path() {
        assert_eq!(mentioned("@a.rs#L3-7"), ["/app/a.rs#L3-7", "/app/a.rs"]);
        assert_eq!(mentioned("@a.rs#top"), ["/app/a.rs#top", "/app/a.rs"]);
    }

    #[test]
    fn an_address_is_no_mention() {
        assert!(mentioned("write to me@example.com or @ or @, please").is_empty());
    }

    #[test]
    fn the_home_is_the_users() {
        let home = std::env::home_dir().unwrap_or_default();
        assert_eq!(mentioned("@~/x"), [home.join("x").display().to_string()]);
    }

    #[test]
    fn there_is_an_end() {
        let many: String = (0..300).map(|n| format!("@f{n} ")).collect();
        assert_eq!(paths(&many, Path::new("/")), Err(TooMany));
    }
}
