//! What the suites share: the rules with their examples, redaction in one call, and random texts.

#![allow(dead_code, reason = "no suite uses all of it")]

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use rules::Rule;
use scrub::{Finding, Mask, Scanner, Stream};

/// Every rule of the repository.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/data");
    let files = rules::load_folder(&folder).unwrap();
    let all: Vec<Rule> = files.into_iter().flat_map(|f| f.rules).collect();
    assert!(all.len() > 50, "only {} rules in {}", all.len(), folder.display());
    all
});

/// The text of every example that hits.
pub static HITS: LazyLock<Vec<String>> =
    LazyLock::new(|| RULES.iter().flat_map(|r| r.hits.iter().map(|h| h.text.clone())).collect());

pub fn scanner() -> Scanner<'static> {
    Scanner::builtin().unwrap()
}

/// The text with placeholders.
pub fn masked(scanner: &Scanner<'_>, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Mask::new(*scanner.table()).write(text, &scanner.findings(text).unwrap(), &mut out);
    out
}

/// What a stream makes of the pieces.
pub fn streamed<'p>(scanner: &Scanner<'_>, pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<u8> {
    let mask = Mask::new(*scanner.table());
    let mut stream = Stream::new(scanner, &mask);
    let mut out = Vec::new();
    for piece in pieces {
        stream.push(piece, &mut out, None).unwrap();
    }
    stream.finish(&mut out, None).unwrap();
    out
}

/// The text cut into pieces of these sizes, in turn.
pub fn cut<'t>(text: &'t [u8], sizes: &[usize]) -> Vec<&'t [u8]> {
    let (mut rest, mut pieces) = (text, Vec::new());
    for size in sizes.iter().cycle() {
        if rest.is_empty() || sizes.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at(rest.len().min((*size).max(1)));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// The same text in a form that a failed test can print.
pub fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).escape_debug().to_string()
}

/// The bytes that no finding covers.
pub fn outside(text: &[u8], findings: &[Finding]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut done = 0;
    for finding in findings {
        kept.extend_from_slice(&text[done..finding.span.start]);
        done = finding.span.end;
    }
    kept.extend_from_slice(&text[done..]);
    kept
}

/// A piece of text: an example, a cut one, noise, an escape, a line end.
pub fn piece() -> impl Strategy<Value = String> {
    let hit = || proptest::sample::select(&**HITS);
    prop_oneof![
        4 => hit(),
        2 => (hit(), any::<prop::sample::Index>()).prop_map(|(hit, at)| {
            let mut at = at.index(hit.len() + 1);
            while !hit.is_char_boundary(at) { at -= 1 }
            hit[at..].to_owned()
        }),
        2 => (hit(), any::<prop::sample::Index>()).prop_map(|(hit, at)| {
            let mut at = at.index(hit.len() + 1);
            while !hit.is_char_boundary(at) { at -= 1 }
            hit[..at].to_owned()
        }),
        3 => "[ -~]{0,24}",
        2 => proptest::sample::select(vec!["\\n", "\\u0022", "\\\"", "%3D", "%22", "\\x1b", "\u{1b}[31m", "\u{1b}[0m"])
            .prop_map(str::to_owned),
        2 => proptest::sample::select(vec!["\n", "\r\n", " ", "\t", "\n\n"]).prop_map(str::to_owned),
        1 => proptest::sample::select(vec!["é", "漢字", "😀", "\u{2028}", "\u{0}"]).prop_map(str::to_owned),
        2 => "[_=:/\"'.,;{}()\\[\\]<>-]{1,3}",
    ]
}

/// A text of some pieces.
pub fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat())
}

/// A text of some lines, each of some pieces.
pub fn lines() -> impl Strategy<Value = String> {
    prop::collection::vec(text(), 0..5).prop_map(|lines| lines.join("\n"))
}

/// A text in which examples run into each other: cut anywhere at both ends, with quotes, brackets, escapes and separators
/// between them.
pub fn tangle() -> impl Strategy<Value = String> {
    let fragment = (proptest::sample::select(&**HITS), any::<prop::sample::Index>(), any::<prop::sample::Index>())
        .prop_map(|(hit, from, to)| {
            let ends: Vec<usize> = (0..=hit.len()).filter(|i| hit.is_char_boundary(*i)).collect();
            let (from, to) = (*from.get(&ends), *to.get(&ends));
            hit[from.min(to)..from.max(to)].to_owned()
        });
    let joint = proptest::sample::select(vec![
        "'",
        "\"",
        "`",
        "''",
        "\"\"",
        "\\\"",
        "\\\\\"",
        "\\n",
        "\\",
        "\n",
        "\r\n",
        "\n\n",
        " ",
        "  ",
        "\t",
        "=",
        ":",
        ": ",
        " = ",
        "=>",
        "->",
        ",",
        ", ",
        ";",
        "|",
        " | ",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "</",
        "/>",
        "&",
        "?",
        "#",
        "/",
        "-",
        "_",
        ".",
        "...",
        "@",
        "://",
        "%22",
        "\\u0022",
        "\u{0}",
        "\u{1b}[31m",
        "\u{1b}[m\u{1b}[K",
        "\r",
        "é",
        "漢",
    ]);
    let part = prop_oneof![
        4 => fragment,
        1 => proptest::sample::select(&**HITS),
        6 => joint.prop_map(str::to_owned),
        1 => "[ -~]{0,6}",
        1 => proptest::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 1..14).prop_map(|parts| parts.concat())
}

/// Names that a value is assigned to, and what reads a value over several lines.
const NAMES: &[&str] = &[
    "password",
    "SECRET_KEY=",
    "api_key: ",
    "token",
    "id,password,name\n1,",
    "user | password\n--- | ---\n",
    "- name: DB_PASSWORD\n  type: x\n  value: ",
    "INSERT INTO t (a, password) VALUES\n(1, '",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----BEGIN RSA PRIVATE KEY-----\\n",
    "MIIEvQIBADANBgkqhkif8w0BAQEFAASCBKcwggSjAgEAAoIBAQC7v3Zk\n",
    "    \"MIIEvQIBADANBgkqhkif8w0BAQEFAASCBKcwggSjAgEAAoIBAQC7v3Zk\\n\"\n",
    "Jm2Qz==\n",
    "-----END PRIVATE KEY-----",
    "stanch_password",
    "stanch_github_pat",
];

/// Examples as they are written, one a line: no piece of one runs into another.
pub fn whole_lines() -> impl Strategy<Value = String> {
    prop::collection::vec(proptest::sample::select(&**HITS), 0..6).prop_map(|lines| lines.join("\n\n"))
}
