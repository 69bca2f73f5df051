//! What holds for every policy and every request: a project's file never widens, two calls never get more than one of them,
//! no command line is too odd.

mod common;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use common::Machine;
use policy::{Agent, Decision, For, Policy, Request};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const WORDS: &[&str] = &[
    "git",
    "push",
    "fetch",
    "origin",
    "main",
    "make",
    "deploy",
    "-f",
    "-c",
    "--force",
    "--signed",
    "**",
    "*",
    "psql",
    "gh",
    "pr",
    "select 1",
    "https://github.com/acme/site",
    "--",
    "-C",
    "--receive-pack=x",
];
const PATTERNS: &[&str] = &[
    "git push",
    "git push origin *",
    "git fetch",
    "git **",
    "git push **",
    "make",
    "make deploy",
    "make * **",
    "gh pr list",
    "gh **",
    "psql -c *",
    "psql",
    "git push -f",
    "make -f",
];
const AGENTS: &[&str] = &["main", "*", "deployer", "reviewer"];
const FOLDERS: &[&str] = &["*", "@/app", "@/app/sub", "@/other", "@/gone"];
const NAMES: &[&str] = &["one", "two", "three"];

fn list(items: Vec<&str>) -> String {
    let quoted: Vec<String> = items.into_iter().map(|item| format!("{item:?}")).collect();
    format!("[{}]", quoted.join(", "))
}

fn some(of: &'static [&'static str], least: usize) -> impl Strategy<Value = String> {
    subsequence(of, least..=of.len().min(3)).prop_map(list)
}

fn maybe(key: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), value.prop_map(move |value| format!("{key} = {value}\n"))]
}

fn lifetime() -> impl Strategy<Value = String> {
    (1_u32..3600).prop_map(|seconds| format!("\"{seconds}s\""))
}

fn uses() -> impl Strategy<Value = String> {
    (1_u32..9).prop_map(|uses| uses.to_string())
}

fn sessions() -> impl Strategy<Value = String> {
    some(&["s-1", "s-2", "s-3"], 1)
}

/// The terms on which a trusted file lends a credential.
fn lent() -> impl Strategy<Value = String> {
    let terms = (
        some(PATTERNS, 1),
        some(FOLDERS, 1),
        maybe("agents", some(AGENTS, 1)),
        maybe("lifetime", lifetime()),
        maybe("uses", uses()),
        maybe("sessions", sessions()),
    );
    terms.prop_map(|(tools, folders, agents, lifetime, uses, sessions)| {
        format!("source = \"keyring:x\"\nby = \"env:X\"\ntools = {tools}\nrepositories = {folders}\n{agents}{lifetime}{uses}{sessions}")
    })
}

/// Whatever a file that may only narrow says.
fn narrowing() -> impl Strategy<Value = Option<String>> {
    let terms = (
        maybe("tools", some(PATTERNS, 0)),
        maybe("repositories", some(FOLDERS, 0)),
        maybe("agents", some(AGENTS, 0)),
        maybe("lifetime", lifetime()),
        maybe("uses", uses()),
        maybe("sessions", some(&["s-1", "s-2"], 0)),
        maybe("source", Just("\"keyring:other\"".to_owned())),
        maybe("by", Just("\"env:OTHER\"".to_owned())),
        maybe("for", Just("\"evil.example\"".to_owned())),
    );
    let terms = terms.prop_map(|(a, b, c, d, e, f, g, h, i)| Some([a, b, c, d, e, f, g, h, i].concat()));
    prop_oneof![4 => terms, 1 => Just(None)]
}

/// A file's text: the credentials, each on terms or never.
fn file(
    terms: impl Strategy<Value = Option<String>>,
    names: std::ops::RangeInclusive<usize>,
) -> impl Strategy<Value = String> {
    let all = prop_oneof![6 => Just(""), 1 => Just("\"*\" = \"never\"\n")];
    (all, proptest::collection::vec((select(NAMES), terms), names)).prop_map(|(all, entries)| {
        let entries: BTreeMap<_, _> = entries.into_iter().collect();
        let (never, tables): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(_, terms)| terms.is_none());
        let never: String = never.into_iter().map(|(name, _)| format!("{name} = \"never\"\n")).collect();
        let tables: String =
            tables.into_iter().map(|(name, terms)| format!("[lend.{name}]\n{}", terms.unwrap_or_default())).collect();
        format!("[lend]\n{all}{never}{tables}")
    })
}

fn granting() -> impl Strategy<Value = String> {
    file(lent().prop_map(Some), 1..=3)
}

type Drawn = (Option<&'static str>, Option<&'static str>, Vec<&'static str>, &'static str);

fn drawn() -> impl Strategy<Value = Drawn> {
    let argv = prop_oneof![
        3 => select(PATTERNS).prop_map(|pattern| pattern.split(' ').filter(|word| !word.contains('*')).collect::<Vec<_>>()),
        1 => Just(Vec::new()),
    ];
    let argv = (argv, proptest::collection::vec(select(WORDS), 0..4)).prop_map(|(mut argv, more)| {
        argv.extend(more);
        argv
    });
    let agent = proptest::option::of(select(&["deployer", "reviewer", "main"][..]));
    (agent, proptest::option::of(select(&["s-1", "s-2"][..])), argv, select(&["app", "app/sub", "other", "gone"][..]))
}

fn request(machine: &Machine, (agent, session, argv, folder): &Drawn) -> Request {
    Request {
        agent: agent.map_or(Agent::Main, |kind| Agent::Sub(kind.to_owned())),
        session: session.map(str::to_owned),
        folder: machine.path(folder),
        repository: None,
        ..machine.asks(argv)
    }
}

/// What is lent: by credential source, way, binding, lifetime and uses.
type Lent = BTreeMap<String, (String, String, String, Duration, u32)>;

fn permits(decision: Decision) -> Lent {
    let shown = |p: &policy::Permit| {
        (p.source().whole().to_owned(), p.by().to_string(), p.bound().to_string(), p.lifetime(), p.uses())
    };
    decision.into_permits().iter().map(|permit| (permit.credential().to_owned(), shown(permit))).collect()
}

fn is_no_more(less: &Lent, than: &Lent) -> Result<(), TestCaseError> {
    for (name, (source, by, bound, lifetime, uses)) in less {
        let Some((s, b, o, l, u)) = than.get(name) else {
            return Err(TestCaseError::fail(format!("{name} is lent, and was not")));
        };
        prop_assert_eq!((source, by, bound), (s, b, o));
        prop_assert!(lifetime <= l && uses <= u, "{name} is lent for longer");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_projects_file_never_lends_more(user in granting(), managed in prop_oneof![Just(String::new()), granting()], project in file(narrowing(), 0..=3), drawn in proptest::collection::vec(drawn(), 12)) {
        let (without, with) = (Machine::new(&managed, &user, ""), Machine::new(&managed, &user, &project));
        let (one, two) = (without.policy(), with.policy());
        for drawn in &drawn {
            is_no_more(&permits(two.decide(&request(&with, drawn))), &permits(one.decide(&request(&without, drawn))))?;
        }
    }

    #[test]
    fn a_users_file_never_lends_more_of_what_is_managed(managed in granting(), user in granting(), drawn in proptest::collection::vec(drawn(), 12)) {
        let (without, with) = (Machine::new(&managed, "", ""), Machine::new(&managed, &user, ""));
        let (one, two) = (without.policy(), with.policy());
        let named = without.lend().expect("no mistake").credentials().iter().map(|c| c.name.value.clone()).collect::<Vec<_>>();
        for drawn in &drawn {
            let mut lent = permits(two.decide(&request(&with, drawn)));
            lent.retain(|name, _| named.contains(name));
            is_no_more(&lent, &permits(one.decide(&request(&without, drawn))))?;
        }
    }

    #[test]
    fn two_calls_never_get_more_than_either(user in granting(), project in file(narrowing(), 0..=2), drawn in proptest::collection::vec((drawn(), drawn()), 12)) {
        let machine = Machine::new("", &user, &project);
        let policy = machine.policy();
        for (one, two) in &drawn {
            let (one, two) = (request(&machine, one), request(&machine, two));
            let both = permits(policy.decide(&one).and(policy.decide(&two)));
            let (one, two) = (permits(policy.decide(&one)), permits(policy.decide(&two)));
            is_no_more(&both, &one)?;
            is_no_more(&both, &two)?;
            // And no less: who may have it twice has it.
            prop_assert_eq!(both.len(), one.keys().filter(|name| two.contains_key(*name)).count());
        }
    }

    #[test]
    fn no_command_line_is_too_odd(argv in proptest::collection::vec(prop_oneof![
        select(WORDS).prop_map(|word| word.as_bytes().to_vec()),
        "-{0,3}[a-zA-Z=]{0,9}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..12),
        select(&["git", "gh", "psql", "aws", "kubectl", "python3", "op", "\\! env", "ext::x", "host=a", "postgres://", "::", "=", "/proc/self/environ", "--jq", "$ENV"][..]).prop_map(|word| word.as_bytes().to_vec()),
    ], 0..9)) {
        let argv: Vec<OsString> = argv.into_iter().filter_map(os).collect();
        for policy in everything() {
            let machine_free = Request { agent: Agent::Main, session: None, what: For::Command(argv.clone()), folder: "/".into(), repository: None, links_to_process: false, remote: None };
            let decision = policy.decide(&machine_free);
            prop_assert_eq!(decision.permits().count() + decision.refusals().count(), decision.outcomes().len());
            // Whatever stands before them, these never get anything.
            let options = argv.iter().filter(|word| word.as_encoded_bytes().starts_with(b"-")).cloned();
            let printing = [OsString::from("git")].into_iter().chain(options).chain(["credential".into(), "fill".into()]).collect();
            let decision = policy.decide(&Request { what: For::Command(printing), ..machine_free });
            prop_assert_eq!(decision.permits().count(), 0);
        }
    }
}

#[cfg(unix)]
fn os(bytes: Vec<u8>) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt;
    Some(OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn os(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

/// Policies under which as much as possible is looked at.
fn everything() -> &'static [Policy] {
    static POLICIES: std::sync::OnceLock<Vec<Policy>> = std::sync::OnceLock::new();
    POLICIES.get_or_init(|| {
        let tools = "tools = [\"git **\", \"gh **\", \"psql **\", \"aws **\", \"kubectl **\", \"python3 **\", \"op **\"]\nrepositories = [\"*\"]\n";
        let git = "[lend.g]\nsource = \"keyring:g\"\nby = \"git\"\nfor = \"github.com/acme/site\"\ntools = [\"git **\"]\nrepositories = [\"*\"]\n";
        let pg = format!("[lend.p]\nsource = \"keyring:p\"\nby = \"pgpass\"\nfor = \"db:5432/a/b\"\n{tools}");
        let env = format!("[lend.e]\nsource = \"keyring:e\"\nby = \"env:E\"\n{tools}");
        [git.to_owned(), pg, env].iter().map(|text| Machine::new("", text, "").policy()).collect()
    })
}
