//! Claude Code: `settings.json`, programs and arguments, a prefix for all commands.

use config::checkout;
use hooks::Agent;

use super::{Description, Form, user_folder};
use crate::place::{Whose, managed_settings};
use crate::verify::answer;
use crate::verify::files::Files;
use crate::verify::{AGAINST, Trouble, faults};

pub(super) const DESCRIPTION: Description = Description {
    agent: Agent::ClaudeCode,
    title: "Claude Code",
    program: "claude",
    form: Form { exec: true, a_second: 1, prefix: true, by_place: false },
    whose: &[Whose::User, Whose::Managed, Whose::Project],
    settings: |whose, folder| {
        Ok(match whose {
            Whose::User => user_folder(Agent::ClaudeCode)?.join("settings.json"),
            // Not the project's shared file: the others have no such executables, and it would block their calls.
            Whose::Project => checkout::store(folder).join(".claude/settings.local.json"),
            Whose::Managed => managed_settings(),
        })
    },
    refuses: |_| None,
    lacks: &[],
    beside: |_, _| Vec::new(),
    files: |folder| {
        let user = user_folder(Agent::ClaudeCode)?.join("settings.json");
        Ok(Files::read(&managed_settings(), &user, folder))
    },
    withheld: |files, registered| files.silenced(registered.file).map(|why| Trouble::new(why, AGAINST)),
    pattern: |matcher| format!("^(?:{matcher})$"),
    ways: |scene| scene.ways(),
    takes: answer::takes,
    faults: faults::of,
};
