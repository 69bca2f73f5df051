//! A hook's command as one line, which a shell takes apart: written for agents that have no other form, and read where a
//! person has written it.

use std::path::Path;

use hooks::Agent;

/// The line that starts an executable for an agent.
pub fn of(program: &Path, agent: Agent) -> String {
    format!("{} --agent {}", quoted(&program.display().to_string()), agent.name())
}

/// A program and its words, if that is all that a shell would see in the line.
pub fn words(line: &str) -> Option<(String, Vec<&str>)> {
    let line = line.trim();
    let double = || line.strip_prefix('"')?.split_once('"').map(|(program, rest)| (program.to_owned(), rest));
    if let Some((program, rest)) = single(line).or_else(double) {
        return is_plain(rest).then(|| (program, rest.split_whitespace().collect()));
    }
    let mut words = line.split_whitespace();
    is_plain(line).then_some(())?;
    Some((words.next()?.to_owned(), words.collect()))
}

/// What stands in single quotes, one of its own in it written as `'\''`; and the rest.
fn single(line: &str) -> Option<(String, &str)> {
    let (mut program, mut rest) = (String::new(), line.strip_prefix('\'')?);
    loop {
        let (part, after) = rest.split_once('\'')?;
        program.push_str(part);
        let Some(more) = after.strip_prefix(r"\''") else { return Some((program, after)) };
        program.push('\'');
        rest = more;
    }
}

/// Whether these arguments are those of a hook: none, or the agent that asks.
pub fn is_for_an_agent(given: &[&str]) -> bool {
    match given {
        [] => true,
        [flag, _] => *flag == "--agent",
        [one] => one.starts_with("--agent="),
        _ => false,
    }
}

fn is_plain(words: &str) -> bool {
    words.chars().all(|c| c.is_alphanumeric() || "/._-=~${} ".contains(c))
}

/// A word that the shell leaves as it is. Quotes that both kinds of shell know, unless the path has some of its own.
fn quoted(path: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || "/._-=\\:".contains(c);
    if path.chars().all(|c| is_safe(c) && (c != '\\' || cfg!(windows))) {
        path.to_owned()
    } else if cfg!(windows) {
        format!("\"{path}\"")
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for path in
            ["/home/ann/.local/lib/stanch/bin/pre-tool-use", "/home/ann b/stanch/bin/pre-tool-use", "/a$b/x", "/a'b/x"]
        {
            let line = of(Path::new(path), Agent::Codex);
            let (program, given) = words(&line).expect("words");
            assert_eq!((program.as_str(), &given[..]), (path, &["--agent", "codex"][..]), "{line}");
            assert!(is_for_an_agent(&given));
        }
    }

    #[test]
    fn a_line_in_which_a_shell_does_more_is_no_program_with_words() {
        for line in ["/x/a; rm -r /", "/x/a $(id)", "/x/a && id", "'/x/a' | sh", "/x/a > b"] {
            assert!(words(line).is_none(), "{line}");
        }
        assert!(!is_for_an_agent(&["--then", "id"]) && !is_for_an_agent(&["x"]));
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_starts_the_program_whatever_its_path() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["plain", "with blank", "with'quote", "with$dollar", "with\"double"] {
            let program = folder.path().join(name);
            std::fs::write(&program, "#!/bin/sh\necho \"$@\"\n").expect("a file");
            std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
            let line = of(&program, Agent::Qwen);
            let said = std::process::Command::new("/bin/sh").args(["-c", &line]).output().expect("a shell");
            assert_eq!(String::from_utf8_lossy(&said.stdout), "--agent qwen\n", "{line}");
        }
    }
}
