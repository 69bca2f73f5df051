//! The shell that runs the text, as the agent itself would have started it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::Refusal;

/// Where bash is if `SHELL` is neither bash nor zsh.
const USUAL: [&str; 4] = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/opt/homebrew/bin/bash"];

/// The shell's path, which is its first argument too (its error messages begin with it), and its arguments.
///
/// `shell` and `prefix` are what the environment says: the user's shell, and the prefix that the user has besides this one.
/// That prefix is started as the agent would start it, and starts the text.
pub fn shell(
    text: &OsStr,
    shell: Option<OsString>,
    prefix: Option<OsString>,
) -> Result<(PathBuf, Vec<OsString>), Refusal> {
    let path = shell.map(PathBuf::from).filter(|path| path.is_absolute() && is_known(path));
    let path = path.or_else(|| USUAL.iter().map(PathBuf::from).find(|path| path.exists())).ok_or(Refusal::NoShell)?;
    let mut arguments = Vec::with_capacity(3);
    if is_login(text.as_bytes()) {
        arguments.push("-l".into());
    }
    let text = match prefix.filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => behind(&prefix, text),
        None => text.to_owned(),
    };
    arguments.extend(["-c".into(), text]);
    Ok((path, arguments))
}

/// The variable that names the prefix that the user has besides this one; `stanch install` moves it there.
pub const THEN: &str = "STANCH_SHELL_THEN";

/// A prefix before a text: what stands before its last ` -` is the name of one program, blanks and all; the rest is words.
fn behind(prefix: &OsStr, text: &OsStr) -> OsString {
    let prefix = prefix.as_bytes();
    let at = prefix.windows(2).rposition(|part| part == b" -").unwrap_or(prefix.len());
    let (program, words) = prefix.split_at(at);
    OsString::from_vec([b"exec ", &*quoted(program), words, b" ", &*quoted(text.as_bytes())].concat())
}

/// As one word of any shell.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in text {
        match byte {
            b'\'' => word.extend_from_slice(br"'\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

fn is_known(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"bash") || name.as_bytes().starts_with(b"zsh"))
}

/// Whether the agent would have started a login shell: it does so for a command of its Bash tool when it has no snapshot
/// of the user's shell, and does not tell the prefix. Such a text notes the folder it ends in, and sources no snapshot.
fn is_login(text: &[u8]) -> bool {
    const NOTES_FOLDER: &[u8] = b"&& pwd -P >| ";
    let behind = text.windows(NOTES_FOLDER.len()).rposition(|part| part == NOTES_FOLDER);
    let file = behind.map(|at| &text[at + NOTES_FOLDER.len()..]);
    file.is_some_and(|file| !file.is_empty() && !file.contains(&b'\n')) && !text.starts_with(b"source ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_shell_runs_the_text_if_it_is_bash_or_zsh() {
        let path = |shell: &str| {
            super::shell(OsStr::new("true"), Some(shell.into()), None).map(|(path, _)| path).unwrap_or_default()
        };
        assert_eq!(path("/usr/bin/zsh"), Path::new("/usr/bin/zsh"));
        assert_eq!(path("/opt/bash-5.3/bin/bash"), Path::new("/opt/bash-5.3/bin/bash"));
        for other in ["/bin/sh", "/bin/dash", "/usr/bin/fish", "bash", ""] {
            assert!(USUAL.contains(&path(other).to_str().unwrap_or_default()), "{other}");
        }
    }

    #[test]
    fn the_users_other_prefix_starts_the_text() {
        let line = |prefix: &str| {
            let started = super::shell(OsStr::new("echo 'a b'"), None, Some(prefix.into()));
            started.map(|(_, words)| words[1].clone()).unwrap_or_default()
        };
        assert_eq!(line("/opt/a b/wrap -n 5"), r"exec '/opt/a b/wrap' -n 5 'echo '\''a b'\'''");
        assert_eq!(line("wrap"), r"exec 'wrap' 'echo '\''a b'\'''");
        assert_eq!(line(""), "echo 'a b'");
    }

    #[test]
    fn a_login_shell_runs_what_notes_its_folder_and_sources_nothing() {
        for (text, login) in [
            ("shopt -u extglob && eval 'ls' && pwd -P >| /tmp/a-cwd", true),
            ("shopt -u extglob && eval 'ls' && pwd -P >| '/tmp/a b'", true),
            ("source /a/snapshot.sh && eval 'ls' && pwd -P >| /tmp/a-cwd", false),
            ("pwd -P >| /tmp/a\nls", false),
            ("python3 server.py", false),
        ] {
            assert_eq!(is_login(text.as_bytes()), login, "{text}");
        }
    }
}
