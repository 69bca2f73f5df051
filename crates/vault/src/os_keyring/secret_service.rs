//! Asks the Secret Service what a call would meet. Nothing here prompts, and no value moves.

use std::collections::HashMap;

use ::secret_service::blocking::SecretService;
use ::secret_service::{EncryptionType, Error};

/// What a call would meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It can be done.
    Open,
    /// It would open a dialog.
    Locked,
    /// There is no such entry.
    Missing,
    /// There is no collection to put an entry into.
    NoCollection,
    /// There is no bus, or nobody listens on it.
    NoBus,
    /// Nobody on the bus is a keyring.
    NoService,
}

/// Whether an entry can be read.
pub fn of_entry(service: &str, name: &str) -> State {
    asked(|store| {
        let found = store.search_items(HashMap::from([("service", service), ("username", name)]))?;
        Ok(match (found.unlocked.is_empty(), found.locked.is_empty()) {
            (_, false) => State::Locked,
            (false, true) => State::Open,
            (true, true) => State::Missing,
        })
    })
}

/// Whether an entry can be written.
pub fn of_collection() -> State {
    asked(|store| match store.get_default_collection() {
        Ok(collection) => Ok(if collection.is_locked()? { State::Locked } else { State::Open }),
        Err(Error::NoResult) => Ok(State::NoCollection),
        Err(error) => Err(error),
    })
}

fn asked(question: impl FnOnce(&SecretService<'_>) -> Result<State, Error>) -> State {
    let answer = SecretService::connect(EncryptionType::Plain).and_then(|store| question(&store));
    answer.unwrap_or_else(|error| match error {
        Error::Unavailable => State::NoBus,
        Error::Locked => State::Locked,
        // Its text is only searched: what the bus says when it has no keyring and knows none to start.
        error if said_by_the_bus(&error.to_string()) => State::NoService,
        Error::Zbus(_) | Error::ZbusFdo(_) => State::NoBus,
        _ => State::NoService,
    })
}

fn said_by_the_bus(text: &str) -> bool {
    ["ServiceUnknown", "NameHasNoOwner", "Spawn.", "UnknownMethod", "UnknownObject", "not provided by"]
        .iter()
        .any(|said| text.contains(said))
}
