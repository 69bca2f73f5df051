//! `stanch scan` as a process: what is searched, what is said, how it ends.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use common::{Home, token};

#[test]
fn a_secret_is_said_with_its_place_and_kind_and_the_exit_code_is_1() {
    let home = Home::new();
    home.write("src/a.py", format!("# é\nx = 1\n\tTOKEN = \"é\", \"{}\"\n", token()));
    home.write("src/b.py", "x = 1\n");
    let said = home.scan(&["src"]);
    assert_eq!((said.code, said.out.lines().count()), (1, 1));
    assert!(said.out.starts_with("src/a.py:3:16: github_pat (GitHub"), "{}", said.out);
    assert!(said.err.contains("1 secret in 1 file; searched 2 files"), "{}", said.err);
    assert!(said.err.contains("change it: https://github.com/"), "{}", said.err);
}

#[test]
fn what_is_clean_ends_with_0_and_says_nothing_on_standard_output() {
    let home = Home::new();
    home.write("a", "nothing\n");
    fs::create_dir(home.path().join("empty")).unwrap();
    for path in ["a", "empty", "."] {
        let said = home.scan(&[path]);
        assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    }
}

#[test]
fn hidden_files_are_searched_and_git_s_own_are_not() {
    let home = Home::new();
    home.write("p/.env", format!("A={}\n", token()));
    home.write("p/.config/x", format!("A={}\n", token()));
    home.write("p/.git/config", format!("A={}\n", token()));
    for paths in [&["p"][..], &[".", "p", "./p/.env"]] {
        assert_eq!(home.scan(paths).places(), ["p/.config/x:1:3", "p/.env:1:3"]);
    }
}

#[test]
fn gitignore_counts_but_for_what_is_named_and_the_summary_says_so() {
    let home = Home::new();
    home.write("p/.gitignore", ".env\nbuild/\n");
    home.write("p/.env", format!("A={}\n", token()));
    home.write("p/build/x", format!("A={}\n", token()));
    let said = home.scan(&["p"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert!(said.err.contains("2 files and folders were left out"), "{}", said.err);
    assert!(said.err.contains("--no-ignore") && said.err.contains("p/.env"), "{}", said.err);
    assert_eq!(home.scan(&["--no-ignore", "p"]).places(), ["p/.env:1:3", "p/build/x:1:3"]);
    assert_eq!(home.scan(&["p/.env"]).places(), ["p/.env:1:3"]);
}

#[test]
fn what_git_has_although_gitignore_names_it_is_searched() {
    let home = Home::new();
    home.git(&["init", "-q", "p"]);
    home.write("p/sub/.env", format!("A={}\n", token()));
    home.write("p/.env.local", format!("A={}\n", token()));
    home.git(&["-C", "p", "add", "sub/.env"]);
    home.write("p/.gitignore", ".env*\n");
    let said = home.scan(&["p"]);
    assert_eq!((said.code, said.places()), (1, vec!["p/sub/.env:1:3"]));
    assert!(said.err.contains("1 file or folder was left out"), "{}", said.err);
    assert_eq!(home.scan(&["p/sub"]).places(), ["p/sub/.env:1:3"]);
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_searched() {
    let home = Home::new();
    home.write("z", format!("A={}\n", token()));
    let said = home.scan(&["nowhere", "z"]);
    assert_eq!((said.code, said.places()), (2, vec!["z:1:3"]));
    assert!(said.err.contains("nowhere: No such file"), "{}", said.err);
}

#[test]
fn pipes_devices_and_links_in_circles_do_not_hold_it_up() {
    let home = Home::new();
    home.write("p/z", format!("A={}\n", token()));
    let pipe = home.path().join("p/pipe");
    assert!(home.command("mkfifo").arg(&pipe).status().unwrap().success());
    symlink("..", home.path().join("p/round")).unwrap();
    symlink("nowhere", home.path().join("p/dangling")).unwrap();
    let start = Instant::now();
    let said = home.scan(&["p"]);
    assert_eq!((said.code, said.places()), (1, vec!["p/z:1:3"]));
    assert!(said.err.contains("3 links, pipes and devices were not followed"), "{}", said.err);
    for named in ["p/pipe", "/dev/zero"] {
        let said = home.scan(&[named]);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains("no file"), "{}", said.err);
    }
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn bytes_that_are_no_text_are_searched_too() {
    let home = Home::new();
    home.write("bin", [&b"\x7fELF\0\0\xff\xfe\0"[..], token().as_bytes(), b"\0\xff"].concat());
    let text = format!("KEY=1\r\nA=é {}\r\n", token());
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    home.write("windows.txt", [&b"\xff\xfe"[..], &units].concat());
    home.write("marked", format!("\u{feff}{}", token()));
    assert_eq!(home.scan(&["."]).places(), ["bin:1:10", "marked:1:1", "windows.txt:2:5"]);
}

#[test]
fn records_are_read_as_json_and_what_is_none_as_text() {
    let home = Home::new();
    let inner = serde_json::json!({ "deep": { "list": [1, format!("x\nA={}\n", token())] } }).to_string();
    let lines = [
        "{\"ok\":true}".to_owned(),
        serde_json::json!({ "message": { "content": [{ "text": inner }] } }).to_string(),
        format!("{{\"a\":\"half \\ud83d {}\"}}", token()),
        format!("{{\"a\":1,\"a\":\"{}\"}}", token()),
        format!("torn {{\"a\":\"{}", token()),
        String::new(),
        format!("{}\"{}\"{}", "[".repeat(3000), token(), "]".repeat(3000)),
        format!("{{\"{}\":{{\"k\":\"{}\"}}}}", "\\u0067hp_", token().replacen("ghp_", "\\u0067hp_", 1)),
    ];
    home.write("s.jsonl", lines.join("\r\n"));
    let said = home.scan(&["s.jsonl"]);
    let found: Vec<usize> =
        said.places().iter().map(|place| place.split(':').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!((said.code, found), (1, vec![2, 3, 4, 5, 7, 8]), "{}{}", said.out, said.err);
    assert!(said.out.contains("at message.content[0].text\n"), "{}", said.out);
}

#[test]
fn a_json_file_is_read_as_a_document() {
    let home = Home::new();
    let value = ["h4Zk9", "pQmW2s"].concat();
    home.write("a.json", format!("{{\n  \"user\": \"x\",\n  \"password\":\n    \"{value}\"\n}}\n"));
    home.write("no.json", format!("// no JSON\n{{ password: \"{value}\" }}\n"));
    let said = home.scan(&["."]);
    assert_eq!(said.places(), ["a.json:4:6", "no.json:2:14"]);
    assert!(said.out.lines().next().unwrap().ends_with(", at password"), "{}", said.out);
}

#[test]
fn a_large_file_is_searched_alike_with_any_number_of_threads() {
    let home = Home::new();
    // Over several pieces: secrets at their edges, a key over one, a value below its name.
    let mut text = String::new();
    let line = "MIIEvQIBADANBgkqhkif8w0BAQEFAASCBKcwggSjAgEAAoIBAQC7v3Zk\n";
    while text.len() < 13 << 20 {
        text.push_str(&"let a = b; // plain\n".repeat(1000));
        text.push_str(&format!("A={}\npassword:\n  {}\n", token(), ["h4Zk9", "pQmW2s"].concat()));
        text.push_str(&["-----BEGIN PRIVATE", " KEY-----\n"].concat());
        text.push_str(&line.repeat(25));
        text.push_str("-----END PRIVATE KEY-----\n");
    }
    home.write("large.txt", &text);
    let one = home.scan(&["large.txt", "--threads", "1"]);
    let four = home.scan(&["large.txt", "--threads", "4"]);
    let keys = text.matches("BEGIN").count();
    assert_eq!(one.out, four.out);
    assert_eq!(one.out.lines().count(), 3 * keys);
    // The stream that `redact` is finds the same.
    let mut whole = home.command(env!("CARGO_BIN_EXE_stanch"));
    whole.args(["redact", "--explain"]).stdin(fs::File::open(home.path().join("large.txt")).unwrap());
    let explained = String::from_utf8(whole.output().unwrap().stdout).unwrap();
    let places: Vec<_> = explained.lines().map(|line| line.split_once(": ").unwrap().0).collect();
    let found: Vec<_> = one.places().iter().map(|place| place.strip_prefix("large.txt:").unwrap()).collect();
    assert_eq!(found, places);
}

#[test]
fn one_line_without_end_is_searched_and_a_cut_hides_nothing() {
    let home = Home::new();
    for at in [(4 << 20) - 20, 4 << 20, (8 << 20) - 39] {
        let text = format!("{}{}{}", "x ".repeat(at / 2), token(), " y".repeat(3 << 20));
        home.write("line.txt", &text);
        assert_eq!(home.scan(&["line.txt"]).places(), [format!("line.txt:1:{}", at / 2 * 2 + 1)]);
    }
    let record = format!("{{\"a\":\"{}\",\"b\":\"{}\"}}\n{{\"c\":\"{}\"}}\n", "x ".repeat(17 << 20), token(), token());
    home.write("long.jsonl", record);
    let said = home.scan(&["long.jsonl"]);
    assert_eq!((said.code, said.out.lines().count()), (1, 2), "{}", said.err);
    assert!(said.places()[1].ends_with(":2:7") && said.err.contains("1 JSON text of more than 32 MiB"), "{}", said.err);
}

#[test]
fn standard_input_is_a_file_too() {
    let home = Home::new();
    let said = home.scan_with(&["-"], format!("a\nA={}", token()).as_bytes());
    assert_eq!((said.code, said.places()), (1, vec!["-:2:3"]));
}

#[test]
fn staged_is_what_would_be_committed_and_not_the_work_tree() {
    let home = Home::new();
    home.git(&["init", "-q"]);
    home.write("clean \"é\n.txt", "x\n");
    home.write("sub/secret.txt", format!("a\nA={}\n", token()));
    home.write("mended.txt", format!("A={}\n", token()));
    home.write("unstaged.txt", format!("A={}\n", token()));
    home.write(".gitignore", "forced.env\n");
    home.write("forced.env", format!("A={}\n", token()));
    home.git(&["add", ".gitignore", "clean \"é\n.txt", "sub/secret.txt", "mended.txt"]);
    home.git(&["add", "-f", "forced.env"]);
    // In the work tree the one is clean again, the other has got worse.
    home.write("sub/secret.txt", "a\n");
    home.write("clean \"é\n.txt", format!("A={}\n", token()));
    let said = home.scan(&["--staged"]);
    assert_eq!((said.code, said.places()), (1, vec!["forced.env:1:3", "mended.txt:1:3", "sub/secret.txt:2:3"]));
    home.git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]);
    assert_eq!(home.scan(&["--staged"]).code, 0);
    home.git(&["mv", "mended.txt", "moved.txt"]);
    home.git(&["rm", "-q", "--cached", "forced.env"]);
    assert_eq!(home.scan(&["--staged"]).places(), ["moved.txt:1:3"]);
}

#[test]
fn outside_of_a_repository_staged_says_what_to_do() {
    let home = Home::new();
    let said = home.scan(&["--staged"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("no git repository") && said.err.contains("stanch scan PATH"), "{}", said.err);
}

#[test]
fn nothing_to_search_and_contradictions_are_mistakes() {
    let home = Home::new();
    for arguments in [&[][..], &["--staged", "x"], &["--staged", "--fix"], &["x", "--yes"], &["x", "--format", "y"]] {
        assert_eq!(home.scan(arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn json_says_all_in_one_object() {
    let home = Home::new();
    home.write("a.jsonl", format!("{{\"k\":\"{}\"}}\n", token()));
    let said = home.scan(&["a.jsonl", "nowhere", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(said.code, 2);
    let finding = &json["findings"][0];
    assert_eq!((finding["path"].as_str(), finding["json_path"].as_str()), (Some("a.jsonl"), Some("k")));
    assert_eq!((finding["line"].as_u64(), finding["column"].as_u64()), (Some(1), Some(7)));
    assert_eq!((finding["rule"].as_str(), &json["version"]), (Some("github_pat"), &serde_json::json!(1)));
    assert!(finding["revoke"].as_str().unwrap().starts_with("https://"));
    assert_eq!((&json["errors"][0]["path"], &json["summary"]["findings"]), (&"nowhere".into(), &1.into()));
}

#[test]
fn a_file_that_is_called_after_a_secret_is_not_named_and_no_name_moves_the_cursor() {
    let home = Home::new();
    let odd = std::ffi::OsStr::from_bytes(b"a\x1b[2J\xff\n.txt");
    fs::write(home.path().join(odd), format!("A={}\n", token())).unwrap();
    home.write(&format!("{}.txt", token()), format!("A={}\n", token()));
    for format in ["human", "json", "sarif"] {
        let said = home.scan(&[".", "--format", format]);
        assert!(said.out.contains("stanch_github_pat.txt") && !said.out.contains('\x1b'), "{}", said.out);
    }
}

#[test]
fn what_the_configuration_says_holds() {
    let home = Home::new();
    home.write("p/a", format!("A={}\nB=acme-{}\n", token(), "k3V9ZpLq2xRt8WbN5mYc"));
    home.write(".config/stanch/config.toml", "[redact]\nrules = [\"acme.toml\"]\n");
    let rule = "id = \"acme\"\ndescription = \"ACME key\"\nregex = \"acme-[A-Za-z0-9]{20}\"\nkeywords = [\"acme-\"]\n";
    home.write(".config/stanch/acme.toml", format!("[[rules]]\n{rule}"));
    let said = home.scan(&["p"]);
    assert_eq!((said.code, said.out.lines().count()), (1, 2), "{}{}", said.out, said.err);
    assert!(said.out.contains("own_acme (ACME key)"), "{}", said.out);
    home.write(".config/stanch/config.toml", "nonsense");
    let said = home.scan(&["p"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
}
