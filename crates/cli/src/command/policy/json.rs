//! The answer of `stanch policy explain` as JSON.

use policy::{Condition, Outcome, Request, Step};
use serde::Serialize;

use super::explain::asked;

/// The answer.
#[derive(Serialize)]
pub struct Told {
    agent: String,
    session: Option<String>,
    folder: String,
    repository: Option<String>,
    asked: String,
    credentials: Vec<Credential>,
}

#[derive(Serialize)]
struct Credential {
    name: String,
    lent_at: String,
    would: bool,
    held: Vec<Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refused>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Terms>,
}

#[derive(Serialize)]
struct Said {
    condition: String,
    says: String,
    rule: String,
}

#[derive(Serialize)]
struct Refused {
    #[serde(flatten)]
    said: Said,
    /// The credential is for something else.
    is_about_another: bool,
    /// The command is stopped.
    forbids: bool,
}

#[derive(Serialize)]
struct Terms {
    source: String,
    by: String,
    r#for: Option<String>,
    lifetime_seconds: u64,
    uses: u32,
}

impl Told {
    pub fn of(request: &Request, outcomes: &[Outcome]) -> Self {
        let (agent, asked) = asked(request);
        Self {
            agent,
            session: request.session.clone(),
            folder: request.folder.display().to_string(),
            repository: request.repository.as_ref().map(|top| top.display().to_string()),
            asked,
            credentials: outcomes.iter().map(Credential::of).collect(),
        }
    }
}

impl Credential {
    fn of(outcome: &Outcome) -> Self {
        let held = |Step { condition, rule, says }: &Step| Said::new(*condition, says, &rule.to_string());
        let refusal = outcome.verdict.as_ref().err().map(|refusal| Refused {
            said: Said::new(refusal.condition, &refusal.message, &refusal.rule.to_string()),
            is_about_another: refusal.is_about_another(),
            forbids: refusal.forbids(),
        });
        let terms = outcome.verdict.as_ref().ok().map(|permit| Terms {
            source: permit.source().to_string(),
            by: permit.by().to_string(),
            r#for: Some(permit.bound().to_string()).filter(|bound| !bound.is_empty()),
            lifetime_seconds: permit.lifetime().as_secs(),
            uses: permit.uses(),
        });
        Self {
            name: outcome.credential.clone(),
            lent_at: outcome.lent_at.to_string(),
            would: outcome.verdict.is_ok(),
            held: outcome.held.iter().map(held).collect(),
            refusal,
            terms,
        }
    }
}

impl Said {
    fn new(condition: Condition, says: &str, rule: &str) -> Self {
        Self { condition: condition.to_string(), says: says.to_owned(), rule: rule.to_owned() }
    }
}
