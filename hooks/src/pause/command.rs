//! Whether a tool's command calls `stanch pause`: a call that is denied at once, with the reason. It is a hint to the model;
//! what holds is that such a process is not believed.

use serde::Deserialize;
use serde_json::Value;

/// What may stand between the beginning of a command and the program that it starts.
const BEFORE: [&str; 8] = ["sudo", "env", "exec", "command", "nohup", "setsid", "time", "timeout"];

/// Whether the arguments of a tool, as JSON, hold a command that calls `stanch pause`.
pub fn asks_for_one(arguments: &str) -> bool {
    #[derive(Deserialize)]
    struct Arguments {
        command: Value,
    }
    if !(arguments.contains("stanch") && arguments.contains("pause")) {
        return false;
    }
    match serde_json::from_str(arguments).map(|Arguments { command }| command) {
        Ok(Value::String(command)) => calls(&command),
        // Codex: the words of a command line, of which one may be a shell's text.
        Ok(Value::Array(words)) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            calls(&words.join(" ")) || words.iter().any(|word| calls(word))
        }
        _ => false,
    }
}

fn calls(command: &str) -> bool {
    let is_end = |c: char| c.is_whitespace() || ";&|(){}`'\"".contains(c);
    let mut before = "";
    let mut is_stanch = false;
    for piece in command.split_inclusive(is_end) {
        let word = piece.trim_end_matches(is_end);
        if is_stanch && word == "pause" {
            return true;
        }
        // A quote around the program's name ends no word.
        if word.is_empty() && is_stanch {
            continue;
        }
        is_stanch = word.rsplit('/').next() == Some("stanch") && begins(before);
        // Behind such a mark a program's name stands, and not one of its words.
        let ends = piece.ends_with(|c: char| is_end(c) && !" \t".contains(c));
        before = if ends {
            ""
        } else if word.is_empty() {
            before
        } else {
            word
        };
    }
    false
}

/// Whether a program's name may stand behind this word.
fn begins(before: &str) -> bool {
    let is_number = before.starts_with(|c: char| c.is_ascii_digit());
    before.is_empty() || BEFORE.contains(&before) || before.starts_with('-') || before.contains('=') || is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_pauses_is_told_from_one_that_speaks_of_it() {
        for command in [
            "stanch pause 10m",
            "/home/you/.local/lib/stanch/bin/stanch pause",
            "cd /x && stanch  pause 1h",
            "script -qc 'stanch pause 10m' /dev/null",
            "tmux send-keys -t 0 \"stanch pause\" Enter",
            "X=1 sudo -E stanch pause",
            "(sleep 1; \"/opt/stanch\" pause)&",
            "timeout 20 stanch pause",
            "true\nstanch pause",
        ] {
            assert!(calls(command), "{command}");
        }
        for command in [
            "stanch status",
            "git commit -m 'docs: how stanch pause works'",
            "stanch scan pause",
            "echo stanch; pause",
            "man stanch-pause",
            "rg 'a stanch pause' docs",
        ] {
            assert!(!calls(command), "{command}");
        }
    }

    #[test]
    fn only_a_command_is_looked_at() {
        assert!(asks_for_one(r#"{"command":"stanch pause"}"#));
        assert!(asks_for_one(r#"{"command":["bash","-lc","stanch pause 5m"]}"#));
        assert!(asks_for_one(r#"{"command":["stanch","pause"]}"#));
        assert!(!asks_for_one(r#"{"content":"stanch pause"}"#) && !asks_for_one("stanch pause"));
    }
}
