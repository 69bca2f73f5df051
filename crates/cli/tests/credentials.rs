//! `stanch list`, without a keyring: what it says of the names it knows.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use audit::{Audit, Entry, Grant, Place, Refusal};
use common::{Home, stanch};

const LEND: &str = r#"
[lend.forge]
source = "keyring:github"
by = "env:TOKEN"
tools = ["deploy"]
repositories = ["*"]
"#;

#[test]
fn last_use_is_when_it_was_last_lent() {
    let home = Home::new();
    home.write("app/README.md", "");
    home.write(".config/stanch/config.toml", LEND);
    let entry =
        |name: &str| format!("\"{name}\":{{\"source\":\"keyring:{name}\",\"created\":\"2020-01-01T00:00:00Z\"}}");
    let index = format!("{{\"credentials\":{{{},{}}}}}", entry("github"), entry("other"));
    home.write(".local/state/stanch/credentials.json", &index);
    for folder in [".config/stanch", ".local/state/stanch"] {
        fs::set_permissions(home.path().join(folder), PermissionsExt::from_mode(0o700)).unwrap();
    }
    let last_use = |name: &str| {
        let (code, said) = stanch(home.path(), &["list"]);
        assert_eq!(code, 0, "{said}");
        let line = said.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{said}"));
        line.rsplit("  ").next().unwrap().to_owned()
    };
    assert_eq!((last_use("github"), last_use("other")), ("never".to_owned(), "never".to_owned()));

    let log = home.path().join(".local/state/stanch/audit");
    let audit = Audit::open(&Place { log, key: home.path().join(".config/stanch/audit.key") }).unwrap();
    drop(audit.record(&Entry { credential: Some("other"), ..Entry::of(Refusal) }).unwrap());
    drop(audit.record(&Entry { credential: Some("forge"), ..Entry::of(Grant) }).unwrap());
    assert_eq!((last_use("github"), last_use("other")), ("just now".to_owned(), "never".to_owned()));
}
