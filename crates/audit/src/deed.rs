//! What can stand in a record. Each deed is a type, so that the proof that one was recorded is no proof of another.

/// Something that is recorded.
pub trait Deed: sealed::Sealed {
    /// As the record names it.
    const NAME: &'static str;
    /// Whether the record is on the disk before it counts as written, so that it outlasts a power failure.
    const DURABLE: bool;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! deeds {
    ($($(#[$doc:meta])* $deed:ident = $name:literal, durable: $durable:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $deed;
        impl sealed::Sealed for $deed {}
        impl Deed for $deed {
            const NAME: &'static str = $name;
            const DURABLE: bool = $durable;
        }
    )*};
}

deeds! {
    /// A credential is lent.
    Grant = "granted", durable: true;
    /// A credential is not lent.
    Refusal = "refused", durable: false;
    /// A process has been given what was lent.
    Use = "used", durable: false;
    /// What was lent is over: its process has ended, or its time.
    Return = "returned", durable: false;
    /// Secrets were kept from where they were going.
    Redaction = "redacted", durable: false;
    /// Secrets were found where they were not kept from it: they had gone already, or the configuration lets them go.
    Sighting = "found", durable: false;
    /// Something that was permitted could not be done.
    Failure = "failed", durable: false;
    /// A broker begins.
    Start = "started", durable: false;
    /// A broker ends.
    Stop = "stopped", durable: false;
}
