//! Whether the part of git that speaks https runs as git was started: in the same environment, to an address for which the
//! stand-in has set what decides about the connection.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use wire::Process;

type Variables = BTreeMap<Vec<u8>, Vec<u8>>;

/// Variables that git, or a shell between, sets for the parts of git: which repository it is, and how it looks. No configuration,
/// no certificates, no proxies, no code.
const OF_GITS_OWN: [&str; 31] = [
    "COLUMNS",
    "GIT_ADVICE",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_MERGE_AUTOEDIT",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_NO_LAZY_FETCH",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_OPTIONAL_LOCKS",
    "GIT_PAGER_IN_USE",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REFLOG_ACTION",
    "GIT_SHALLOW_FILE",
    "GIT_TRACE2_PARENT_NAME",
    "GIT_TRACE2_PARENT_SID",
    "GIT_WORK_TREE",
    "LESS",
    "LV",
    "OLDPWD",
    "PWD",
    "SHLVL",
    "_",
];
/// What git sets by words for a git that it starts itself: of several remotes, and for an object that a partial clone lacks.
const PARAMETERS: &str = "GIT_CONFIG_PARAMETERS";
const OF_GITS_OWN_PARAMETERS: [&str; 3] =
    ["'fetch.bundleURI'=''", "'fetch.negotiationAlgorithm'='noop'", "'fetch.negotiationAlgorithm=noop'"];

/// Whether the process runs as the holder of the lease was started, a git whose own programs lie in that folder. Why not, if it does not.
pub fn started_as(speaker: Process, holder: Process, programs: &Path) -> Result<(), String> {
    let unread = || "the part of git that speaks https cannot be looked at".to_owned();
    let (has, given) = (variables(speaker).ok_or_else(unread)?, variables(holder).ok_or_else(unread)?);
    let words = file(speaker, "cmdline").ok_or_else(unread)?;
    if !speaker.is_alive() || !holder.is_alive() {
        return Err(unread());
    }
    if let Some(name) = difference(&has, &given, programs.as_os_str().as_bytes()) {
        return Err(format!(
            "the part of git that speaks https has not the {} that git was started with: a hook, an alias or a script has started a \
             git of its own, with other settings; look at the repository's hooks (`git config core.hooksPath`, .git/hooks)",
            plain(&name)
        ));
    }
    // git-remote-https NAME ADDRESS
    let words: Vec<&[u8]> = words.strip_suffix(b"\0").unwrap_or(&words).split(|b| *b == 0).collect();
    let [.., name, address] = words.as_slice() else { return Err(unread()) };
    let keys: BTreeSet<&[u8]> =
        given.iter().filter(|(name, _)| name.starts_with(b"GIT_CONFIG_KEY_")).map(|(_, key)| key.as_slice()).collect();
    let is_set = |section: &[u8], of: &[u8]| keys.contains([section, of, b".proxy"].concat().as_slice());
    if is_set(b"http.", address) && is_set(b"remote.", name) {
        return Ok(());
    }
    Err("git goes to this place by another remote, or another address of it, than it told when it was started; name the remote that the \
         credential is for, whose address is that of the policy, in the command"
        .to_owned())
}

/// The first variable that the one has otherwise than the other, and that is not git's own to set.
fn difference(has: &Variables, given: &Variables, programs: &[u8]) -> Option<Vec<u8>> {
    let is_gits = |name: &[u8]| {
        let value = has.get(name).map(Vec::as_slice);
        match name {
            // The programs that it starts are git's own only if they are found there first.
            b"PATH" => value.map(|path| without(programs, path)) == given.get(name).map(|path| without(programs, path)),
            b"GIT_EXEC_PATH" => value == Some(programs),
            _ if name == PARAMETERS.as_bytes() => {
                OF_GITS_OWN_PARAMETERS.iter().any(|known| Some(known.as_bytes()) == value)
            }
            _ => OF_GITS_OWN.iter().any(|known| known.as_bytes() == name),
        }
    };
    let mut names = given.keys().chain(has.keys());
    names.find(|name| given.get(*name) != has.get(*name) && !is_gits(name)).cloned()
}

/// A search path without the folder that each git puts in front of it for those that it starts.
fn without<'p>(programs: &[u8], mut path: &'p [u8]) -> &'p [u8] {
    while let Some(rest) = path.strip_prefix(programs).and_then(|rest| rest.strip_prefix(b":")) {
        path = rest;
    }
    path
}

fn variables(process: Process) -> Option<Variables> {
    let text = file(process, "environ")?;
    let variables = text.split(|b| *b == 0).filter(|variable| !variable.is_empty()).map(|variable| {
        let end = variable.iter().position(|b| *b == b'=').unwrap_or(variable.len());
        (variable[..end].to_vec(), variable[end..].to_vec())
    });
    Some(variables.map(|(name, value)| (name, value.get(1..).unwrap_or_default().to_vec())).collect())
}

fn file(process: Process, name: &str) -> Option<Vec<u8>> {
    std::fs::read(Path::new("/proc").join(process.pid.to_string()).join(name)).ok()
}

/// A variable's name, fit for a line on a terminal.
fn plain(name: &[u8]) -> String {
    let letter = |b: &u8| if b.is_ascii_graphic() { char::from(*b) } else { '?' };
    name.iter().take(64).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
    }

    #[test]
    fn what_git_sets_for_its_parts_is_no_difference_and_all_else_is() {
        let given = [("PATH", "/bin"), ("HOME", "/h"), ("GIT_CONFIG_COUNT", "1"), ("HTTPS_PROXY", "http://own")];
        let other = |name: &str, value: Option<&str>| {
            let mut has = variables(&given);
            match value {
                Some(value) => has.insert(name.into(), value.into()),
                None => has.remove(name.as_bytes()),
            };
            difference(&has, &variables(&given), b"/git-core").map(|name| plain(&name))
        };
        for (name, value) in [
            ("PATH", "/git-core:/bin"),
            ("PATH", "/git-core:/git-core:/bin"),
            ("GIT_EXEC_PATH", "/git-core"),
            ("GIT_DIR", ".git"),
            ("GIT_PREFIX", ""),
            ("GIT_CONFIG_PARAMETERS", "'fetch.bundleURI'=''"),
            ("GIT_CONFIG_COUNT", "1"),
        ] {
            assert_eq!(other(name, Some(value)), None, "{name}");
        }
        for (name, value) in [
            ("PATH", Some("/x:/git-core:/bin")),
            ("PATH", Some("/git-core:/x:/bin")),
            ("PATH", None),
            ("GIT_EXEC_PATH", Some("/x")),
            ("GIT_CONFIG_COUNT", Some("2")),
            ("GIT_CONFIG_COUNT", None),
            ("GIT_CONFIG_KEY_1", Some("http.proxy")),
            ("GIT_CONFIG_GLOBAL", Some("/x")),
            ("GIT_CONFIG_PARAMETERS", Some("'http.proxy'='http://x'")),
            ("GIT_CONFIG_PARAMETERS", Some("'fetch.bundleURI'='' 'http.proxy'='http://x'")),
            ("GIT_SSL_NO_VERIFY", Some("")),
            ("GIT_COMMON_DIR", Some("/x")),
            ("HTTPS_PROXY", Some("http://x")),
            ("HTTPS_PROXY", None),
            ("https_proxy", Some("http://x")),
            ("HOME", Some("/x")),
            ("LD_PRELOAD", Some("/x.so")),
            ("HOSTALIASES", Some("/x")),
        ] {
            assert_eq!(other(name, value).as_deref(), Some(name));
        }
    }
}
