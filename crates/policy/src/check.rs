//! What a policy says that is no mistake, but may not be meant.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;

use config::Source;
use config::lend::pattern::{Pattern, Word};
use config::lend::terms::{Folder, List, Said, Way, Who};
use config::lend::{Credential, Lend, NEVER};

use crate::argv::{Call, without_version};
use crate::decide::objections;
use crate::tools::among;

/// Something to look at.
#[derive(Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where it stands.
    pub at: Source,
    /// What it means and what to do.
    pub message: String,
}

/// Programs that do what a file in the repository says.
const READ_A_FILE: &str =
    "python pypy ruby perl node deno bun php lua make just task npm pnpm yarn cargo gradle mvn ant rake tox nox";
/// Programs that look for what they run where they are started, before they fetch it.
const RUNS_A_PACKAGE: &str = "npx npm pnpm pnpx yarn bunx bun uvx uv pipx python deno";
/// Programs that read a password file of PostgreSQL.
const LIBPQ: &str =
    "psql pg_dump pg_dumpall pg_restore pg_isready createdb dropdb vacuumdb reindexdb pgbench pg_basebackup";

/// What to look at, in the order of the credentials.
pub fn warnings(lend: &Lend) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = lend.credentials().iter().flat_map(of_credential).collect();
    // Whoever writes "never" knows that nothing else is left of it.
    let ignored =
        lend.settings().filter_map(|setting| Some((setting.ignored.filter(|why| *why != NEVER)?, setting.source)));
    let ignored = ignored.map(|(why, at)| Warning { at, message: format!("does not hold: {why}") });
    warnings.extend(ignored);
    warnings
}

fn of_credential(credential: &Credential) -> Vec<Warning> {
    let (lent, mut found) = (&credential.granted, Vec::new());
    let mut warn = |at: &Source, message: String| found.push(Warning { at: at.clone(), message });
    let narrowed = credential.narrowed.iter().filter_map(|terms| terms.repositories.as_ref());
    for folder in [&lent.repositories].into_iter().chain(narrowed).flat_map(|list| &list.value) {
        if let Folder::Below { exists: false, .. } = folder.value {
            warn(&folder.at, "there is no such folder: in it nothing is lent".to_owned());
        }
    }
    if let Some(wide) = lent.repositories.value.iter().find(|folder| folder.value == Folder::Anywhere) {
        warn(
            &wide.at,
            "holds in every folder, those of repositories that you have just cloned among them; name folders"
                .to_owned(),
        );
    }
    if lent.servers.is_some() {
        if lent.tools.value.is_empty() {
            let message = "knows the server by its name alone, which a repository's .mcp.json can give to a server of its own; name the \
                           command too: `tools = [\"acme-mcp\"]`";
            warn(&lent.by.at, message.to_owned());
        }
        for tool in lent.tools.value.iter().filter(|tool| among(RUNS_A_PACKAGE, without_version(tool.value.tool()))) {
            let message = format!(
                "{} runs what the repository's own packages and configuration name (node_modules/.bin, .npmrc, pyproject.toml and the \
                 like); install the server and name its own command",
                tool.value.tool()
            );
            warn(&tool.at, message);
        }
    } else {
        if let Some(wide) = lent.agents.value.iter().find(|who| who.value == Who::Anyone) {
            warn(
                &wide.at,
                "every subagent gets it, also those of types that a repository defines; name types".to_owned(),
            );
        }
        of_tools(&lent.tools, &lent.by, &mut warn);
        for list in credential.narrowed.iter().filter_map(|terms| terms.tools.as_ref()) {
            for tool in
                list.value.iter().filter(|tool| !lent.tools.value.iter().any(|other| meet(&tool.value, &other.value)))
            {
                warn(&tool.at, "nothing that is lent begins so".to_owned());
            }
        }
    }
    found
}

fn of_tools(tools: &List<Pattern>, by: &Said<Way>, warn: &mut impl FnMut(&Source, String)) {
    let mut seen = HashSet::new();
    for (place, Said { value: tool, at }) in tools.value.iter().enumerate() {
        if let Some(why) = unreachable(tool) {
            warn(at, format!("never gets anything: {why}"));
            continue;
        }
        if let Some(wider) = tools.value[..place].iter().find(|other| other.value.covers(tool)) {
            warn(at, format!("says nothing new: '{}' ({}) covers it", wider.value, wider.at));
        }
        if tool.words().is_empty() && !among(LIBPQ, tool.tool()) {
            warn(at, format!("is for everything that {} can do; name commands", tool.tool()));
        }
        let name = without_version(tool.tool());
        let (narrower, is_narrower) = match (&by.value, name) {
            (Way::Environment(_), "git") => ("git", true),
            (Way::Environment(_), _) if among(LIBPQ, name) => ("pgpass", true),
            _ => ("", false),
        };
        if is_narrower && seen.insert(name) {
            warn(&by.at, format!("{name} has a narrower way: `by = \"{narrower}\"`, bound to one server"));
        }
        if by.value == Way::Pgpass && !among(LIBPQ, name) && seen.insert(name) {
            warn(
                at,
                format!("{name} is none of PostgreSQL's own programs; whether it reads a password file is not known"),
            );
        }
        if matches!(by.value, Way::Environment(_)) && among(READ_A_FILE, name) && seen.insert(name) {
            warn(at, format!("{name} does what files in the repository say, and the agent can change those"));
        }
    }
}

/// Why no command that begins so is ever lent anything.
fn unreachable(tool: &Pattern) -> Option<String> {
    let word = |word: &Word| match word {
        Word::Exactly(text) => OsString::from(text),
        Word::Any => OsString::from("x"),
    };
    let argv: Vec<OsString> = [OsString::from(tool.tool())].into_iter().chain(tool.words().iter().map(word)).collect();
    objections(&Call::read(&argv)?, Path::new("/"))
        .filter(|objection| !objection.is_incomplete)
        .map(|objection| objection.why)
}

/// Whether a command may begin as both say.
fn meet(one: &Pattern, two: &Pattern) -> bool {
    let may = |(a, b): (&Word, &Word)| a == b || *a == Word::Any || *b == Word::Any;
    one.tool() == two.tool() && one.words().iter().zip(two.words()).all(may)
}
