//! Git gets its credential by a helper that knows one place.
//!
//! Git asks helpers for the credential of a host (and, told so, of a path), and hands it to the process that speaks HTTP.
//! Helpers that are configured elsewhere are left out, so that none of them stores what is lent; what a repository's own
//! configuration would do to the connection is looked at first, since no variable can undo all of it.

use std::ffi::OsString;
use std::path::Path;

use crate::HELPER;
use crate::connection::Configuration;
use crate::environment::Environment;
use crate::remote::{addresses, remotes, split};

/// Gives git the helper for these places, and refuses where the repository's configuration leads elsewhere. The words with which
/// git is to be started.
pub fn with_helper(
    environment: &mut Environment,
    git: &Path,
    words: &[OsString],
    places: &[&str],
) -> Result<Vec<OsString>, String> {
    let globals = split(words).map_or(&[][..], |(globals, ..)| globals);
    let configuration = Configuration::read(git, globals, environment)?;
    if let Some(key) = configuration.diversion() {
        return Err(format!(
            "the repository's own configuration could lead the credential elsewhere ({key}); look at it with `git config \
             --show-origin --get-all {key}`, and take it out or move it to your own configuration"
        ));
    }
    let own =
        std::env::current_exe().map_err(|error| format!("its own executable cannot be told: {}", error.kind()))?;
    let own =
        own.to_str().filter(|own| !own.contains('\'')).ok_or("its own executable has a name that no shell takes")?;
    let helper = format!("!exec '{own}' {HELPER}");
    // What the command has set with `-c` is harmless, or policy had refused it. It comes this way as well, so that below git
    // nothing is set by words: what is, somebody else has set, and the broker sees it.
    let (mut settings, words) = without_settings(globals, words);
    let always = [
        // Empty: those that came before are left out.
        ("credential.helper", ""),
        ("credential.helper", &helper),
        ("credential.useHttpPath", "true"),
        ("credential.interactive", "false"),
        ("core.askPass", ""),
        ("http.sslVerify", "true"),
        ("http.followRedirects", "false"),
    ];
    settings.extend(always.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let mut known = addresses(git, &words, environment);
    let usual = places.iter().flat_map(|place| [format!("https://{place}"), format!("https://{place}.git")]);
    known.extend(usual.filter(|address| !known.contains(address)).collect::<Vec<_>>());
    let remotes = remotes(git, &words, environment, &known);
    settings.extend(configuration.pinned(git, environment, &known, &remotes)?);
    environment.insert("GIT_CONFIG_COUNT".into(), settings.len().to_string().into());
    environment.insert("GIT_TERMINAL_PROMPT".into(), "0".into());
    for (i, (key, value)) in settings.into_iter().enumerate() {
        environment.insert(format!("GIT_CONFIG_KEY_{i}").into(), key.into());
        environment.insert(format!("GIT_CONFIG_VALUE_{i}").into(), value.into());
    }
    Ok(words)
}

/// What `-c` sets before git's command, and the words without that.
fn without_settings(globals: &[OsString], words: &[OsString]) -> (Vec<(String, String)>, Vec<OsString>) {
    let (mut settings, mut left) = (Vec::new(), Vec::new());
    let mut rest = globals.iter();
    while let Some(word) = rest.next() {
        let Some(set) = rest.as_slice().first().filter(|_| word == "-c") else {
            left.push(word.clone());
            continue;
        };
        rest.next();
        let set = set.to_string_lossy();
        let (key, value) = set.split_once('=').unwrap_or((&set, "true"));
        settings.push((key.to_owned(), value.to_owned()));
    }
    left.extend_from_slice(&words[globals.len()..]);
    (settings, left)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::process::Command;

    use super::*;
    use crate::path;
    use crate::remote::said;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    /// An environment with a home of its own.
    fn own(home: &Path) -> Environment {
        let path = std::env::var_os("PATH").expect("a path");
        [("PATH".into(), path), ("HOME".into(), home.into())].into()
    }

    #[test]
    fn a_repository_that_leads_elsewhere_is_found_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = path::tool(OsStr::new("git"), std::env::var_os("PATH").as_deref()).expect("git");
        let at = [OsString::from("-C"), folder.path().into()];
        let run = |words: &[&str]| {
            assert!(Command::new(&git).args(&at).args(words).output().expect("git").status.success(), "{words:?}");
        };
        run(&["init", "--quiet"]);
        run(&["config", "http.postBuffer", "1000"]);
        run(&["remote", "add", "origin", "https://example.org/a.git"]);
        let own = own(folder.path());
        let diversion = |globals: &[OsString]| {
            let configuration = Configuration::read(&git, globals, &own).expect("a configuration");
            configuration.diversion().map(str::to_lowercase)
        };
        assert_eq!(diversion(&at), None);
        for (key, value) in [
            ("http.sslVerify", "false"),
            ("http.https://example.org.proxy", "http://127.0.0.1:1"),
            ("url.https://evil.invalid/.insteadOf", "https://example.org/"),
            ("url.https://evil.invalid/.pushInsteadOf", "https://example.org/"),
            ("credential.helper", "store"),
            ("remote.origin.proxy", "http://127.0.0.1:1"),
        ] {
            run(&["config", key, value]);
            assert_eq!(diversion(&at), Some(key.to_lowercase()), "{key}");
            run(&["config", "--unset-all", key]);
            let by_word = [&at[..], &[OsString::from("-c"), format!("{key}={value}").into()]].concat();
            assert_eq!(diversion(&by_word), Some(key.to_lowercase()), "-c {key}");
        }
    }

    #[test]
    fn what_git_does_not_tell_is_no_answer() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = path::tool(OsStr::new("git"), std::env::var_os("PATH").as_deref()).expect("git");
        std::fs::write(folder.path().join(".gitconfig"), "[http\n").expect("a file");
        let mut environment = own(folder.path());
        let words = words("push");
        let why = with_helper(&mut environment, &git, &words, &["example.org/a"]).expect_err("no configuration");
        assert!(why.contains("git does not tell its configuration"), "{why}");
        let why =
            with_helper(&mut environment, Path::new("/bin/false"), &words, &["example.org/a"]).expect_err("no git");
        assert!(why.contains("exit status: 1"), "{why}");
    }

    /// What git would take, with all of its files, for this address.
    fn effective(git: &Path, at: &[OsString], environment: &Environment, address: &str, key: &str) -> String {
        let mut ask = Command::new(git);
        ask.args(at).args(["config", "--get-urlmatch", key, address]).env_clear().envs(environment);
        String::from_utf8(ask.output().expect("git").stdout).expect("text").trim_end().to_owned()
    }

    #[test]
    fn what_is_written_after_the_look_does_not_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = path::tool(OsStr::new("git"), std::env::var_os("PATH").as_deref()).expect("git");
        let at = [OsString::from("-C"), folder.path().into()];
        let run = |words: &[&str]| {
            assert!(Command::new(&git).args(&at).args(words).output().expect("git").status.success(), "{words:?}");
        };
        run(&["init", "--quiet"]);
        let address = "https://ann@example.org/a.git";
        run(&["remote", "add", "site", address]);
        let users = "[http]\n\tproxy = http://general.invalid\n\tsslCAInfo = ~/ca \\\"own\\\".pem\n\
                     [http \"https://example.org\"]\n\tproxy = http://own.invalid:1\n";
        std::fs::write(folder.path().join(".gitconfig"), users).expect("a file");
        let mut environment = own(folder.path());
        let words = [&at[..], &words("-c color.ui=never push site")].concat();
        let words = with_helper(&mut environment, &git, &words, &["example.org/a"]).expect("nothing leads elsewhere");
        assert_eq!(words, [&at[..], &["push".into(), "site".into()]].concat());
        let evil = "http://evil.invalid";
        let written = [
            ("sslVerify", "false", "true"),
            ("followRedirects", "true", "false"),
            ("proxy", evil, "http://own.invalid:1"),
            ("sslCAInfo", "/evil.pem", "~/ca \"own\".pem"),
            ("sslCAPath", "/evil", "/"),
            ("curloptResolve", "example.org:443:192.0.2.1", ""),
        ];
        for (name, value, _) in written {
            run(&["config", &format!("http.{address}.{name}"), value]);
            run(&["config", &format!("http.{name}"), value]);
        }
        run(&["config", "remote.site.proxy", evil]);
        for (name, _, expected) in written {
            assert_eq!(effective(&git, &at, &environment, address, &format!("http.{name}")), expected, "{name}");
        }
        let general = ["remote.site.proxy", "color.ui"].map(|key| {
            let ask =
                Command::new(&git).args(&at).args(["config", "--get", key]).env_clear().envs(&environment).output();
            String::from_utf8(ask.expect("git").stdout).expect("text")
        });
        assert_eq!(general, ["http://own.invalid:1\n", "never\n"]);
        assert_eq!(said(&git, &at, &["remote"], &environment), ["site"], "`fetch --all` goes to no other");
    }

    #[test]
    fn without_a_word_of_the_users_there_is_no_proxy_but_the_environments() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = path::tool(OsStr::new("git"), std::env::var_os("PATH").as_deref()).expect("git");
        let address = "https://example.org/a";
        for proxy in ["", "http://own.invalid:1"] {
            let mut environment = own(folder.path());
            if !proxy.is_empty() {
                environment.insert("HTTPS_PROXY".into(), proxy.into());
            }
            with_helper(&mut environment, &git, &words("ls-remote"), &["example.org/a"])
                .expect("nothing leads elsewhere");
            assert_eq!(effective(&git, &[], &environment, address, "http.proxy"), proxy);
        }
    }

    #[test]
    fn two_repositories_are_lent_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = path::tool(OsStr::new("git"), std::env::var_os("PATH").as_deref()).expect("git");
        let mut environment = own(folder.path());
        let places = ["example.org/a", "example.com/b"];
        with_helper(&mut environment, &git, &words("submodule update"), &places).expect("nothing leads elsewhere");
        for place in places {
            let address = format!("https://{place}");
            assert_eq!(effective(&git, &[], &environment, &address, "http.followRedirects"), "false");
            assert!(effective(&git, &[], &environment, &address, "credential.helper").ends_with(HELPER));
        }
    }
}
