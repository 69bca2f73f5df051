//! Git's credential helper: this executable once more. It asks the broker, which looks at the process that asks and at the place.

use std::ffi::OsStr;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use wire::{Answer, Ask, Client, place};

use crate::{SILENT, say};

const PATIENCE: Duration = Duration::from_secs(10);

/// Git's helper: the place on standard input, the credential on standard output (gitcredentials(7), git-credential(1)).
pub fn run(action: &OsStr) -> ExitCode {
    // What it would store, or forget, is not the helper's to keep.
    if action != "get" {
        return ExitCode::SUCCESS;
    }
    let asked = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
    let field =
        |name: &str| asked.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    let named = !field("username").is_empty();
    let [protocol, host, path] = ["protocol", "host", "path"].map(|name| field(name).to_owned());
    let answer = place::above()
        .and_then(|client| Client::of(client, PATIENCE).ok()?.ask(&Ask::Git { protocol, host, path }).ok());
    let mut out = std::io::stdout().lock();
    let why = match answer {
        Some(reply) => match (reply.answer, reply.values.as_slice()) {
            (Answer::Value, [value]) => {
                let write = value.expose(|value| {
                    if value.iter().any(|b| matches!(b, 0 | b'\n')) {
                        return Err(std::io::ErrorKind::InvalidData.into());
                    }
                    // The name is of no consequence where a token is the password (GitHub, GitLab, Gitea).
                    if !named {
                        out.write_all(b"username=x-access-token\n")?;
                    }
                    out.write_all(b"password=")?;
                    out.write_all(value)?;
                    out.write_all(b"\n")?;
                    out.flush()
                });
                return match write {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(error) => {
                        let kind: std::io::ErrorKind = error.kind();
                        say(&format!("git: the credential cannot be handed to git ({kind})"));
                        ExitCode::FAILURE
                    }
                };
            }
            (Answer::Refused { why } | Answer::Nothing { why: Some(why) }, _) => why,
            _ => "the broker lends nothing here".to_owned(),
        },
        None => SILENT.to_owned(),
    };
    say(&format!("git: no credential is lent: {why}"));
    // Git asks nobody else.
    let _ = out.write_all(b"quit=true\n");
    ExitCode::SUCCESS
}
