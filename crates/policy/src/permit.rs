//! The permit: what only a decision makes, and without which nothing is lent.

use std::time::Duration;

use config::Source;
use config::lend::Credential;
use config::lend::terms::{Binding, Reference, Way};

use crate::refusal::{Condition, Refusal};

/// One credential may be lent, once decided. It has no public constructor and no `Clone`: whatever asks for one by value
/// cannot run before the decision, nor twice on one.
///
/// ```compile_fail
/// fn forged(permit: policy::Permit) -> policy::Permit { policy::Permit { ..permit } }
/// ```
///
/// ```compile_fail
/// fn twice(permit: policy::Permit) -> (policy::Permit, policy::Permit) { (permit.clone(), permit) }
/// ```
#[must_use]
pub struct Permit {
    credential: String,
    source: Reference,
    lifetime: Duration,
    by: Way,
    bound: Binding,
    uses: u32,
    rule: Source,
}

impl Permit {
    /// On the terms of the credential, as narrow as all that narrow them say; `rule` is where the command is named.
    pub(crate) fn new(credential: &Credential, rule: Source) -> Self {
        let (lent, narrowed) = (&credential.granted, &credential.narrowed);
        let shorter = narrowed.iter().filter_map(|terms| Some(terms.lifetime.as_ref()?.value));
        let fewer = narrowed.iter().filter_map(|terms| Some(terms.uses.as_ref()?.value));
        Self {
            credential: credential.name.value.clone(),
            source: lent.source.value.clone(),
            lifetime: shorter.fold(lent.lifetime.value, Duration::min),
            by: lent.by.value.clone(),
            bound: lent.bound.value.clone(),
            uses: fewer.fold(lent.uses.value, u32::min),
            rule,
        }
    }

    /// What both permits allow.
    pub(crate) fn and(self, other: Self) -> Result<Self, Refusal> {
        let same = self.credential == other.credential
            && self.source == other.source
            && self.by == other.by
            && self.bound == other.bound;
        if !same {
            let message = "two calls may be meant, and the terms on which each would get it differ";
            return Err(Refusal::new(Condition::Calls, &self.rule, message));
        }
        let (lifetime, uses) = (self.lifetime.min(other.lifetime), self.uses.min(other.uses));
        Ok(Self { lifetime, uses, ..self })
    }

    /// The credential's name, as records show it.
    pub fn credential(&self) -> &str {
        &self.credential
    }

    /// Where its value comes from.
    pub fn source(&self) -> &Reference {
        &self.source
    }

    /// The lease lasts no longer.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// How it is handed over.
    pub fn by(&self) -> &Way {
        &self.by
    }

    /// What it is bound to.
    pub fn bound(&self) -> &Binding {
        &self.bound
    }

    /// As often in one tool call.
    pub fn uses(&self) -> u32 {
        self.uses
    }

    /// File, line and column of what names the command or the server.
    pub fn rule(&self) -> &Source {
        &self.rule
    }
}
