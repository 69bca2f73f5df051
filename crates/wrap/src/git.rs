//! Git gets its credential by a helper that knows one place.
//!
//! Git asks helpers for the credential of a host (and, told so, of a path), and hands it to the process that speaks HTTP. The
//! helper is this executable once more: it asks the broker, which looks at the process that asks and at the place.
//! Helpers that are configured elsewhere are left out, so that none of them stores what is lent; what a repository's own
//! configuration would do to the connection is looked at first, since no variable can undo all of it.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use wire::{Answer, Ask, Client, place};

use crate::connection::Configuration;
use crate::environment::Environment;
use crate::{HELPER, SILENT, path, say};

const PATIENCE: Duration = Duration::from_secs(10);

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
fn addresses(git: &Path, words: &[OsString], environment: &Environment) -> Vec<String> {
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
fn split(words: &[OsString]) -> Option<(&[OsString], &str, &[OsString])> {
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
fn remotes(git: &Path, words: &[OsString], environment: &Environment, known: &[String]) -> Vec<String> {
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
fn said(git: &Path, globals: &[OsString], words: &[&str], environment: &Environment) -> Vec<String> {
    let mut ask = Command::new(git);
    ask.args(globals).args(words).env_clear().envs(environment).stdin(Stdio::null()).stderr(Stdio::null());
    let output = ask.output().ok().filter(|output| output.status.success());
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

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

/// Git's helper: the place on standard input, the credential on standard output (gitcredentials(7), git-credential(1)).
pub fn helper(action: &OsStr) -> ExitCode {
    // What it would store, or forget, is not the helper's to keep.
    if action != "get" {
        return ExitCode::SUCCESS;
    }
    let asked = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
    let field =
        |name: &str| asked.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    let named = !field("username").is_empty();
    let [protocol, host, path] = ["protocol", "host", "path"].map(|name| field(name).to_owned());
    let answer = place::above()
        .and_then(|client| Client::of(client, PATIENCE).ok()?.ask(&Ask::Git { protocol, host, path }).ok());
    let mut out = std::io::stdout().lock();
    let why = match answer {
        Some(reply) => match (reply.answer, reply.values.as_slice()) {
            (Answer::Value, [value]) => {
                let write = value.expose(|value| {
                    if value.iter().any(|b| matches!(b, 0 | b'\n')) {
                        return Err(std::io::ErrorKind::InvalidData.into());
                    }
                    // The name is of no consequence where a token is the password (GitHub, GitLab, Gitea).
                    if !named {
                        out.write_all(b"username=x-access-token\n")?;
                    }
                    out.write_all(b"password=")?;
                    out.write_all(value)?;
                    out.write_all(b"\n")?;
                    out.flush()
                });
                return match write {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(error) => {
                        let kind: std::io::ErrorKind = error.kind();
                        say(&format!("git: the credential cannot be handed to git ({kind})"));
                        ExitCode::FAILURE
                    }
                };
            }
            (Answer::Refused { why } | Answer::Nothing { why: Some(why) }, _) => why,
            _ => "the broker lends nothing here".to_owned(),
        },
        None => SILENT.to_owned(),
    };
    say(&format!("git: no credential is lent: {why}"));
    // Git asks nobody else.
    let _ = out.write_all(b"quit=true\n");
    ExitCode::SUCCESS
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
        let name = OsStr::new("git");
        let with = |rest: &[&str]| [&at[..], &rest.iter().map(OsString::from).collect::<Vec<_>>()].concat();
        assert_eq!(remote(name, &with(&["push", "origin"]), None), Some("https://example.org/a.git".to_owned()));
        assert_eq!(remote(name, &with(&["push"]), None), Some("https://example.org/a.git".to_owned()));
        assert_eq!(remote(name, &with(&["push", "https://h/b"]), None), Some("https://h/b".to_owned()));
        assert_eq!(remote(name, &with(&["status"]), None), None);
        assert_eq!(remote(OsStr::new("psql"), &with(&["push"]), None), None);
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
