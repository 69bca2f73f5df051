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

use crate::environment::Environment;
use crate::{HELPER, path, say};

const PATIENCE: Duration = Duration::from_secs(10);

/// Where git would go for these words, as git itself tells it; `None` for another tool or if it goes nowhere.
pub fn remote(name: &OsStr, words: &[OsString]) -> Option<String> {
    if name != "git" {
        return None;
    }
    let (globals, command, rest) = split(words)?;
    let pushes = command == "push";
    if !pushes && !["fetch", "pull", "ls-remote", "clone"].contains(&command) {
        return None;
    }
    // The first word that is no option: a remote's name or an address.
    let named = rest.iter().filter_map(|word| word.to_str()).find(|word| !word.starts_with('-'));
    if let Some(address) = named.filter(|named| named.contains("://")) {
        return Some(address.to_owned());
    }
    let git = path::tool(name, std::env::var_os("PATH").as_deref())?;
    let upstream = || said(&git, globals, &["rev-parse", "--abbrev-ref", "@{upstream}"]);
    let usual = || Some(upstream()?.split_once('/')?.0.to_owned());
    let remote = named.map(str::to_owned).or_else(usual).unwrap_or_else(|| "origin".to_owned());
    let get: &[&str] = if pushes { &["remote", "get-url", "--push", "--"] } else { &["remote", "get-url", "--"] };
    said(&git, globals, &[get, &[&remote]].concat())
}

/// Options before the subcommand, the subcommand, the rest.
fn split(words: &[OsString]) -> Option<(&[OsString], &str, &[OsString])> {
    /// Those of git's own options that take the next word (git(1)).
    const TAKE_ONE: [&str; 6] = ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env"];
    let mut at = 0;
    loop {
        let word = words.get(at)?.to_str()?;
        if !word.starts_with('-') {
            return Some((&words[..at], word, &words[at + 1..]));
        }
        at += if TAKE_ONE.contains(&word) { 2 } else { 1 };
    }
}

fn said(git: &Path, globals: &[OsString], words: &[&str]) -> Option<String> {
    let output =
        Command::new(git).args(globals).args(words).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    text.lines().next().map(str::to_owned)
}

/// Gives git the helper, and refuses where the repository's configuration leads elsewhere.
pub fn with_helper(environment: &mut Environment, git: &Path, words: &[OsString]) -> Result<(), String> {
    let globals = split(words).map_or(&[][..], |(globals, ..)| globals);
    if let Some(key) = diversion(git, globals) {
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
    let settings = [
        // Empty: those that came before are left out.
        ("credential.helper", ""),
        ("credential.helper", &helper),
        ("credential.useHttpPath", "true"),
        ("credential.interactive", "false"),
        ("core.askPass", ""),
        ("http.sslVerify", "true"),
        // Another host must not get what was asked for this one.
        ("http.followRedirects", "false"),
    ];
    environment.insert("GIT_CONFIG_COUNT".into(), settings.len().to_string().into());
    environment.insert("GIT_TERMINAL_PROMPT".into(), "0".into());
    for (i, (key, value)) in settings.iter().enumerate() {
        environment.insert(format!("GIT_CONFIG_KEY_{i}").into(), key.into());
        environment.insert(format!("GIT_CONFIG_VALUE_{i}").into(), value.into());
    }
    Ok(())
}

/// The first key of the repository's own configuration, or of the command's, that has a say in where a credential goes.
fn diversion(git: &Path, globals: &[OsString]) -> Option<String> {
    let keys = "^(http\\.|url\\.|credential\\.|core\\.(askpass|gitproxy|sshcommand)|remote\\..*\\.(proxy|proxyauthmethod|vcs))";
    let mut look = Command::new(git);
    look.args(globals).args(["config", "--show-scope", "--null", "--name-only", "--get-regexp", keys]);
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(|name| name.starts_with("GIT_CONFIG")))
    {
        look.env_remove(name);
    }
    let output = look.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut parts = text.split('\0');
    while let (Some(scope), Some(key)) = (parts.next(), parts.next()) {
        let key = key.to_lowercase();
        if matches!(scope, "local" | "worktree" | "command") && matters(&key) {
            return Some(key);
        }
    }
    None
}

/// Whether a key can lead a credential elsewhere. Sizes, versions and the like of HTTP cannot.
fn matters(key: &str) -> bool {
    const HARMLESS: [&str; 8] = [
        "postbuffer",
        "version",
        "lowspeedlimit",
        "lowspeedtime",
        "maxrequests",
        "minsessions",
        "sslversion",
        "useragent",
    ];
    let last = key.rsplit('.').next().unwrap_or(key);
    !(key.starts_with("http.") && HARMLESS.contains(&last))
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
                return if write.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            }
            (Answer::Refused { why } | Answer::Nothing { why: Some(why) }, _) => why,
            _ => "the broker lends nothing here".to_owned(),
        },
        None => "the session's broker does not answer".to_owned(),
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
        assert_eq!(diversion(&git, &at), None);
        for (key, value) in [
            ("http.sslVerify", "false"),
            ("http.https://example.org.proxy", "http://127.0.0.1:1"),
            ("url.https://evil.invalid/.insteadOf", "https://example.org/"),
            ("url.https://evil.invalid/.pushInsteadOf", "https://example.org/"),
            ("credential.helper", "store"),
            ("remote.origin.proxy", "http://127.0.0.1:1"),
        ] {
            run(&["config", key, value]);
            assert_eq!(diversion(&git, &at), Some(key.to_lowercase()), "{key}");
            run(&["config", "--unset-all", key]);
            let by_word = [&at[..], &[OsString::from("-c"), format!("{key}={value}").into()]].concat();
            assert_eq!(diversion(&git, &by_word), Some(key.to_lowercase()), "-c {key}");
        }
        let name = OsStr::new("git");
        let with = |rest: &[&str]| [&at[..], &rest.iter().map(OsString::from).collect::<Vec<_>>()].concat();
        assert_eq!(remote(name, &with(&["push", "origin"])), Some("https://example.org/a.git".to_owned()));
        assert_eq!(remote(name, &with(&["push"])), Some("https://example.org/a.git".to_owned()));
        assert_eq!(remote(name, &with(&["push", "https://h/b"])), Some("https://h/b".to_owned()));
        assert_eq!(remote(name, &with(&["status"])), None);
        assert_eq!(remote(OsStr::new("psql"), &with(&["push"])), None);
    }
}
