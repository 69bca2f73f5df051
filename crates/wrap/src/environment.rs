//! What is taken out of the environment of a tool that has a credential.
//!
//! A command sets variables for the tool that it starts. Some make the tool load other code, read another configuration, write
//! down what it sends, or start a program of the command's choice: any of them would hand the credential on.

use std::process::Command;

use wire::Lent;

/// Variables that load code into any program (ld.so(8), dyld(1)), by their beginnings.
const LOADER: [&str; 2] = ["LD_", "DYLD_"];
/// Those of interpreters: a tool may be a script.
const INTERPRETERS: [&str; 9] =
    ["BASH_ENV", "ENV", "NODE_OPTIONS", "PERL5LIB", "PERL5OPT", "PYTHONPATH", "PYTHONSTARTUP", "RUBYLIB", "RUBYOPT"];
/// Those that name programs which a tool starts.
const PROGRAMS: [&str; 8] =
    ["BROWSER", "EDITOR", "GH_BROWSER", "GH_EDITOR", "GH_PAGER", "PAGER", "PSQL_EDITOR", "PSQL_PAGER"];
/// Those that make a tool write down its requests (gh help environment; libcurl's key log).
const TRACES: [&str; 3] = ["DEBUG", "GH_DEBUG", "SSLKEYLOGFILE"];
/// Those of git (git(1), "Environment Variables") that say which repository it works in and what a commit holds. Every other one
/// goes: configuration, programs, traces.
const GIT_KEPT: [&str; 13] = [
    "GIT_AUTHOR_DATE",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_DATE",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OPTIONAL_LOCKS",
    "GIT_QUARANTINE_PATH",
    "GIT_PROGRESS_DELAY",
    "GIT_FLUSH",
];
/// Those of libpq that could send the password elsewhere or in the clear (libpq, "Environment Variables"): the password file's
/// line is bound to host, port, database and user, but the name of a host can be led to another address.
const LIBPQ: [&str; 6] = ["PGHOSTADDR", "PGPASSWORD", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGREQUIREAUTH"];

/// Takes all of that out, and sets what leads to the client's own configuration.
pub fn clean(tool: &mut Command, lent: &Lent) {
    for (name, _) in std::env::vars_os() {
        let gone = name.to_str().is_none_or(is_gone);
        if gone {
            tool.env_remove(&name);
        }
    }
    // What shows page by page would start a pager of the configuration's.
    tool.env("PAGER", "cat").env("GH_PAGER", "cat").env("GIT_PAGER", "cat").env("PSQL_PAGER", "cat");
    for (name, value) in &lent.environment {
        match value {
            Some(value) => tool.env(name, value),
            None => tool.env_remove(name),
        };
    }
}

fn is_gone(name: &str) -> bool {
    let listed = |names: &[&str]| names.contains(&name);
    LOADER.iter().any(|loader| name.starts_with(loader))
        || listed(&INTERPRETERS)
        || listed(&PROGRAMS)
        || listed(&TRACES)
        || listed(&LIBPQ)
        || name == "SSH_ASKPASS"
        || (name.starts_with("GIT_") && !listed(&GIT_KEPT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_a_tool_elsewhere_goes_and_the_rest_stays() {
        for name in [
            "LD_PRELOAD",
            "LD_AUDIT",
            "GIT_EXEC_PATH",
            "GIT_CONFIG_COUNT",
            "GIT_TRACE_CURL",
            "GIT_SSL_NO_VERIFY",
            "PAGER",
            "PGHOSTADDR",
        ] {
            assert!(is_gone(name), "{name}");
        }
        for name in ["PATH", "HOME", "LANG", "GIT_AUTHOR_NAME", "GIT_DIR", "PGHOST", "PGUSER", "HTTPS_PROXY", "TERM"] {
            assert!(!is_gone(name), "{name}");
        }
    }
}
