//! psql and its family: which server they talk to, and what psql runs on this machine.

use super::{Objection, Options, Tool, flag, nothing_more};
use crate::argv::{Call, Role};

const PSQL: &str = "https://www.postgresql.org/docs/current/app-psql.html";

pub(super) const PROGRAMS: &[Tool] = &[
    Tool {
        names: "psql",
        source: PSQL,
        general: Options {
            plain: "-a --echo-all -A --no-align -b --echo-errors --csv -e --echo-queries -E --echo-hidden -H --html -l --list -n \
                    --no-readline -q --quiet -s --single-step -S --single-line -t --tuples-only -V --version -w --no-password \
                    -x --expanded -X --no-psqlrc -z --field-separator-zero -0 --record-separator-zero -1 --single-transaction \
                    -? --help",
            valued: "-c --command -d --dbname -F --field-separator -h --host -o --output -p --port -P --pset -R \
                     --record-separator -T --table-attr -U --username -v --set --variable",
            named: "-f --file -L --log-file",
            refused: &[flag(
                "-W --password",
                "asks for a password instead of taking the one that is lent; leave it out",
            )],
        },
        commands: &[],
        other_commands: None,
        rest_is_harmless: false,
        abbreviates: true,
        inspect: psql,
    },
    Tool {
        names: "pg_dump pg_dumpall pg_restore pg_isready createdb dropdb vacuumdb reindexdb pgbench pg_basebackup",
        source: "https://www.postgresql.org/docs/current/reference-client.html",
        general: Options {
            plain: "-a --data-only -s --schema-only -c --clean -C --create -O --no-owner -v --verbose -w --no-password -x \
                    --no-privileges --if-exists --inserts",
            valued: "-d --dbname -h --host -p --port -U --username -t --table -n --schema",
            named: "-f --file -F --format -j --jobs",
            refused: &[flag(
                "-W --password",
                "asks for a password instead of taking the one that is lent; leave it out",
            )],
        },
        commands: &[],
        other_commands: None,
        rest_is_harmless: false,
        abbreviates: true,
        inspect: nothing_more,
    },
];

fn psql(call: &Call<'_>) -> Option<Objection> {
    let objection = |why: &str| Some(Objection::escapes(PSQL, why));
    let commands = call.values(Some(b'c'), "--command");
    let files = call.values(Some(b'f'), "--file");
    if commands.iter().any(|command| runs_something(command)) {
        return objection(
            "`psql -c` with a backslash command that runs a program or reads and writes files; write SQL, or \\d and the like",
        );
    }
    if call.values(Some(b'o'), "--output").iter().any(|to| to.trim_ascii_start().starts_with(b"|")) {
        return objection("`psql -o '|…'` runs a program; write the output to a file, or leave it out");
    }
    let prompt = |setting: &&[u8]| setting.to_ascii_uppercase().starts_with(b"PROMPT");
    if [(b'v', "--set"), (b'v', "--variable")].iter().any(|(s, l)| call.values(Some(*s), l).iter().any(prompt)) {
        return objection("`psql -v PROMPT…` runs a program for its prompt; leave it out");
    }
    if files.contains(&b"-".as_slice()) {
        return objection(UNSEEN);
    }
    let ends = |word: &crate::argv::Word<'_>| {
        matches!(word.role, Role::Harmless)
            && (matches!(word.bytes, b"--list" | b"--version" | b"--help") || short_has(word.bytes, b"lV?"))
    };
    if commands.is_empty() && files.is_empty() && !call.words.iter().any(ends) {
        return Some(Objection { is_incomplete: true, ..Objection::escapes(PSQL, UNSEEN) });
    }
    None
}

const UNSEEN: &str =
    "psql would read commands from its input, where the policy cannot see a `\\!` in them; give them with `-c`";

fn short_has(word: &[u8], letters: &[u8]) -> bool {
    !word.starts_with(b"--") && word[1..].iter().any(|letter| letters.contains(letter))
}

/// Whether a command of `-c` is a backslash command other than those that describe. SQL cannot hold one: psql takes the
/// whole for SQL then.
fn runs_something(command: &[u8]) -> bool {
    let Some(rest) = command.trim_ascii_start().strip_prefix(b"\\") else { return false };
    let name = rest.split(|b| !b.is_ascii_alphanumeric() && !b"+?".contains(b)).next().unwrap_or_default();
    let describes = name.starts_with(b"d")
        || [&b"l"[..], b"l+", b"z", b"conninfo", b"x", b"timing", b"encoding", b"?", b"h"].contains(&name);
    // In a backslash command backquotes are the shell's, and a second backslash begins the next command.
    !describes || rest.contains(&b'`') || rest.contains(&b'|') || rest.contains(&b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_psql_runs_here_is_told_from_what_it_asks() {
        for command in [
            "\\! env",
            " \\! env",
            "\\copy t to program 'x'",
            "\\o |cat",
            "\\i x",
            "\\d `env`",
            "\\dt \\! env",
            "\\getenv a B",
        ] {
            assert!(runs_something(command.as_bytes()), "{command}");
        }
        for command in ["select 1", "\\dt", "\\d+ orders", "\\l", "select '\\! env'", "COPY t TO STDOUT", ""] {
            assert!(!runs_something(command.as_bytes()), "{command}");
        }
    }
}
