//! The broker's side of the audit log: what a decision is about, in the log's words.

use std::path::Path;
use std::sync::Arc;

use audit::{Agent, Audit, Entry, Grant, Place, Recorded, Refusal, Return, Start, Stop, Use};
use policy::Permit;
use wire::Process;

use crate::calls::Registered;
use crate::leases::{Lease, Over};
use crate::life::End;
use crate::peer::Peer;

/// What is asked for, by which process, for which calls.
pub struct Case<'c> {
    /// The process.
    pub peer: &'c Peer,
    /// The calls that it may be; none for an MCP server.
    pub calls: &'c [Arc<Registered>],
    /// The tool's name.
    pub tool: &'c str,
    /// The credential's name.
    pub credential: &'c str,
}

/// The log.
pub struct Record(Audit);

impl Record {
    /// Opens the log. Why not, if nothing could be recorded.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let audit = Place::of_user(folder).and_then(|place| Audit::open(&place));
        audit.map(Self).map_err(|error| format!("nothing can be recorded: {error}"))
    }

    /// A credential is lent.
    pub fn granted(&self, case: &Case<'_>, lease: &str, permit: &Permit) -> Result<Recorded<Grant>, String> {
        let others = others(case.calls);
        let rule = permit.rule().to_string();
        let mut entry = Entry { rule: Some(&rule), lease: Some(lease), ..self.entry(Grant, case) };
        entry.why = others.as_deref();
        entry.lifetime = Some(permit.lifetime());
        entry.source = permit.source().whole().split(':').next();
        written(self.0.record(&entry))
    }

    /// A credential is not lent.
    pub fn refused(&self, case: &Case<'_>, why: &str) -> Result<(), String> {
        let why = others(case.calls).map_or_else(|| why.to_owned(), |others| format!("{why}; {others}"));
        let entry = Entry { why: Some(&why), ..self.entry(Refusal, case) };
        written(self.0.record(&entry)).map(drop)
    }

    /// Git has been given what was lent.
    pub fn used(&self, lease: &Lease) -> Result<Recorded<Use>, String> {
        written(self.0.record(&self.of_lease(Use, lease)))
    }

    /// Git has not been given it.
    pub fn withheld(&self, lease: &Lease, why: &str) -> Result<(), String> {
        let entry = Entry { why: Some(why), ..self.of_lease(Refusal, lease) };
        written(self.0.record(&entry)).map(drop)
    }

    /// A lease is over. That this cannot be recorded changes nothing about it.
    pub fn over(&self, lease: &Lease, over: Over) {
        let why = match over {
            Over::Returned => "its process has ended",
            Over::Expired => "its time is over",
        };
        let _ = self.0.record(&Entry { why: Some(why), ..self.of_lease(Return, lease) });
    }

    /// The broker begins.
    pub fn began(&self, client: Process) -> Result<(), String> {
        written(self.0.record(&Entry { pid: client.pid.try_into().ok(), ..Entry::of(Start) })).map(drop)
    }

    /// The broker ends.
    pub fn ended(&self, client: Process, end: End) -> Result<(), String> {
        let why = match end {
            End::Client => "the client is gone",
            End::Idle => "nobody asked for long",
            End::Told => "it was told to",
        };
        let entry = Entry { pid: client.pid.try_into().ok(), why: Some(why), ..Entry::of(Stop) };
        written(self.0.record(&entry)).map(drop)
    }

    fn entry<'a, D: audit::Deed>(&self, did: D, case: &'a Case<'_>) -> Entry<'a, D> {
        Entry {
            credential: Some(case.credential),
            tool: Some(case.tool),
            pid: case.peer.process.pid.try_into().ok(),
            ..self.of_call(did, case.calls.first().map(Arc::as_ref))
        }
    }

    fn of_lease<'a, D: audit::Deed>(&self, did: D, lease: &'a Lease) -> Entry<'a, D> {
        Entry {
            credential: Some(&lease.credential),
            pid: lease.holder.pid.try_into().ok(),
            lease: Some(&lease.id),
            tool: lease.program.file_name().and_then(|name| name.to_str()),
            ..self.of_call(did, lease.call.as_deref())
        }
    }

    fn of_call<'a, D: audit::Deed>(&self, did: D, registered: Option<&'a Registered>) -> Entry<'a, D> {
        let Some(Registered { call, .. }) = registered else { return Entry::of(did) };
        Entry {
            session: Some(&call.session),
            agent: Some(match (call.agent.as_deref(), call.agent_type.as_deref()) {
                (None, None) => Agent::Main,
                (id, kind) => Agent::Sub { kind: kind.unwrap_or_default(), id: id.unwrap_or_default() },
            }),
            call: Some(&call.id),
            command: Some(self.0.digest(call.command.as_bytes())),
            ..Entry::of(did)
        }
    }
}

/// The calls that a process may be besides the first, which the record names.
fn others(calls: &[Arc<Registered>]) -> Option<String> {
    let ids: Vec<&str> = calls.iter().skip(1).map(|registered| registered.call.id.as_str()).collect();
    (!ids.is_empty()).then(|| format!("it may as well be {}", ids.join(", ")))
}

fn written<T>(recorded: Result<T, audit::Error>) -> Result<T, String> {
    recorded.map_err(|error| format!("it cannot be recorded, so it is not lent: {error}"))
}
