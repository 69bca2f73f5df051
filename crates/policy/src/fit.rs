//! Whether a command line begins as a pattern says.
//!
//! Word by word; harmless options of a tool that is known may stand between and behind, with their values. Any other option
//! has to be named by the pattern, at its place, or be covered by the `**` at its end.

use std::ffi::OsString;

use config::lend::pattern::{Pattern, Word};

use crate::argv::{Call, Role};

/// Why a command line does not fit: the place of the word, counted from 1 behind the command's name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Misfit {
    /// Another word is wanted there (`*`: one that is no option); the nearer the end, the better it fitted.
    Word(usize, String),
    /// An option that the pattern does not name.
    Option(usize),
}

/// Whether a command line fits; its name must be the pattern's.
pub(crate) fn fit(pattern: &Pattern, call: &Call<'_>) -> Result<(), Misfit> {
    let mut at = 0;
    // Whether the option before was named, and so its value is the pattern's to name too.
    let mut named = false;
    for wanted in pattern.words() {
        loop {
            let Some(word) = call.words.get(at) else { return Err(Misfit::Word(at + 1, shown(wanted))) };
            let is_it = match wanted {
                Word::Exactly(text) => word.bytes == text.as_bytes() && (named || !is_value(word.role)),
                Word::Any => word.role == Role::Operand || named && is_value(word.role),
            };
            if is_it {
                named = matches!(word.role, Role::Harmless | Role::Unnamed);
                at += 1;
                break;
            }
            match word.role {
                Role::Harmless | Role::Value | Role::End => at += 1,
                Role::Unnamed => return Err(Misfit::Option(at + 1)),
                Role::Operand | Role::UnnamedValue => return Err(Misfit::Word(at + 1, shown(wanted))),
            }
            named = false;
        }
    }
    if pattern.any_rest() {
        return Ok(());
    }
    // The value of an option that was named last is named with it.
    if named && call.words.get(at).is_some_and(|word| word.role == Role::UnnamedValue) {
        at += 1;
    }
    let unnamed = |word: &crate::argv::Word<'_>| matches!(word.role, Role::Unnamed | Role::UnnamedValue);
    match call.words[at..].iter().position(unnamed) {
        Some(behind) => Err(Misfit::Option(at + behind + 1)),
        None => Ok(()),
    }
}

/// Whether words fit as they stand, nothing known of them: the command line of an MCP server.
pub(crate) fn fit_plainly(pattern: &Pattern, argv: &[OsString]) -> bool {
    let Some((first, rest)) = argv.split_first() else { return false };
    let is_it = |(wanted, word): (&Word, &OsString)| match wanted {
        Word::Exactly(text) => word.as_encoded_bytes() == text.as_bytes(),
        Word::Any => !word.as_encoded_bytes().starts_with(b"-"),
    };
    let enough =
        if pattern.any_rest() { rest.len() >= pattern.words().len() } else { rest.len() == pattern.words().len() };
    first.as_encoded_bytes() == pattern.tool().as_bytes() && enough && pattern.words().iter().zip(rest).all(is_it)
}

fn is_value(role: Role) -> bool {
    matches!(role, Role::Value | Role::UnnamedValue)
}

fn shown(word: &Word) -> String {
    match word {
        Word::Exactly(text) => text.clone(),
        Word::Any => "*".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, command: &str) -> bool {
        let pattern = Pattern::parse(pattern).expect("a pattern");
        let argv: Vec<OsString> = command.split_whitespace().map(OsString::from).collect();
        let call = Call::read(&argv).expect("a command");
        call.name == pattern.tool() && fit(&pattern, &call).is_ok()
    }

    #[test]
    fn a_pattern_is_a_beginning_and_harmless_options_stand_anywhere() {
        for command in [
            "git push",
            "git push origin main",
            "git push -u origin main",
            "git --no-pager push -qf",
            "/usr/bin/git push",
        ] {
            assert!(fits("git push", command), "{command}");
        }
        assert!(
            fits("git push origin *", "git push -u origin main")
                && fits("git push origin *", "git push -o ci.skip origin main")
        );
        assert!(
            !fits("git push origin *", "git push origin") && !fits("git push origin *", "git push -o origin evil x")
        );
        assert!(
            !fits("git push origin *", "git push -- evil origin main")
                && fits("git push origin *", "git push -- origin main")
        );
        assert!(!fits("git push", "git fetch") && !fits("git push", "git") && !fits("git push", "gitt push"));
        assert!(
            fits("git push", "git push --no-verify --force-with-lease=main")
                && fits("git push", "git push --repo=origin")
        );
    }

    #[test]
    fn an_option_that_nobody_knows_has_to_be_named() {
        assert!(!fits("git push", "git push --signed") && fits("git push **", "git push --signed"));
        assert!(
            fits("git push --signed", "git push --signed origin")
                && !fits("git push --signed", "git push origin --signed")
        );
        assert!(!fits("git push", "git --what push") && !fits("git **", "gh push"));
        assert!(
            !fits("git push", "git -C /tmp push")
                && !fits("git push", "git push --rec=x")
                && !fits("git push", "git push --exec x")
        );
        assert!(
            !fits("make deploy", "make deploy -f x")
                && fits("make deploy", "make deploy now")
                && fits("make deploy **", "make deploy -j 4")
        );
        assert!(fits("psql -f *", "psql -f schema.sql") && fits("psql -f schema.sql", "psql -f schema.sql -q"));
        assert!(
            fits("psql -f", "psql -f schema.sql")
                && !fits("psql", "psql -f schema.sql")
                && !fits("psql -f *", "psql -f")
        );
        assert!(
            !fits("psql -f *", "psql schema.sql -f evil.sql") && fits("psql -h db -c *", "psql -h db -At -c select")
        );
    }

    #[test]
    fn a_star_is_a_word_and_no_option() {
        assert!(fits("make *", "make all") && !fits("make *", "make -n") && !fits("make *", "make"));
        assert!(fits("make * **", "make all -n") && !fits("make * **", "make -n all"));
    }
}
