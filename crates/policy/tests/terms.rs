//! Who is lent what where: agents, sessions, folders, and who may say it.

mod common;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{Machine, verdict};
use policy::{Agent, Condition, For, Policy, Request};

const GIT: &str = "[lend.github]\nsource = \"keyring:github\"\nby = \"git\"\nfor = \"github.com/acme/site\"\ntools = [\"git push\"]\n";

fn lend(more: &str) -> String {
    format!("{GIT}{more}")
}

fn push(machine: &Machine) -> Request {
    machine.asks(&["git", "push", "origin", "main"])
}

fn sub(machine: &Machine, kind: &str) -> Request {
    Request { agent: Agent::Sub(kind.to_owned()), ..push(machine) }
}

fn fails(policy: &Policy, request: &Request) -> Option<Condition> {
    verdict(policy, request).err().map(|(condition, _)| condition)
}

#[test]
fn nothing_is_lent_where_nobody_says_so() {
    let machine = Machine::new("", "", "");
    assert!(machine.policy().is_empty());
    assert_eq!(machine.policy().decide(&push(&machine)).outcomes().len(), 0);
    let project = Machine::new("", "", &lend("repositories = [\"*\"]\n"));
    assert!(project.policy().is_empty(), "a project lends nothing");
}

#[test]
fn the_main_thread_alone_unless_others_are_named() {
    let machine = Machine::new("", &lend("repositories = [\"@/app\"]\n"), "");
    let policy = machine.policy();
    assert_eq!(fails(&policy, &push(&machine)), None);
    let (condition, message) = verdict(&policy, &sub(&machine, "reviewer")).expect_err("is refused");
    assert_eq!(condition, Condition::Agents);
    assert!(
        message.starts_with("it is for 'main', for `agents` is not said; this is a subagent 'reviewer'"),
        "{message}"
    );
    assert_eq!(fails(&policy, &sub(&machine, "main")), Some(Condition::Agents), "a type called main is no main thread");

    let named = Machine::new("", &lend("repositories = [\"*\"]\nagents = [\"deployer\"]\n"), "");
    assert_eq!(fails(&named.policy(), &push(&named)), Some(Condition::Agents));
    assert_eq!(fails(&named.policy(), &sub(&named, "deployer")), None);
    assert_eq!(fails(&named.policy(), &sub(&named, "Deployer")), Some(Condition::Agents));
    let anyone = Machine::new("", &lend("repositories = [\"*\"]\nagents = [\"*\"]\n"), "");
    assert_eq!((fails(&anyone.policy(), &push(&anyone)), fails(&anyone.policy(), &sub(&anyone, "x"))), (None, None));
}

#[test]
fn a_session_that_is_named_is_the_only_one() {
    let machine = Machine::new("", &lend("repositories = [\"*\"]\nsessions = [\"s-1\"]\n"), "");
    assert_eq!(fails(&machine.policy(), &push(&machine)), None);
    for session in [None, Some("s-2".to_owned()), Some(String::new())] {
        let request = Request { session, ..push(&machine) };
        assert_eq!(fails(&machine.policy(), &request), Some(Condition::Sessions));
    }
    let narrowed = Machine::new("", &lend("repositories = [\"*\"]\n"), "[lend.github]\nsessions = [\"s-2\"]\n");
    assert_eq!(fails(&narrowed.policy(), &push(&narrowed)), Some(Condition::Sessions));
    let request = Request { session: Some("s-2".to_owned()), ..push(&narrowed) };
    assert_eq!(fails(&narrowed.policy(), &request), None);
}

#[test]
fn a_folder_holds_for_all_below_it_and_for_nothing_else() {
    let machine = Machine::new("", &lend("repositories = [\"@/app\"]\n"), "");
    let policy = machine.policy();
    let at = |folder: PathBuf, repository: Option<PathBuf>| {
        fails(&policy, &Request { folder, repository, ..push(&machine) })
    };
    let refused = Some(Condition::Repositories);
    assert_eq!(at(machine.path("app"), None), None);
    assert_eq!(at(machine.path("app/sub/deep"), Some(machine.path("app/sub"))), None);
    assert_eq!(at(machine.path("app2"), None), refused);
    assert_eq!(at(machine.path("other"), None), refused);
    assert_eq!(at(machine.path("app/../other"), None), refused);
    assert_eq!(at(Path::new("app").to_owned(), None), refused);
    assert_eq!(at(PathBuf::new(), None), refused);
    assert_eq!(at(machine.path("app"), Some(machine.path("other"))), refused, "the repository is another place");
    assert_eq!(at(machine.path("app/sub"), Some(machine.path(""))), None, "a folder of a larger repository");
}

#[cfg(unix)]
#[test]
fn a_folder_behind_a_link_is_the_folder() {
    let machine = Machine::new("", &lend("repositories = [\"@/link\"]\n"), "");
    std::os::unix::fs::symlink(machine.path("app"), machine.path("link")).expect("a link");
    assert_eq!(fails(&machine.policy(), &push(&machine)), None);
}

#[test]
fn who_comes_later_narrows_and_never_widens() {
    let (whole, sub_only) =
        ("repositories = [\"*\"]\nagents = [\"main\", \"deployer\"]\n", "[lend.github]\nagents = [\"deployer\"]\n");
    let of = |managed: &str, user: &str, project: &str| Machine::new(managed, user, project);
    for machine in [of("", &lend(whole), sub_only), of(&lend(whole), sub_only, ""), of(&lend(whole), "", sub_only)] {
        assert_eq!(fails(&machine.policy(), &push(&machine)), Some(Condition::Agents));
        assert_eq!(fails(&machine.policy(), &sub(&machine, "deployer")), None);
    }
    let wide = "[lend.github]\nagents = [\"*\"]\nlifetime = \"1h\"\nuses = 9\ntools = [\"git **\"]\nrepositories = [\"*\"]\nsource = \"keyring:other\"\nby = \"env:X\"\nfor = \"evil.example/a\"\n";
    let machine = of("", &lend("repositories = [\"@/app\"]\n"), wide);
    let policy = machine.policy();
    assert_eq!(fails(&policy, &sub(&machine, "x")), Some(Condition::Agents));
    assert_eq!(fails(&policy, &machine.asks(&["git", "fetch", "x"])), Some(Condition::Tools));
    assert_eq!(
        fails(&policy, &Request { folder: machine.path("other"), repository: None, ..push(&machine) }),
        Some(Condition::Repositories)
    );
    let permits = policy.decide(&push(&machine)).into_permits();
    let permit = permits.first().expect("a permit");
    assert_eq!((permit.lifetime(), permit.uses()), (Duration::from_secs(300), 1));
    assert_eq!(
        (permit.source().whole(), permit.by().to_string(), permit.bound().to_string()),
        ("keyring:github", "git".into(), "github.com/acme/site".into())
    );
    let ignored = machine.lend().expect("no mistake").settings().filter(|setting| setting.ignored.is_some()).count();
    assert_eq!(ignored, 8, "all that widens is marked; the tools meet what is lent, but are wider");

    let narrow = of(
        "",
        &lend("repositories = [\"*\"]\nuses = 3\nlifetime = \"20m\"\n"),
        "[lend.github]\nuses = 2\nlifetime = \"1m\"\nrepositories = [\"sub\"]\n",
    );
    let permits = narrow.policy().decide(&push(&narrow)).into_permits();
    assert_eq!(permits.iter().map(|p| (p.uses(), p.lifetime().as_secs())).collect::<Vec<_>>(), [(2, 60)]);
    assert_eq!(
        fails(&narrow.policy(), &Request { folder: narrow.path("app"), ..push(&narrow) }),
        Some(Condition::Repositories)
    );
    assert_eq!(narrow.lend().expect("no mistake").settings().filter(|setting| setting.ignored.is_some()).count(), 0);
}

#[test]
fn never_is_the_last_word_whoever_says_it() {
    let all = lend("repositories = [\"*\"]\n");
    let (never, nothing) = ("[lend]\ngithub = \"never\"\n", "[lend]\n\"*\" = \"never\"\n");
    let of = |managed: &str, user: &str, project: &str| {
        let machine = Machine::new(managed, user, project);
        fails(&machine.policy(), &push(&machine))
    };
    for word in [never, nothing] {
        assert_eq!(of("", &all, word), Some(Condition::Never));
        assert_eq!(of(word, &all, ""), Some(Condition::Never));
        assert_eq!(of(&all, word, ""), Some(Condition::Never));
    }
    let but_this = format!("[lend]\n\"*\" = \"never\"\n{all}");
    assert_eq!(of(&but_this, "", ""), None, "all others");
    assert_eq!(of("", &all, "[lend]\n\"*\" = \"never\"\n[lend.github]\nuses = 1\n"), None, "all others");
    assert_eq!(of("", &all, "[lend]\nother = \"never\"\n"), None);
}

#[test]
fn where_a_command_runs_its_project_counts_as_well() {
    let machine = Machine::new("", &lend("repositories = [\"*\"]\n"), "[lend.github]\nuses = 1\n");
    std::fs::create_dir_all(machine.path("other/.git")).expect("a folder");
    machine.write(machine.path("other/.stanch.toml"), "[lend]\ngithub = \"never\"\n");
    let config = machine.config().expect("no mistake");
    let there = Policy::new(&config.lend_in(&machine.path("other")).expect("no mistake"));
    assert_eq!(fails(&there, &push(&machine)), Some(Condition::Never));
    let here = Policy::new(&config.lend_in(&machine.path("app/sub")).expect("no mistake"));
    assert_eq!(fails(&here, &push(&machine)), None);
    machine.write(machine.path("other/.stanch.toml"), "[lend]\ngithub = 7\n");
    assert!(config.lend_in(&machine.path("other")).is_err());
    // As it is, wherever in the session's project and beside it.
    let own = machine.path("app/.stanch.toml");
    machine.write(own, "[lend]\ngithub = \"never\"\n");
    std::fs::create_dir_all(machine.path("third")).expect("a folder");
    for folder in ["app/sub", "third"] {
        let now = Policy::new(&config.lend_in(&machine.path(folder)).expect("no mistake"));
        assert_eq!(fails(&now, &push(&machine)), Some(Condition::Never), "{folder}");
    }
    // A project within hides nothing of those that it lies in.
    machine.write(machine.path("other/.stanch.toml"), "[lend]\ngithub = \"never\"\n");
    std::fs::create_dir_all(machine.path("other/within/.git")).expect("a folder");
    let within = Policy::new(&config.lend_in(&machine.path("other/within")).expect("no mistake"));
    assert_eq!(fails(&within, &push(&machine)), Some(Condition::Never));
}

#[test]
fn two_calls_get_what_both_may_have() {
    let more = "repositories = [\"*\"]\nuses = 3\n[lend.deploy]\nsource = \"keyring:d\"\nby = \"env:D\"\ntools = [\"git push\", \"make\"]\nagents = [\"*\"]\nrepositories = [\"*\"]\n";
    let machine = Machine::new("", &lend(more), "");
    let policy = machine.policy();
    let names = |decision: policy::Decision| {
        decision.into_permits().iter().map(|p| p.credential().to_owned()).collect::<Vec<_>>()
    };
    let (main, sub) = (push(&machine), sub(&machine, "x"));
    assert_eq!(names(policy.decide(&main)), ["deploy", "github"]);
    assert_eq!(names(policy.decide(&main).and(policy.decide(&sub))), ["deploy"]);
    assert_eq!(names(policy.decide(&sub).and(policy.decide(&main))), ["deploy"]);
    let narrower = Machine::new("", &lend(more), "[lend.github]\nuses = 2\nlifetime = \"7s\"\n").policy();
    let both = policy.decide(&main).and(narrower.decide(&main)).into_permits();
    let github = both.iter().find(|permit| permit.credential() == "github").expect("a permit");
    assert_eq!((github.uses(), github.lifetime().as_secs()), (2, 7));
    let other = Machine::new("", &lend(more).replace("keyring:github", "keyring:other"), "").policy();
    let decision = policy.decide(&main).and(other.decide(&main));
    assert!(decision.refusals().any(|(name, refusal)| name == "github" && refusal.condition == Condition::Calls));
    let nothing = Machine::new("", "", "").policy();
    assert_eq!(names(policy.decide(&main).and(nothing.decide(&main))), [""; 0]);
    assert_eq!(names(nothing.decide(&main).and(policy.decide(&main))), [""; 0]);
}

#[test]
fn a_server_asks_for_nothing_that_is_for_commands() {
    let machine = Machine::new("", &lend("repositories = [\"*\"]\n"), "");
    let what = For::Server { name: "git".to_owned(), argv: vec!["git".into(), "push".into()] };
    assert_eq!(fails(&machine.policy(), &Request { what, ..push(&machine) }), Some(Condition::Kind));
}

#[test]
fn what_may_not_be_meant_is_said_with_its_place() {
    let text = lend("repositories = [\"*\", \"@/gone\"]\nagents = [\"*\"]\n").replace(
        "[\"git push\"]",
        "[\"git push\", \"git push origin\", \"git status\", \"git credential fill\", \"git **\"]",
    );
    let machine = Machine::new("", &text, "[lend.github]\ntools = [\"gh pr\"]\nuses = 5\n[lend.other]\nuses = 1\n");
    let said: Vec<String> = policy::check::warnings(&machine.lend().expect("no mistake"))
        .into_iter()
        .map(|warning| {
            format!("{}: {}", warning.at.to_string().rsplit('/').next().unwrap_or_default(), warning.message)
        })
        .collect();
    for wanted in [
        "config.toml:6:22: there is no such folder",
        "config.toml:6:17: holds in every folder",
        "config.toml:7:11: every subagent gets it",
        "config.toml:5:22: says nothing new: 'git push'",
        "config.toml:5:41: never gets anything: this command of git asks no server",
        "config.toml:5:55: never gets anything: `git credential` prints",
        "config.toml:5:78: is for everything that git can do",
        ".stanch.toml:2:10: nothing that is lent begins so",
        ".stanch.toml:3:8: does not hold: this is wider",
        ".stanch.toml:5:8: does not hold: a project's file can only narrow",
    ] {
        assert!(said.iter().any(|line| line.starts_with(wanted)), "{wanted}: {said:#?}");
    }
    let quiet = Machine::new("", &lend("repositories = [\"@/app\"]\n"), "");
    assert!(policy::check::warnings(&quiet.lend().expect("no mistake")).is_empty());
}

#[test]
fn the_examples_of_the_documentation_hold() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lending.md")).expect("the page");
    let mut blocks = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let (lent, narrowed) = (blocks.next().expect("an example"), blocks.next().expect("a project's"));
    let machine = Machine::new("", lent, narrowed);
    let lend = machine.lend().expect("no mistake");
    let names: Vec<&str> = lend.credentials().iter().map(|credential| credential.name.value.as_str()).collect();
    assert_eq!(names, ["github", "github-api", "linear", "shop-reader"]);
    let said: Vec<String> = policy::check::warnings(&lend).into_iter().map(|warning| warning.message).collect();
    // The folder is the reader's.
    assert!(said.iter().all(|message| message.starts_with("there is no such folder")), "{said:#?}");
}

#[test]
fn one_variable_holds_one_credential() {
    let of = |name: &str, tools: &str| {
        format!(
            "[lend.{name}]\nsource = \"keyring:{name}\"\nby = \"env:TOKEN\"\ntools = [\"{tools}\"]\nrepositories = [\"*\"]\n"
        )
    };
    let both = Machine::new("", &(of("one", "deploy") + &of("two", "deploy") + &of("three", "other")), "");
    let decision = both.policy().decide(&both.asks(&["deploy"])).for_one_process();
    let lent: Vec<&str> = decision.permits().map(policy::Permit::credential).collect();
    assert_eq!(lent, ["one"]);
    let (_, refusal) = decision.refusals().find(|(name, _)| *name == "two").expect("refused");
    assert_eq!(refusal.condition, Condition::Variable);
    assert!(!refusal.is_about_another() && refusal.to_string().contains("goes into TOKEN, as does 'one'"), "{refusal}");
    let decision = both.policy().decide(&both.asks(&["other"])).for_one_process();
    assert_eq!(decision.permits().map(policy::Permit::credential).collect::<Vec<_>>(), ["three"]);
}
