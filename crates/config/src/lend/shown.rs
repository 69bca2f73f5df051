//! The settings of `[lend]` as `stanch config show` shows them, and what of them does not hold.

use std::fmt::Display;

use super::join::lies_in;
use super::terms::{List, Said, Terms, Who};
use super::{Credential, Ruling};
use crate::Source;

/// Why a setting of a credential that some file says is never lent does not hold: as it is meant.
pub const NEVER: &str = "a file says that it is never lent";
const UNKNOWN: &str = "a project's file can only narrow, and neither you nor the administrator lends such a credential";
const NOT_YOURS: &str =
    "only the file that lends a credential says where it comes from, how it is handed over and what it is bound to";
const WIDENS: &str = "this is wider than what is lent; only what both allow holds";
const MEANS_NOTHING: &str = "it has no meaning for the way that this credential is handed over";

/// The settings of the file that lends.
pub(super) fn granting(name: &str, terms: &Terms, never: Option<&Source>) -> Vec<Ruling> {
    settings(name, terms, |_| never.map(|_| NEVER))
}

/// Those of a project's file that would lend.
pub(super) fn unknown(name: &str, terms: &Terms) -> Vec<Ruling> {
    settings(name, terms, |_| Some(UNKNOWN))
}

/// Those of a file that narrows what another one lends.
pub(super) fn narrowing(credential: &Credential, terms: &Terms) -> Vec<Ruling> {
    let lent = &credential.granted;
    let wider = |widens: bool| widens.then_some(WIDENS);
    settings(&credential.name.value, terms, |key| match key {
        _ if credential.never.is_some() => Some(NEVER),
        Key::Source | Key::By | Key::For => Some(NOT_YOURS),
        Key::Lifetime => wider(terms.lifetime.as_ref().is_some_and(|said| said.value > lent.lifetime.value)),
        Key::Uses => wider(terms.uses.as_ref().is_some_and(|said| said.value > lent.uses.value)),
        Key::Tools if lent.tools.value.is_empty() => None,
        Key::Tools => wider(any(terms.tools.as_ref(), |tool| !lent.tools.value.iter().any(|t| t.value.covers(tool)))),
        Key::Agents if lent.servers.is_some() => Some(MEANS_NOTHING),
        Key::Agents => wider(any(terms.agents.as_ref(), |who| {
            !lent.agents.value.iter().any(|other| other.value == Who::Anyone || other.value == *who)
        })),
        Key::Sessions if lent.servers.is_some() => Some(MEANS_NOTHING),
        Key::Sessions => {
            wider(any(terms.sessions.as_ref(), |id| lent.sessions.as_ref().is_some_and(|ids| !has(ids, id))))
        }
        Key::Repositories => wider(any(terms.repositories.as_ref(), |f| !lies_in(&lent.repositories.value, f))),
        Key::Servers if lent.servers.is_none() => Some(MEANS_NOTHING),
        Key::Servers => wider(any(terms.servers.as_ref(), |name| !lent.servers.as_ref().is_some_and(|l| has(l, name)))),
    })
}

fn any<T>(list: Option<&List<T>>, is: impl Fn(&T) -> bool) -> bool {
    list.is_some_and(|list| list.value.iter().any(|item| is(&item.value)))
}

fn has(list: &List<String>, text: &str) -> bool {
    list.value.iter().any(|item| item.value == text)
}

#[derive(Clone, Copy)]
enum Key {
    Source,
    Lifetime,
    By,
    For,
    Tools,
    Agents,
    Sessions,
    Repositories,
    Uses,
    Servers,
}

fn settings(name: &str, terms: &Terms, ignored: impl Fn(Key) -> Option<&'static str>) -> Vec<Ruling> {
    let one = |key, written: &str, said: Option<(String, &Source)>| {
        let (value, at) = said?;
        Some(Ruling { text: format!("lend.{name}.{written} = {value}"), at: at.clone(), ignored: ignored(key) })
    };
    let uses = terms.uses.as_ref().map(|said| (said.value.to_string(), &said.at));
    let lifetime = terms.lifetime.as_ref();
    let lifetime = lifetime.map(|said| (format!("\"{}\"", humantime::format_duration(said.value)), &said.at));
    [
        one(Key::Source, "source", word(terms.source.as_ref())),
        one(Key::Lifetime, "lifetime", lifetime),
        one(Key::By, "by", word(terms.by.as_ref())),
        one(Key::For, "for", word(terms.bound.as_ref())),
        one(Key::Tools, "tools", words(terms.tools.as_ref())),
        one(Key::Agents, "agents", words(terms.agents.as_ref())),
        one(Key::Sessions, "sessions", words(terms.sessions.as_ref())),
        one(Key::Repositories, "repositories", words(terms.repositories.as_ref())),
        one(Key::Uses, "uses", uses),
        one(Key::Servers, "servers", words(terms.servers.as_ref())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn word<T: Display>(said: Option<&Said<T>>) -> Option<(String, &Source)> {
    said.map(|said| (format!("{:?}", said.value.to_string()), &said.at))
}

fn words<T: Display>(list: Option<&List<T>>) -> Option<(String, &Source)> {
    let quoted = |item: &Said<T>| format!("{:?}", item.value.to_string());
    list.map(|list| (format!("[{}]", list.value.iter().map(quoted).collect::<Vec<_>>().join(", ")), &list.at))
}
