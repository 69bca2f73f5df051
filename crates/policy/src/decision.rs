//! What was decided about one request, credential by credential; and what is left of it for one process, or where two calls may be
//! meant.

use std::collections::BTreeMap;

use config::Source;
use config::lend::terms::Way;

use crate::permit::Permit;
use crate::refusal::{Condition, Refusal};

/// What was decided about one request.
#[must_use]
pub struct Decision {
    pub(crate) outcomes: Vec<Outcome>,
}

/// What was decided about one credential.
pub struct Outcome {
    /// The credential's name.
    pub credential: String,
    /// File, line and column of the terms on which it is lent.
    pub lent_at: Source,
    /// What held, in the order in which it was looked at, up to the refusal.
    pub held: Vec<Step>,
    /// The permit, or the first reason against it.
    pub verdict: Result<Permit, Refusal>,
}

/// A condition that holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub condition: Condition,
    /// Who says so.
    pub rule: Source,
    /// What it says.
    pub says: String,
}

impl Decision {
    /// What one process may have at a time: of several that would go into one variable of it, the first.
    pub fn for_one_process(mut self) -> Self {
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        for outcome in &mut self.outcomes {
            let by = outcome.verdict.as_ref().ok().map(Permit::by);
            let Some(Way::Environment(name) | Way::Server(name)) = by else { continue };
            match taken.get(name) {
                Some(other) => {
                    let message =
                        format!("it goes into {name}, as does '{other}', which comes first; narrow one of them");
                    outcome.verdict = Err(Refusal::new(Condition::Variable, &outcome.lent_at, message));
                }
                None => drop(taken.insert(name.clone(), outcome.credential.clone())),
            }
        }
        self
    }

    /// What was decided, by name of credential.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The permits.
    pub fn permits(&self) -> impl Iterator<Item = &Permit> {
        self.outcomes.iter().filter_map(|outcome| outcome.verdict.as_ref().ok())
    }

    /// The refusals, each with the credential's name.
    pub fn refusals(&self) -> impl Iterator<Item = (&str, &Refusal)> {
        self.outcomes.iter().filter_map(|outcome| Some((outcome.credential.as_str(), outcome.verdict.as_ref().err()?)))
    }

    /// The permits themselves: what is lent is lent for one of these.
    pub fn into_permits(self) -> Vec<Permit> {
        self.outcomes.into_iter().filter_map(|outcome| outcome.verdict.ok()).collect()
    }

    /// What both may have: where two live calls may be the one that asks, and nothing tells them apart.
    pub fn and(self, other: Self) -> Self {
        let mut others = other.outcomes;
        let both = |outcome: Outcome| {
            let at = others.iter().position(|other| other.credential == outcome.credential);
            let verdict = match (outcome.verdict, at.map(|at| others.swap_remove(at).verdict)) {
                (Ok(one), Some(Ok(two))) => one.and(two),
                (Ok(_), Some(Err(refusal))) | (Err(refusal), _) => Err(refusal),
                (Ok(_), None) => {
                    let message = "another call may be meant as well, for which there is no such credential";
                    Err(Refusal::new(Condition::Calls, &outcome.lent_at, message))
                }
            };
            Outcome { verdict, ..outcome }
        };
        Self { outcomes: self.outcomes.into_iter().map(both).collect() }
    }
}
