//! Who may say what of a credential: the first trusted file that names it lends it, all others narrow.

use super::raw::mistake;
use super::terms::{Binding, Entry, Folder, List, Said, Terms, Way, Who};
use super::{Credential, Database, Granted, LIFETIME, Lend, Repository, Ruling, binding, shown};
use crate::file::File;
use crate::{ConfigError, Source};

/// The last word of a file about all that it does not name.
const ALL_OTHERS: &str = "*";

/// Joins the entries of the administrator's and the user's file with those of a project's.
///
/// # Errors
/// The terms on which a credential is to be lent are not whole, or do not go together.
pub(super) fn join<'f>(
    trusted: impl Iterator<Item = &'f File>,
    project: impl Iterator<Item = &'f File>,
) -> Result<Lend, ConfigError> {
    let files: Vec<(&File, bool)> = trusted.map(|file| (file, true)).chain(project.map(|file| (file, false))).collect();
    let mut lend = Lend::default();
    for (place, (file, is_trusted)) in files.iter().enumerate() {
        for entry in &file.lend {
            let name = &entry.name.value;
            let Some(terms) = &entry.terms else {
                lend.settings.push(Ruling {
                    text: format!("lend.{name:?} = \"never\""),
                    at: entry.name.at.clone(),
                    ignored: None,
                });
                continue;
            };
            match lend.credentials.iter_mut().find(|credential| credential.name.value == *name) {
                Some(credential) => {
                    lend.settings.extend(shown::narrowing(credential, terms));
                    credential.narrowed.push(terms.clone());
                }
                None if *is_trusted => {
                    let granted = whole(entry, terms)?;
                    // Said before, for all that comes behind; or later, by a file that narrows.
                    let never =
                        files[..place].iter().chain(&files[place + 1..]).find_map(|(file, _)| forbids(file, name));
                    lend.settings.extend(shown::granting(name, terms, never.as_ref()));
                    lend.credentials.push(Credential {
                        name: entry.name.clone(),
                        granted,
                        narrowed: Vec::new(),
                        never,
                    });
                }
                None => lend.settings.extend(shown::unknown(name, terms)),
            }
        }
    }
    lend.credentials.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    Ok(lend)
}

/// Where a file says that a credential is never lent.
fn forbids(file: &File, name: &str) -> Option<Source> {
    let said = |wanted: &str| file.lend.iter().find(|entry| entry.name.value == wanted);
    let entry = said(name).or_else(|| said(ALL_OTHERS))?;
    entry.terms.is_none().then(|| entry.name.at.clone())
}

/// The terms of the file that lends, with the defaults of what it does not say.
fn whole(entry: &Entry, terms: &Terms) -> Result<Granted, ConfigError> {
    let name = &entry.name;
    let missing = |what: &str| mistake(&name.at, format!("lend.{}: `{what}`", name.value));
    let source =
        terms.source.clone().ok_or_else(|| missing("source` is missing: where the value lies, like `keyring:NAME"))?;
    let by = terms.by.clone().ok_or_else(|| {
        missing("by` is missing: how it is handed over, `git`, `pgpass`, `env:VARIABLE` or `mcp-env:VARIABLE")
    })?;
    let repositories = filled(terms.repositories.clone(), || {
        missing(
            "repositories` is missing: the folders in which it is lent, like `[\"~/src/site\"]`, or `[\"*\"]` for all",
        )
    })?;
    let only = |is_said: Option<&Source>, key: &str, why: &str| match is_said {
        Some(at) => Err(mistake(at, format!("`{key}` {why}"))),
        None => Ok(()),
    };
    let mut agents = filled_if_said(terms.agents.clone())?;
    let tools = if let Way::Server(_) = by.value {
        // A server serves the whole client, and is started before there is a session or a call.
        let why = "has no meaning with `mcp-env`: the server is the client's, for all its agents, and starts before any call; \
                   name it in `servers`, and its command in `tools`";
        only(terms.agents.as_ref().map(|said| &said.at), "agents", why)?;
        only(terms.sessions.as_ref().map(|said| &said.at), "sessions", why)?;
        only(terms.uses.as_ref().map(|said| &said.at), "uses", why)?;
        agents = Some(Said::unsaid(vec![Said::unsaid(Who::Anyone)]));
        filled(terms.servers.clone(), || missing("servers` is missing: the names of the MCP servers that get it"))?;
        filled_if_said(terms.tools.clone())?.unwrap_or_else(|| Said::unsaid(Vec::new()))
    } else {
        only(
            terms.servers.as_ref().map(|said| &said.at),
            "servers",
            "has a meaning with `by = \"mcp-env:VARIABLE\"` alone",
        )?;
        filled(terms.tools.clone(), || missing("tools` is missing: the commands that get it, like `[\"git push\"]`"))?
    };
    if let (Way::Git, Some(tool)) = (&by.value, tools.value.iter().find(|tool| tool.value.tool() != "git")) {
        let why = "names another command than git, to which nothing is handed over `by = \"git\"`; if the command runs git, \
                   name what it runs: `git push`";
        return Err(mistake(&tool.at, why));
    }
    Ok(Granted {
        bound: bound(&by, terms.bound.as_ref(), &name.at)?,
        source,
        lifetime: terms.lifetime.clone().unwrap_or(Said::unsaid(LIFETIME)),
        by,
        tools,
        agents: agents.unwrap_or_else(|| Said::unsaid(vec![Said::unsaid(Who::Main)])),
        sessions: filled_if_said(terms.sessions.clone())?,
        repositories,
        uses: terms.uses.clone().unwrap_or(Said::unsaid(1)),
        servers: terms.servers.clone(),
    })
}

fn filled<T>(list: Option<List<T>>, missing: impl Fn() -> ConfigError) -> Result<List<T>, ConfigError> {
    filled_if_said(list)?.ok_or_else(missing)
}

fn filled_if_said<T>(list: Option<List<T>>) -> Result<Option<List<T>>, ConfigError> {
    match list {
        Some(list) if list.value.is_empty() => {
            Err(mistake(&list.at, "is empty: name at least one; what is never lent is `lend.NAME = \"never\"`"))
        }
        list => Ok(list),
    }
}

/// What a credential is bound to: `for` is read as the way of handing over needs it.
fn bound(by: &Said<Way>, said: Option<&Said<String>>, entry: &Source) -> Result<Said<Binding>, ConfigError> {
    let (expected, read): (&str, fn(&str) -> Option<Binding>) = match by.value {
        Way::Git => ("the repository, `HOST/PATH` without scheme and user, like `github.com/acme/site`", |text| {
            Repository::parse(text).map(Binding::Repository)
        }),
        Way::Pgpass => ("the database, `HOST:PORT/DATABASE/USER`, each written out", |text| {
            Database::parse(text).map(Binding::Database)
        }),
        Way::Environment(_) | Way::Server(_) => {
            ("the host that the command may send it to, like `github.com`", |text| {
                binding::host_of(text).map(Binding::Host)
            })
        }
    };
    match (said, &by.value) {
        (Some(said), _) => {
            let value = read(&said.value).ok_or_else(|| mistake(&said.at, format!("`for` is {expected}")))?;
            Ok(Said { value, at: said.at.clone() })
        }
        (None, Way::Git | Way::Pgpass) => Err(mistake(entry, format!("`for` is missing: {expected}"))),
        (None, Way::Environment(_) | Way::Server(_)) => Ok(Said::unsaid(Binding::Nothing)),
    }
}

/// Whether a folder of a file that narrows lies in one of those in which the credential is lent.
pub(super) fn lies_in(lent: &[Said<Folder>], folder: &Folder) -> bool {
    lent.iter().any(|other| match folder {
        Folder::Anywhere => other.value == Folder::Anywhere,
        Folder::Below { path, .. } => other.value.holds(path),
    })
}
