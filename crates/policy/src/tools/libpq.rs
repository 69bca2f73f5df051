//! psql and its family: which server they talk to, and what psql runs on this machine.

use config::lend::binding::Database;

use super::{Objection, Options, Tool, flag, nothing_more};
use crate::argv::{Call, Role};

const PSQL: &str = "https://www.postgresql.org/docs/current/app-psql.html";
const CONNECTION: &str = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS";

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

/// Keywords of a connection that the policy can hold against what a credential is bound to, or that change nothing of it.
const KEYWORDS: &[&str] = &[
    "host",
    "port",
    "dbname",
    "user",
    "sslmode",
    "connect_timeout",
    "application_name",
    "client_encoding",
    "fallback_application_name",
    "target_session_attrs",
    "keepalives",
    "sslrootcert",
    "channel_binding",
    "require_auth",
];

/// Why a command line does not talk to the database that a credential is bound to, as far as it says so.
///
/// What it does not say libpq takes from elsewhere, and compares with the password file by itself.
pub(crate) fn talks_elsewhere(call: &Call<'_>, bound: &Database) -> Option<Objection> {
    let text = |bytes: &&[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let wanted = |keyword: &str, value: &str| match keyword {
        "host" => value.eq_ignore_ascii_case(&bound.host),
        "port" => value.parse() == Ok(bound.port),
        "dbname" => value == bound.database,
        "user" => value == bound.user,
        _ => true,
    };
    let elsewhere = |keyword: &str| {
        Some(Objection::escapes(
            CONNECTION,
            format!("the {keyword} is another than that of {bound}, to which the credential is bound"),
        ))
    };
    for (short, long, keyword) in [(b'h', "--host", "host"), (b'p', "--port", "port"), (b'U', "--username", "user")] {
        if call.values(Some(short), long).iter().any(|value| !text(value).is_some_and(|value| wanted(keyword, &value)))
        {
            return elsewhere(keyword);
        }
    }
    let is_psql = call.name == "psql";
    let operands: Vec<&[u8]> = call.operands().collect();
    let mut databases = call.values(Some(b'd'), "--dbname");
    databases.extend(operands.first().filter(|_| is_psql));
    for database in &databases {
        let Some(database) = text(database) else { return elsewhere("database") };
        let Some(settings) = connection(&database) else {
            if !wanted("dbname", &database) {
                return elsewhere("database");
            }
            continue;
        };
        for (keyword, value) in settings {
            if !KEYWORDS.contains(&keyword.as_str()) {
                let why = "a connection string with other keywords than host, port, dbname, user, sslmode and the like may lead to \
                           another server; leave them out";
                return Some(Objection::escapes(CONNECTION, why));
            }
            if !wanted(&keyword, &value) {
                return elsewhere(KEYWORDS.iter().find(|known| **known == keyword).unwrap_or(&"connection"));
            }
        }
    }
    let user = operands.get(1).filter(|_| is_psql)?;
    if text(user).is_some_and(|user| wanted("user", &user)) { None } else { elsewhere("user") }
}

/// The settings of a connection string or address; `None` if it is a database's name.
fn connection(text: &str) -> Option<Vec<(String, String)>> {
    if let Some(rest) = text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://")) {
        return Some(address(rest));
    }
    if !text.contains('=') {
        return None;
    }
    // With quotes or blanks around `=` the keyword does not come out as one that is known, and that is refused.
    let pairs = text.split_whitespace().map(|part| part.split_once('=').unwrap_or((part, "")));
    Some(pairs.map(|(keyword, value)| (keyword.to_owned(), value.to_owned())).collect())
}

fn address(rest: &str) -> Vec<(String, String)> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, server) = authority.rsplit_once('@').map_or((None, authority), |(user, server)| (Some(user), server));
    let mut settings = Vec::new();
    let mut set = |keyword: &str, value: &str| settings.push((keyword.to_owned(), value.to_owned()));
    let bracketed = server.strip_prefix('[').and_then(|server| server.split_once(']'));
    let (host, port) = match bracketed {
        Some((host, port)) => (host, port.strip_prefix(':').unwrap_or(port)),
        None => server.split_once(':').unwrap_or((server, "")),
    };
    for (keyword, value) in [("host", host), ("port", port), ("dbname", database)] {
        if !value.is_empty() {
            set(keyword, value);
        }
    }
    if let Some(user) = user {
        set("user", user.split(':').next().unwrap_or_default());
    }
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (keyword, value) = part.split_once('=').unwrap_or((part, ""));
        set(keyword, value);
    }
    settings
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
