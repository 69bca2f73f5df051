//! `stanch policy` and what `stanch config` says of `[lend]`, run as a person runs them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::process::{Command, Output};

use common::{Home, token};
use serde_json::Value;

const CONFIG: &str = ".config/stanch/config.toml";
const LEND: &str = "\
[lend.github]
source = \"keyring:github\"
lifetime = \"10m\"
by = \"git\"
for = \"github.com/acme/site\"
tools = [\"git push\", \"git fetch origin *\"]
repositories = [\"~/site\"]

[lend.shop]
source = \"pass:shop\"
by = \"pgpass\"
for = \"db.local:5432/shop/reader\"
tools = [\"psql\"]
repositories = [\"~/site\"]
";

fn home(config: &str, project: &str) -> Home {
    let home = Home::new();
    std::fs::create_dir_all(home.path().join("site/.git")).unwrap();
    home.write(CONFIG, config);
    home.write("site/.stanch.toml", project);
    home
}

fn run(home: &Home, arguments: &[&str]) -> (i32, String) {
    let mut command: Command = home.command(env!("CARGO_BIN_EXE_stanch"));
    let output: Output = command.current_dir(home.path().join("site")).args(arguments).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!said.contains(&token()[..12]), "{said}");
    (output.status.code().unwrap(), said)
}

#[test]
fn explain_says_what_would_be_lent_and_by_which_line() {
    let home = home(LEND, "");
    let (code, said) = run(&home, &["policy", "explain", "--", "git", "push", "origin", "main"]);
    assert_eq!(code, 0, "{said}");
    for wanted in [
        "the main thread asks for git in ",
        "+ github would be lent: from keyring:…, by git, for github.com/acme/site, once a call, for at most 10m",
        "+ tools         'git push' fits",
        "config.toml:6:10",
        "+ repositories  '~/site' and below",
        "shop: it is for psql alone (",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(said.lines().count() <= 24, "one screen: {said}");
}

#[test]
fn explain_says_why_not_and_who_says_so() {
    let home = home(LEND, "[lend.github]\ntools = [\"git push origin *\"]\n");
    for (arguments, wanted) in [
        (
            &["--agent", "reviewer", "--", "git", "push", "origin", "main"][..],
            "- agents        it is for 'main', for `agents` is not said; this is a subagent 'reviewer'",
        ),
        (&["--agent-type", "main", "--", "git", "push", "origin", "main"], "this is a subagent 'main'"),
        (&["--", "git", "push"], "site/.stanch.toml:2:10"),
        (&["--", "git", "credential", "fill"], "the command is stopped"),
        (&["--in", "..", "--", "git", "push", "origin", "main"], "- repositories  it is for '~/site' and below"),
        (
            &["--remote", "https://evil.example/x", "--", "git", "push", "origin", "main"],
            "- for           it is bound to https://github.com/acme/site",
        ),
        (&["--", "psql", "-c", "\\! env"], "https://www.postgresql.org/docs/"),
        (&["--server", "linear"], "github: it is for commands"),
        (&["--", "make"], "github: it is for git alone"),
        (&["--", "git", "fetch", "origin"], "- github would not be lent"),
        (&["--", "git", "fetch", "upstream", "x"], "- github would not be lent"),
    ] {
        let (code, said) = run(&home, &[&["policy", "explain"], arguments].concat());
        assert!(code == 1 && said.contains(wanted), "{arguments:?}: {code} {said}");
    }
    std::os::unix::fs::symlink("/proc/self/environ", home.path().join("site/notes")).unwrap();
    let (code, said) = run(&home, &["policy", "explain", "--", "git", "push", "origin", "notes"]);
    assert!(code == 1 && said.contains("- escapes ") && said.contains("is a link to files of processes"), "{said}");
    let (code, said) = run(&home, &["policy", "explain", "--in", "gone", "--", "git", "push"]);
    assert!(code == 2 && said.contains("looking for 'gone'"), "{said}");
    for (arguments, wanted) in [
        (&["--", "/usr/bin/git", "push"][..], "git is called by its path"),
        (&["--agnt", "reviewer", "--", "git", "push"], "unexpected argument '--agnt'"),
        (&["git", "push"], "unexpected argument 'git'"),
    ] {
        let (code, said) = run(&home, &[&["policy", "explain"], arguments].concat());
        assert!(code == 2 && said.contains(wanted), "{arguments:?}: {code} {said}");
    }
    let secret = token();
    for arguments in [["git", "push", &secret, "x"], [&secret, "a", "b", "c"], ["git", &secret, "--", "x"]] {
        run(&home, &[&["policy", "explain", "--"][..], &arguments].concat());
        run(&home, &[&["policy", "explain", "--json", "--agent", &secret, "--"][..], &arguments].concat());
    }
}

#[test]
fn explain_as_json_says_the_same() {
    let home = home(LEND, "");
    let (code, said) = run(&home, &["policy", "explain", "--json", "--session", "s-1", "--", "git", "push"]);
    let told: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &told["session"], &told["asked"]), (0, &"s-1".into(), &"git".into()), "{said}");
    let [github, shop] = [0, 1].map(|place| &told["credentials"][place]);
    assert_eq!(
        (&github["name"], &github["would"], &github["terms"]["lifetime_seconds"]),
        (&"github".into(), &true.into(), &600.into())
    );
    assert_eq!((&github["terms"]["source"], &github["held"][0]["condition"]), (&"keyring:…".into(), &"tools".into()));
    assert!(github["held"][0]["rule"].as_str().unwrap().ends_with("config.toml:6:10"), "{said}");
    assert_eq!((&shop["would"], &shop["refusal"]["is_about_another"]), (&false.into(), &true.into()));
}

#[test]
fn check_says_mistakes_and_what_may_not_be_meant() {
    assert_eq!(run(&home(LEND, ""), &["policy", "check"]), (0, "ok\n".to_owned()));
    let (code, said) = run(&home("", ""), &["policy", "check"]);
    assert!(code == 0 && said.starts_with("nothing is lent"), "{said}");
    let (code, said) = run(&home(&LEND.replace("~/site", "~/gone"), "[lend.other]\nuses = 1\n"), &["policy", "check"]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("config.toml:7:17: there is no such folder") && said.contains(".stanch.toml:2:8: does not hold"),
        "{said}"
    );
    let wrong = home(&LEND.replace("keyring:github", &token()), "");
    for arguments in [&["policy", "check"][..], &["config", "check"], &["policy", "explain", "--", "git", "push"]] {
        let (code, said) = run(&wrong, arguments);
        assert!(
            code == 2
                && said.contains("config.toml:2:10: lend.github: `source` is no source")
                && said.contains("stanch store"),
            "{said}"
        );
    }
    for (source, why) in [
        ("lastpass:github", "names a store that is not known"),
        ("command:acme/team", "names a preset that is not there"),
        ("op:foo", "op://"),
    ] {
        let (code, said) = run(&home(&LEND.replace("keyring:github", source), ""), &["policy", "check"]);
        let place = "config.toml:2:10: lend.github: `source` ";
        assert!(code == 2 && said.contains(place) && said.contains(why), "{said}");
    }
    let (code, said) = run(&home(&LEND.replace("by = \"git\"", "by = \"env:LD_PRELOAD\""), ""), &["policy", "check"]);
    assert!(code == 2 && said.contains("lend.github: `by` names a variable that says what programs load"), "{said}");
    let missing = home(&LEND.replace("by = \"git\"\n", ""), "");
    for arguments in [&["policy", "check"][..], &["config", "check"], &["config", "show"]] {
        let (code, said) = run(&missing, arguments);
        assert!(code == 2 && said.contains("config.toml:1:7: lend.github: `by` is missing"), "{said}");
    }
    // What is not whole is not lent; what hooks do about secrets is another matter.
    assert_eq!(run(&missing, &["rules", "show", "github_pat"]).0, 0);
}

#[test]
fn config_show_marks_what_a_project_may_not_say() {
    let project = "[lend.github]\nlifetime = \"1h\"\nuses = 1\nsource = \"keyring:mine\"\n[lend.new]\nby = \"git\"\n";
    let home = home(LEND, project);
    for arguments in [&["config", "show"][..], &["config", "show", "--effective"]] {
        let (code, said) = run(&home, arguments);
        let line = |start: &str| {
            said.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {said}"))
        };
        assert_eq!(code, 0);
        assert!(line("lend.github.source = \"keyring:…\"").contains("config.toml:2:10"), "{said}");
        assert!(
            line("lend.github.tools = [\"git push\", \"git fetch origin *\"]").contains("config.toml:6:9"),
            "{said}"
        );
        assert!(
            line("# ignored: lend.github.lifetime = \"1h\"").contains(".stanch.toml:2:12: this is wider"),
            "{said}"
        );
        assert!(line("# ignored: lend.github.source").contains("only the file that lends"), "{said}");
        assert!(line("# ignored: lend.new.by").contains("can only narrow"), "{said}");
        assert!(line("lend.github.uses = 1").contains(".stanch.toml:3:8"), "{said}");
    }
}

/// As the tool's stand-in asks git before a command runs.
#[test]
fn explain_asks_git_where_it_would_go() {
    let home = home(&LEND.replace("[\"git push\", ", "[\"git push\", \"git pull\", "), "");
    let site = home.path().join("site");
    let git = |words: &[&str]| {
        let mut git = home.command("git");
        assert!(git.arg("-C").arg(&site).args(words).output().unwrap().status.success(), "{words:?}");
    };
    std::fs::remove_dir(site.join(".git")).unwrap();
    git(&["init", "--quiet"]);
    for (name, address, code) in [
        ("own", "https://github.com/acme/site.git", 0),
        ("ssh", "git@github.com:acme/site.git", 1),
        ("evil", "https://evil.example/x", 1),
    ] {
        git(&["remote", "add", name, address]);
        let (ended, said) = run(&home, &["policy", "explain", "--in", "../site", "--", "git", "push", name, "main"]);
        assert_eq!((ended, said.contains("- github would not be lent")), (code, code == 1), "{name}: {said}");
    }
}
