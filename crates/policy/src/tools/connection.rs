//! Which server a program of libpq talks to, as far as its words say.

use config::lend::binding::Database;

use super::Objection;
use crate::argv::Call;

const CONNECTION: &str = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS";

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
