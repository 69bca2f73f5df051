//! What is a placeholder and what is not. Not in the file itself, of which the oracle test has a copy that knows no kinds.

use super::placeholder::{begins, fills, is_around, is_placeholder, runs_into, stands_in};

#[test]
fn what_stands_for_a_secret_is_none() {
    for value in [
        "your_api_key_here",
        "YOUR-TOKEN",
        "changeme123",
        "REDACTED",
        "sk-xxxxxxxxxxxx",
        "AKIA...",
        "abc…",
        "****",
        "a1a1a1a1",
        "aaaaaaaaab",
        "dummyvalue1",
        "test_password",
        "qwertyuiop1",
        "abc0123456789",
        "deadbeefcafe",
        "{your_key}",
        "stanch_github_pat",
        "stanch_github_pat_k7q2ab",
        "x-stanch_password.y",
    ] {
        assert!(is_placeholder(value.as_bytes()), "{value:?}");
    }
}

#[test]
fn what_only_looks_a_little_like_it_is_a_secret() {
    for value in [
        "v7Lq2!xRt8",
        "h4Zk9pQmW2s",
        "yourself9Q",
        "k3V9ZpLq2xRt8WbN5mYc",
        "a1b",
        "aabbccd1",
        // A sequence in a long value is an accident.
        "0123456789k3V9ZpLq2xRt8WbN5mYcD7sFhJ4gKa1vTe6U",
        "stanch_k3V9ZpLq2xRt8WbN5mYc",
        "stanch_nosuchkind",
        "stanch_",
        "stanch_password_v7Lq2xRt8WbN",
        "k3V9ZpLq2xRt8stanch_password",
    ] {
        assert!(!is_placeholder(value.as_bytes()), "{value:?}");
    }
}

/// The place asked about is where `^` stands.
fn at(marked: &str) -> (Vec<u8>, usize) {
    (marked.replacen('^', "", 1).into_bytes(), marked.find('^').expect("the case has its mark"))
}

#[test]
fn a_placeholder_begins_here() {
    for marked in ["^stanch_password", "a ^stanch_password b", "a^stanch_password-b", "^stanch_github_pat_k7q2ab="] {
        let (text, at) = at(marked);
        assert!(begins(&text[at..]), "{marked:?}");
    }
    for marked in
        ["^ stanch_password", "s^tanch_password", "^stanch_passwordx", "^stanch_", "^stanch_password_k7q2a", "^"]
    {
        let (text, at) = at(marked);
        assert!(!begins(&text[at..]), "{marked:?}");
    }
}

#[test]
fn a_placeholder_is_around_this_place() {
    for marked in ["stanch_^password", "x=stanch_github_^pat", "astanch_^password"] {
        let (text, at) = at(marked);
        assert!(is_around(&text, at), "{marked:?}");
    }
    for marked in
        ["^password", "stanch_password ^password", "stanch_passwords_^password", "stanch ^password", "^stanch_password"]
    {
        let (text, at) = at(marked);
        assert!(!is_around(&text, at), "{marked:?}");
    }
}

/// The span asked about stands between `«` and `»`.
#[test]
fn a_span_is_a_placeholder_or_a_part_of_one() {
    for (marked, wanted) in [
        ("a «stanch_password» b", true),
        ("a stanch_«pass»word", true),
        ("«stanch_pass»word", true),
        ("xstanch_«password»", true),
        ("stanch_github_pat_«k7q2ab»", true),
        ("a «stanch_password b»", false),
        ("a« stanch_password»", false),
        ("«stanch_password»x", false),
        ("stanch_password «v7Lq2!xRt8»", false),
        ("«password»", false),
        ("stanch_nosuch«kind»", false),
    ] {
        let start = marked.find('«').expect("the case has its marks");
        let end = marked.find('»').expect("the case has its marks") - '«'.len_utf8();
        let text = marked.replace(['«', '»'], "");
        assert_eq!(fills(text.as_bytes(), &(start..end)), wanted, "{marked:?}");
    }
}

#[test]
fn a_placeholder_stands_somewhere_in_it() {
    assert!(stands_in(b"a stanch_x b stanch_password c"));
    assert!(!stands_in(b"a stanch_x b stanch_passwordc"));
    assert_eq!((runs_into(b"ab_1-"), runs_into(b"A"), runs_into(b"")), (4, 0, 0));
}
