//! psql and its family: their options, and what psql and pgbench run on this machine.

use super::{Objection, Options, Tool, flag, nothing_more};
use crate::argv::{Call, Role};

const PGBENCH: &str = "https://www.postgresql.org/docs/current/pgbench.html";
const PSQL: &str = "https://www.postgresql.org/docs/current/app-psql.html";

/// One of the family. Each has its own letters, so each has its own lists: an option that takes the next word in one program
/// and not in the other would hide a connection behind it.
macro_rules! program {
    ($names:literal, $plain:literal, $valued:literal, $named:literal) => {
        Tool {
            names: $names,
            source: "https://www.postgresql.org/docs/current/reference-client.html",
            general: Options {
                plain: concat!("-v --verbose -w --no-password -V --version -? --help ", $plain),
                valued: concat!("-d --dbname -h --host -p --port -U --username ", $valued),
                named: $named,
                refused: &[flag("-W --password", ASKS)],
            },
            commands: &[],
            other_commands: None,
            rest_is_harmless: false,
            abbreviates: true,
            inspect: nothing_more,
        }
    };
}

const ASKS: &str = "asks for a password instead of taking the one that is lent; leave it out";

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
            refused: &[flag("-W --password", ASKS)],
        },
        commands: &[],
        other_commands: None,
        rest_is_harmless: false,
        abbreviates: true,
        inspect: psql,
    },
    program!(
        "pg_dump",
        "-a --data-only -b --blobs --large-objects -B --no-blobs -c --clean -C --create -O --no-owner -s --schema-only -x \
         --no-privileges --if-exists --inserts --column-inserts --strict-names --quote-all-identifiers --enable-row-security",
        "-e --extension -E --encoding -n --schema -N --exclude-schema -S --superuser -t --table -T --exclude-table -Z \
         --compress --section --exclude-table-data --lock-wait-timeout --rows-per-insert --extra-float-digits",
        "-f --file -F --format -j --jobs --role --snapshot --filter --restrict-key --include-foreign-data"
    ),
    program!(
        "pg_dumpall",
        "-a --data-only -c --clean -g --globals-only -O --no-owner -r --roles-only -s --schema-only -t --tablespaces-only -x \
         --no-privileges --if-exists --inserts --column-inserts --quote-all-identifiers",
        "-E --encoding -l --database -S --superuser --exclude-database --lock-wait-timeout",
        "-f --file -F --format --role --filter --restrict-key"
    ),
    program!(
        "pg_restore",
        "-a --data-only -c --clean -C --create -e --exit-on-error -l --list -O --no-owner -s --schema-only -x \
         --no-privileges -1 --single-transaction --if-exists --strict-names",
        "-I --index -n --schema -N --exclude-schema -P --function -S --superuser -t --table -T --trigger --section",
        "-f --file -F --format -j --jobs -L --use-list --role --filter --restrict-key"
    ),
    program!("pg_isready", "-q --quiet", "-t --timeout", ""),
    program!(
        "createdb",
        "-e --echo",
        "-D --tablespace -E --encoding -l --locale -O --owner -S --strategy -T --template --maintenance-db",
        ""
    ),
    program!("dropdb", "-e --echo -f --force -i --interactive --if-exists", "--maintenance-db", ""),
    program!(
        "vacuumdb",
        "-a --all -e --echo -f --full -F --freeze -q --quiet -z --analyze -Z --analyze-only --analyze-in-stages --skip-locked",
        "-n --schema -N --exclude-schema -P --parallel -t --table --maintenance-db --min-mxid-age --min-xid-age",
        "-j --jobs --buffer-usage-limit"
    ),
    program!(
        "reindexdb",
        "-a --all -e --echo -q --quiet -s --system --concurrently",
        "-i --index -S --schema -t --table --maintenance-db --tablespace",
        "-j --jobs"
    ),
    program!("clusterdb", "-a --all -e --echo -q --quiet", "-t --table --maintenance-db", ""),
    Tool {
        inspect: pgbench,
        ..program!(
            "pgbench",
            "-C --connect -i --initialize -l --log -n --no-vacuum -N --skip-some-updates -q --quiet -r --report-per-command \
             -S --select-only --vacuum-all --foreign-keys --unlogged-tables --debug",
            "-b --builtin -c --client -D --define -F --fillfactor -I --init-steps -L --latency-limit -M --protocol -P \
             --progress -R --rate -s --scale -t --transactions -T --time --partitions --partition-method --tablespace \
             --index-tablespace --random-seed --sampling-rate --max-tries --aggregate-interval --show-script",
            "-f --file -j --jobs --log-prefix"
        )
    },
    program!(
        "pg_basebackup",
        "-C --create-slot -n --no-clean -N --no-sync -P --progress -R --write-recovery-conf -z --gzip",
        "-c --checkpoint -l --label -r --max-rate -s --status-interval -S --slot -X --wal-method -Z --compress",
        "-D --pgdata -F --format -i --incremental -t --target -T --tablespace-mapping --waldir"
    ),
    program!(
        "pg_receivewal",
        "-n --no-loop --no-sync --synchronous --create-slot --drop-slot --if-not-exists",
        "-E --endpos -s --status-interval -S --slot -Z --compress",
        "-D --directory"
    ),
    program!(
        "pg_recvlogical",
        "-n --no-loop -t --two-phase --start --create-slot --drop-slot --if-not-exists",
        "-E --endpos -F --fsync-interval -I --startpos -o --option -P --plugin -s --status-interval -S --slot",
        "-f --file"
    ),
    program!(
        "pg_rewind",
        "-n --dry-run -N --no-sync -P --progress",
        "",
        "-D --target-pgdata --source-pgdata --source-server"
    ),
    program!(
        "pg_amcheck",
        "-a --all -e --echo -P --progress --heapallindexed --parent-check --rootdescend",
        "-i --index -I --exclude-index -r --relation -R --exclude-relation -s --schema -S --exclude-schema -t --table -T \
         --exclude-table -D --exclude-database --maintenance-db --skip --startblock --endblock",
        "-j --jobs --install-missing"
    ),
    program!("vacuumlo", "-n --dry-run", "-l --limit", ""),
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

/// Scripts of pgbench may run programs (`\\shell`), as those of psql.
fn pgbench(call: &Call<'_>) -> Option<Objection> {
    let is_input = |file: &&[u8]| **file == *b"-" || file.starts_with(b"-@");
    let why = "pgbench would read a script from its input, where the policy cannot see a `\\shell` in it; name a file";
    call.values(Some(b'f'), "--file").iter().any(is_input).then(|| Objection::escapes(PGBENCH, why))
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
