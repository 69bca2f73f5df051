//! Tools whose options are known: which are harmless, which lead the tool elsewhere or to something else. One file each.

mod connection;
mod gh;
mod git;
mod libpq;
mod others;

use crate::argv::Call;
use crate::refusal::Condition;

pub(crate) use connection::talks_elsewhere as pg_elsewhere;
pub(crate) use gh::hosts as gh_hosts;

/// What is known of a tool's command line.
pub(crate) struct Tool {
    /// The names of programs that share it, apart by spaces.
    pub names: &'static str,
    /// Where its options are documented.
    pub source: &'static str,
    /// Options before the command, and of a tool that has no commands.
    pub general: Options,
    /// Its commands; none: its first word is none.
    pub commands: &'static [Command],
    /// Why a command that is in no list is not lent anything; `None` if it may be.
    pub other_commands: Option<&'static str>,
    /// Whether options that are in no list are harmless as well.
    pub rest_is_harmless: bool,
    /// Whether a long option may be written shorter.
    pub abbreviates: bool,
    /// What lists cannot say.
    pub inspect: fn(&Call<'_>) -> Option<Objection>,
}

/// Options, apart by spaces.
pub(crate) struct Options {
    /// Harmless, without a value (or with one behind `=`).
    pub plain: &'static str,
    /// Harmless, with a value.
    pub valued: &'static str,
    /// With a value, and not for everyone: a pattern has to name them.
    pub named: &'static str,
    /// Never with a credential, each with the reason.
    pub refused: &'static [Refused],
}

/// An option that is never given together with a credential.
pub(crate) struct Refused {
    /// Its names.
    pub names: &'static str,
    /// Whether the next word is its value.
    pub has_value: bool,
    /// What it does, and what to do instead.
    pub why: &'static str,
}

const fn with(names: &'static str, why: &'static str) -> Refused {
    Refused { names, has_value: true, why }
}

const fn flag(names: &'static str, why: &'static str) -> Refused {
    Refused { names, has_value: false, why }
}

/// A command of a tool: `push` of git.
pub(crate) struct Command {
    /// Its names.
    pub names: &'static str,
    /// Its options.
    pub options: Options,
}

/// Why a command line is not lent anything, whatever the policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Objection {
    /// Needs, prints, or escapes.
    pub condition: Condition,
    /// Why, and what to do instead.
    pub why: String,
    /// What documents it.
    pub source: &'static str,
    /// Whether it is about what is missing: more words could help.
    pub is_incomplete: bool,
}

impl Objection {
    pub(crate) fn escapes(source: &'static str, why: impl Into<String>) -> Self {
        Self { condition: Condition::Escapes, why: why.into(), source, is_incomplete: false }
    }
}

impl Options {
    pub(crate) const NONE: Self = Self { plain: "", valued: "", named: "", refused: &[] };
}

/// Every tool that is known.
const TOOLS: &[&[Tool]] = &[&[git::GIT, gh::GH], libpq::PROGRAMS, others::TOOLS];

/// What is known of a tool.
pub(crate) fn known(tool: &str) -> Option<&'static Tool> {
    TOOLS.iter().copied().flatten().find(|known| among(known.names, tool))
}

/// Whether a word is one of a list.
pub(crate) fn among(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word) && !word.is_empty()
}

fn nothing_more(_: &Call<'_>) -> Option<Objection> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(options: &Options) -> impl Iterator<Item = &str> {
        let refused = options.refused.iter().flat_map(|refused| refused.names.split(' '));
        let listed = [options.plain, options.valued, options.named].into_iter().flat_map(|list| list.split(' '));
        listed.chain(refused).filter(|word| !word.is_empty())
    }

    #[test]
    fn the_lists_are_lists_of_options_each_once() {
        for tool in TOOLS.iter().copied().flatten() {
            assert!(tool.source.starts_with("https://"), "{}", tool.names);
            for options in [&tool.general].into_iter().chain(tool.commands.iter().map(|command| &command.options)) {
                let mut all: Vec<&str> = lists(options).collect();
                for word in &all {
                    let is_short = word.len() == 2 && !word.ends_with('-');
                    assert!(word.starts_with('-') && (is_short || word.starts_with("--")), "{}: {word}", tool.names);
                }
                all.sort_unstable();
                assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{}: {all:?}", tool.names);
            }
        }
    }
}
