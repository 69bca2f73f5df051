//! One client's broker: what it knows, and who may ask it what.

use std::sync::{Arc, Mutex};

use wire::{Answer, Ask, By, Process, Redacted, Report};

use crate::calls::{Calls, Owner};
use crate::filters::Filters;
use crate::leases::Leases;
use crate::life::Pulse;
use crate::lock::lock;
use crate::peer::Peer;
use crate::program::Tools;
use crate::record::Output;
use crate::serve::Said;
use crate::terms::Terms;
use crate::values::Values;
use crate::wrappers::WRAPPER;
use crate::{git, lend, nested, record};

/// What it knows.
pub struct Broker {
    /// Whose it is.
    pub client: Process,
    /// The sessions of the client, the last one last.
    pub sessions: Mutex<Vec<String>>,
    /// Tool calls and the processes that run them.
    pub calls: Calls,
    /// What is lent.
    pub leases: Arc<Leases>,
    /// Values of the credentials.
    pub values: Arc<Values>,
    /// On which terms.
    pub terms: Terms,
    /// The tools' executables, and their environment.
    pub tools: Tools,
    /// Which filters know which values.
    pub filters: Filters,
    /// Where every decision is written before it is acted upon.
    pub record: record::Record,
    /// Its life.
    pub pulse: Pulse,
}

/// The hooks that tell of calls; the client starts them itself.
const BEFORE: &str = "pre-tool-use";
const AFTER: [&str; 2] = ["post-tool-use", "post-tool-use-failure"];
const START: &str = "session-start";
/// The hooks that find secrets; the client starts them itself.
const FINDERS: [&str; 10] = [
    "pre-tool-use",
    "post-tool-use",
    "post-tool-use-failure",
    "post-tool-batch",
    "user-prompt-submit",
    "pre-compact",
    "session-start",
    "session-end",
    "subagent-stop",
    "instructions-loaded",
];
/// What runs a call's command; the client starts it itself.
pub(crate) const PREFIX: &str = "stanch-shell";

impl Broker {
    /// Answers one question, if the one who asks is the one whose question it is.
    pub fn answer(self: &Arc<Self>, peer: &Peer, ask: Ask) -> Said {
        if matches!(ask, Ask::Known) && peer.is_ours() == Some(false) {
            return Answer::Stranger.into();
        }
        if !self.may(peer, &ask) {
            let why = "who asks is not the one whose question this is";
            return Answer::Refused { why: why.to_owned() }.into();
        }
        match ask {
            Ask::Session { id } => {
                let mut sessions = lock(&self.sessions);
                sessions.retain(|known| *known != id);
                sessions.push(id);
                Answer::Done.into()
            }
            Ask::Call(call) => {
                self.calls.open(call);
                Answer::Done.into()
            }
            Ask::Ended { call } => {
                self.calls.close(&call);
                Answer::Done.into()
            }
            Ask::Run { text } => Answer::Calls(self.calls.bind(peer.process, &text)).into(),
            Ask::Server { text } => lend::to_server(self, peer, &text),
            Ask::Tool(tool) => lend::to_tool(self, peer, tool),
            Ask::Declined { why } => lend::declined(self, peer, &why),
            Ask::Git { protocol, host, path } => git::credential(self, peer, &protocol, &host, &path),
            Ask::Known => {
                let (known, sources) = self.values.known();
                self.filters.offer(peer.process, sources);
                Answer::Known { forms: known.to_text() }.into()
            }
            Ask::TakenIn => {
                self.filters.confirm(peer.process);
                Answer::Done.into()
            }
            Ask::IsCommand { process } => Answer::IsCommand(self.calls.is_command(process)).into(),
            Ask::Redacted(redacted) => self.redacted(peer, &redacted).into(),
            Ask::Report => Answer::Report(self.report()).into(),
            // It ends when this has been said.
            Ask::Stop => Answer::Done.into(),
        }
    }

    /// Whether it is the question of the one who asks.
    fn may(&self, peer: &Peer, ask: &Ask) -> bool {
        let is_child = || peer.is_child_of(self.client);
        // A command of the client is its child too, and can become any executable.
        let of_client = || is_child() && !self.calls.is_command(peer.process);
        let below = || peer.is_below(self.client);
        match ask {
            Ask::Session { .. } => peer.is(START) && below() && !self.calls.is_of_call(peer.process),
            Ask::Call(_) => peer.is(BEFORE) && of_client(),
            Ask::Ended { .. } => AFTER.iter().any(|hook| peer.is(hook)) && of_client(),
            Ask::Run { .. } => peer.is(PREFIX) && of_client(),
            Ask::Server { .. } => peer.is(PREFIX) && is_child() && self.calls.may_be_server(peer.process),
            Ask::Tool(tool) => peer.is(WRAPPER) && below() && peer.was_called(&tool.words),
            Ask::Declined { .. } | Ask::Git { .. } => peer.is(WRAPPER) && below(),
            Ask::Known => peer.is_ours() == Some(true) && below(),
            Ask::TakenIn => peer.is(PREFIX) && below(),
            Ask::Redacted(redacted) => match redacted.by {
                By::Hook { .. } => FINDERS.iter().any(|hook| peer.is(hook)) && of_client(),
                // The filter of a server's output is nobody's child.
                By::Filter(_) => peer.is(PREFIX),
            },
            // A command of another client is known by its prefix alone.
            Ask::Stop => match self.calls.owner(peer.process) {
                Some(owner) => matches!(owner, Owner::NoCall),
                None => !nested::is_below_prefix(peer.process),
            },
            // Whoever may ask could as well look at processes.
            Ask::IsCommand { .. } | Ask::Report => true,
        }
    }

    fn redacted(&self, peer: &Peer, redacted: &Redacted) -> Answer {
        let By::Filter(process) = redacted.by else {
            self.record.redacted(redacted, None);
            return Answer::Done;
        };
        // What started it counts, if that is known, and not what it says.
        let owner = self.calls.owner(peer.process).or_else(|| self.calls.owner(process));
        let calls = if let Some(Owner::Calls(calls)) = owner { calls } else { Vec::new() };
        let session = lock(&self.sessions).last().cloned();
        let output = Output { process, calls: &calls, session: session.as_deref() };
        self.record.redacted(redacted, Some(&output));
        Answer::Done
    }

    fn report(&self) -> Report {
        Report {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            client: self.client.pid,
            sessions: lock(&self.sessions).clone(),
            credentials: self.terms.sources().map(|(name, source)| (name, self.values.state(&source))).collect(),
            calls: self.calls.count(),
            leases: self.leases.count(),
        }
    }
}
