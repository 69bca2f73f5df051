//! What holds for every text, tried on random ones made of the rules' examples and of noise.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{HITS, cut, lines, masked, outside, scanner, shown, streamed, tangle, text, whole_lines};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scrub::json::Document;
use scrub::{Mask, Scanner, SessionKey, Stream};
use serde_json::Value;

/// One line longer than this is cut by a stream.
const LONGEST_LINE: usize = 1 << 20;

/// How many cases `PROPTEST_CASES` in the environment asks for, or as many as it should be.
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

fn config() -> ProptestConfig {
    // What failed once becomes a test of its own: no files of seeds.
    ProptestConfig {
        cases: cases(256),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2026),
        ..ProptestConfig::default()
    }
}

/// Where random texts go on from: another place each time, which a failure prints. `STANCH_SEED` goes back to it.
static SEED: LazyLock<u64> = LazyLock::new(|| {
    let given = std::env::var("STANCH_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| RandomState::new().hash_one(0))
});

/// Thousands of texts from another place each time.
fn wide(usual: u32) -> ProptestConfig {
    #[expect(clippy::print_stdout, reason = "shown with a test that fails, and only then")]
    {
        println!("STANCH_SEED={}", *SEED);
    }
    ProptestConfig {
        cases: cases(usual),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(*SEED),
        ..ProptestConfig::default()
    }
}

fn redacted_json(scanner: &Scanner<'_>, raw: &str) -> String {
    let document = Document::read(raw).unwrap();
    document.masked(&Mask::new(*scanner.table()), &document.findings(scanner).unwrap())
}

/// JSON documents of any shape; keys are plain, strings are texts.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        4 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("(stdout|password|api_key|content|env|[a-z]{1,6})", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Whether both have the same shape, numbers and keys; their strings may differ.
fn same_but_strings(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(_), Value::String(_)) => true,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_but_strings(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_but_strings(a, b)))
        }
        _ => a == b,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn findings_are_in_order_and_nothing_outside_them_changes(text in lines()) {
        let scanner = scanner();
        let findings = scanner.findings(text.as_bytes()).unwrap();
        prop_assert!(findings.iter().all(|f| !f.span.is_empty() && f.span.end <= text.len()));
        prop_assert!(findings.windows(2).all(|two| two[0].span.end <= two[1].span.start));
        let mut rest = masked(&scanner, text.as_bytes());
        let mut at = 0;
        for finding in &findings {
            at += outside(&text.as_bytes()[..finding.span.start], &[]).len() - at
                - findings.iter().take_while(|f| f.span.start < finding.span.start).map(|f| f.span.len()).sum::<usize>();
            let placeholder = format!("stanch_{}", scanner.table().rule(finding.rule).id());
            prop_assert_eq!(shown(&rest[at..at + placeholder.len()]), placeholder.clone());
            rest.drain(at..at + placeholder.len());
        }
        prop_assert_eq!(shown(&rest), shown(&outside(text.as_bytes(), &findings)));
    }

    #[test]
    fn a_text_redacted_twice_is_the_text_redacted_once(text in whole_lines()) {
        let scanner = scanner();
        let once = masked(&scanner, text.as_bytes());
        prop_assert_eq!(shown(&masked(&scanner, &once)), shown(&once));
    }

    #[test]
    fn a_stream_redacted_twice_is_the_stream_redacted_once(text in whole_lines()) {
        let scanner = scanner();
        let once = streamed(&scanner, [text.as_bytes()]);
        prop_assert_eq!(shown(&streamed(&scanner, [&once[..]])), shown(&once));
    }

    #[test]
    fn a_document_redacted_twice_is_the_document_redacted_once(text in whole_lines(), pretty: bool) {
        let scanner = scanner();
        let value = serde_json::json!({ "stdout": text, "code": 0 });
        let raw = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let once = redacted_json(&scanner, &raw);
        prop_assert_eq!(redacted_json(&scanner, &once), once);
    }

    #[test]
    fn a_document_keeps_its_shape_and_all_that_is_no_string(value in document(), pretty: bool) {
        let raw = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let redacted = redacted_json(&scanner(), &raw);
        let after: Value = serde_json::from_str(&redacted).map_err(|e| TestCaseError::fail(format!("{e}: {redacted}")))?;
        // Numbers are compared as the parser reads them on both sides.
        let before: Value = serde_json::from_str(&raw).unwrap();
        prop_assert!(same_but_strings(&before, &after), "{raw}\n{redacted}");
    }

    #[test]
    fn pieces_of_any_size_give_what_one_piece_gives(text in lines(), sizes in prop::collection::vec(1usize..80, 1..6)) {
        let scanner = scanner();
        let whole = streamed(&scanner, [text.as_bytes()]);
        prop_assert_eq!(shown(&streamed(&scanner, cut(text.as_bytes(), &sizes))), shown(&whole));
    }

    #[test]
    fn bytes_that_are_no_text_pass_unharmed(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let scanner = scanner();
        let findings = scanner.findings(&bytes).unwrap();
        prop_assume!(findings.is_empty());
        prop_assert_eq!(streamed(&scanner, cut(&bytes, &[7, 64])), bytes);
    }
}

proptest! {
    #![proptest_config(wide(3000))]

    #[test]
    fn any_text_redacted_twice_is_the_text_redacted_once(text in tangle()) {
        let scanner = scanner();
        let once = masked(&scanner, text.as_bytes());
        prop_assert_eq!(shown(&masked(&scanner, &once)), shown(&once));
    }

    #[test]
    fn any_text_redacted_twice_with_tags_is_the_text_redacted_once(text in tangle()) {
        let scanner = scanner();
        let once = tagged(&scanner, text.as_bytes());
        prop_assert_eq!(shown(&tagged(&scanner, &once)), shown(&once));
    }

    #[test]
    fn any_stream_redacted_twice_is_the_stream_redacted_once(text in tangle(), first in sizes(), second in sizes()) {
        let scanner = scanner();
        let once = streamed(&scanner, cut(text.as_bytes(), &first));
        prop_assert_eq!(shown(&streamed(&scanner, cut(&once, &second))), shown(&once));
    }

    #[test]
    fn any_pieces_give_what_one_piece_gives(text in tangle(), sizes in sizes()) {
        let scanner = scanner();
        let whole = streamed(&scanner, [text.as_bytes()]);
        prop_assert_eq!(shown(&streamed(&scanner, cut(text.as_bytes(), &sizes))), shown(&whole));
    }

    #[test]
    fn any_document_redacted_twice_is_the_document_redacted_once(value in tangled_document(), pretty: bool) {
        let scanner = scanner();
        let raw = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let once = redacted_json(&scanner, &raw);
        prop_assert_eq!(redacted_json(&scanner, &once), once);
    }
}

/// Pieces as small as a byte, and as large as the text.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1usize..8, 1usize..80, Just(4096)], 1..6)
}

fn tagged(scanner: &Scanner<'_>, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mask = Mask::with_key(*scanner.table(), SessionKey::new([7; 32]));
    mask.write(text, &scanner.findings_under(&mask, text).unwrap(), &mut out);
    out
}

/// A document whose keys and strings are tangled texts, some of them beside each other.
fn tangled_document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![6 => tangle().prop_map(Value::from), 1 => Just(Value::from(1)), 1 => Just(Value::Null)];
    leaf.prop_recursive(2, 8, 4, |inner| {
        let key = prop_oneof![4 => "(stdout|password|api_key|name|value|token)", 1 => tangle()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 1..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn a_secret_cut_anywhere_by_a_chunk_edge_is_found() {
    let scanner = scanner();
    for hit in HITS.iter().step_by(23) {
        let text = format!("before\n{hit}\nbehind\n");
        let whole = shown(&streamed(&scanner, [text.as_bytes()]));
        for at in 0..text.len() {
            let (left, right) = text.as_bytes().split_at(at);
            assert_eq!(shown(&streamed(&scanner, [left, right])), whole, "cut at {at}");
        }
    }
}

/// A value that only this process has seen.
fn token() -> String {
    format!("ghp_{}", "k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U")
}

#[test]
fn a_secret_where_an_endless_line_is_cut_is_found() {
    let scanner = scanner();
    let piece = 128 << 10;
    for filler in ["word ", "a", "a1B2.", "x=\"y\","] {
        // Around the longest line, and around what is held back of it.
        for edge in [LONGEST_LINE, LONGEST_LINE + piece, LONGEST_LINE + piece - (32 << 10)] {
            for shift in [-50isize, -41, -40, -39, -20, -4, -1, 0, 1, 10] {
                let mut text = filler.as_bytes().repeat((edge as isize + shift) as usize / filler.len());
                text.push(b' ');
                text.extend_from_slice(token().as_bytes());
                text.push(b' ');
                text.extend(filler.as_bytes().repeat(2 * piece / filler.len()));
                let out = streamed(&scanner, text.chunks(piece));
                let out = String::from_utf8(out).unwrap();
                assert!(out.contains("stanch_github_pat"), "{filler:?} {edge} {shift}");
                assert_eq!(
                    out.len(),
                    text.len() - token().len() + "stanch_github_pat".len(),
                    "{filler:?} {edge} {shift}"
                );
                for run in token().as_bytes().windows(8) {
                    assert!(!out.contains(std::str::from_utf8(run).unwrap()), "{filler:?} {edge} {shift}");
                }
            }
        }
    }
}

#[test]
fn a_stream_holds_little_of_an_endless_line() {
    let scanner = scanner();
    let mask = Mask::new(*scanner.table());
    let size = 128 << 10;
    for filler in ["a", "words and blanks "] {
        let piece: Vec<u8> = filler.bytes().cycle().take(size).collect();
        let mut stream = Stream::new(&scanner, &mask);
        let (mut taken, mut given, mut out) = (0, 0, Vec::new());
        while taken < 50 << 20 {
            out.clear();
            stream.push(&piece, &mut out, None).unwrap();
            taken += piece.len();
            given += out.len();
            assert!(taken - given <= LONGEST_LINE + size, "{filler:?}: {} held after {taken}", taken - given);
        }
        out.clear();
        stream.finish(&mut out, None).unwrap();
        assert_eq!(given + out.len(), taken, "{filler:?}");
    }
}

/// What random texts and the fuzzer found, at its smallest; values made up.
#[test]
fn what_failed_once_holds() {
    let scanner = scanner();
    for text in [
        "export ELASTIC_APM_SECRET_TOKEN='c9Yr¦Y94J7YGnqqOYG6'0",
        // A quote goes, and its partner opens another value.
        "KEY='03dkKey: \"dvc_1\0'b\nAPI_TOKEN=k3V9¦ZpLq2xRt8WbN5mYc",
        // Twenty letters of any kind: some of them of a placeholder, and letters behind it.
        "docker login fra.ocir.io _KEY=52386486¦b59b7062d9bf85731e9025",
        "docker login fra.ocir.io -u ns/me # ocir_token sEp,OKEN=yhNtMqwb¦GG9A9VYzocpaanmDcA2yL1F8AGk",
        "LINE_CHANNEL_SECRET=2751¦dafc4password 7 081C207B'",
        "GLAMA_API_KEY: glama_¦e1kHi0FtBgG6gygq3FtfH9P3snUwuwS7hoocz9d0ecret: fHGp¦AX9EMlPGGObbvwr8fm",
    ] {
        let text = text.replace('¦', "");
        let once = masked(&scanner, text.as_bytes());
        assert_ne!(shown(&once), shown(text.as_bytes()), "nothing is found: the case has lost its point");
        assert_eq!(shown(&masked(&scanner, &once)), shown(&once));
        let tags = tagged(&scanner, text.as_bytes());
        assert_eq!(shown(&tagged(&scanner, &tags)), shown(&tags));
    }
    for text in [
        // A record's value stands three lines behind its name, however the lines come.
        "- name: DB_PASSWORD\n  type: x\n  value: yJhbGciO¦iJSUzI1id,password,name\n1,",
        "id,password,name\n1,v7Lq2!¦xRt8,a\n2,h4Zk9¦pQmW2s,b\n3,k8Pz3!¦wNt5,c\n",
        "-----BEGIN PRIVATE KEY-----\n  MIIEvQIBADANBgkqhkif8w0BAQEF¦AASCBKcwggSjAgEAAoIBAQC7v3Zk\n  MIIEvQIBADANBgkqhkif8w0BAQEF¦AASCBKcwggSjAgEAAoIBAQC7v3Zk\n-----END PRIVATE KEY-----\n",
    ] {
        let text = text.replace('¦', "");
        let whole = streamed(&scanner, [text.as_bytes()]);
        assert_ne!(shown(&whole), shown(text.as_bytes()), "nothing is found: the case has lost its point");
        assert_eq!(shown(&streamed(&scanner, text.as_bytes().chunks(1))), shown(&whole));
        assert_eq!(shown(&streamed(&scanner, whole.chunks(1))), shown(&whole));
    }
    for raw in [
        r#"[{"api_key":"export PAPERTRAIL_API_KEY='7","b":0.0}]"#,
        r#"[["AIRSHIP_TOKEN=GuUtk3yCONFIGCAT_SDK_KEY=configcat-sdk-3/¦mADpbEojZ2d_sNuHNnZjlG/S57UAg7-LLq49JQYTAvBK2","apt-¦c352b32b-7471-99ec-5954-5d539e894fb6'"]]"#,
    ] {
        let raw = &raw.replace('¦', "");
        let once = redacted_json(&scanner, raw);
        assert_eq!(redacted_json(&scanner, &once), once);
        let (before, after) = (serde_json::from_str(raw).unwrap(), serde_json::from_str(&once).unwrap());
        assert!(same_but_strings(&before, &after), "{once}");
    }
    // Keys that are secrets, two of them of a kind.
    for raw in [
        r#"{"docker login fra.ocir.ioAPPWRITE_API_KEY=stanstanch_password":""}"#,
        r#"{"ghp_k3V9¦ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U":1,"ghp_Qm4X¦z7LkT2vB9nRs5WcY8pJdF3hGaE6uK1oM":2}"#,
    ] {
        let once = redacted_json(&scanner, &raw.replace('¦', ""));
        assert_eq!(redacted_json(&scanner, &once), once);
    }
}
