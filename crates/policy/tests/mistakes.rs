//! Mistakes in `[lend]`: file, line, column and the mend, and never the value.

mod common;

use common::Machine;

fn said(managed: &str, user: &str, project: &str) -> String {
    let machine = Machine::new(managed, user, project);
    match machine.lend() {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string().rsplit('/').next().map(|_| error.to_string()).unwrap_or_default(),
    }
}

const WHOLE: &str = "[lend.a]\nsource = \"keyring:a\"\nby = \"env:A\"\ntools = [\"make\"]\nrepositories = [\"*\"]\n";

#[test]
fn each_mistake_is_named_with_its_place_and_mend() {
    assert_eq!(said("", WHOLE, ""), "ok");
    for (from, to, place, mend) in [
        ("source = \"keyring:a\"\n", "", "1:7", "`source` is missing"),
        ("by = \"env:A\"\n", "", "1:7", "`by` is missing"),
        ("tools = [\"make\"]\n", "", "1:7", "`tools` is missing"),
        ("repositories = [\"*\"]\n", "", "1:7", "`repositories` is missing"),
        ("\"keyring:a\"", "\"hunter2x\"", "2:10", "stanch store"),
        ("\"keyring:a\"", "7", "2:10", "invalid type"),
        ("env:A", "envelope", "3:6", "`mcp-env:VARIABLE`"),
        ("[\"make\"]", "[]", "4:9", "is empty"),
        ("[\"make\"]", "[\"make\", \"make | env\"]", "4:18", "is shell text"),
        ("[\"make\"]", "[\"** make\"]", "4:10", "its end"),
        ("[\"make\"]", "\"make\"", "4:9", "expected a list"),
        ("[\"*\"]", "[\"src/*\"]", "5:17", "is no folder"),
        ("[\"*\"]", "[\"~root/x\"]", "5:17", "another user's home"),
        ("[\"*\"]\n", "[\"*\"]\nlifetime = \"2h\"\n", "6:12", "at most `1h`"),
        ("[\"*\"]\n", "[\"*\"]\nlifetime = \"0s\"\n", "6:12", "at least `1s`"),
        ("[\"*\"]\n", "[\"*\"]\nlifetime = \"hunter2x\"\n", "6:12", "is no time"),
        ("[\"*\"]\n", "[\"*\"]\nuses = 0\n", "6:8", "1 to 100"),
        ("[\"*\"]\n", "[\"*\"]\nuses = -1\n", "6:8", "1 to 100"),
        ("[\"*\"]\n", "[\"*\"]\nagents = []\n", "6:10", "is empty"),
        ("[\"*\"]\n", "[\"*\"]\nservers = [\"x\"]\n", "6:11", "mcp-env"),
        ("[\"*\"]\n", "[\"*\"]\nhunter2x = 1\n", "6:1", "unknown field"),
        ("[\"*\"]\n", "[\"*\"]\nfor = \"https://x/\"\n", "6:7", "like `github.com`"),
        ("env:A\"\ntools = [\"make\"]", "git\"\ntools = [\"git push\"]", "1:7", "`for` is missing: the repository"),
        ("env:A", "pgpass", "1:7", "`for` is missing: the database"),
        ("env:A", "mcp-env:A", "1:7", "`servers` is missing"),
        ("env:A\"", "git\"\nfor = \"github.com/a/b\"", "5:10", "another command than git"),
        ("env:A\"", "pgpass\"\nfor = \"db/x\"", "4:7", "HOST:PORT/DATABASE/USER"),
        ("env:A\"", "mcp-env:A\"\nservers = [\"x\"]\nagents = [\"*\"]", "5:10", "has no meaning with `mcp-env`"),
        ("[lend.a]", "[lend.\"a b\"]", "1:7", "no name of a credential"),
        ("[lend.a]", "[lend.\"*\"]", "1:7", "`\"never\"`"),
        ("[lend.a]", "[lend]\nb = \"hunter2x\"\n[lend.a]", "2:5", "is the word never"),
        ("[lend.a]", "[lend]\nb = 7\n[lend.a]", "2:5", "invalid type"),
    ] {
        assert!(WHOLE.contains(from), "{from}");
        let message = said("", &WHOLE.replacen(from, to, 1), "");
        assert!(message.contains(&format!("config.toml:{place}: ")) && message.contains(mend), "{to}: {message}");
        assert!(!message.contains("hunter2x"), "{message}");
    }
}

#[test]
fn a_value_in_the_place_of_a_source_is_not_shown_anywhere() {
    let value = format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U");
    let message = said("", &WHOLE.replace("keyring:a", &value), "");
    assert!(message.contains("config.toml:2:10: ") && !message.contains(&value[4..12]), "{message}");
    let machine = Machine::new("", &WHOLE.replace("keyring:a", &format!("keyring:{value}")), "");
    let shown: Vec<String> = machine.lend().expect("a reference").settings().map(|setting| setting.text).collect();
    assert!(shown.iter().any(|text| text == "lend.a.source = \"keyring:…\""), "{shown:?}");
    assert!(shown.iter().all(|text| !text.contains(&value[4..12])), "{shown:?}");
}

#[test]
fn a_projects_file_may_say_less_but_nothing_wrong() {
    assert_eq!(said("", WHOLE, "[lend.a]\ntools = []\n"), "ok");
    assert_eq!(said("", WHOLE, "[lend.b]\nagents = [\"x\"]\n"), "ok");
    assert_eq!(said(WHOLE, "[lend.a]\nuses = 1\n", ""), "ok");
    assert!(said("", WHOLE, "[lend.a]\nsource = \"x\"\n").contains(".stanch.toml:2:10: "));
    assert!(said("", "[lend.a]\nuses = 1\n", "").contains("`source` is missing"));
}
