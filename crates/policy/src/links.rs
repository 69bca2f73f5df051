//! Files that a tool is to read and that are no files: a link may lead to the environment or the open files of a process, where the
//! tool's own credential stands. Policy refuses the words of a command that say so; what a name leads to, only the disk says.

use std::ffi::OsString;
use std::fs::{canonicalize, read_link};
use std::path::{Path, PathBuf};

/// More links in a row are none that the system follows (path_resolution(7)).
const MOST: usize = 40;

/// Whether a file that the command names in that folder is such a link. This reads the disk, for [`Request::links_to_process`];
/// the decision does not.
///
/// [`Request::links_to_process`]: crate::Request::links_to_process
pub fn lead_to_process(argv: &[OsString], folder: &Path) -> bool {
    argv.iter().skip(1).any(|word| names(&word.to_string_lossy()).any(|name| leads_to_process(folder.join(name))))
}

/// What of a word may be a file's name: all of it, what an option's letter or name, or a mark before it, leave.
fn names(word: &str) -> impl Iterator<Item = &str> {
    let behind = word.match_indices(['=', '@', ':', ',']).map(|(at, mark)| &word[at + mark.len()..]);
    let attached = word.strip_prefix('-').and_then(|word| word.get(1..));
    std::iter::once(word).chain(behind).chain(attached).filter(|name| !name.is_empty())
}

fn leads_to_process(mut path: PathBuf) -> bool {
    for _ in 0..MOST {
        let folder = path.parent().and_then(|folder| canonicalize(folder).ok());
        let (Some(folder), Some(name)) = (folder, path.file_name()) else { return false };
        let real = folder.join(name);
        if real.starts_with("/proc") || real.starts_with("/dev/fd") {
            return true;
        }
        match read_link(&real) {
            Ok(target) => path = folder.join(target),
            Err(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_to_a_process_is_found_however_it_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        symlink("/proc/self/environ", at("one")).expect("a link");
        symlink("one", at("two")).expect("a link");
        symlink("/proc/self", at("below")).expect("a link");
        symlink("/proc/self/fd/77", at("open")).expect("a link");
        symlink("/dev/fd/3", at("device")).expect("a link");
        symlink("round", at("round")).expect("a link");
        symlink("/etc/hostname", at("harmless")).expect("a link");
        let leads = |word: &str| lead_to_process(&["gh".into(), word.into()], folder.path());
        for word in
            ["one", "./two", "below/environ", "open", "device", "--body-file=one", "body=@two", "-Fone", "a,two"]
        {
            assert!(leads(word), "{word}");
        }
        assert!(leads(&at("two").display().to_string()));
        for word in ["harmless", "round", "gone", "--body-file=harmless", "-", "-F", "", "/", "..", "/dev/null"] {
            assert!(!leads(word), "{word}");
        }
    }
}
