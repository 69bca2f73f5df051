//! `stanch redact` as a process: what goes in, what comes out, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::process::{Command, Output};

use common::{fed, token};

fn redact(arguments: &[&str], input: &[u8]) -> Output {
    fed(Command::new(env!("CARGO_BIN_EXE_stanch")).arg("redact").args(arguments), input)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_text_comes_out_with_placeholders_and_all_else_as_it_was() {
    let input = format!("a\r\nGITHUB_TOKEN={} \n\u{feff}é no end", token()).into_bytes();
    let output = redact(&[], &[&input[..], b"\xff\0\xfe"].concat());
    assert_eq!(output.status.code(), Some(0));
    let expected = text(&input).replace(&token(), "stanch_github_pat");
    assert_eq!(output.stdout, [expected.as_bytes(), b"\xff\0\xfe"].concat());
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_secret_between_two_reads_is_found() {
    for before in [(64 << 10) - 50, (64 << 10) - 20, (64 << 10) - 1] {
        let input = format!("{}\nTOKEN={}\n", "x ".repeat(before / 2), token());
        let output = redact(&[], input.as_bytes());
        assert_eq!(text(&output.stdout), input.replace(&token(), "stanch_github_pat"));
    }
}

#[test]
fn explain_says_where_and_what_and_never_the_value() {
    let input = format!("a\n  TOKEN={}\n", token());
    let output = redact(&["--explain"], input.as_bytes());
    let said = text(&output.stdout);
    assert!(said.starts_with("2:9: github_pat (") && said.contains("40 bytes"), "{said}");
    assert!(!said.contains(&token()[..8]), "{said}");
}

#[test]
fn a_place_in_a_line_that_was_cut_counts_from_the_line_s_beginning() {
    // A word that goes on for longer than a line may, and is replaced as a whole.
    let word = format!("{}{}", ["glp", "at-"].concat(), "k3V9ZpLq2xRt8WbN".repeat(1 << 17));
    for before in [40, 3 << 20] {
        let input = format!("x\n{}{word} \"{}\"\n{1}", "y ".repeat(before), token());
        let output = redact(&["--explain"], input.as_bytes());
        let said = text(&output.stdout);
        let places: Vec<_> = said.lines().map(|line| line.split_once(": ").unwrap().0.to_owned()).collect();
        let first = 2 * before + 1;
        let wanted = [format!("2:{first}"), format!("2:{}", first + word.len() + 2), "3:1".to_owned()];
        assert_eq!(places, wanted, "{before}");
    }
}

#[test]
fn a_key_of_many_lines_is_explained_once() {
    let line = "MIIEvQIBADANBgkqhkif8w0BAQEFAASCBKcwggSjAgEAAoIBAQC7v3Zk\n";
    let key = ["-----BEGIN PRIVATE", " KEY-----\n"].concat() + &line.repeat(5) + "-----END PRIVATE KEY-----\n";
    let output = redact(&["--explain"], key.as_bytes());
    assert_eq!(text(&output.stdout).lines().count(), 1, "{}", text(&output.stdout));
}

#[test]
fn tags_are_the_same_for_the_same_value_in_one_run() {
    let input = format!("A={0}\n\nB={0}\n", token());
    let output = text(&redact(&["--tag"], input.as_bytes()).stdout);
    let tags: Vec<&str> = output.lines().filter_map(|line| line.split_once('=')).map(|(_, tag)| tag).collect();
    assert!(tags.len() == 2 && tags[0] == tags[1] && tags[0].starts_with("stanch_github_pat_"), "{output}");
}

#[test]
fn records_come_out_in_their_order_with_their_ids() {
    let input = format!("{{\"id\":7,\"text\":\"t {0}\"}}\n\n{{\"text\":\"\\u00e9\",\"id\":{{\"a\":[1]}}}}\n", token());
    let output = redact(&["--jsonl"], input.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stdout),
        "{\"id\":7,\"text\":\"t stanch_github_pat\"}\n{\"id\":{\"a\":[1]},\"text\":\"é\"}\n"
    );
}

#[test]
fn a_text_that_is_none_is_withheld_and_the_others_come_out() {
    let input = format!("{{\"id\":1,\"text\":\"{0} \\ud83d\"}}\n{{\"id\":2,\"text\":\"b\"}}\n", token());
    let output = redact(&["--jsonl"], input.as_bytes());
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout.lines().count() == 2 && stdout.contains("withheld") && stdout.ends_with("\"b\"}\n"), "{stdout}");
    assert!(stderr.contains("line 1") && stderr.contains("1 texts were withheld"), "{stderr}");
    assert!(!stdout.contains(&token()) && !stderr.contains(&token()));
}

#[test]
fn what_is_no_record_ends_the_run_with_its_place_and_not_its_content() {
    for bad in ["nope", "{\"id\":1}", "{\"id\":1,\"text\":5}", "[]"] {
        let input = format!("{{\"id\":1,\"text\":\"a\"}}\n{bad} {}\n", token());
        let output = redact(&["--jsonl"], input.as_bytes());
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{bad}");
        assert!(stderr.contains("line 2, column") && !stderr.contains(&token()), "{bad}: {stderr}");
    }
}

#[test]
fn an_unknown_option_is_a_mistake() {
    assert_eq!(redact(&["--nonsense"], b"").status.code(), Some(2));
}
