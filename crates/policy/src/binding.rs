//! Whether a command talks to what a credential is bound to, as far as its words say.
//!
//! It is not the only guard: git's credential helper and libpq's password file compare by themselves. But what is known
//! to go elsewhere is refused before anything is lent, with a reason.

use std::path::Path;

use config::lend::binding::{Database, Repository};
use config::lend::terms::Binding;

use crate::argv::{Call, Role};
use crate::tools::{Objection, gh_hosts, pg_elsewhere};

/// The host of gh's tokens where nobody names one.
const GITHUB: &str = "github.com";

/// The commands of git that go where their first word says.
const GOES: [&[u8]; 5] = [b"push", b"fetch", b"pull", b"ls-remote", b"clone"];

/// Why the command talks to something else; `None` if nothing says so.
pub(crate) fn other(bound: &Binding, call: &Call<'_>, remote: Option<&str>) -> Option<String> {
    match (bound, call.name.as_str()) {
        (Binding::Repository(repository), "git") => other_repository(repository, call, remote),
        (Binding::Database(database), _) => other_database(database, call),
        (Binding::Host(host), "gh") => other_host(host, call),
        (Binding::Nothing, "gh") => other_host(GITHUB, call),
        (Binding::Repository(_) | Binding::Host(_) | Binding::Nothing, _) => None,
    }
}

fn other_repository(bound: &Repository, call: &Call<'_>, remote: Option<&str>) -> Option<String> {
    let differs = |address: &str| Repository::of_address(address).is_none_or(|repository| repository != *bound);
    if remote.is_some_and(differs) {
        return Some(format!("it is bound to https://{bound}, and the remote is something else"));
    }
    // Behind the command the first word says where to: here, if it is a path.
    let is_path = |word: &[u8]| [&b"/"[..], b".", b"~"].iter().any(|start| word.starts_with(start));
    let goes = call.operands().next().is_some_and(|command| GOES.contains(&command));
    if goes && call.operands().nth(1).is_some_and(is_path) {
        return Some(format!("it is bound to https://{bound}, and the command names a folder of this machine"));
    }
    // The command is the first operand; where addresses may stand, every one of them counts.
    let operands = call.operands().skip(1).chain(call.values(None, "--repo"));
    let addresses = operands.filter_map(|word| std::str::from_utf8(word).ok()).filter(|word| word.contains("://"));
    addresses
        .into_iter()
        .any(differs)
        .then(|| format!("it is bound to https://{bound}, and the address in the command is another"))
}

fn other_database(bound: &Database, call: &Call<'_>) -> Option<String> {
    pg_elsewhere(call, bound).map(|objection| objection.why)
}

fn other_host(bound: &str, call: &Call<'_>) -> Option<String> {
    let is_bound =
        |host: &Option<String>| host.as_deref().is_some_and(|host| host == bound || host == format!("api.{bound}"));
    let elsewhere = gh_hosts(call).iter().any(|host| !is_bound(host));
    elsewhere.then(|| format!("it is for {bound}, and the command names another host; say another with `for`"))
}

const PROC: &str = "https://man7.org/linux/man-pages/man5/proc_pid_environ.5.html";

/// Whether the command reads the environment or the open files of a process as a file: its own have the credential.
pub(crate) fn names_process(call: &Call<'_>, folder: &Path) -> Option<Objection> {
    let found = |word: &[u8]| {
        let has = |part: &[u8]| word.windows(part.len()).any(|window| window == part);
        has(b"/proc/")
            || has(b"/dev/fd")
            || word.starts_with(b"proc/")
            || [&b"=proc/"[..], b"@proc/", b":proc/"].iter().any(|part| has(part))
    };
    let is_there = folder.starts_with("/proc") || folder.starts_with("/dev");
    let named = call.words.iter().any(|word| word.role != Role::End && found(word.bytes));
    let why = "the command names files of processes (/proc, /dev/fd), in which the credential may stand";
    (is_there || named).then(|| Objection::escapes(PROC, why.to_owned()))
}

/// What is said against a command that names such a file by a link.
pub(crate) fn links_to_process() -> Objection {
    let why = "a file that the command names is a link to files of processes (/proc, /dev/fd), in which the credential may stand";
    Objection::escapes(PROC, why.to_owned())
}
