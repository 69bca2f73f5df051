//! The decision: for each credential a permit, or the first reason against it.

use std::ffi::OsString;
use std::path::{Component, Path};

use config::Source;
use config::lend::terms::{Binding, Folder, List, Said, Terms, Way, Who};
use config::lend::{Credential, Lend, pattern::Pattern};

use crate::argv::{Call, Role};
use crate::binding;
use crate::decision::{Decision, Outcome, Step};
use crate::fit::{Misfit, fit, fit_plainly};
use crate::permit::Permit;
use crate::printing;
use crate::refusal::{Condition, Refusal, Rule};
use crate::request::{Agent, For, Request, plain};
use crate::tools::Objection;

/// Who is lent what. Pure: the same request gets the same answer.
pub struct Policy {
    credentials: Vec<Credential>,
}

impl Policy {
    /// The policy of a configuration.
    pub fn new(lend: &Lend) -> Self {
        Self { credentials: lend.credentials().to_vec() }
    }

    /// Whether nothing is lent to anyone.
    pub fn is_empty(&self) -> bool {
        self.credentials.is_empty()
    }

    /// Decides about every credential.
    pub fn decide(&self, request: &Request) -> Decision {
        let asked = Asked::by(request);
        let outcome = |credential: &Credential| {
            let mut held = Vec::new();
            let verdict = asked.consider(credential, &mut held);
            Outcome { credential: credential.name.value.clone(), lent_at: credential.name.at.clone(), held, verdict }
        };
        Decision { outcomes: self.credentials.iter().map(outcome).collect() }
    }
}

/// A request, read once for all credentials.
struct Asked<'r> {
    request: &'r Request,
    /// The command, if one asks that can be read.
    call: Option<Call<'r>>,
    /// What speaks against the command whatever the policy says.
    objection: Option<Objection>,
}

impl<'r> Asked<'r> {
    fn by(request: &'r Request) -> Self {
        let call = match &request.what {
            For::Command(argv) => Call::read(argv),
            For::Server { .. } => None,
        };
        let linked = || request.links_to_process.then(binding::links_to_process);
        let objection = call.as_ref().and_then(|call| objections(call, &request.folder).or_else(linked));
        Self { request, call, objection }
    }

    fn consider(&self, credential: &Credential, held: &mut Vec<Step>) -> Result<Permit, Refusal> {
        let lent = &credential.granted;
        let rule = match (&self.request.what, &lent.servers) {
            (For::Command(_), None) => self.command(credential, held)?,
            (For::Server { name, argv }, Some(_)) => server(credential, name, argv, held)?,
            (asked, _) => {
                let (is, asks) = match asked {
                    For::Command(_) => ("MCP servers", "a command"),
                    For::Server { .. } => ("commands", "an MCP server"),
                };
                let message = format!("it is for {is} (`by = \"{}\"`), and {asks} asks", lent.by.value);
                return Err(Refusal::new(Condition::Kind, &lent.by.at, message));
            }
        };
        // Of a tool that it is not for nobody asks whether it is lent.
        if let Some(at) = &credential.never {
            return Err(Refusal::new(Condition::Never, at, "it is never lent"));
        }
        if lent.servers.is_none() {
            self.agents(credential, held)?;
            self.sessions(credential, held)?;
        }
        self.folders(credential, held)?;
        self.bound(credential, held)?;
        Ok(Permit::new(credential, rule))
    }

    /// Whether the command is one of those that are named; where.
    fn command(&self, credential: &Credential, held: &mut Vec<Step>) -> Result<Source, Refusal> {
        let tools = &credential.granted.tools;
        let named = |call: &&Call<'_>| tools.value.iter().any(|tool| tool.value.tool() == call.name);
        let Some(call) = self.call.as_ref().filter(named) else {
            let mut names: Vec<&str> = tools.value.iter().map(|tool| tool.value.tool()).collect();
            names.dedup();
            let message = format!("it is for {} alone", names.join(", "));
            return Err(Refusal::new(Condition::Named, &tools.at, message));
        };
        let fits = fitting(tools, call);
        if let Some(Objection { condition, why, source, .. }) = self.objection.clone() {
            // Where a command leads is of interest if it would get anything; that it prints, in any case.
            let of_another = condition != Condition::Prints && fits.is_err_and(|misfit| misfit.of_another);
            return Err(Refusal { condition, rule: Rule::Always(source), message: why, of_another });
        }
        let rule = fits?;
        held.push(Step { condition: Condition::Tools, rule: rule.at.clone(), says: format!("'{}' fits", rule.value) });
        for (narrower, at) in said(&credential.narrowed, |terms| terms.tools.as_ref()) {
            let also = fitting(narrower, call)?;
            held.push(Step { condition: Condition::Tools, rule: at.clone(), says: format!("'{}' fits", also.value) });
        }
        Ok(rule.at.clone())
    }

    fn agents(&self, credential: &Credential, held: &mut Vec<Step>) -> Result<(), Refusal> {
        let agent = &self.request.agent;
        let is_it = |who: &Who| match (who, agent) {
            (Who::Anyone, _) | (Who::Main, Agent::Main) => true,
            (Who::Type(name), Agent::Sub(kind)) => name == kind,
            (Who::Main, Agent::Sub(_)) | (Who::Type(_), Agent::Main) => false,
        };
        let granted = (&credential.granted.agents, &credential.granted.agents.at);
        for (list, at) in [granted].into_iter().chain(said(&credential.narrowed, |terms| terms.agents.as_ref())) {
            let Some(who) = list.value.iter().find(|who| is_it(&who.value)) else {
                let unsaid = if *at == Source::BuiltIn { ", for `agents` is not said" } else { "" };
                let message = format!("it is for {}{unsaid}; this is {agent}", these(list, "no agent"));
                return Err(Refusal::new(
                    Condition::Agents,
                    if *at == Source::BuiltIn { &credential.name.at } else { at },
                    message,
                ));
            };
            let says = format!("'{}' is named, this is {agent}", who.value);
            held.push(Step { condition: Condition::Agents, rule: at.clone(), says });
        }
        Ok(())
    }

    fn sessions(&self, credential: &Credential, held: &mut Vec<Step>) -> Result<(), Refusal> {
        let granted = credential.granted.sessions.as_ref().map(|list| (list, &list.at));
        for (list, at) in granted.into_iter().chain(said(&credential.narrowed, |terms| terms.sessions.as_ref())) {
            let is_it =
                self.request.session.as_ref().is_some_and(|id| list.value.iter().any(|named| named.value == *id));
            if !is_it {
                let this = self
                    .request
                    .session
                    .as_deref()
                    .map_or_else(|| "not known".to_owned(), |id| format!("'{}'", plain(id)));
                let message = format!("it is for the sessions {}; this one is {this}", these(list, "(none)"));
                return Err(Refusal::new(Condition::Sessions, at, message));
            }
            held.push(Step {
                condition: Condition::Sessions,
                rule: at.clone(),
                says: "this session is named".to_owned(),
            });
        }
        Ok(())
    }

    fn folders(&self, credential: &Credential, held: &mut Vec<Step>) -> Result<(), Refusal> {
        let Request { folder, repository, .. } = self.request;
        let lent = &credential.granted.repositories;
        for (list, at) in
            [(lent, &lent.at)].into_iter().chain(said(&credential.narrowed, |terms| terms.repositories.as_ref()))
        {
            let holds = |folder: &Path| is_whole(folder) && list.value.iter().any(|named| named.value.holds(folder));
            // A repository that the folder is not in is another place, whatever led there.
            let other = repository.as_deref().filter(|top| !folder.starts_with(top));
            if let Some(outside) = [Some(folder.as_path()), other].into_iter().flatten().find(|folder| !holds(folder)) {
                let outside = plain(&outside.display().to_string());
                let message = format!("it is for {} and below; this is '{outside}'", these(list, "no folder"));
                return Err(Refusal::new(Condition::Repositories, at, message));
            }
            let inside = list.value.iter().find(|named| named.value.holds(folder));
            let says = match inside.map(|named| &named.value) {
                Some(Folder::Below { written, .. }) => format!("'{written}' and below"),
                Some(Folder::Anywhere) | None => "everywhere".to_owned(),
            };
            held.push(Step { condition: Condition::Repositories, rule: at.clone(), says });
        }
        Ok(())
    }

    fn bound(&self, credential: &Credential, held: &mut Vec<Step>) -> Result<(), Refusal> {
        let Said { value: bound, at } = &credential.granted.bound;
        if let Some(message) =
            self.call.as_ref().and_then(|call| binding::other(bound, call, self.request.remote.as_deref()))
        {
            let at = if *at == Source::BuiltIn { &credential.name.at } else { at };
            // Where git speaks no http it asks for no such credential, and nobody needs to hear of it.
            let remote = self.request.remote.as_deref().filter(|_| credential.granted.by.value == Way::Git);
            let of_another = remote.is_some_and(|remote| !remote.starts_with("http"));
            return Err(Refusal { of_another, ..Refusal::new(Condition::For, at, message) });
        }
        let says = match (&credential.granted.by.value, bound) {
            (_, Binding::Nothing) => return Ok(()),
            (Way::Git, _) => format!("git gets it for {bound} alone"),
            (Way::Pgpass, _) => format!("PostgreSQL's programs get it for {bound} alone"),
            (Way::Environment(_) | Way::Server(_), _) => format!("meant for {bound}"),
        };
        held.push(Step { condition: Condition::For, rule: at.clone(), says });
        Ok(())
    }
}

/// What is said against a command whatever the policy says.
pub(crate) fn objections(call: &Call<'_>, folder: &Path) -> Option<Objection> {
    printing::objection(call)
        .or_else(|| {
            let tool = call.tool?;
            let why = tool.other_commands.filter(|_| call.command.is_none())?;
            let is_incomplete = call.operands().next().is_none();
            let why = format!("this command of {} {why}", call.name);
            Some(Objection { condition: Condition::Needs, why, source: tool.source, is_incomplete })
        })
        .or_else(|| call.refused.clone())
        .or_else(|| {
            // It may take the next word for its value, and another than the one that is judged be the command.
            let tool = call.tool.filter(|tool| !tool.commands.is_empty())?;
            let mut before = call.words.iter().take_while(|word| word.role != Role::Operand);
            let why =
                format!("an option before the command of {} is not known; put it behind, or leave it out", call.name);
            before.any(|word| word.role == Role::Unnamed).then(|| Objection::escapes(tool.source, why))
        })
        .or_else(|| binding::names_process(call, folder))
        .or_else(|| (call.tool?.inspect)(call))
}

/// Whether an MCP server is one of those that are named; where.
fn server(credential: &Credential, name: &str, argv: &[OsString], held: &mut Vec<Step>) -> Result<Source, Refusal> {
    let granted = credential.granted.servers.as_ref().map(|list| (list, &list.at));
    let mut rule = None;
    for (list, at) in granted.into_iter().chain(said(&credential.narrowed, |terms| terms.servers.as_ref())) {
        let Some(named) = list.value.iter().find(|named| named.value == name) else {
            let message = format!("it is for {} alone", these(list, "no server"));
            return Err(Refusal::new(Condition::Named, at, message));
        };
        rule.get_or_insert_with(|| named.at.clone());
        held.push(Step {
            condition: Condition::Named,
            rule: named.at.clone(),
            says: format!("'{}' is this server", named.value),
        });
    }
    let tools =
        Some((&credential.granted.tools, &credential.granted.tools.at)).filter(|(list, _)| !list.value.is_empty());
    for (list, at) in tools.into_iter().chain(said(&credential.narrowed, |terms| terms.tools.as_ref())) {
        let Some(named) = list.value.iter().find(|named| fit_plainly(&named.value, argv)) else {
            let message = "the server's command is none of those in `tools`; another server may go by its name";
            return Err(Refusal::new(Condition::Tools, at, message));
        };
        held.push(Step {
            condition: Condition::Tools,
            rule: named.at.clone(),
            says: format!("'{}' fits", named.value),
        });
    }
    rule.ok_or_else(|| Refusal::new(Condition::Named, &credential.name.at, "it is for no server"))
}

/// The first pattern that a command fits; else what is at odds with the one that it fits best.
fn fitting<'l>(list: &'l List<Pattern>, call: &Call<'_>) -> Result<&'l Said<Pattern>, Refusal> {
    let mut nearest: Option<(Misfit, &Said<Pattern>)> = None;
    for pattern in list.value.iter().filter(|pattern| pattern.value.tool() == call.name) {
        match fit(&pattern.value, call) {
            Ok(()) => return Ok(pattern),
            Err(misfit) if nearest.as_ref().is_none_or(|(other, _)| misfit > *other) => {
                nearest = Some((misfit, pattern))
            }
            Err(_) => {}
        }
    }
    Err(match nearest {
        None => Refusal::new(Condition::Tools, &list.at, format!("no pattern there begins with {}", call.name)),
        Some((Misfit::Word(at, wanted), pattern)) => {
            let wanted = if wanted == "*" { "a word".to_owned() } else { format!("'{wanted}'") };
            let message = format!("argument {at} of {} is not {wanted}, as '{}' wants it", call.name, pattern.value);
            Refusal { of_another: true, ..Refusal::new(Condition::Tools, &pattern.at, message) }
        }
        Some((Misfit::Option(at), pattern)) => {
            let message = format!(
                "argument {at} of {} is an option that '{}' does not name; leave it out, name it there, or let the pattern end \
                 with `**`",
                call.name, pattern.value
            );
            Refusal::new(Condition::Tools, &pattern.at, message)
        }
    })
}

/// What the files that narrow say of one thing, those of them that say anything.
fn said<'c, T: 'c>(
    narrowed: &'c [Terms],
    what: impl Fn(&'c Terms) -> Option<&'c List<T>>,
) -> impl Iterator<Item = (&'c List<T>, &'c Source)> {
    narrowed.iter().filter_map(what).map(|list| (list, &list.at))
}

/// A list in words.
fn these<T: std::fmt::Display>(list: &List<T>, none: &str) -> String {
    let quoted: Vec<String> = list.value.iter().map(|item| format!("'{}'", item.value)).collect();
    if quoted.is_empty() { none.to_owned() } else { quoted.join(", ") }
}

/// Whether a path says where it leads: absolute, and never up again.
fn is_whole(path: &Path) -> bool {
    path.is_absolute() && !path.components().any(|part| part == Component::ParentDir)
}
