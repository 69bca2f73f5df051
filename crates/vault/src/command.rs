//! A vendor's command that brings one credential, as a preset describes it. No shell, an environment of named variables, the
//! home as its folder (a repository has settings for such programs, too), limits of time and size. What it says on standard
//! error is only searched for causes that the preset knows.

mod parts;
pub mod preset;
mod process;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use config::source::{Encoding, Output};
use secret::Secret;

use crate::json::{self, NotThere};
use crate::{Failure, Provider, Vault};
use parts::Values;
pub use preset::Presets;
use preset::{Builtin, Preset};
use process::{Ended, Run};

/// What a command is always handed on, where it is set and no repository sets it: where the user's things are, how to reach
/// the user's agents and the network.
const USUAL: [&str; 26] = [
    "USER",
    "LOGNAME",
    "TMPDIR",
    "TZ",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SystemRoot",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PATHEXT",
    "TEMP",
    "windir",
];

/// One call: the preset and what the reference says to it.
#[derive(Clone)]
pub struct Call {
    preset: Named,
    reference: String,
}

#[derive(Clone)]
enum Named {
    Builtin(&'static str),
    Own(String),
}

impl Call {
    /// `NAME:REF` of a built-in preset.
    pub fn of_builtin(preset: &'static Builtin, rest: &str) -> Result<Self, String> {
        preset.preset.values(rest).map_err(|why| format!("{why}: {}", preset.written()))?;
        Ok(Self { preset: Named::Builtin(&preset.name), reference: rest.to_owned() })
    }

    /// `command:NAME/REF` of a preset of the user's own.
    pub fn of_own(rest: &str) -> Result<Self, String> {
        let (name, reference) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(
                "names no command; it is written command:NAME/REF, with [sources.preset.NAME] in your configuration"
                    .to_owned(),
            );
        }
        parts::check(reference)?;
        Ok(Self { preset: Named::Own(name.to_owned()), reference: reference.to_owned() })
    }

    pub fn own_preset(&self) -> Option<&str> {
        match &self.preset {
            Named::Own(name) => Some(name),
            Named::Builtin(_) => None,
        }
    }
}

impl Provider for Call {
    fn fetch(&self, vault: &Vault) -> Result<Secret, Failure> {
        let preset = match &self.preset {
            Named::Builtin(name) => vault.presets.builtin(name),
            Named::Own(name) => vault.presets.own(name),
        };
        let preset = preset.ok_or_else(|| {
            Failure::new(
                "there is no such preset",
                "write [sources.preset.NAME] with `run` into your configuration (docs/credentials.md)",
            )
        })?;
        let (form, mut values) = preset
            .values(&self.reference)
            .map_err(|why| Failure::new(format!("the reference {why}"), "write it as the preset's `ref` has it"))?;
        values.insert("home".to_owned(), text(vault.environment.home()?.into_os_string())?);
        values.insert("confighome".to_owned(), text(vault.environment.config_home()?.into_os_string())?);
        preset.expand_home(&mut values);
        let run: Vec<String> = form.run.iter().map(|argument| parts::filled(argument, &values)).collect();
        let stdin = match &preset.stdin {
            None => None,
            Some(reference) => {
                let value = reference.provider().fetch(vault);
                Some(value.map_err(|failure| Failure {
                    needed: Some(Box::new(("what it reads on standard input", reference.clone()))),
                    ..failure
                })?)
            }
        };
        let ended = process::run(Run {
            command: &run,
            environment: environment(preset, &values, vault)?,
            folder: vault.environment.home()?,
            stdin,
            limit: Duration::from_secs(preset.seconds),
            largest: preset.bytes,
        });
        value(preset, &run, ended, &values)
    }
}

fn text(path: OsString) -> Result<String, Failure> {
    path.into_string()
        .map_err(|_| Failure::new("your home folder's name is not UTF-8", "set HOME to another name of it"))
}

fn environment(preset: &Preset, values: &Values, vault: &Vault) -> Result<BTreeMap<OsString, OsString>, Failure> {
    let mut handed: BTreeMap<OsString, OsString> = BTreeMap::new();
    for name in USUAL {
        handed.extend(vault.environment.get_if_trusted(name).map(|value| (name.into(), value)));
    }
    handed.insert("PATH".into(), vault.environment.path()?);
    handed.insert("HOME".into(), vault.environment.home()?.into_os_string());
    // Its messages are searched, and values may be more than ASCII.
    handed.insert("LC_ALL".into(), "C.UTF-8".into());
    for (name, value) in &preset.set {
        handed.insert(name.into(), parts::filled(value, values).into());
    }
    for name in &preset.env {
        // One that is meant for it and comes from a repository is a reason to stop.
        handed.extend(vault.environment.get(name)?.map(|value| (name.into(), value)));
    }
    Ok(handed)
}

/// The value in what the command has written, or why there is none.
fn value(preset: &Preset, run: &[String], ended: Ended, values: &Values) -> Result<Secret, Failure> {
    let program = &run[0];
    let to_try = |what: String| Failure::to_try(what, shown(run));
    let written = match ended {
        Ended::Wrote(written) => written,
        Ended::Failed { code, said } => {
            if let Some(cause) = preset.cause(code, &said) {
                return Err(Failure::new(format!("{program}: {}", cause.what), cause.mend.clone()));
            }
            let how =
                code.map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with exit code {code}"));
            return Err(to_try(format!("{program} {how}")));
        }
        Ended::TimedOut => {
            let what = format!("{program} was not done within {} seconds and was ended", preset.seconds);
            return Err(Failure::new(
                what,
                "it may wait for somebody to unlock it; or give it more `seconds` in its preset",
            ));
        }
        Ended::WantsTerminal => {
            let what = format!("{program} asks for something on the terminal, and was ended");
            return Err(Failure::new(what, "unlock it first, in a terminal of your own; then try again"));
        }
        Ended::WroteTooMuch => {
            let what = format!("{program} wrote more than {} bytes", preset.bytes);
            return Err(Failure::new(what, "name one value, or give its preset more `bytes`"));
        }
        Ended::LeftSomething => {
            let what = format!("{program} ended, but left something running that holds its output");
            return Err(Failure::new(what, "start its agent before, in a terminal of your own; then try again"));
        }
        Ended::NotFound => {
            let what = format!("{program} is not installed, or not in PATH");
            return Err(Failure::new(what, "install it, or write its whole path as `run` in its preset"));
        }
        Ended::NotStarted(kind) => {
            return Err(to_try(format!("{program} cannot be started ({kind})")));
        }
    };
    let value = match preset.output {
        Output::Raw => written.without_line_end(),
        Output::FirstLine => written.expose(|bytes| {
            Secret::new(bytes.split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec()).without_line_end()
        }),
        Output::Json => {
            let pointer = parts::filled(&preset.pointer, values);
            written.expose(|bytes| json::at(bytes, &pointer)).map_err(|why| match why {
                NotThere::NoJson => to_try(format!("{program} wrote no JSON")),
                _ => to_try(format!("{program} wrote JSON with no text at {pointer}")),
            })?
        }
    };
    let value = match preset.encoding {
        Encoding::Plain => value,
        Encoding::Base64 => {
            let decoded = value.without_line_end().expose(|bytes| BASE64_STANDARD.decode(bytes));
            Secret::new(decoded.map_err(|_| to_try(format!("{program} wrote no base64")))?)
        }
    };
    if value.is_empty() {
        return Err(to_try(format!("{program} wrote nothing")));
    }
    Ok(value)
}

/// A command line that a person can copy.
fn shown(run: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    let quoted = |word: &String| match word.chars().all(plain) && !word.is_empty() {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    run.iter().map(quoted).collect::<Vec<_>>().join(" ")
}
