//! The command line of a hook: who asks, who has registered it, and nothing else.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use crate::understudy::By;
use crate::{Agent, Hook, outcome, registration};

/// Who asks, and who has registered the hook; an exit status if something else was asked for and done, or was a mistake in the
/// registration.
pub(crate) fn read(hook: &Hook) -> Result<(Agent, By), ExitCode> {
    match parse(std::env::args_os().skip(1)) {
        Ok(Asked::Event(agent, by)) => Ok((agent, by)),
        Ok(Asked::Help) => Err(say(&usage(hook))),
        Ok(Asked::Version) => Err(say(&format!("{} {}", hook.name, env!("CARGO_PKG_VERSION")))),
        Err(mistake) => {
            let _ = writeln!(std::io::stderr(), "stanch {}: {mistake}\n\n{}", hook.name, usage(hook));
            Err(ExitCode::from(outcome::BLOCK))
        }
    }
}

enum Asked {
    Event(Agent, By),
    Help,
    Version,
}

fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Asked, String> {
    let (mut agent, mut by) = (Agent::default(), By::default());
    let mut arguments = arguments.map(|argument| argument.into_string().unwrap_or_default());
    while let Some(argument) = arguments.next() {
        let name = match (argument.as_str(), argument.strip_prefix("--agent=")) {
            ("--help" | "-h", _) => return Ok(Asked::Help),
            ("--version" | "-V", _) => return Ok(Asked::Version),
            (registration::PLUGIN, _) => {
                by = By::Plugin;
                continue;
            }
            ("--agent", _) => arguments.next(),
            (_, Some(name)) => Some(name.to_owned()),
            // What it is could be a secret in the wrong place.
            _ => return Err("an argument that it does not take".to_owned()),
        };
        agent = name
            .and_then(|name| Agent::named(&name))
            .ok_or_else(|| format!("no agent of that name; --agent takes one of {}", Agent::names()))?;
    }
    Ok(Asked::Event(agent, by))
}

fn say(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::SUCCESS
}

fn usage(hook: &Hook) -> String {
    format!(
        "{name} {version}: reads one {event} event of a coding agent on standard input and writes the reply to standard \
         output.\n\nUsage: {name} [--agent NAME] [--plugin]\n\nOptions:\n  --agent NAME  who asks, and how it wants to be \
         answered: {agents} [default: {default}]\n  --plugin      registered by a plugin: silent where the settings' own hook \
         answers\n  --help, --version\n\nExamples:\n  {name} < event.json\n  {name} --agent codex < event.json\n\nHow to register it: README.md of stanch.",
        name = hook.name,
        version = env!("CARGO_PKG_VERSION"),
        event = hook.event,
        agents = Agent::names(),
        default = Agent::default().name(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(arguments: &[&str]) -> Result<&'static str, String> {
        match parse(arguments.iter().map(OsString::from))? {
            Asked::Event(agent, By::Settings) => Ok(agent.name()),
            Asked::Event(_, By::Plugin) => Ok("plugin"),
            Asked::Help => Ok("help"),
            Asked::Version => Ok("version"),
        }
    }

    #[test]
    fn an_agent_may_be_named_and_nothing_else() {
        assert_eq!(agent(&[]), Ok("claude-code"));
        assert_eq!(agent(&["--agent", "codex"]), Ok("codex"));
        assert_eq!(agent(&["--agent=qwen"]), Ok("qwen"));
        assert_eq!(agent(&["--plugin"]), Ok("plugin"));
        assert_eq!(agent(&["--agent", "qwen", "--help"]), Ok("help"));
        for wrong in [
            &["--agent"][..],
            &["--agent", "x"],
            &["--agent="],
            &["codex"],
            &["--agents=codex"],
            &["--plugins"],
            &["--plugin=1"],
            &[""],
        ] {
            assert!(agent(wrong).is_err(), "{wrong:?}");
        }
    }
}
