//! What a person finds out without the README: help with examples, man pages, completions.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::{Command, Output};

fn stanch(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stanch")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Every command with those above it, as `--help` lists them: `rules`, `rules show`.
fn commands(above: &[&str]) -> Vec<Vec<String>> {
    let help = text(&stanch(&[above, &["--help"]].concat()).stdout);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<String> = names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
    let mut found = Vec::new();
    for name in names.iter().filter(|name| *name != "help") {
        let here = [above, &[name.as_str()]].concat();
        found.push(here.iter().map(|word| (*word).to_owned()).collect());
        found.extend(commands(&here));
    }
    found
}

#[test]
fn every_command_has_an_example_in_its_help() {
    let found = commands(&[]);
    assert!(found.len() >= 7, "{found:?}");
    for command in found.into_iter().chain([Vec::new()]) {
        let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let output = stanch(&arguments);
        let help = text(&output.stdout);
        let named = command.join(" ");
        assert_eq!(output.status.code(), Some(0), "{named}");
        let long = help.lines().find(|line| line.chars().count() > 100);
        assert!(long.is_none(), "{named}: {long:?}");
        assert!(help.contains("Example") && help.contains(&format!("stanch {named}")), "{named}:\n{help}");
    }
}

#[test]
fn every_command_has_a_man_page() {
    let folder = tempfile::tempdir().unwrap();
    let man1 = folder.path().join("made/man1");
    let output = stanch(&["man", man1.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for command in commands(&[]).into_iter().chain([Vec::new()]) {
        let name = ["stanch".to_owned()].into_iter().chain(command).collect::<Vec<_>>().join("-");
        let page = std::fs::read_to_string(man1.join(format!("{name}.1"))).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(page.contains(".SH NAME") && page.contains("Example"), "{name}:\n{page}");
    }
    let page = text(&stanch(&["man"]).stdout);
    assert!(page.contains(".TH stanch 1") && page.contains("hook\\-test"), "{page}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = stanch(&["man", file.join("man1").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("making '"), "{}", text(&output.stderr));
}

#[test]
fn every_shell_is_given_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = stanch(&["completions", shell]);
        let script = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        for word in ["redact", "hook-test", "completions", "explain"] {
            assert!(script.contains(word), "{shell} has no {word}");
        }
    }
    assert_eq!(stanch(&["completions", "csh"]).status.code(), Some(2));
}
