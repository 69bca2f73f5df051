//! Where credentials come from. A [`Reference`] names one credential in a store: `keyring:github`, `op://Work/CI/token`,
//! `kv:secret/ci#token`. A [`Vault`] fetches what it names, each by the one [`Provider`] that speaks to that store.
//!
//! Keyrings, Vault and OpenBao, and the environment are spoken to natively, a file each. Everything else is a vendor's
//! command: an entry of `presets.toml`, run without a shell, with a time limit, a limit of size and an environment of named
//! variables. docs/credentials.md is for those who configure it.
//!
//! Nothing here waits without limit, and no error holds a value: a [`FetchError`] is the reference, what happened and what to
//! do about it.

mod command;
mod environment;
mod failure;
mod fetch_all;
pub mod index;
mod json;
mod keyutils;
mod kv;
mod limited;
mod os_keyring;
mod reference;
pub mod store;
mod variable;

pub use environment::Environment;
pub use failure::{Failure, FetchError};
pub use fetch_all::{Fetched, News};
pub use reference::{BadReference, Reference};

use config::ConfigError;
use config::source::Sources;
use secret::Secret;

/// No credential is longer, in bytes.
pub const LARGEST: usize = 64 << 10;

/// Fetches one credential.
pub trait Provider {
    /// The value, or why there is none. Returns within the provider's time limit, and shows no dialog on a machine that
    /// cannot show one.
    ///
    /// # Errors
    /// Without any part of a value, and without what another program said.
    fn fetch(&self, vault: &Vault) -> Result<Secret, Failure>;
}

/// All sources, as they are configured.
pub struct Vault {
    environment: Environment,
    kv: kv::Settings,
    presets: command::Presets,
}

impl Vault {
    /// The sources as `[sources]` has them, for a process with that environment.
    ///
    /// # Errors
    /// `[sources]` says something that it cannot mean; the error names the place.
    pub fn new(environment: Environment, sources: &Sources) -> Result<Self, ConfigError> {
        Ok(Self { environment, kv: kv::Settings::new(sources)?, presets: command::Presets::new(sources)? })
    }

    /// Whether a reference names a preset of the user's own that is not there.
    pub fn lacks_preset(&self, reference: &Reference) -> bool {
        reference.own_preset().is_some_and(|name| self.presets.own(name).is_none())
    }

    /// Fetches one value.
    ///
    /// # Errors
    /// What happened, at which reference, and what to do.
    pub fn fetch(&self, reference: &Reference) -> Result<Secret, FetchError> {
        let wrong = |failure| FetchError { reference: reference.clone(), failure: Box::new(failure) };
        let value = reference.provider().fetch(self).map_err(wrong)?;
        if value.is_empty() {
            return Err(wrong(Failure::new("the value is empty", "store one there, or name another place")));
        }
        if value.len() > LARGEST {
            let what = format!("the value has more than {LARGEST} bytes");
            return Err(wrong(Failure::new(what, "name one value, not a file")));
        }
        Ok(value)
    }
}
