//! The command lines of the credentials that are kept.

use clap::ValueEnum;

/// Arguments of `store`.
#[derive(clap::Args)]
pub struct Store {
    /// What to call it: letters, digits and . _ @ / -.
    pub name: String,
    /// Replace the credential of that name.
    #[arg(long, short)]
    pub force: bool,
    /// Which keyring; that of the desktop otherwise, or the kernel's where there is none.
    #[arg(long = "in", value_enum, value_name = "KEYRING")]
    pub keyring: Option<Where>,
    /// A value does not belong here.
    #[arg(hide = true, allow_hyphen_values = true)]
    pub value: Vec<std::ffi::OsString>,
}

/// A keyring.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Where {
    /// The desktop's: Secret Service, Keychain, Credential Manager.
    Keyring,
    /// The Linux kernel's: lost at a reboot.
    Keyutils,
}

/// Arguments of `list`.
#[derive(clap::Args)]
pub struct List {
    /// Fetch each, and say how long it is.
    #[arg(long)]
    pub check: bool,
    /// Write one JSON object: `credentials`, each with `name`, `source`, `created`, `used`; with --check `bytes` or `error`.
    #[arg(long)]
    pub json: bool,
    /// With --check: these sources instead of what is stored.
    #[arg(value_name = "SOURCE", requires = "check")]
    pub sources: Vec<String>,
}
