//! What a hook answers, whichever agent asked: the agent's dialect is written elsewhere (see `agent`).

use crate::Refusal;

/// An answer to one event. Texts are free of secrets; JSON has been searched and masked.
#[must_use]
#[derive(Clone, PartialEq, Eq)]
pub enum Reply {
    /// Nothing to say: the agent goes on.
    Silent,
    /// The agent goes on, and something is said: to the person, to the model.
    Say {
        /// Shown to the person.
        user: Option<String>,
        /// Put before the model.
        model: Option<String>,
    },
    /// The tool is not called.
    Deny {
        /// Why, for the model.
        reason: String,
    },
    /// The person decides whether the tool is called.
    Ask {
        /// What is to be decided.
        reason: String,
    },
    /// The tool is called with other arguments.
    Arguments {
        /// The arguments, JSON of the shape they had.
        json: String,
        /// What was done to them, for the model.
        note: String,
    },
    /// The model gets another output.
    Output {
        /// The output, JSON of the very shape it had; after a batch, that of its last call.
        json: Vec<u8>,
        /// What was done to it, for the model.
        note: String,
    },
    /// What was asked for does not happen: a prompt is not sent, a history not compacted, a setting not taken over.
    Block {
        /// Why, for the person.
        reason: String,
    },
    /// The turn ends before anything more is sent to the model.
    Stop {
        /// Why, for the person.
        reason: String,
    },
    /// Refused by exit status, which every agent honours where the event can block.
    Refused(Refusal),
}
