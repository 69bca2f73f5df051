//! gh: the token is in its environment, so what prints the environment or runs something else is refused.

use config::lend::binding::host_of;

use super::{Command, Objection, Options, Tool};
use crate::argv::Call;

const SOURCE: &str = "https://cli.github.com/manual/";
const FORMATTING: &str = "https://cli.github.com/manual/gh_help_formatting";

macro_rules! commands {
    ($($names:literal),*) => { &[$(Command { names: $names, options: Options::NONE }),*] };
}

pub(super) const GH: Tool = Tool {
    names: "gh",
    source: SOURCE,
    general: Options { valued: "-R --repo --hostname", plain: "--help --version", ..Options::NONE },
    commands: commands!(
        "api",
        "attestation at",
        "auth",
        "cache",
        "gist gists",
        "gpg-key",
        "issue",
        "label",
        "org",
        "pr",
        "project",
        "release",
        "repo",
        "ruleset rs",
        "run",
        "search",
        "secret",
        "ssh-key",
        "status",
        "variable",
        "workflow",
        "version"
    ),
    other_commands: Some(
        "is none of gh's commands that need the credential and run nothing else, as an extension, an alias or a browser would",
    ),
    rest_is_harmless: true,
    abbreviates: false,
    inspect,
};

fn inspect(call: &Call<'_>) -> Option<Objection> {
    // jq in gh knows `env` and `$ENV`. In which of its spellings the option stands does not matter then: no other one means it.
    let asks_jq = call.words.iter().any(|word| {
        word.bytes.starts_with(b"--jq")
            || word.bytes.starts_with(b"-") && !word.bytes.starts_with(b"--") && word.bytes.contains(&b'q')
    });
    // What follows the letter in its word is the expression.
    let attached = |word: &[u8]| {
        let is_short = word.starts_with(b"-") && !word.starts_with(b"--");
        is_short && word.iter().enumerate().any(|(at, b)| *b == b'q' && names_environment(&word[at + 1..]))
    };
    if asks_jq && call.words.iter().any(|word| names_environment(word.bytes) || attached(word.bytes)) {
        return Some(Objection::escapes(
            FORMATTING,
            "`gh … --jq` with `env` or `$ENV` prints the environment; leave it out",
        ));
    }
    // What is behind `--` are options of git.
    let behind = call.words.iter().skip_while(|word| word.bytes != b"--").skip(1);
    // `gh search` takes none: there `-label:bug` is a part of what is searched for.
    if behind.clone().any(|word| word.bytes.starts_with(b"-")) && call.operands().next() != Some(b"search") {
        let why = "`gh … -- OPTIONS` hands options on to git; leave them out";
        return Some(Objection::escapes(SOURCE, why));
    }
    let long = |word: &[u8]| word.starts_with(b"--editor") || word.starts_with(b"--web");
    // With one dash `-w` and `-e` are those, but for `run list` (a workflow) and the commands that know environments.
    let command = call.operands().next().unwrap_or_default();
    let lists_runs = command == b"run" && call.operands().nth(1).is_some_and(|word| word == b"list" || word == b"ls");
    let short = |word: &[u8]| {
        let is_cluster = word.len() <= 4 && word[0] == b'-' && word[1..].iter().all(u8::is_ascii_lowercase);
        let has = |letter| word[1..].contains(&letter);
        is_cluster
            && (has(b'w') && !lists_runs
                || has(b'e') && ![&b"secret"[..], b"variable", b"run", b"workflow", b"api"].contains(&command))
    };
    if call.words.iter().any(|word| long(word.bytes) || word.bytes.len() > 1 && short(word.bytes)) {
        let why = "`gh … --editor` and `--web` run an editor or a browser with the credential; leave them out";
        return Some(Objection::escapes(SOURCE, why));
    }
    None
}

/// Whether `env` or `ENV` stands there as a word of jq.
fn names_environment(text: &[u8]) -> bool {
    let is_letter = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    text.windows(3).enumerate().any(|(at, word)| {
        (word == b"env" || word == b"ENV")
            && !is_letter(at.checked_sub(1).and_then(|at| text.get(at)))
            && !is_letter(text.get(at + 3))
    })
}

/// The hosts that a command line of gh names; `None` for what is no host that it can be.
pub(crate) fn hosts(call: &Call<'_>) -> Vec<Option<String>> {
    let named = call.values(None, "--hostname").into_iter().map(|host| host_of(std::str::from_utf8(host).ok()?));
    let repositories = call.values(Some(b'R'), "--repo").into_iter().filter_map(|word| repository(word, true));
    let command = call.operands().next();
    // `repos/acme/site` is a path of the API; everywhere else an operand may be HOST/OWNER/NAME, and of `repo` it is.
    let operands = call.operands().skip(1).filter_map(|word| match command {
        Some(b"api") => address(std::str::from_utf8(word).ok()?),
        command => repository(word, command == Some(b"repo")),
    });
    named.chain(repositories).chain(operands).collect()
}

/// The host of what may be a repository, if it names one: an address, `git@HOST:…`, or HOST/OWNER/NAME.
fn repository(word: &[u8], is_one: bool) -> Option<Option<String>> {
    let Ok(word) = std::str::from_utf8(word) else { return is_one.then_some(None) };
    if let Some(host) = address(word) {
        return Some(host);
    }
    if let Some(rest) = word.strip_prefix("git@") {
        return Some(rest.split([':', '/']).next().and_then(host_of));
    }
    let first = word.split('/').next().unwrap_or_default();
    let may_be_host = is_one || first.trim_matches('.').contains('.');
    (word.matches('/').count() >= 2 && may_be_host).then(|| host_of(first))
}

/// The host of an address with a scheme, if it is one.
fn address(word: &str) -> Option<Option<String>> {
    let (_, rest) = word.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    Some(host_of(authority.rsplit('@').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_found_as_a_word_of_jq() {
        for text in ["env", "$ENV.GH_TOKEN", ".[]|env.A", "\"\\(env)\"", "[$ENV]"] {
            assert!(names_environment(text.as_bytes()), "{text}");
        }
        for text in [".environment", ".events", "myenv", ".name", "env_name", ""] {
            assert!(!names_environment(text.as_bytes()), "{text}");
        }
    }
}
