//! The environment of a tool that has a credential.
//!
//! A command sets variables for the tool that it starts. So many of them make one tool or another load code, read another
//! configuration, write down what it sends, speak to another server or start a program that no list of them is ever whole. The
//! tool has the client's environment instead, which the broker sends, and of the command's only what is listed here: how it
//! looks, in whose name git commits, which server and database are meant (the password file is bound to those).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use wire::{Lent, Way};

/// A tool's variables.
pub type Environment = BTreeMap<OsString, OsString>;

/// What the command may say in any way.
const FREE: [&str; 23] = [
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "FORCE_COLOR",
    "GH_FORCE_TTY",
    "GH_NO_UPDATE_NOTIFIER",
    "GH_PROMPT_DISABLED",
    "GIT_AUTHOR_DATE",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_DATE",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_OPTIONAL_LOCKS",
    "LINES",
    "NO_COLOR",
    "PGAPPNAME",
    "PGCLIENTENCODING",
    "PGCONNECT_TIMEOUT",
    "PGDATESTYLE",
    "PGTZ",
    "TZ",
];
/// What it may say where the password is in a file, which is bound to all of these.
const BOUND: [&str; 3] = ["PGHOST", "PGPORT", "PGUSER"];
/// What it may say as a plain name: with a `/` these lead to a file of messages, of a terminal.
const NAMES: [&str; 3] = ["LANG", "LANGUAGE", "TERM"];
/// The beginning of more of those.
const LOCALE: &str = "LC_";
/// And the database, which some of PostgreSQL's programs (createdb, vacuumdb) read as a whole connection string.
const DATABASE: &str = "PGDATABASE";
/// What shows page by page would start a pager of the configuration's.
const PAGERS: [&str; 4] = ["GH_PAGER", "GIT_PAGER", "PAGER", "PSQL_PAGER"];

/// The environment of a tool that is started by a command with these variables.
pub fn of_tool(lent: &Lent, command: impl IntoIterator<Item = (OsString, OsString)>) -> Environment {
    let client = lent.environment.iter().map(|(name, value)| (name.into(), value.into()));
    let said = command
        .into_iter()
        .filter(|(name, value)| name.to_str().is_some_and(|name| is_taken(lent, name, value.as_bytes())));
    let pagers = PAGERS.map(|name| (name.into(), "cat".into()));
    client.chain(said).chain(pagers).collect()
}

/// Beginnings of names by which a command says which account, server or place a tool works on.
const CHOOSING: [&str; 11] =
    ["AWS_", "AZURE_", "CLOUDSDK_", "DOCKER_", "GH_", "GITLAB_", "GLAB_", "GOOGLE_", "KUBE", "NPM_CONFIG_", "TF_"];
/// And of PostgreSQL's programs.
const POSTGRES: &str = "PG";

/// A variable by which the command chooses what the tool works on, and which the tool would not have: without it, the tool would
/// work on something else.
pub fn chosen_elsewhere(lent: &Lent, command: impl IntoIterator<Item = (OsString, OsString)>) -> Option<String> {
    let as_client =
        |name: &str, value: &OsString| lent.environment.iter().any(|(own, its)| own == name && value == its.as_str());
    let matters = |upper: &str| lent.handed.iter().any(|handed| is_choosing(&handed.way, upper));
    command.into_iter().find_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let is_choosing = matters(&name.to_ascii_uppercase()) && !PAGERS.contains(&name.as_str());
        (is_choosing && !is_taken(lent, &name, value.as_bytes()) && !as_client(&name, &value)).then_some(name)
    })
}

/// Whether a variable chooses what a tool works on that has its credential that way. Git and PostgreSQL's programs are told in none
/// of the others' variables.
fn is_choosing(way: &Way, name: &str) -> bool {
    match way {
        Way::Git { .. } => false,
        Way::Pgpass { .. } => name.starts_with(POSTGRES),
        Way::Environment { name: own } => {
            let others = CHOOSING.iter().any(|beginning| name.starts_with(beginning));
            others || own.starts_with(POSTGRES) && name.starts_with(POSTGRES)
        }
    }
}

fn is_taken(lent: &Lent, name: &str, value: &[u8]) -> bool {
    if NAMES.contains(&name) || name.starts_with(LOCALE) {
        return !value.contains(&b'/');
    }
    let in_file = lent.handed.iter().any(|handed| matches!(handed.way, Way::Pgpass { .. }));
    if name == DATABASE {
        return in_file && !value.iter().any(|b| b"=:/".contains(b));
    }
    FREE.contains(&name) || in_file && BOUND.contains(&name)
}

#[cfg(test)]
mod tests {
    use wire::Handed;

    use super::*;

    fn lent(way: Way, environment: Vec<(String, String)>) -> Lent {
        let handed = vec![Handed { credential: "a".to_owned(), way }];
        Lent { handed, why_not: None, program: "/bin/true".into(), file: None, environment }
    }

    fn in_file() -> Way {
        Way::Pgpass { place: "db.local:5432:shop:ann".to_owned() }
    }

    fn in_variable() -> Way {
        Way::Environment { name: "PGPASSWORD".to_owned() }
    }

    #[test]
    fn a_command_says_where_the_database_is_for_a_password_that_is_bound_to_it() {
        for (name, value) in [("PGHOST", "x"), ("PGPORT", "1"), ("PGUSER", "x"), ("PGDATABASE", "x")] {
            let command = || [(name.into(), value.into())];
            let (file, variable) = (lent(in_file(), Vec::new()), lent(in_variable(), Vec::new()));
            assert_eq!(chosen_elsewhere(&file, command()), None);
            assert!(of_tool(&file, command()).contains_key(std::ffi::OsStr::new(name)));
            assert_eq!(chosen_elsewhere(&variable, command()).as_deref(), Some(name));
            assert!(!of_tool(&variable, command()).contains_key(std::ffi::OsStr::new(name)));
        }
    }

    #[test]
    fn what_another_tool_is_told_stops_no_tool() {
        let chosen = |way: Way, name: &str| chosen_elsewhere(&lent(way, Vec::new()), [(name.into(), "x".into())]);
        let git = || Way::Git { place: "example.org/a".to_owned() };
        let token = || Way::Environment { name: "GH_TOKEN".to_owned() };
        for name in ["PGHOST", "PGSSLMODE"] {
            assert_eq!((chosen(git(), name), chosen(token(), name)), (None, None));
        }
        assert_eq!((chosen(git(), "AWS_PROFILE"), chosen(in_file(), "AWS_PROFILE")), (None, None));
        assert_eq!(chosen(token(), "GH_REPO").as_deref(), Some("GH_REPO"));
    }

    #[test]
    fn a_command_that_chooses_an_account_is_told_from_one_that_does_not() {
        let environment = vec![("AWS_PROFILE".to_owned(), "own".to_owned())];
        let lent = lent(in_variable(), environment);
        let chosen = |name: &str, value: &str| chosen_elsewhere(&lent, [(name.into(), value.into())]);
        for (name, value) in [
            ("AWS_PROFILE", "other"),
            ("KUBECONFIG", "x"),
            ("npm_config_registry", "x"),
            ("PGSSLMODE", "x"),
            ("GH_REPO", "a/b"),
        ] {
            assert_eq!(chosen(name, value).as_deref(), Some(name));
        }
        for (name, value) in
            [("AWS_PROFILE", "own"), ("PGTZ", "x"), ("GH_PAGER", "less"), ("GIT_EDITOR", "true"), ("CI", "1")]
        {
            assert_eq!(chosen(name, value), None, "{name}");
        }
    }

    #[test]
    fn the_tool_has_the_clients_environment_and_of_the_commands_what_leads_nowhere() {
        let text = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        let environment =
            text(&[("HOME", "/home/ann"), ("LANG", "C"), ("HTTPS_PROXY", "http://own"), ("PAGER", "less")]);
        let lent = lent(in_file(), environment);
        let leading = [
            "AWS_ENDPOINT_URL",
            "BASH_ENV",
            "BASH_FUNC_git%%",
            "GIT_COMMON_DIR",
            "GIT_CONFIG_COUNT",
            "GIT_DIR",
            "HOME",
            "HTTPS_PROXY",
            "JAVA_TOOL_OPTIONS",
            "KUBECONFIG",
            "LD_PRELOAD",
            "MAKEFILES",
            "OPENSSL_CONF",
            "PATH",
            "PGHOSTADDR",
            "PGSSLMODE",
            "PS4",
            "PSQLRC",
            "PYTHONHOME",
            "SHELLOPTS",
            "npm_config_registry",
        ];
        let command = leading.map(|name| (name.into(), "x".into()));
        let said = [
            ("COLUMNS", "80"),
            ("GIT_AUTHOR_NAME", "Ann"),
            ("LC_ALL", "de_DE.UTF-8"),
            ("LANG", "../../tmp/x"),
            ("PGDATABASE", "shop"),
            ("PGHOST", "db.local"),
        ];
        let said = said.map(|(name, value)| (name.into(), value.into()));
        let has = of_tool(&lent, command.into_iter().chain(said));
        let expected = [
            ("COLUMNS", "80"),
            ("GH_PAGER", "cat"),
            ("GIT_AUTHOR_NAME", "Ann"),
            ("GIT_PAGER", "cat"),
            ("HOME", "/home/ann"),
            ("HTTPS_PROXY", "http://own"),
            ("LANG", "C"),
            ("LC_ALL", "de_DE.UTF-8"),
            ("PAGER", "cat"),
            ("PGDATABASE", "shop"),
            ("PGHOST", "db.local"),
            ("PSQL_PAGER", "cat"),
        ];
        let expected: Environment = expected.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        assert_eq!(has, expected);
    }

    #[test]
    fn a_database_is_a_name_and_no_connection_string() {
        let lent = lent(in_file(), Vec::new());
        assert!(is_taken(&lent, "PGDATABASE", b"shop"));
        for value in ["host=localhost hostaddr=192.0.2.1", "postgresql://localhost/shop?hostaddr=192.0.2.1"] {
            assert!(!is_taken(&lent, "PGDATABASE", value.as_bytes()), "{value}");
        }
    }
}
