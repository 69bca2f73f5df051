//! Hands what is lent to the tool, and to nobody else.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Result, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::fs::{MemfdFlags, memfd_create};
use secret::Secret;
use wire::{File, Lent, Way};

use crate::{environment, git};

/// The tool, ready to be become. Why not, if it cannot have what it is lent.
pub fn over(lent: &Lent, values: Vec<Secret>, words: &[OsString]) -> std::result::Result<Command, String> {
    harden::leave_no_core().map_err(|error| format!("it might leave it in a core file: {}", error.kind()))?;
    if let Some(name) = environment::chosen_elsewhere(lent, std::env::vars_os()) {
        return Err(format!(
            "the command sets {name}, which a tool that is lent a credential has from the client alone; set it where the client is \
             started, or leave it out (docs/broker.md)"
        ));
    }
    let mut words = Cow::Borrowed(words);
    let mut environment = environment::of_tool(lent, std::env::vars_os());
    let mut values = values.into_iter();
    let (mut repositories, mut passwords) = (Vec::new(), Vec::new());
    for handed in &lent.handed {
        let mut value = || values.next().ok_or_else(|| format!("the value of '{}' did not come", handed.credential));
        match &handed.way {
            Way::Environment { name } => {
                let value = value()?.expose(|value| OsStr::from_bytes(value).to_owned());
                environment.insert(name.into(), value);
            }
            Way::Pgpass { place } => passwords.push((place.as_str(), value()?)),
            Way::Git { place } => repositories.push(place.as_str()),
        }
    }
    if !passwords.is_empty() {
        // Whoever listens at that place must not be told the password in clear. A server that wants it so (LDAP, for one) is named
        // as such in the client's environment (libpq 16 and later).
        environment.entry("PGREQUIREAUTH".into()).or_insert_with(|| "!password".into());
        let file = pgpass(&passwords)?;
        // The tool finds it under the descriptor that it inherits.
        environment.insert("PGPASSFILE".into(), format!("/proc/self/fd/{}", file.as_raw_fd()).into());
        std::mem::forget(file);
    }
    if !repositories.is_empty() {
        words = Cow::Owned(git::with_helper(&mut environment, &lent.program, &words, &repositories)?);
    }
    // As late as can be: what is exchanged after this is not seen.
    if lent.file.is_some() && File::of(&lent.program) != lent.file {
        return Err(format!("{} is not the file that it was a moment ago", lent.program.display()));
    }
    let mut tool = Command::new(&lent.program);
    tool.arg0(lent.program.file_name().unwrap_or_default()).args(&*words).env_clear().envs(environment);
    Ok(tool)
}

/// A password file (libpq, "The Password File"), a line for each, that lies in memory, is nobody else's, and stays open in the tool.
fn pgpass(passwords: &[(&str, Secret)]) -> std::result::Result<OwnedFd, String> {
    // No close-on-exec: the tool is to have it.
    let made = memfd_create("stanch", MemfdFlags::empty()).map_err(|error| format!("no file in memory: {error}"))?;
    let mut file = std::fs::File::from(made);
    // libpq takes no file that others could read.
    let private = rustix::fs::fchmod(&file, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR);
    let mut write = || {
        private?;
        for (place, password) in passwords {
            password.expose(|password| line(&mut file, place, password))?;
        }
        file.rewind()
    };
    write().map_err(|error| format!("no file in memory: {}", error.kind()))?;
    Ok(file.into())
}

fn line(file: &mut impl Write, place: &str, password: &[u8]) -> Result<()> {
    if password.iter().any(|b| matches!(b, 0 | b'\n' | b'\r')) {
        return Err(ErrorKind::InvalidData.into());
    }
    file.write_all(place.as_bytes())?;
    file.write_all(b":")?;
    for byte in password {
        if matches!(byte, b'\\' | b':') {
            file.write_all(b"\\")?;
        }
        file.write_all(&[*byte])?;
    }
    file.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_password_file_is_escaped_and_private() {
        let secret = |bytes: &[u8]| Secret::new(bytes.to_vec());
        let both = [("h:5432:shop:ann", secret(br"a:b\c")), ("h:5432:shop:bob", secret(b"d"))];
        let mut file = std::fs::File::from(pgpass(&both).expect("memory"));
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&file.metadata().expect("data")) & 0o777, 0o600);
        let mut text = String::new();
        file.read_to_string(&mut text).expect("text");
        assert_eq!(text, "h:5432:shop:ann:a\\:b\\\\c\nh:5432:shop:bob:d\n");
        assert!(pgpass(&[("h:5432:shop:ann", secret(b"a\nb"))]).is_err());
    }
}
