//! Which server a program of libpq talks to, as far as its words say.

use config::lend::binding::Database;

use super::{Objection, among};
use crate::argv::{Call, without_version};

const CONNECTION: &str = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS";

/// Programs whose operands are databases that they connect to: a name, a connection string or an address. The first alone
/// for most; psql takes a user behind it. Those of `createdb` and `dropdb` are names, that of `pg_restore` is a file.
const OPERANDS_CONNECT: &str = "psql pg_dump vacuumdb reindexdb clusterdb pgbench vacuumlo pg_amcheck";

/// Options whose value is a database to connect to, in whatever of these programs has them.
const OPTIONS_CONNECT: &[(Option<u8>, &str)] =
    &[(Some(b'd'), "--dbname"), (None, "--maintenance-db"), (None, "--source-server")];

/// Keywords of a connection that the policy can hold against what a credential is bound to, or that change nothing of it.
const KEYWORDS: &[&str] = &[
    "host",
    "port",
    "dbname",
    "user",
    "connect_timeout",
    "application_name",
    "client_encoding",
    "fallback_application_name",
    "target_session_attrs",
    "keepalives",
];

/// What a connection may say of how the server is proved: the strictest there is. Anything else may be weaker than what the
/// client's environment asks for, which it would override, and then a forged server gets the password, in clear if it likes.
const STRICTEST: &[(&str, &str)] =
    &[("sslmode", "verify-full"), ("channel_binding", "require"), ("require_auth", "scram-sha-256")];

/// Why a command line does not talk to the database that a credential is bound to, as far as it says so.
///
/// What it does not say libpq takes from elsewhere, and compares with the password file by itself. It compares names: the
/// address behind a host's name, and whether the server is the right one, are for this to see.
pub(crate) fn talks_elsewhere(call: &Call<'_>, bound: &Database) -> Option<Objection> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let is_bound = |keyword: &str, value: &[u8]| text(value).is_some_and(|value| wanted(bound, keyword, &value));
    for (short, long, keyword) in [(b'h', "--host", "host"), (b'p', "--port", "port"), (b'U', "--username", "user")] {
        if call.values(Some(short), long).iter().any(|value| !is_bound(keyword, value)) {
            return Some(elsewhere(bound, keyword));
        }
    }
    let mut databases: Vec<&[u8]> =
        OPTIONS_CONNECT.iter().flat_map(|(short, long)| call.values(*short, long)).collect();
    if call.name == "pg_dumpall" {
        databases.extend(call.values(Some(b'l'), "--database"));
    }
    let mut user = None;
    if among(OPERANDS_CONNECT, without_version(&call.name)) {
        let mut operands = call.operands();
        databases.extend(operands.next());
        match call.name.as_str() {
            "psql" => user = operands.next(),
            _ => databases.extend(operands),
        }
    }
    for database in databases {
        let Some(database) = text(database) else { return Some(elsewhere(bound, "database")) };
        let objection = match connection(&database) {
            Some(settings) => settings.iter().find_map(|(keyword, value)| setting(bound, keyword, value)),
            None => (!wanted(bound, "dbname", &database)).then(|| elsewhere(bound, "database")),
        };
        if objection.is_some() {
            return objection;
        }
    }
    user.filter(|user| !is_bound("user", user)).map(|_| elsewhere(bound, "user"))
}

/// What is wrong with one setting of a connection.
fn setting(bound: &Database, keyword: &str, value: &str) -> Option<Objection> {
    if let Some((keyword, strictest)) = STRICTEST.iter().find(|(known, _)| *known == keyword) {
        let why = format!(
            "another {keyword} than {strictest} could let a forged server have the password; leave it out, and set it in \
             the environment of the client"
        );
        return (value != *strictest).then(|| Objection::escapes(CONNECTION, why));
    }
    let Some(keyword) = KEYWORDS.iter().find(|known| **known == keyword) else {
        let why = "a connection string with other keywords than host, port, dbname, user and the like may lead to another \
                   server; leave them out";
        return Some(Objection::escapes(CONNECTION, why));
    };
    (!wanted(bound, keyword, value)).then(|| elsewhere(bound, keyword))
}

fn wanted(bound: &Database, keyword: &str, value: &str) -> bool {
    match keyword {
        "host" => value.eq_ignore_ascii_case(&bound.host),
        "port" => value.parse() == Ok(bound.port),
        "dbname" => value == bound.database,
        "user" => value == bound.user,
        _ => true,
    }
}

fn elsewhere(bound: &Database, keyword: &str) -> Objection {
    let why = format!("the {keyword} is another than that of {bound}, to which the credential is bound");
    Objection::escapes(CONNECTION, why)
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
    let pairs = text.split_ascii_whitespace().map(|part| part.split_once('=').unwrap_or((part, "")));
    Some(pairs.map(|(keyword, value)| (keyword.to_owned(), value.to_owned())).collect())
}

/// As libpq reads it: a user is what stands before the first `@`, if no `/` comes before, whatever else is in it.
fn address(rest: &str) -> Vec<(String, String)> {
    let authority = rest.split('/').next().unwrap_or_default();
    let (user, rest) = match authority.split_once('@') {
        Some((user, _)) => (Some(user), &rest[user.len() + 1..]),
        None => (None, rest),
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (server, database) = rest.split_once('/').unwrap_or((rest, ""));
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
