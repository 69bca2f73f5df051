//! Which command a shell text runs.
//!
//! The client gives its prefix the command inside a text of its own: `… && eval WORD[ < /dev/null] && pwd -P >| FILE`, where
//! WORD is the command in single quotes, or as it is if it is one plain word. A monitor's text has the same form, or is
//! the command alone. The command may itself hold all of this, so the end of the text is compared and nothing searched for.

/// Whether the text runs that command and nothing else of the model's.
pub fn runs(text: &str, command: &str) -> bool {
    is_of(text, command) || rewritten(command).is_some_and(|command| is_of(text, &command))
}

/// The command as the client (2.1.330) writes it, if that is another than it was told: what goes to `nul`, as on Windows, goes to
/// `/dev/null`, unless a `<`, a `$` or a backtick stands in the command.
fn rewritten(command: &str) -> Option<String> {
    const NUL: &str = "nul";
    if command.contains(['<', '$', '`']) {
        return None;
    }
    let (mut written, mut rest) = (String::new(), 0);
    // Bytes stay where they are.
    for (at, _) in command.to_ascii_lowercase().match_indices(NUL) {
        let (before, after) = (&command[..at], &command[at + NUL.len()..]);
        let goes_there = before.trim_end_matches([' ', '\t']).ends_with('>');
        let ends_there = after.chars().next().is_none_or(|next| next.is_whitespace() || "|&;)".contains(next));
        if goes_there && ends_there {
            written.push_str(&command[rest..at]);
            written.push_str("/dev/null");
            rest = at + NUL.len();
        }
    }
    (rest > 0).then(|| written + &command[rest..])
}

fn is_of(text: &str, command: &str) -> bool {
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
    fn a_command_is_known_as_the_client_writes_it() {
        for (command, written) in [
            ("git push 2>nul", "git push 2>/dev/null"),
            ("a >NUL; b &>> \tNul|c >nul", "a >/dev/null; b &>> \t/dev/null|c >/dev/null"),
            ("(a 2>nul)&& b >nul2 2>nul", "(a 2>/dev/null)&& b >nul2 2>/dev/null"),
        ] {
            assert_eq!(rewritten(command).as_deref(), Some(written));
            assert!(runs(&format!("eval {} && pwd -P >| /t", quoted(written)), command), "{command}");
            assert!(runs(&format!("eval {} && pwd -P >| /t", quoted(command)), command), "{command}");
        }
        for command in ["echo $A >nul", "echo nul", "a >null", "a <b >nul", "echo `a` >nul", "a > 'nul'", "git push"] {
            assert_eq!(rewritten(command), None, "{command}");
        }
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
