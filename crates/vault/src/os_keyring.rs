//! The keyring of the operating system: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! Reading what is locked opens a dialog, and the library waits for it without limit. So on Linux the service is asked first
//! whether it would come to that; without a display it is refused. Every call has a time limit besides.

#[cfg(target_os = "linux")]
mod secret_service;

use std::time::Duration;

use ::keyring::{Entry, Error};
use secret::Secret;

use crate::limited::limited;
use crate::{Environment, Failure, Provider, Vault, reference};

/// The service of the entries that `stanch store` makes.
pub const SERVICE: &str = "stanch";
/// A keyring answers in some milliseconds; its daemon may have to be started.
const USUAL: Duration = Duration::from_secs(10);
/// A person may have to find the password that unlocks it.
const DIALOG: Duration = Duration::from_secs(60);

/// `keyring:NAME`, or `keyring://SERVICE/NAME` for what another program has stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    service: String,
    name: String,
}

/// What is to be done: a read looks for the entry, a write for a collection to put it into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

impl Item {
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix("//") else {
            return Ok(Self { service: SERVICE.to_owned(), name: reference::name(text)? });
        };
        match path.split_once('/') {
            Some((service, name)) if !service.is_empty() && !name.is_empty() => {
                Ok(Self { service: service.to_owned(), name: name.to_owned() })
            }
            _ => Err("names no entry; entries of other programs are written keyring://SERVICE/USERNAME".to_owned()),
        }
    }

    /// Whether there is such an entry.
    pub fn exists(&self, environment: &Environment) -> Result<bool, Failure> {
        match self.read(environment) {
            Ok(_) => Ok(true),
            Err(failure) if failure == missing() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    pub fn read(&self, environment: &Environment) -> Result<Secret, Failure> {
        self.with_entry(environment, Access::Read, |entry| entry.get_secret().map(Secret::new))
    }

    pub fn write(&self, value: Secret, environment: &Environment) -> Result<(), Failure> {
        self.with_entry(environment, Access::Write, move |entry| value.expose(|bytes| entry.set_secret(bytes)))
    }

    pub fn remove(&self, environment: &Environment) -> Result<(), Failure> {
        self.with_entry(environment, Access::Read, Entry::delete_credential)
    }

    fn with_entry<T: Send + 'static>(
        &self,
        environment: &Environment,
        access: Access,
        call: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let display = environment.has_display();
        let limit = if display { DIALOG } else { USUAL };
        let Self { service, name } = self.clone();
        // The bus that the library finds is the process's own, so that one must be believed.
        environment.get("DBUS_SESSION_BUS_ADDRESS")?;
        environment.get("XDG_RUNTIME_DIR")?;
        let called = limited(limit, move || {
            ready(&service, &name, access, display)?;
            Entry::new(&service, &name).and_then(|entry| call(&entry)).map_err(|error| explained(&error))
        });
        called.unwrap_or_else(|| Err(silent(limit)))
    }
}

fn silent(limit: Duration) -> Failure {
    Failure::new(
        format!("the keyring has not answered within {} seconds", limit.as_secs()),
        "unlock it (log in on the desktop, or answer its dialog), or use another store (docs/credentials.md)",
    )
}

impl Provider for Item {
    fn fetch(&self, vault: &Vault) -> Result<Secret, Failure> {
        self.read(&vault.environment)
    }
}

#[cfg(target_os = "linux")]
fn ready(service: &str, name: &str, access: Access, display: bool) -> Result<(), Failure> {
    use secret_service::State;
    let state = match access {
        Access::Read => secret_service::of_entry(service, name),
        Access::Write => secret_service::of_collection(),
    };
    match state {
        State::Open => Ok(()),
        State::Locked if display => Ok(()),
        State::Locked => Err(Failure::new(
            "the keyring is locked, and there is no display on which to ask for its password",
            "unlock it (log in on the desktop; headless: `gnome-keyring-daemon --unlock` with the password on standard input), \
             or use keyutils: or another store",
        )),
        State::Missing => Err(missing()),
        State::NoCollection => Err(Failure::new(
            "the keyring has no collection yet",
            "log in on the desktop once, which makes one (headless: `gnome-keyring-daemon --unlock`), or use keyutils:",
        )),
        State::NoBus => Err(no_keyring("there is no D-Bus session, which leads to the keyring")),
        State::NoService => Err(no_keyring("no keyring (Secret Service) answers on the D-Bus session")),
    }
}

#[cfg(target_os = "linux")]
fn no_keyring(what: &str) -> Failure {
    Failure::new(
        what,
        "start the client from a desktop session, start gnome-keyring-daemon or KeePassXC, or use keyutils: or another store \
         (docs/credentials.md)",
    )
}

/// Whether there is no keyring at all on this machine, as against one that is locked or empty.
///
/// # Errors
/// There may be one, and it does not answer.
#[cfg(target_os = "linux")]
pub fn is_absent(environment: &Environment) -> Result<bool, Failure> {
    use secret_service::State;
    // Of a bus that is not believed nothing is asked; who reads from it is told why.
    if environment.get("DBUS_SESSION_BUS_ADDRESS").is_err() {
        return Ok(false);
    }
    let state = limited(USUAL, secret_service::of_collection).ok_or_else(|| silent(USUAL))?;
    Ok(matches!(state, State::NoBus | State::NoService))
}

#[cfg(not(target_os = "linux"))]
fn ready(_: &str, _: &str, _: Access, _: bool) -> Result<(), Failure> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub fn is_absent(_: &Environment) -> Result<bool, Failure> {
    Ok(false)
}

fn missing() -> Failure {
    Failure::new(
        "the keyring has no such entry",
        "`stanch store NAME` puts one there; `stanch list` shows those there are",
    )
}

/// The library's error in our words: some of its texts hold what the store sent.
fn explained(error: &Error) -> Failure {
    match error {
        Error::NoEntry => missing(),
        Error::Ambiguous(_) => Failure::new(
            "the keyring has more than one entry of that name",
            "take away those that are not meant, with the keyring's own program",
        ),
        Error::NoStorageAccess(_) => Failure::new(
            "the keyring is locked, or its dialog was closed without a password",
            "unlock it and try again",
        ),
        Error::TooLong(_, most) => {
            Failure::new(format!("the keyring takes no more than {most} characters"), "keep this one in another store")
        }
        Error::NoDefaultStore => Failure::new(
            "the keyring cannot be opened",
            "log in on the desktop, or use another store (docs/credentials.md)",
        ),
        _ => Failure::new(
            "the keyring does not answer as it should",
            "look whether its own program can open it (on Linux: `secret-tool search --all service stanch`)",
        ),
    }
}
