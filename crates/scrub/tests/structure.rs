//! A placeholder in place of a secret leaves the structure of a text alone: what parsed before parses after, to the same
//! tree but for the leaves that held a secret.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fmt::Debug;
use std::io::Write;
use std::process::{Command, Stdio};

use common::{masked, scanner};
use saphyr::LoadableYamlNode;

/// Secrets made here, of kinds that stand in files.
fn secrets() -> [String; 4] {
    let body = "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U";
    [
        format!("ghp_{body}"),
        format!("glpat-{}", &body[..20]),
        format!("AKIA{}", "3QZ5VN2WLK7RXE4D"),
        format!("v7Lq2{}", &body[..19]),
    ]
}

fn redacted(text: &str) -> String {
    String::from_utf8(masked(&scanner(), text.as_bytes())).unwrap()
}

/// Parses before and after, and compares: the tree after is the tree before with the placeholder for the secret.
fn same_tree<T: Debug>(text: &str, parse: impl Fn(&str) -> T) {
    let secret = secrets().into_iter().find(|s| text.contains(s.as_str())).unwrap();
    let after = redacted(text);
    assert!(!after.contains(&secret), "not redacted:\n{text}");
    // Two places of one secret may be named after two rules.
    let any_kind = regex::Regex::new("stanch_[a-z0-9_]+").unwrap();
    let wanted = format!("{:?}", parse(text)).replace(&secret, "§");
    assert_eq!(any_kind.replace_all(&format!("{:?}", parse(&after)), "§"), wanted, "\n{text}\n{after}");
}

/// Every template with every secret.
fn each(templates: &[&str], try_one: impl Fn(&str)) {
    for template in templates {
        for secret in secrets() {
            try_one(&template.replace('§', &secret));
        }
    }
}

#[test]
fn json_keeps_its_tree() {
    each(
        &[
            r#"{"api_key":"§","n":[1,2.50,null,true]}"#,
            r#"{ "env" : { "GITHUB_TOKEN" : "§" , "secret_key":"§" } }"#,
            r#"[{"name":"API_TOKEN","value":"§"},{"auth_token":"§","n":-0.0}]"#,
            r#"{"text":"export API_TOKEN=§\nexport B=2\n","q":"\"password\": \"§\""}"#,
        ],
        |text| same_tree(text, |t| serde_json::from_str::<serde_json::Value>(t).unwrap()),
    );
}

#[test]
fn yaml_keeps_its_tree() {
    each(
        &[
            "api_key: §\nother: 1\n",
            "env:\n  - name: API_TOKEN\n    value: §\n  - name: B\n    value: 'c'\n",
            "secret_key: \"§\" # why\nlist: [a, b]\n",
            "secret_key: '§'\n",
            "a: {auth_token: §, b: 2}\n",
            "script: |\n  export API_TOKEN=§\n  run --now\nnext: 1\n",
            "auth_token: >-\n  §\nnext: 1\n",
        ],
        |text| same_tree(text, |t| saphyr::Yaml::load_from_str(t).unwrap().len().to_string() + &yaml(t)),
    );
}

fn yaml(text: &str) -> String {
    format!("{:?}", saphyr::Yaml::load_from_str(text).unwrap())
}

#[test]
fn toml_keeps_its_tree() {
    each(
        &[
            "api_key = \"§\"\nn = 1\n",
            "[auth]\nsecret_key = '§' # why\nb = [1, 2]\n",
            "a = { auth_token = \"§\", b = 2 }\n",
            "script = \"\"\"\nexport API_TOKEN=§\nrun\n\"\"\"\n",
        ],
        |text| same_tree(text, |t| toml::from_str::<toml::Table>(t).unwrap()),
    );
}

#[test]
fn ini_keeps_its_sections_and_keys() {
    each(
        &["[default]\nsecret_key = §\nregion = eu\n", "api_token=§\n[b]\nc=d\n", "[auth]\nauth_token: \"§\"\nx = 1\n"],
        |text| {
            same_tree(text, |t| {
                let ini = ini::Ini::load_from_str(t).unwrap();
                let sections = ini.iter().map(|(section, properties)| {
                    (section.map(str::to_owned), properties.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
                });
                sections.collect::<Vec<(Option<String>, Vec<(String, String)>)>>()
            });
        },
    );
}

#[test]
fn a_url_keeps_its_parts() {
    each(
        &[
            "https://app:§@db.internal.acme.io:5432/app?sslmode=require#x",
            "postgres://app:§@10.0.0.1:5432/app",
            "https://api.acme.io/v1/x?api_key=§&page=2",
            "https://api.acme.io/v1/x?page=2&access_token=§#top",
        ],
        |text| same_tree(text, |t| url::Url::parse(t).unwrap()),
    );
    // In the path only what speaks for itself is found.
    for secret in &secrets()[..3] {
        same_tree(&format!("https://api.acme.io/hook/{secret}/send?x=1"), |t| url::Url::parse(t).unwrap());
    }
}

/// The words of a command as a real shell splits them. Nothing of the command runs.
fn words(command: &str) -> Vec<String> {
    let mut shell = Command::new("sh")
        .args(["-c", "eval \"set -- $(cat)\"; for word do printf '%s\\n' \"$word\"; done"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    shell.stdin.take().unwrap().write_all(command.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    assert!(output.status.success(), "{command}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn parses_as_shell(script: &str) -> bool {
    let mut shell = Command::new("sh").arg("-n").stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    shell.wait().unwrap().success()
}

#[test]
fn a_command_keeps_its_words() {
    each(
        &[
            "API_TOKEN=§ ./run --fast 'a b'",
            "curl -H 'X-Api-Key: §' https://acme.io/x",
            "curl -H \"Authorization: Bearer §\" \"https://acme.io/x y\"",
            "tool --token=§ --name=b",
            "tool --token § --name b",
            "tool --token '§' b",
        ],
        |text| same_tree(text, words),
    );
}

#[test]
fn a_script_is_still_a_script() {
    each(
        &[
            "export API_TOKEN=§\nif [ -n \"$API_TOKEN\" ]; then echo \"$(date)\"; fi\n",
            "export API_TOKEN='§'; ( cd x && run )\n",
            "cat <<EOF > .env\nAPI_TOKEN=§\nEOF\nrun\n",
            "case \"$x\" in\n  a) SECRET_KEY=§ run;;\n  *) :;;\nesac\n",
            "x=$(curl -u \"ci:§\" https://acme.io)\n",
        ],
        |text| {
            assert!(parses_as_shell(text), "the example:\n{text}");
            let after = redacted(text);
            assert!(secrets().iter().all(|s| !after.contains(s.as_str())), "not redacted:\n{after}");
            assert!(parses_as_shell(&after), "{after}");
            assert_eq!(after.lines().count(), text.lines().count());
        },
    );
}
