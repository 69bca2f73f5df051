//! The broker's side of the audit log: what a decision is about, in the log's words.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use audit::{
    Agent, Audit, Deed, Entry, Failure, Grant, Place, Recorded, Redaction, Refusal, Return, Sighting, Start, Stop, Use,
};
use policy::Permit;
use wire::{By, Call, Process, Redacted};

use crate::leases::{Lease, Over};
use crate::life::End;
use crate::peer::Peer;

/// What is asked for, by which process, for which calls.
pub struct Case<'c> {
    /// The process.
    pub peer: &'c Peer,
    /// The calls that it may be; none for an MCP server.
    pub calls: &'c [Arc<Call>],
    /// The tool's name.
    pub tool: &'c str,
    /// The credential's name; none where it is not known which it would be.
    pub credential: Option<&'c str>,
}

/// A decision to lend that is on record: only [`Record::granted`] makes one, of what only the policy makes.
pub struct Granted {
    permit: Permit,
    lease: String,
    _recorded: Recorded<Grant>,
}

impl Granted {
    /// The lease's name, and the decision.
    pub(crate) fn into_parts(self) -> (String, Permit) {
        (self.lease, self.permit)
    }
}

/// Output in which something was found.
pub struct Output<'o> {
    /// The process that wrote it, or the first of those that did.
    pub process: Process,
    /// The calls that it may be; none for an MCP server, and for what a person typed.
    pub calls: &'o [Arc<Call>],
    /// The client's session.
    pub session: Option<&'o str>,
}

/// The log.
pub struct Record {
    audit: Audit,
    /// Redactions that could not be recorded, and are not on record as such yet.
    missed: AtomicU64,
}

impl Record {
    /// Opens the log. Why not, if nothing could be recorded.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let audit = Place::of_user(folder).and_then(|place| Audit::open(&place));
        let record = audit.map(|audit| Self { audit, missed: AtomicU64::new(0) });
        record.map_err(|error| format!("nothing can be recorded: {error}"))
    }

    /// A credential is lent, in a lease of that name.
    pub fn granted(&self, case: &Case<'_>, lease: String, permit: Permit) -> Result<Granted, String> {
        let others = others(case.calls);
        let rule = permit.rule().to_string();
        let mut entry = Entry { rule: Some(&rule), lease: Some(&lease), ..self.entry(Grant, case) };
        entry.why = others.as_deref();
        entry.lifetime = Some(permit.lifetime());
        entry.source = permit.source().whole().split(':').next();
        let _recorded = written(self.audit.record(&entry))?;
        Ok(Granted { permit, lease, _recorded })
    }

    /// A credential is not lent.
    pub fn refused(&self, case: &Case<'_>, why: &str) -> Result<(), String> {
        let why = others(case.calls).map_or_else(|| why.to_owned(), |others| format!("{why}; {others}"));
        let entry = Entry { why: Some(&why), ..self.entry(Refusal, case) };
        written(self.audit.record(&entry)).map(drop)
    }

    /// A credential that may be lent cannot be had.
    pub fn failed(&self, case: &Case<'_>, why: &str) -> Result<(), String> {
        written(self.audit.record(&Entry { why: Some(why), ..self.entry(Failure, case) })).map(drop)
    }

    /// Git has been given what was lent.
    pub fn used(&self, lease: &Lease) -> Result<Recorded<Use>, String> {
        written(self.audit.record(&self.of_lease(Use, lease)))
    }

    /// What was lent cannot be had after all.
    pub fn missing(&self, lease: &Lease, why: &str) -> Result<(), String> {
        let entry = Entry { why: Some(why), ..self.of_lease(Failure, lease) };
        written(self.audit.record(&entry)).map(drop)
    }

    /// Git has not been given what was lent, or the tool was not run.
    pub fn withheld(&self, lease: &Lease, why: &str) -> Result<(), String> {
        let entry = Entry { why: Some(why), ..self.of_lease(Refusal, lease) };
        written(self.audit.record(&entry)).map(drop)
    }

    /// A lease is over. That this cannot be recorded changes nothing about it.
    pub fn over(&self, lease: &Lease, over: Over) {
        let why = match over {
            Over::Returned => "its process has ended",
            Over::Expired => "its time is over",
        };
        let _ = self.audit.record(&Entry { why: Some(why), ..self.of_lease(Return, lease) });
    }

    /// Secrets were found by a hook, or in some output. They were taken out whatever becomes of the record: how many records are
    /// missing stands before the next one.
    pub fn redacted(&self, redacted: &Redacted, output: Option<&Output<'_>>) {
        let recorded = self.make_up().and_then(|()| match redacted.kept {
            true => self.found(Redaction, redacted, output),
            false => self.found(Sighting, redacted, output),
        });
        if recorded.is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn found<D: Deed>(&self, did: D, redacted: &Redacted, output: Option<&Output<'_>>) -> Result<(), audit::Error> {
        let kinds: Vec<(&str, u64)> = redacted.kinds.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
        let others = output.and_then(|output| others(output.calls));
        let of = match (&redacted.by, output) {
            (By::Hook { session, agent: id, agent_type, call, tool }, _) => Entry {
                session: session.as_deref(),
                agent: Some(agent(id.as_deref(), agent_type.as_deref())),
                call: call.as_deref(),
                tool: tool.as_deref(),
                ..Entry::of(did)
            },
            (By::Filter(_), Some(Output { process, calls, session })) => {
                let of_call = self.of_call(did, calls.first().map(Arc::as_ref));
                Entry { session: of_call.session.or(*session), pid: process.pid.try_into().ok(), ..of_call }
            }
            (By::Filter(_), None) => Entry::of(did),
        };
        let (place, how) = (Some(redacted.place.as_str()), Some(redacted.how.as_str()));
        self.audit.record(&Entry { kinds: &kinds, place, how, why: others.as_deref(), ..of }).map(drop)
    }

    /// Says how many redactions are not on record.
    fn make_up(&self) -> Result<(), audit::Error> {
        let missed = self.missed.swap(0, Ordering::Relaxed);
        if missed == 0 {
            return Ok(());
        }
        let why = format!("redactions before this could not be recorded: {missed}");
        let recorded = self.audit.record(&Entry { why: Some(&why), ..Entry::of(Failure) });
        recorded.map(drop).inspect_err(|_| {
            self.missed.fetch_add(missed, Ordering::Relaxed);
        })
    }

    /// The broker itself has failed over a question, at that place in its source.
    pub fn broke(&self, place: &str) {
        let why = format!("stanch has failed over a question ({place}), which has no answer; please report it");
        let _ = self.audit.record(&Entry { why: Some(&why), ..Entry::of(Failure) });
    }

    /// The broker begins.
    pub fn began(&self, client: Process) -> Result<(), String> {
        written(self.audit.record(&Entry { pid: client.pid.try_into().ok(), ..Entry::of(Start) })).map(drop)
    }

    /// The broker ends.
    pub fn ended(&self, client: Process, end: End) -> Result<(), String> {
        let _ = self.make_up();
        let why = match end {
            End::Client => "the client is gone",
            End::Idle => "nobody asked for long",
            End::Lost => "its socket was taken away",
            End::Told => "it was told to",
        };
        let entry = Entry { pid: client.pid.try_into().ok(), why: Some(why), ..Entry::of(Stop) };
        written(self.audit.record(&entry)).map(drop)
    }

    fn entry<'a, D: Deed>(&self, did: D, case: &'a Case<'_>) -> Entry<'a, D> {
        Entry {
            credential: case.credential,
            tool: Some(case.tool),
            pid: case.peer.process.pid.try_into().ok(),
            ..self.of_call(did, case.calls.first().map(Arc::as_ref))
        }
    }

    fn of_lease<'a, D: Deed>(&self, did: D, lease: &'a Lease) -> Entry<'a, D> {
        Entry {
            credential: Some(lease.credential()),
            pid: lease.holder().pid.try_into().ok(),
            lease: Some(lease.id()),
            tool: lease.program().file_name().and_then(|name| name.to_str()),
            ..self.of_call(did, lease.call())
        }
    }

    fn of_call<'a, D: Deed>(&self, did: D, call: Option<&'a Call>) -> Entry<'a, D> {
        let Some(call) = call else { return Entry::of(did) };
        Entry {
            session: Some(&call.session),
            agent: Some(agent(call.agent.as_deref(), call.agent_type.as_deref())),
            call: Some(&call.id),
            command: Some(self.audit.digest(call.command.as_bytes())),
            ..Entry::of(did)
        }
    }
}

/// As the client tells of it.
fn agent<'a>(id: Option<&'a str>, kind: Option<&'a str>) -> Agent<'a> {
    match (id, kind) {
        (None, None) => Agent::Main,
        (id, kind) => Agent::Sub { kind: kind.unwrap_or_default(), id: id.unwrap_or_default() },
    }
}

/// The calls that a process may be besides the first, which the record names.
fn others(calls: &[Arc<Call>]) -> Option<String> {
    let ids: Vec<&str> = calls.iter().skip(1).map(|call| call.id.as_str()).collect();
    (!ids.is_empty()).then(|| format!("it may as well be {}", ids.join(", ")))
}

fn written<T>(recorded: Result<T, audit::Error>) -> Result<T, String> {
    recorded.map_err(|error| format!("it cannot be recorded, so it is not lent: {error}"))
}
