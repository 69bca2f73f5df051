//! Where `stanch store` puts a value: a keyring, under a name of the person's own.

use secret::Secret;

use crate::keyutils::Key;
use crate::os_keyring::{self, Item};
use crate::{BadReference, Environment, Failure, Reference};

/// A keyring that can be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Store {
    /// The operating system's.
    Keyring,
    /// The kernel's: gone with a reboot.
    Keyutils,
}

impl Store {
    /// The one to use here: the kernel's where there is no other.
    ///
    /// # Errors
    /// There may be one, and it does not answer.
    pub fn usual(environment: &Environment) -> Result<Self, Failure> {
        Ok(if os_keyring::is_absent(environment)? { Self::Keyutils } else { Self::Keyring })
    }

    /// The reference of an entry in it.
    ///
    /// # Errors
    /// It is no name.
    pub fn reference(self, name: &str) -> Result<Reference, BadReference> {
        match self {
            Self::Keyring => Reference::of_keyring(name),
            Self::Keyutils => Reference::of_keyutils(name),
        }
    }

    /// Whether there is an entry of that name.
    ///
    /// # Errors
    /// The keyring cannot be asked.
    pub fn has(self, name: &str, environment: &Environment) -> Result<bool, Failure> {
        match self {
            Self::Keyring => self::item(name)?.exists(environment),
            Self::Keyutils => key(name)?.exists(),
        }
    }

    /// Puts a value there, in the place of an earlier one.
    ///
    /// # Errors
    /// The keyring does not take it.
    pub fn put(self, name: &str, value: Secret, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Keyring => item(name)?.write(value, environment),
            Self::Keyutils => key(name)?.write(value),
        }
    }

    /// Takes an entry away.
    ///
    /// # Errors
    /// There is none, or the keyring cannot be asked.
    pub fn remove(self, name: &str, environment: &Environment) -> Result<(), Failure> {
        match self {
            Self::Keyring => item(name)?.remove(environment),
            Self::Keyutils => key(name)?.remove(),
        }
    }
}

fn item(name: &str) -> Result<Item, Failure> {
    Item::parse(name).map_err(|why| Failure::new(format!("the entry {why}"), "choose another name"))
}

fn key(name: &str) -> Result<Key, Failure> {
    Key::parse(name).map_err(|why| Failure::new(format!("the entry {why}"), "choose another name"))
}
