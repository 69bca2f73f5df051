//! What the rest of a name says about its value: `password_file` is a path, `public_key` is no secret.

use crate::assign::Name;

/// Words behind a keyword that make its value something else than the secret.
const TAILS: &[&str] = &[
    "url",
    "uri",
    "endpoint",
    "type",
    "types",
    "name",
    "names",
    "file",
    "filename",
    "path",
    "dir",
    "id",
    "ids",
    "identifier",
    "len",
    "length",
    "size",
    "count",
    "limit",
    "max",
    "min",
    "expiry",
    "expires",
    "expiration",
    "ttl",
    "lifetime",
    "timeout",
    "age",
    "policy",
    "field",
    "fields",
    "label",
    "hint",
    "prompt",
    "placeholder",
    "message",
    "error",
    "regex",
    "regexp",
    "pattern",
    "format",
    "version",
    "algorithm",
    "alg",
    "method",
    "mode",
    "index",
    "idx",
    "offset",
    "position",
    "prefix",
    "suffix",
    "header",
    "column",
    "table",
    "schema",
    "class",
    "provider",
    "manager",
    "service",
    "enabled",
    "required",
    "usage",
    "usages",
    "ref",
    "arn",
    "status",
    "state",
    "date",
    "time",
    "at",
    "fingerprint",
    "thumbprint",
    "link",
    "page",
    "template",
    "kind",
    "scope",
    "scopes",
    "audience",
    "issuer",
    "budget",
    "cost",
    "price",
    "spec",
    "spacing",
    "color",
    "width",
    "selector",
    "test",
    "tests",
    "store",
    "storage",
    "generator",
    "validator",
    "checksum",
    "digest",
    "hash",
    "md5",
    "address",
    "balance",
    "encryption",
    "hasher",
    "hashers",
    "strength",
    "rounds",
    "sha1",
    "sha256",
];

/// Words before a keyword that say its value is meant to be seen.
const OPEN: &[&str] = &["public", "pub", "publishable", "no", "not", "has", "is", "checksum", "checksums"];

/// Words before `key` that make it a key of another sort: of a cache, a table, a lock, a keyboard.
const KEY_OF: &[&str] = &[
    "primary",
    "foreign",
    "sort",
    "partition",
    "cache",
    "caches",
    "idempotency",
    "translation",
    "object",
    "map",
    "dict",
    "index",
    "row",
    "column",
    "lookup",
    "range",
    "group",
    "unique",
    "sorted",
    "composite",
    "natural",
    "host",
    "known",
    "authorized",
    "i18n",
    "locale",
    "query",
    "config",
    "setting",
    "settings",
    "hot",
    "shortcut",
    "keyboard",
    "registry",
    "react",
    "prop",
    "design",
    "lock",
    "lease",
    "routing",
    "chunk",
    "action",
    "message",
    "input",
    "hash",
    "order",
    "s3",
    "file",
    "kafka",
    "record",
    "route",
    "shard",
    "event",
    "item",
    "rsa",
    "dsa",
    "ecdsa",
    "ed25519",
    "gpg",
    "pgp",
    "ssh",
    "minisign",
    "kernel",
    "restore",
    "dedup",
    "dedupe",
    "etag",
    "commit",
    "request",
    "session",
    "job",
    "task",
    "build",
    "issue",
    "metric",
    "trace",
    "node",
    "path",
    "redis",
    "memcached",
    "s",
    "signature",
    "signatures",
    "fingerprint",
    "volume",
    "subject",
    "authority",
    "feature",
    "flag",
    "localization",
    "schema",
    "entity",
    "node",
    "blob",
    "bucket",
];

/// Words before `token` that make it a place in a listing, a lexer's word, a lock.
const TOKEN_OF: &[&str] = &[
    "next",
    "sequence",
    "page",
    "continuation",
    "pagination",
    "sync",
    "cancellation",
    "cancel",
    "design",
    "lock",
    "resume",
    "cursor",
    "skip",
    "start",
    "starting",
    "continue",
    "fencing",
    "change",
    "watch",
    "parse",
    "lexer",
    "eos",
    "bos",
    "pad",
    "unk",
    "mask",
    "sep",
    "cls",
    "request",
    "idempotency",
    "action",
];

/// Whether the name around the keyword denies that its value is a secret.
pub(crate) fn denies(text: &[u8], name: &Name<'_>) -> bool {
    continues_the_word(name)
        || is_weak(name)
        || words(name.tail).any(|w| is_one_of(w, TAILS) || is_one_of(w, &OPEN[..2]))
        || word_before(text, name).is_some_and(|w| is_one_of(w, OPEN) || is_one_of(w, sorts(name)))
        || is_in_resource(text, name)
}

/// Whether the name is nothing but `key` or `auth`: too little to believe that a checksum or an id behind it is a secret.
pub(crate) fn is_vague(text: &[u8], name: &Name<'_>) -> bool {
    /// Words before `key` that say enough: `API key`, `using key`.
    const TELLING: &[&str] = &[
        "api", "access", "secret", "private", "auth", "account", "app", "license", "signing", "master", "using", "my",
    ];
    let short = [&b"key"[..], b"auth"].iter().any(|k| name.keyword.eq_ignore_ascii_case(k));
    let in_query = matches!(text[..name.start].last(), Some(b'?' | b'&'));
    short
        && !in_query
        && !words(name.head).any(|w| w.first().is_some_and(u8::is_ascii_alphabetic))
        && !word_before(text, name).is_some_and(|w| is_one_of(w, TELLING))
}

/// `private` and `access` promise something only where they are shouted, as labels are: `ACME ACCESS q8Zr…`.
fn is_weak(name: &Name<'_>) -> bool {
    let weak = [&b"private"[..], b"access"].iter().any(|k| name.keyword.eq_ignore_ascii_case(k));
    weak && (!name.tail.is_empty() || !name.keyword.iter().all(u8::is_ascii_uppercase))
}

/// `two-pass`, `singlePass_kdf`: the keyword is part of a compound of prose or code, unless a flag begins it.
pub(crate) fn is_of_a_compound(name: &Name<'_>) -> bool {
    name.keyword.eq_ignore_ascii_case(b"pass")
        && (name.head.ends_with(b"-") && !name.head.starts_with(b"-") || !name.tail.is_empty())
}

/// For a plain `key` or `token`; an `s3_secret_key` is a secret, whatever comes before.
fn sorts(name: &Name<'_>) -> &'static [&'static str] {
    match name.keyword.to_ascii_lowercase().as_slice() {
        b"key" => KEY_OF,
        b"token" => TOKEN_OF,
        _ => &[],
    }
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|w| word.eq_ignore_ascii_case(w.as_bytes()))
}

/// The word before the keyword: of the same name, or a word of its own before it (`cache key`, `checksum/secret`).
fn word_before<'t>(text: &'t [u8], name: &Name<'t>) -> Option<&'t [u8]> {
    words(name.head).last().or_else(|| {
        let before = &text[name.start.saturating_sub(24)..name.start];
        let joint = before.last().filter(|b| matches!(b, b' ' | b'/'))?;
        let word = before[..before.len() - 1].rsplit(|b| !b.is_ascii_alphanumeric()).next()?;
        (!word.is_empty() && joint.is_ascii()).then_some(word)
    })
}

/// `arn:aws:…:secret:prod/db`, `"AWS::KMS::ReplicaKey"`: the keyword names a sort of resource.
fn is_in_resource(text: &[u8], name: &Name<'_>) -> bool {
    let before = &text[name.start.saturating_sub(160)..name.start];
    let word = &before[before
        .iter()
        .rposition(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'='))
        .map_or(0, |i| i + 1)..];
    word.starts_with(b"arn:") || word.starts_with(b"urn:") || word.ends_with(b"::") && text.get(name.end) == Some(&b'"')
}

/// `tokenizer`, `secretary`, `PASSWORDLESS`: the keyword is the start of another word. `secretString` is two.
fn continues_the_word(name: &Name<'_>) -> bool {
    let Some(first) = name.tail.first() else { return false };
    let shouted = name.keyword.last().is_some_and(u8::is_ascii_uppercase);
    match name.tail {
        [b's' | b'S', rest @ ..] if rest.first().is_none_or(|b| !b.is_ascii_alphabetic()) => false, // a plural
        _ => first.is_ascii_lowercase() || first.is_ascii_uppercase() && shouted,
    }
}

/// The words of a name in any style: `db_passwordFile` is `db`, `password`, `File`.
fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let start = rest.iter().position(u8::is_ascii_alphanumeric)?;
        rest = &rest[start..];
        let end = (1..rest.len())
            .find(|i| {
                !rest[*i].is_ascii_alphanumeric() || rest[*i].is_ascii_uppercase() && rest[*i - 1].is_ascii_lowercase()
            })
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}
