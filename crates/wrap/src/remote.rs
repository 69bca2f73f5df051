//! Where git would go, as git itself tells it.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::environment::Environment;
use crate::path;

/// Where git would go for these words in a folder (this process's, without one), as git itself tells it; `None` for another tool or if it goes nowhere.
///
/// It is asked before the broker has said in which environment git will run, and the configuration may be another a moment later.
/// So policy takes the answer for a reason to refuse and for nothing else: the helper is told a value for one place alone.
pub fn remote(name: &OsStr, words: &[OsString], folder: Option<&Path>) -> Option<String> {
    if name != "git" {
        return None;
    }
    let there = folder.into_iter().flat_map(|folder| ["-C".into(), folder.into()]);
    let words: Vec<OsString> = there.chain(words.iter().cloned()).collect();
    let git = path::tool(name, std::env::var_os("PATH").as_deref())?;
    let is_gits = |name: &OsStr| name.to_str().is_none_or(|name| name.starts_with("GIT_"));
    let environment = std::env::vars_os().filter(|(name, _)| !is_gits(name)).collect();
    addresses(&git, &words, &environment).into_iter().next()
}

/// The addresses to which git would go for these words.
pub(crate) fn addresses(git: &Path, words: &[OsString], environment: &Environment) -> Vec<String> {
    let Some((globals, command, rest)) = split(words) else { return Vec::new() };
    let pushes = command == "push";
    if !pushes && !["fetch", "pull", "ls-remote", "clone"].contains(&command) {
        return Vec::new();
    }
    // The first word that is no option: a remote's name or an address.
    let named = rest.iter().filter_map(|word| word.to_str()).find(|word| !word.starts_with('-'));
    if let Some(address) = named.filter(|named| named.contains("://")) {
        return vec![address.to_owned()];
    }
    let said = |words: &[&str]| said(git, globals, words, environment);
    let usual = || Some(said(&["rev-parse", "--abbrev-ref", "@{upstream}"]).first()?.split_once('/')?.0.to_owned());
    let remote = named.map(str::to_owned).or_else(usual).unwrap_or_else(|| "origin".to_owned());
    let get: &[&str] =
        if pushes { &["remote", "get-url", "--all", "--push", "--"] } else { &["remote", "get-url", "--all", "--"] };
    said(&[get, &[&remote]].concat())
}

/// Options before the subcommand, the subcommand, the rest.
pub(crate) fn split(words: &[OsString]) -> Option<(&[OsString], &str, &[OsString])> {
    /// Those of git's own options that take the next word (git(1)).
    const TAKE_ONE: [&str; 7] =
        ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--attr-source"];
    let mut at = 0;
    loop {
        let word = words.get(at)?.to_str()?;
        if !word.starts_with('-') {
            return Some((&words[..at], word, &words[at + 1..]));
        }
        at += if TAKE_ONE.contains(&word) { 2 } else { 1 };
    }
}

/// The names under which git may go to these addresses.
pub(crate) fn remotes(git: &Path, words: &[OsString], environment: &Environment, known: &[String]) -> Vec<String> {
    let Some((globals, command, _)) = split(words) else { return Vec::new() };
    let said = |words: &[&str]| said(git, globals, words, environment);
    let goes_there = |name: &String| {
        let addresses =
            [&["remote", "get-url", "--all", "--", name][..], &["remote", "get-url", "--all", "--push", "--", name]];
        addresses.iter().flat_map(|words| said(words)).any(|address| known.contains(&address))
    };
    let named = said(&["remote"]).into_iter().filter(goes_there);
    // A remote without a name goes by its address, if one stands in the command: of others git would make remotes of that name,
    // and `fetch --all` go there. A clone's is not there yet.
    let unnamed = known.iter().filter(|address| words.iter().any(|word| word == address.as_str())).cloned();
    named.chain(unnamed).chain((command == "clone").then(|| "origin".to_owned())).collect()
}

/// The lines that git prints; none if it cannot tell.
pub(crate) fn said(git: &Path, globals: &[OsString], words: &[&str], environment: &Environment) -> Vec<String> {
    let mut ask = Command::new(git);
    ask.args(globals).args(words).env_clear().envs(environment).stdin(Stdio::null()).stderr(Stdio::null());
    let output = ask.output().ok().filter(|output| output.status.success());
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_subcommand_is_found_behind_gits_own_options() {
        for (text, command) in [
            ("push", "push"),
            ("-C /a push origin", "push"),
            ("-c a=b --no-pager fetch", "fetch"),
            ("--git-dir=/x pull", "pull"),
        ] {
            assert_eq!(split(&words(text)).map(|(_, command, _)| command), Some(command), "{text}");
        }
        assert!(split(&words("-C")).is_none() && split(&words("--version")).is_none());
    }

    #[test]
    fn git_says_where_it_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = path::tool(OsStr::new("git"), std::env::var_os("PATH").as_deref()).expect("git");
        let at = [OsString::from("-C"), folder.path().into()];
        for words in [&["init", "--quiet"][..], &["remote", "add", "origin", "https://example.org/a.git"]] {
            assert!(Command::new(&git).args(&at).args(words).output().expect("git").status.success(), "{words:?}");
        }
        let name = OsStr::new("git");
        let with = |rest: &[&str]| [&at[..], &rest.iter().map(OsString::from).collect::<Vec<_>>()].concat();
        assert_eq!(remote(name, &with(&["push", "origin"]), None), Some("https://example.org/a.git".to_owned()));
        assert_eq!(remote(name, &with(&["push"]), None), Some("https://example.org/a.git".to_owned()));
        assert_eq!(remote(name, &with(&["push", "https://h/b"]), None), Some("https://h/b".to_owned()));
        assert_eq!(remote(name, &with(&["status"]), None), None);
        assert_eq!(remote(OsStr::new("psql"), &with(&["push"]), None), None);
        let name = OsStr::new("git");
        let there = remote(name, &words("push origin"), Some(folder.path()));
        assert_eq!(there, Some("https://example.org/a.git".to_owned()));
    }
}
