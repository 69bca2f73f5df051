//! The kernel's own keyring, for machines without a desktop. What is there is gone with a reboot, and after some days without
//! use (three, unless the machine says otherwise); every process of the same user can read it.

use crate::{Failure, Provider, Vault, reference};
use secret::Secret;

/// `keyutils:NAME`.
#[derive(Clone)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there is no such keyring there"))]
pub struct Key(String);

impl Key {
    pub fn parse(text: &str) -> Result<Self, String> {
        reference::name(text).map(Self)
    }
}

impl Provider for Key {
    fn fetch(&self, _: &Vault) -> Result<Secret, Failure> {
        self.read()
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::Duration;

    use keyring_core::api::CredentialStoreApi;
    use keyring_core::{Entry, Error};
    use linux_keyutils::{KeyRing, KeyRingIdentifier};
    use linux_keyutils_keyring_store::Store;
    use secret::Secret;

    use super::Key;
    use crate::Failure;
    use crate::limited::limited;
    use crate::os_keyring::SERVICE;

    const LIMIT: Duration = Duration::from_secs(5);

    impl Key {
        pub fn exists(&self) -> Result<bool, Failure> {
            match self.read() {
                Ok(_) => Ok(true),
                Err(failure) if failure == missing() => Ok(false),
                Err(failure) => Err(failure),
            }
        }

        pub fn read(&self) -> Result<Secret, Failure> {
            self.with_entry(|entry| entry.get_secret().map(Secret::new))
        }

        pub fn write(&self, value: Secret) -> Result<(), Failure> {
            self.with_entry(move |entry| value.expose(|bytes| entry.set_secret(bytes)))
        }

        pub fn remove(&self) -> Result<(), Failure> {
            self.with_entry(Entry::delete_credential)
        }

        fn with_entry<T: Send + 'static>(
            &self,
            call: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
        ) -> Result<T, Failure> {
            let name = self.0.clone();
            // A thread of its own: what is joined below is that thread's alone, and goes with it.
            let called = limited(LIMIT, move || {
                // Without a session keyring (containers, cron, CI: no pam_keyinit) the kernel lets nobody read what lies in
                // the persistent one. A fresh session keyring to hang it into is enough.
                let opened = KeyRing::from_special_id(KeyRingIdentifier::Session, true);
                if opened.and_then(|_| KeyRing::get_persistent(KeyRingIdentifier::Session)).is_err() {
                    return Err(closed());
                }
                let entry = Store::new().and_then(|store| store.build(SERVICE, &name, None));
                entry.and_then(|entry| call(&entry)).map_err(|error| explained(&error))
            });
            called.unwrap_or_else(|| Err(closed()))
        }
    }

    fn missing() -> Failure {
        Failure::new(
            "the kernel's keyring has no such entry (it is empty after a reboot, and after some days without use)",
            "`stanch store NAME` puts it there again",
        )
    }

    fn closed() -> Failure {
        Failure::new(
            "the kernel gives this process no persistent keyring",
            "in a container, its seccomp profile must allow keyctl; or use another store (docs/credentials.md)",
        )
    }

    fn explained(error: &Error) -> Failure {
        match error {
            Error::NoEntry => missing(),
            Error::TooLong(..) | Error::Invalid(..) => Failure::new(
                "the kernel's keyring takes up to 32767 bytes, and nothing empty",
                "keep this one in another store",
            ),
            // `EDQUOT`, among others.
            _ => Failure::new(
                "the kernel's keyring refuses it, or is full (/proc/keys, /proc/key-users)",
                "take entries away, or use another store (docs/credentials.md)",
            ),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use super::Key;
    use crate::Failure;
    use secret::Secret;

    impl Key {
        pub fn exists(&self) -> Result<bool, Failure> {
            Err(none())
        }

        pub fn read(&self) -> Result<Secret, Failure> {
            Err(none())
        }

        pub fn write(&self, _: Secret) -> Result<(), Failure> {
            Err(none())
        }

        pub fn remove(&self) -> Result<(), Failure> {
            Err(none())
        }
    }

    fn none() -> Failure {
        Failure::new("only Linux has a keyring in its kernel", "use keyring:NAME")
    }
}
