//! What git's credential helper is told: the value, if the process that speaks HTTP for a git that has a lease asks for the place
//! that the lease is bound to, as it was started to.
//!
//! A hook of the repository, or a command beside it, may start a git of its own below the one that has the lease, with other
//! settings: a proxy and certificates of its choice. Then the part that speaks https has them in its environment.

use std::path::Path;
use std::sync::Arc;

use config::lend::binding::Repository;
use wire::{Answer, Process, Way};

use crate::broker::Broker;
use crate::leases::Lease;
use crate::lend::APART;
use crate::peer::Peer;
use crate::record::Case;
use crate::serve::Said;
use crate::started::started_as;

/// Answers the helper.
pub fn credential(broker: &Arc<Broker>, peer: &Peer, protocol: &str, host: &str, path: &str) -> Said {
    let leases = broker.leases.of(peer.process);
    let leases: Vec<&Arc<Lease>> = leases.iter().filter(|lease| matches!(lease.way(), Way::Git { .. })).collect();
    let Some(first) = leases.first() else {
        let why = "no git of this session has a lease that still holds";
        let case = Case { peer, calls: &[], tool: "git", credential: None };
        let unwritten = broker.record.refused(&case, why).err();
        return refused(&unwritten.unwrap_or_else(|| why.to_owned()));
    };
    let asked = Repository::parse(&format!("{host}/{path}")).map(|repository| repository.to_string());
    let fits = |lease: &&&Arc<Lease>| matches!(lease.way(), Way::Git { place } if Some(place) == asked.as_ref());
    let lease = match leases.iter().find(fits) {
        Some(lease) if protocol == "https" => lease,
        _ => {
            let why = "git asks for another place than the credential is for";
            let unwritten = broker.record.withheld(first, why).err();
            return refused(&unwritten.unwrap_or_else(|| why.to_owned()));
        }
    };
    if let Err(why) = asks_as_git(broker, peer, lease) {
        let unwritten = broker.record.withheld(lease, &why).err();
        return refused(&unwritten.unwrap_or(why));
    }
    let value = match broker.values.get(lease.source(), std::time::Duration::ZERO) {
        Ok(value) => value,
        Err(why) => {
            let unwritten = broker.record.missing(lease, &why).err();
            return refused(&unwritten.unwrap_or(why));
        }
    };
    match broker.record.used(lease) {
        Ok(recorded) => Said { answer: Answer::Value, values: vec![value.to_git(lease, recorded)] },
        Err(unwritten) => refused(&unwritten),
    }
}

/// Why the one who asks is not told, if it is not.
fn asks_as_git(broker: &Broker, peer: &Peer, lease: &Lease) -> Result<(), String> {
    let programs = broker.tools.git_programs.as_ref().map_err(String::clone)?;
    if peer.is_apart_from(broker.client) {
        return Err(APART.to_owned());
    }
    let speaker = speaker(peer.process, lease, programs);
    let speaker = speaker.ok_or("what asks was not started by the part of git that speaks https")?;
    started_as(speaker, lease.holder(), programs)?;
    // A hook that git runs while it speaks to the server could start another one.
    if lease.may_tell(speaker) { Ok(()) } else { Err("another part of git was told it, and still runs".to_owned()) }
}

/// The process by which the helper was started, if it is `git-remote-https` of git's own folder of programs. Git has a shell become
/// the helper, so nothing is between: a hook of the repository, an alias, a program that git starts further down
/// (`core.alternateRefsCommand`) is not this one's child.
fn speaker(helper: Process, lease: &Lease, programs: &Path) -> Option<Process> {
    let process = helper.parent().filter(|process| *process != lease.holder())?;
    let path = std::fs::read_link(format!("/proc/{}/exe", process.pid)).ok()?;
    let is_named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("git-remote-http"));
    (is_named && path.parent() == Some(&programs.canonicalize().ok()?)).then_some(process)
}

fn refused(why: &str) -> Said {
    Answer::Refused { why: why.to_owned() }.into()
}
