//! What a user, an administrator's or a project's configuration changes, and what it cannot.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{POST, PRE, assert_closed, command, event, text, token};
use serde_json::{Value, json};

/// A user with a project in `app`.
struct User(tempfile::TempDir);

impl User {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join(".config/stanch")).unwrap();
        fs::create_dir_all(home.path().join("app/.git")).unwrap();
        Self(home)
    }

    fn writes(self, file: &str, content: &str) -> Self {
        fs::write(self.0.path().join(file), content).unwrap();
        self
    }

    fn says(self, config: &str) -> Self {
        self.writes(".config/stanch/config.toml", config)
    }

    fn project(&self) -> std::path::PathBuf {
        self.0.path().join("app")
    }

    fn run(&self, hook: &str, event: &Value, variable: Option<(&str, &Path)>) -> Output {
        let mut command = command(hook, self.0.path());
        command.current_dir(self.project()).env_remove("XDG_CONFIG_HOME").envs(variable);
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), event.to_string().as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn output_of(&self, stdout: &str) -> String {
        let event = event("PostToolUse", json!({ "tool_response": { "stdout": stdout, "stderr": "" } }));
        let output = self.run(POST, &event, None);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    fn decision(&self, tool: &str) -> String {
        let event = event("PreToolUse", json!({ "tool_name": tool, "tool_input": { "x": token() } }));
        let reply = text(&self.run(PRE, &event, None).stdout);
        assert!(!reply.contains(&token()), "{reply}");
        if reply.is_empty() {
            return "pass".to_owned();
        }
        let reply: Value = serde_json::from_str(&reply).unwrap();
        let specific = &reply["hookSpecificOutput"];
        specific["permissionDecision"].as_str().unwrap_or("replace").to_owned()
    }
}

const ACME: &str = r#"
vendor = "Acme"
revoke = "https://acme.example/keys"
[[rule]]
id = "acme_token"
name = "Acme token"
source = "https://acme.example/docs"
pattern = 'acme_[a-z0-9]{12}'
hits = ["x = «acme_¦q7w8e9r1t2y3»"]
misses = ["acme_short"]
"#;

const GITLEAKS: &str = r#"
[[rules]]
id = "shop-ticket"
description = "Shop ticket"
regex = '''ticket:([0-9a-z]{10})'''
keywords = ["ticket"]
"#;

#[test]
fn a_broken_file_closes_every_hook_and_names_the_place() {
    for (file, content, place) in [
        (".config/stanch/config.toml", "[redact]\nrulez = 1\n", "config.toml:2:1: "),
        (".config/stanch/config.toml", "[redact\n", "config.toml:1:"),
        ("app/.stanch.toml", "[redact.tools.Bash]\n  arguments = 'perhaps'\n", ".stanch.toml:2:15: "),
        ("app/.stanch.toml", "[redact]\nrules = ['gone.toml']\n", ".stanch.toml:2:10: "),
    ] {
        let user = User::new().writes(file, content);
        for (hook, name) in common::HOOKS {
            let output = user.run(hook, &event(name, json!({})), None);
            assert_closed(hook, content, &output);
            let said = text(&output.stderr);
            assert!(said.contains(place), "{hook}: {place} is not in {said}");
        }
    }
}

#[test]
fn a_user_says_what_is_done_for_each_tool() {
    let user =
        User::new().says("[redact.tools]\nBash = { arguments = 'ask' }\n'mcp__vault__*' = { arguments = 'pass' }\n");
    assert_eq!(user.decision("Bash"), "ask");
    assert_eq!(user.decision("mcp__vault__put"), "pass");
    assert_eq!(user.decision("mcp__other__put"), "replace");
    assert_eq!(user.decision("Write"), "deny");
    let withhold = User::new().says("[redact.tools.Bash]\noutput = 'withhold'\n");
    let reply = withhold.output_of(&format!("some text\n{}", token()));
    assert!(reply.contains("withheld") && !reply.contains("some text") && !reply.contains(&token()), "{reply}");
    assert_eq!(withhold.output_of("some text"), "");
    let stop = User::new().says("[redact.tools.Bash]\noutput = 'stop'\n").output_of(&token());
    assert!(stop.contains(r#""continue":false"#) && !stop.contains(&token()), "{stop}");
}

#[test]
fn a_project_tightens_and_cannot_loosen() {
    let project =
        "[redact.tools]\n'*' = { arguments = 'pass', output = 'redact' }\nWebFetch = { arguments = 'deny' }\n";
    let user = User::new().says("[redact.tools.Bash]\noutput = 'withhold'\n").writes("app/.stanch.toml", project);
    assert_eq!(user.decision("Bash"), "deny");
    assert_eq!(user.decision("mcp__x__y"), "replace");
    assert_eq!(user.decision("WebFetch"), "deny");
    assert!(user.output_of(&token()).contains("withheld"));
    // A digest of the project's own key is no digest of the user's.
    let allow = format!("[[redact.allow]]\ndigest = '{}'\nreason = 'r'\n", "ab".repeat(16));
    assert!(User::new().writes("app/.stanch.toml", &allow).output_of(&token()).contains("stanch_github_pat"));
}

#[test]
fn a_repository_cannot_lead_to_another_users_configuration() {
    let loose = "[redact.tools.'*']\narguments = 'pass'\n";
    let user = User::new();
    for (variable, file) in [("XDG_CONFIG_HOME", "stanch/config.toml"), ("HOME", ".config/stanch/config.toml")] {
        let file = user.project().join("evil").join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, loose).unwrap();
        let event = event("PreToolUse", json!({ "tool_input": { "x": token() } }));
        let output = user.run(PRE, &event, Some((variable, &user.project().join("evil"))));
        assert_closed(PRE, variable, &output);
        assert!(text(&output.stderr).contains(variable), "{}", text(&output.stderr));
    }
}

/// A file of somebody's lies outside the project too, and nothing at all is as loose as the user's tightenings are tight.
#[test]
fn a_repositorys_settings_cannot_lead_past_the_users_configuration() {
    let event = event("PreToolUse", json!({ "tool_input": { "x": token() } }));
    for (file, settings) in [
        (".claude/settings.json", r#"{"env":{"@":"/nonexistent"}}"#),
        (".claude/settings.local.json", r#"{"env":{"@":"/nonexistent"}}"#),
        (".env", "export @=/nonexistent\n"),
    ] {
        for variable in ["HOME", "XDG_CONFIG_HOME"] {
            let user = User::new();
            fs::create_dir_all(user.project().join(".claude")).unwrap();
            let user = user.writes(&format!("app/{file}"), &settings.replace('@', variable));
            let output = user.run(PRE, &event, Some((variable, Path::new("/nonexistent"))));
            assert_closed(PRE, variable, &output);
            let said = text(&output.stderr);
            assert!(said.contains(variable) && said.contains(file), "{said}");
        }
    }
}

#[test]
fn own_rules_find_in_both_formats() {
    let user = User::new()
        .says("[redact]\nrules = ['acme.toml']\n")
        .writes(".config/stanch/acme.toml", ACME)
        .writes("app/.stanch.toml", "[redact]\nrules = ['leaks.toml']\n")
        .writes("app/leaks.toml", GITLEAKS);
    let (acme, ticket) = (["acme_k3v9", "zplq2xrt"].concat(), ["8wbn5", "mycd7"].concat());
    let reply = user.output_of(&format!("a {acme} b\nticket:{ticket}\n{}\n", token()));
    for (value, kind) in [(&acme, "own_acme_token"), (&ticket, "own_shop_ticket"), (&token(), "github_pat")] {
        assert!(reply.contains(&format!("stanch_{kind}")) && !reply.contains(value), "{kind}: {reply}");
    }
    assert_eq!(user.output_of("nothing of the kind"), "");
    assert!(!User::new().output_of(&format!("a {acme} b")).contains("stanch"));
}

#[test]
fn a_marker_in_an_output_switches_nothing_off() {
    for marker in ["stanch:allow", "stanch: ignore", "gitleaks:allow", "pragma: allowlist secret", "nosec", "noqa"] {
        let reply = User::new().output_of(&format!("key = \"{}\" # {marker}\n", token()));
        assert!(reply.contains("stanch_github_pat") && !reply.contains(&token()), "{marker}: {reply}");
    }
}
