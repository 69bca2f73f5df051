//! Which command a shell text runs.
//!
//! The client gives its prefix the command inside a text of its own: `… && eval WORD[ < /dev/null] && pwd -P >| FILE`, where
//! WORD is the command in single quotes, or as it is if it is one plain word. A monitor's text has the same form, or is
//! the command alone. The command may itself hold all of this, so the end of the text is compared and nothing searched for.

/// Whether the text runs that command and nothing else of the model's.
pub fn runs(text: &str, command: &str) -> bool {
    if text == command {
        return true;
    }
    let without_end = match text.rfind(" && pwd -P >| ") {
        Some(at) if !text[at..].contains('\n') => &text[..at],
        _ => text,
    };
    [text, without_end].iter().any(|inner| {
        let inner = inner.strip_suffix(" < /dev/null").unwrap_or(inner);
        let before = |word: &str| inner.strip_suffix(word).is_some_and(|before| before.ends_with("eval "));
        before(&quoted(command)) || (is_plain(command) && before(command))
    })
}

fn quoted(command: &str) -> String {
    format!("'{}'", command.replace('\'', r#"'"'"'"#))
}

/// One word without anything that a shell would read in another way.
fn is_plain(command: &str) -> bool {
    !command.is_empty() && command.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./=:,@%+".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_runs_the_command_that_it_ends_in() {
        let before = "source /h/snapshot.sh 2>/dev/null || true && shopt -u extglob 2>/dev/null || true && eval ";
        for command in [
            "ls",
            "a=b",
            "git push",
            "echo 'it''s' \"$HOME\"",
            "cat <<E\n && pwd -P >| x\nE",
            "eval 'a' && pwd -P >| b",
        ] {
            for end in [" < /dev/null && pwd -P >| /tmp/claude-1-cwd", " && pwd -P >| '/tmp/a b'", "", " < /dev/null"] {
                assert!(runs(&format!("{before}{}{end}", quoted(command)), command), "{command:?} {end:?}");
            }
            assert!(runs(command, command));
        }
        assert!(runs(&format!("{before}ls && pwd -P >| /t"), "ls"));
    }

    #[test]
    fn a_text_that_runs_more_is_not_the_command() {
        let end = " && pwd -P >| /t";
        for (text, command) in [
            (format!("eval 'git push; env'{end}"), "git push"),
            (format!("eval 'env; git push'{end}"), "git push"),
            (format!("eval 'git push' ; env{end}"), "git push"),
            (format!("eval 'a' 'git push'{end}"), "git push"),
            (format!("eval git push{end}"), "git push"),
            (format!("medieval 'git push'{end}").replace("medieval", "x-eval2"), "git push"),
            ("git push".to_owned(), ""),
            (format!("eval {end}"), ""),
        ] {
            assert!(!runs(&text, command), "{text:?}");
        }
    }
}
